from datetime import timedelta

from storage import instances, liveness
from storage.database import Database
from storage.instances import Role
from storage.liveness import Beat, LineFacts
from tests.storage.fleet import Clock


async def start(db: Database, instance: str) -> None:
    async with db.transaction() as tx:
        await instances.start(tx, instance, host="here", pid=7, version="1")


async def test_what_a_process_says_of_itself_comes_back(db: Database, clock: Clock) -> None:
    await start(db, "a")
    lines = {n: LineFacts(clock.now - timedelta(seconds=n), n or None) for n in range(3)}
    beat = Beat("a", clock.now, clock.now - timedelta(minutes=1), lines)
    await db.writer.write(beat)

    async with db.read() as tx:
        (seen,) = await liveness.page(tx)
    assert seen.beat == beat
    assert (seen.id, seen.host, seen.pid, seen.stopped_at) == ("a", "here", 7, None)


async def test_only_the_last_word_counts(db: Database, clock: Clock) -> None:
    await start(db, "a")
    for _ in range(3):
        await db.writer.write(Beat("a", clock.forward(15)))
    async with db.read() as tx:
        assert [i.beat for i in await liveness.page(tx)] == [Beat("a", clock.now)]


async def test_a_process_that_falls_silent_is_taken_for_dead(db: Database, clock: Clock) -> None:
    async def is_alive() -> bool:
        async with db.read() as tx:
            return (await liveness.page(tx))[0].is_alive(tx.now)

    await start(db, "a")
    assert await is_alive()
    clock.forward(44)
    assert await is_alive()
    await db.writer.write(Beat("a", clock.now))
    clock.forward(44)
    assert await is_alive()
    clock.forward(1)
    assert not await is_alive()


async def test_a_process_that_said_that_it_stopped_is_not_alive(
    db: Database, clock: Clock
) -> None:
    await start(db, "a")
    await db.writer.write(Beat("a", clock.now))
    async with db.transaction() as tx:
        await instances.stop(tx, "a")
    async with db.read() as tx:
        (seen,) = await liveness.page(tx)
    assert not seen.is_alive(clock.now)
    assert seen.stopped_at == clock.now


async def test_last_words_are_kept_for_a_day_and_the_latest_process_for_ever(
    db: Database, clock: Clock
) -> None:
    for instance in ("a", "b"):
        await start(db, instance)
        await db.writer.write(Beat(instance, clock.now))
        clock.forward(1)
    async with db.transaction() as tx:
        await liveness.forget_silent(tx)
        assert [i.id for i in await liveness.page(tx)] == ["b", "a"]
    clock.forward(86400)
    async with db.transaction() as tx:
        await liveness.forget_silent(tx)
        assert [(i.id, i.beat) for i in await liveness.page(tx)] == [("b", None)]


async def test_one_that_only_has_the_bot_is_not_among_those_that_run_accounts(
    db: Database, clock: Clock
) -> None:
    await start(db, "a")
    clock.forward(1)
    async with db.transaction() as tx:
        await instances.start(tx, "b", host="here", pid=8, version="1", role=Role.CONTROL)
        assert [i.id for i in await liveness.page(tx)] == ["a"]
