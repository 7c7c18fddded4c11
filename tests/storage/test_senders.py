"""Who sends, where nobody was named."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from storage import accounts, deliveries, floods, forgetting, senders, sessions
from storage.accounts import Observed
from storage.database import Database
from storage.delivery import DeliveryState
from storage.senders import Why
from storage.sessions import Peer
from storage.tx import Tx
from tests.storage.fleet import Clock, add_account

DRAFT, PENDING = DeliveryState.DRAFT, DeliveryState.PENDING
SENT, FAILED = DeliveryState.SENT, DeliveryState.FAILED


async def fleet(tx: Tx, count: int, state: str = "ONLINE") -> list[int]:
    numbers = [await add_account(tx, n) for n in range(1, count + 1)]
    seen = Observed(state, "", 0, None, tx.now)
    await accounts.set_all_observed(tx, dict.fromkeys(numbers, seen))
    return numbers


async def sent(
    tx: Tx, account: int, target: str = "@ann", *, to: DeliveryState = SENT, by: int | None = None
) -> None:
    delivery_id = await deliveries.draft(
        tx, account_id=account, target=target, text="hello", ordered_by=by
    )
    await deliveries.move(tx, delivery_id, [DRAFT], to, handed_at=tx.now)


async def chosen(tx: Tx, target: str = "@ann") -> int | None:
    return (await senders.choose(tx, target, online="ONLINE")).account_id


async def test_of_equals_the_first_is_chosen(db: Database) -> None:
    async with db.transaction() as tx:
        first, *_ = await fleet(tx, 3)
        assert await chosen(tx) == first


async def test_the_one_that_sent_least_in_a_day_is_chosen(db: Database, clock: Clock) -> None:
    async with db.transaction() as tx:
        one, two, three = await fleet(tx, 3)
        for account, count in ((one, 3), (two, 1), (three, 2)):
            for _ in range(count):
                await sent(tx, account, "@somebody_else")
        assert await chosen(tx) == two
    clock.forward(timedelta(hours=25).total_seconds())
    async with db.transaction() as tx:
        await sent(tx, one, "@somebody_else")
        await sent(tx, two, "@somebody_else")
        assert await chosen(tx) == three, "what was before a day does not count"


async def test_many_drafts_at_once_are_spread_over_all(db: Database) -> None:
    async with db.transaction() as tx:
        numbers = await fleet(tx, 3)
        used = []
        for n in range(6):
            account = await chosen(tx, f"@person{n}")
            assert account is not None
            used.append(account)
            await deliveries.draft(tx, account_id=account, target=f"@person{n}", text="x")
        assert used == [*numbers, *numbers]


@pytest.mark.parametrize(
    ("target", "peer"),
    [
        ("@Ann", Peer(5, 1, username="ann")),
        ("+15550001", Peer(5, 1, phone="15550001")),
        ("5", Peer(5, 1)),
        ("-1001234", Peer(-1001234, 1)),
    ],
)
async def test_one_that_has_met_the_target_comes_before_one_that_sent_less(
    db: Database, target: str, peer: Peer
) -> None:
    async with db.transaction() as tx:
        _, two, _ = await fleet(tx, 3)
        await sent(tx, two, "@somebody_else")
        await sessions.upsert_peers(tx, two, [peer])
        assert await chosen(tx, target) == two


async def test_one_that_has_sent_there_before_comes_first(db: Database) -> None:
    async with db.transaction() as tx:
        _, two = await fleet(tx, 2)
        await sent(tx, two, "@ANN")
        assert await chosen(tx) == two


async def test_one_that_was_refused_there_last_is_not_chosen(db: Database) -> None:
    async with db.transaction() as tx:
        one, two = await fleet(tx, 2)
        await sent(tx, one)
        await sent(tx, one, to=FAILED)
        await sent(tx, two, "@somebody_else", to=FAILED)
        assert await chosen(tx) == two
        await sent(tx, two, to=FAILED)
        nobody = await senders.choose(tx, "@ann", online="ONLINE")
        assert (nobody.account_id, nobody.not_chosen) == (None, {Why.REFUSED: 2})
        await sent(tx, one)
        assert await chosen(tx) == one, "it was let in again"


async def test_who_can_not_send_now_is_not_chosen_and_is_counted_with_the_reason(
    db: Database, clock: Clock
) -> None:
    async with db.transaction() as tx:
        off, frozen, waiting, gone, well = await fleet(tx, 5)
        online = Observed("ONLINE", "", 0, None, tx.now)
        down = replace(online, state="RETRYING")
        await accounts.set_all_observed(tx, {off: down, frozen: replace(online, is_frozen=True)})
        await floods.store(tx, waiting, "messages.sendMessage", tx.now + timedelta(minutes=1))
        await forgetting.forget(tx, gone)
        found = await senders.choose(tx, "@ann", online="ONLINE")
        assert found.account_id == well
        assert found.not_chosen == {Why.OFFLINE: 1, Why.FROZEN: 1, Why.WAITING: 1}
    clock.forward(61)
    async with db.transaction() as tx:
        await sent(tx, well, "@somebody_else")
        assert await chosen(tx) == waiting, "its wait is over"


async def test_where_there_is_no_account_nobody_is_chosen(db: Database) -> None:
    async with db.read() as tx:
        assert await senders.choose(tx, "me", online="ONLINE") == senders.Choice(None, {})


async def test_an_operator_s_latest_senders_come_first(db: Database) -> None:
    async def recent(tx: Tx, operator: int, limit: int = 5) -> Sequence[int]:
        return await senders.recent(tx, operator, limit=limit)

    async with db.transaction() as tx:
        one, two, three = await fleet(tx, 3)
        for account in (one, two, three, one):
            await sent(tx, account, by=7)
        await sent(tx, two, by=8)
        assert await recent(tx, 7) == [one, three, two]
        assert await recent(tx, 7, limit=2) == [one, three]
        assert await recent(tx, 9) == []
