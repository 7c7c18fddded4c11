"""The list of deliveries: the newest first, narrowed, and quick however many there are."""

import asyncio
from collections.abc import Iterable
from typing import Any

import pytest
from sqlalchemy import insert

from storage import contacts, deliveries, names, operators, sent
from storage.database import Database
from storage.delivery import DeliveryState
from storage.items import ItemsSent
from storage.schema import deliveries as table
from storage.sent import Wanted
from storage.tx import Tx
from tests.storage.fleet import add_account
from tests.timing import limit

S = DeliveryState
MANY = 100_000


async def put(tx: Tx, account: int, state: DeliveryState = S.SENT, **more: Any) -> int:  # noqa: ANN401 - columns
    delivery_id = await deliveries.draft(
        tx,
        **{"account_id": account, "target": "@ann", "text": "hello", **more},
    )
    await deliveries.move(tx, delivery_id, [S.DRAFT], state)
    return delivery_id


async def found(tx: Tx, wanted: Wanted, limit: int = 100, offset: int = 0) -> list[int]:
    return [d.id for d in await sent.page(tx, wanted, limit=limit, offset=offset)]


async def test_the_newest_come_first_a_page_at_a_time(db: Database, account: int) -> None:
    async with db.transaction() as tx:
        ids = [await put(tx, account) for _ in range(7)]
    async with db.read() as tx:
        assert await found(tx, Wanted(), limit=3) == ids[:3:-1]
        assert await found(tx, Wanted(), limit=3, offset=6) == ids[:1]
        assert await found(tx, Wanted(), limit=3, offset=9) == []


async def test_the_parts_of_a_text_are_one(db: Database, account: int) -> None:
    async with db.transaction() as tx:
        head = await put(tx, account, S.FAILED)
        await put(tx, account, S.FAILED, head_id=head)
    async with db.read() as tx:
        assert await found(tx, Wanted()) == [head]
        assert await found(tx, Wanted(states=[S.FAILED])) == [head]


async def test_the_list_is_narrowed_by_account_target_and_state(
    db: Database, account: int
) -> None:
    async with db.transaction() as tx:
        other = await add_account(tx, 2)
        one = await put(tx, account, S.SENT)
        two = await put(tx, other, S.FAILED)
        three = await put(tx, other, S.SENT_BY_BOT, target="@Bob")
    async with db.read() as tx:
        assert await found(tx, Wanted(account_id=other)) == [three, two]
        assert await found(tx, Wanted(target="@ANN")) == [two, one]
        assert await found(tx, Wanted(target="@bob")) == [three]
        assert await found(tx, Wanted(states=[S.SENT, S.SENT_BY_BOT])) == [three, one]
        assert await found(tx, Wanted(states=[S.FAILED])) == [two]
        assert await found(tx, Wanted(other, "@ann", [S.FAILED])) == [two]
        assert await found(tx, Wanted(account, "@ann", [S.FAILED])) == []
        assert await sent.newest_to(tx, "@BOB") == three
        assert await sent.newest_to(tx, "@nobody") is None


def rows(account: int, count: int) -> Iterable[dict[str, object]]:
    for n in range(count):
        yield {
            "account_id": account, "state": S.FAILED if n % 50 == 0 else S.SENT,
            "target": f"@name_{n % 500}", "text": "x" * 200, "entities": [], "random_id": n + 1,
            "steps": [], "created_at": None, "media": "", "link": "", "attempts": 1,
        }  # fmt: skip


@pytest.mark.timeout(240)
async def test_a_hundred_thousand_finished_ones_do_not_make_it_slow(
    db: Database, account: int
) -> None:
    async with db.transaction() as tx:
        other = await add_account(tx, 2)
        for begin in range(0, MANY, 10_000):
            some = [row | {"created_at": tx.now} for row in rows(account, 10_000)]
            assert begin + len(some) <= MANY
            await tx.execute(insert(table), some)
    everything = [
        Wanted(), Wanted(account), Wanted(other), Wanted(target="@name_7"), Wanted(target="@no"),
        Wanted(states=[S.FAILED]), Wanted(states=[S.SENT, S.SENT_BY_BOT]),
        Wanted(states=[S.UNKNOWN]), Wanted(account, "@name_7", [S.SENT]),
    ]  # fmt: skip
    async with db.read() as tx:
        for wanted in everything:
            async with asyncio.timeout(limit(20)):
                await found(tx, wanted, limit=9)


async def test_an_operator_is_called_by_the_latest_press_else_by_username_else_by_id(
    db: Database,
) -> None:
    async with db.transaction() as tx:
        await contacts.seen(tx, 1, "Olga_O")
        await contacts.seen(tx, 2, "rob")
        await operators.change_settings(tx, 2, {"sound": False})
        await names.remember(tx, 2, "Robert")
        await names.remember(tx, 2, "Rob")
        await names.remember(tx, 2, "")
    async with db.read() as tx:
        assert await names.of(tx, [1, 2, 3]) == {1: "@olga_o", 2: "Rob", 3: "3"}
        assert await names.of(tx, []) == {}
        assert (await operators.settings_of(tx, 2))["sound"] is False


async def test_the_messages_of_an_album_are_kept_by_the_writer(db: Database, account: int) -> None:
    async with db.transaction() as tx:
        delivery_id = await put(tx, account)
    change = ItemsSent(delivery_id, {4711: 5})
    assert change.key == ("delivery", delivery_id)
    await db.writer.write(change)
