import asyncio
from datetime import timedelta

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import select, update

from storage import commands, schema
from storage.database import Database, open_database
from storage.schema import commands as commands_table
from storage.vault import Vault
from tests.timing import limit, seconds


async def order(db: Database, kind: str = "login", **args: object) -> int:
    async with db.transaction() as tx:
        return await commands.order(tx, kind, args=args, ordered_by=7)


async def take(db: Database) -> list[commands.Command]:
    async with db.transaction() as tx:
        return await commands.take(tx)


async def finish(db: Database, command_id: int, **outcome: object) -> None:
    async with db.transaction() as tx:
        await commands.finish(tx, command_id, outcome)


async def test_an_order_is_taken_as_it_was_written(db: Database, account: int) -> None:
    async with db.transaction() as tx:
        command_id = await commands.order(
            tx, "code", account_id=account, args={"code": "1", "n": [1, None]}, ordered_by=7
        )
    (taken,) = await take(db)

    assert taken == commands.Command(command_id, "code", account, {"code": "1", "n": [1, None]}, 7)


async def test_orders_are_taken_once_and_in_their_order(db: Database) -> None:
    ids = [await order(db, n=n) for n in range(3)]

    assert [c.id for c in await take(db)] == ids
    assert await take(db) == []


async def test_takers_at_once_share_the_orders_and_none_is_taken_twice(db: Database) -> None:
    async with asyncio.timeout(limit(30)), asyncio.TaskGroup() as group:
        ordered = [group.create_task(order(db, n=n)) for n in range(10)]
        takers = [group.create_task(take(db)) for _ in range(10)]
    last = await take(db)

    taken = [c.id for task in takers for c in task.result()] + [c.id for c in last]
    assert sorted(taken) == sorted(task.result() for task in ordered)


async def test_what_was_ordered_is_erased_when_it_is_taken(db: Database) -> None:
    command_id = await order(db, code="12345")
    await take(db)
    async with db.read() as tx:
        row = await tx.one(select(commands_table).where(commands_table.c.id == command_id))

    assert row is not None
    assert (row.state, row.sealed_args) == ("TAKEN", None)


async def test_an_order_whose_taking_rolled_back_still_waits_with_its_arguments(
    db: Database,
) -> None:
    await order(db, code="12345")

    async def take_and_fail() -> None:
        async with db.transaction() as tx:
            await commands.take(tx)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await take_and_fail()
    assert [c.args for c in await take(db)] == [{"code": "12345"}]


async def test_an_order_wakes_who_takes_orders(db: Database) -> None:
    with db.wakeups.subscribe(commands.ORDERED) as woken:
        await order(db)

        assert await woken.wait(0)


async def test_who_waits_for_an_outcome_gets_its_own(db: Database) -> None:
    one, other = await order(db), await order(db)
    await take(db)
    async with asyncio.timeout(limit(30)), asyncio.TaskGroup() as group:
        waiting = group.create_task(commands.outcome_of(db, one, limit_s=seconds(20)))
        await finish(db, other, said="other")
        await finish(db, one, said="one")

    assert waiting.result() == {"said": "one"}
    assert await commands.outcome_of(db, other, limit_s=seconds(20)) == {"said": "other"}


async def test_an_outcome_written_by_another_process_is_found(
    db: Database, database_url: str, vault: Vault
) -> None:
    other = await open_database(database_url, vault)
    command_id = await order(db)
    await take(db)
    try:
        async with asyncio.timeout(limit(30)), asyncio.TaskGroup() as group:
            waiting = group.create_task(commands.outcome_of(db, command_id, limit_s=seconds(20)))
            await finish(other, command_id, done=True)
    finally:
        await other.close()

    assert waiting.result() == {"done": True}


async def test_waiting_has_a_limit_and_the_order_goes_on(db: Database) -> None:
    command_id = await order(db)

    with pytest.raises(TimeoutError):
        await commands.outcome_of(db, command_id, limit_s=0.05)
    assert not db.wakeups._subscriptions
    assert [c.id for c in await take(db)] == [command_id]


async def test_orders_that_a_dead_process_had_taken_are_closed_and_others_wait_on(
    db: Database,
) -> None:
    dead = await order(db, n=1)
    await take(db)
    done = await order(db, n=2)
    await take(db)
    await finish(db, done, ok=True)
    waiting = await order(db, n=3)

    async with db.transaction() as tx:
        await commands.leave(tx)
    assert await commands.outcome_of(db, dead, limit_s=seconds(20)) == {"error": "interrupted"}
    assert await commands.outcome_of(db, done, limit_s=seconds(20)) == {"ok": True}
    assert [c.id for c in await take(db)] == [waiting]


async def test_an_order_sealed_with_a_lost_key_is_answered_and_holds_up_no_other(
    db: Database,
) -> None:
    unreadable, readable = await order(db), await order(db)
    foreign = Vault([Fernet.generate_key().decode()]).seal(b"{}")
    async with db.transaction() as tx:
        await tx.execute(
            update(schema.commands)
            .where(schema.commands.c.id == unreadable)
            .values(sealed_args=foreign)
        )

    assert [c.id for c in await take(db)] == [readable]
    answer = await commands.outcome_of(db, unreadable, limit_s=seconds(20))
    assert answer == {"error": "unreadable"}


async def answer_privately(db: Database) -> int:
    command_id = await order(db)
    await take(db)
    await db.writer.write(commands.Answer(command_id, {"messages": ["hush"]}, is_private=True))
    return command_id


async def kept_of(db: Database, command_id: int) -> tuple[object, bytes | None]:
    async with db.read() as tx:
        row = await tx.one(select(commands_table).where(commands_table.c.id == command_id))
    assert row is not None
    return row.outcome, row.sealed_outcome


async def test_a_private_answer_is_sealed_and_erased_as_it_is_read(db: Database) -> None:
    command_id = await answer_privately(db)
    outcome, sealed = await kept_of(db, command_id)
    assert outcome == {"error": "erased"}
    assert sealed is not None
    assert b"hush" not in sealed
    told = await commands.outcome_of(db, command_id, limit_s=seconds(5))
    assert told == {"messages": ["hush"]}
    assert await kept_of(db, command_id) == ({"error": "erased"}, None)
    again = await commands.outcome_of(db, command_id, limit_s=seconds(5))
    assert again == {"error": "erased"}


async def answer_login(db: Database, **outcome: object) -> int:
    command_id = await order(db, "enrol.password")
    await take(db)
    is_private = commands.is_private("enrol.password")
    await db.writer.write(commands.Answer(command_id, outcome, is_private=is_private))
    return command_id


async def test_what_helps_to_log_in_is_sealed_and_what_stays_says_how_far_it_came(
    db: Database,
) -> None:
    asked: dict[str, object] = {"step": "password", "account": 7, "hint": "hush", "reset_s": None}
    command_id = await answer_login(db, **asked)
    outcome, sealed = await kept_of(db, command_id)
    assert outcome == {"step": "password", "account": 7}
    assert sealed is not None
    assert b"hush" not in sealed
    told = await commands.outcome_of(db, command_id, limit_s=seconds(5))
    assert told == asked
    assert await kept_of(db, command_id) == ({"step": "password", "account": 7}, None)
    again = await commands.outcome_of(db, command_id, limit_s=seconds(5))
    assert again == {"step": "password", "account": 7}


@pytest.mark.parametrize("kind", ["enrol.begin", "enrol.qr", "enrol.qr_next", "account.last"])
def test_answers_of_logins_and_of_chats_are_private(kind: str) -> None:
    assert commands.is_private(kind)
    assert not commands.is_private("reconnect")


async def test_what_an_older_version_left_open_of_logins_is_erased(db: Database) -> None:
    ids = [await order(db, kind) for kind in ("enrol.qr", "enrol.code", "reconnect")]
    await take(db)
    told: list[dict[str, object]] = [
        {"step": "qr", "account": 7, "url": "tg://login?token=x"},
        {"via": "app"},
        {"via": 1},
    ]
    for command_id, outcome in zip(ids, told, strict=True):
        await finish(db, command_id, **outcome)
    for _ in range(2):
        async with db.transaction() as tx:
            await commands.erase_unsealed(tx)
    kept = [(await kept_of(db, command_id))[0] for command_id in ids]
    assert kept == [{"step": "qr", "account": 7}, {"error": "erased"}, {"via": 1}]


async def test_of_two_who_read_a_private_answer_at_once_one_gets_it(db: Database) -> None:
    command_id = await answer_privately(db)
    limit_s = seconds(5)
    both = await asyncio.gather(
        *(commands.outcome_of(db, command_id, limit_s=limit_s) for _ in range(2))
    )
    assert sorted(both, key=str) == [{"error": "erased"}, {"messages": ["hush"]}]


async def test_a_private_answer_that_nobody_came_for_is_erased(db: Database) -> None:
    command_id = await answer_privately(db)
    now, minute = db.now(), timedelta(minutes=1)
    for before, is_kept in ((now - minute, True), (now + minute, False)):
        async with db.read() as tx:
            assert await commands.is_any_to_erase(tx, before) != is_kept
        async with db.transaction() as tx:
            await commands.erase_private(tx, before)
        _, sealed = await kept_of(db, command_id)
        assert (sealed is not None) == is_kept


def test_an_answer_does_not_show_itself() -> None:
    assert "hush" not in repr(commands.Answer(1, {"messages": ["hush"]}, is_private=True))
