from datetime import timedelta

import pytest

from storage import journal
from storage.database import Database
from storage.journal import Counts, Entry, Tally
from storage.tx import Tx
from tests.storage.fleet import START, Clock, add_account


async def test_an_entry_says_who_did_what_when_and_why(
    db: Database, account: int, clock: Clock
) -> None:
    async with db.transaction() as tx:
        await journal.note(
            tx, "stop", actor="operator 7", account_id=account, cause="asked", data={"force": True}
        )
    async with db.read() as tx:
        assert await journal.latest(tx) == [
            Entry(clock.now, "stop", account, "operator 7", "asked", {"force": True})
        ]


async def test_the_latest_entries_come_first_and_only_of_the_account_asked_for(
    db: Database, account: int
) -> None:
    async with db.transaction() as tx:
        for n in range(5):
            await journal.note(tx, f"mine {n}", actor="mooring", account_id=account)
            await journal.note(tx, f"theirs {n}", actor="mooring")

        mine = await journal.latest(tx, account_id=account, limit=2)
        assert [e.kind for e in mine] == ["mine 4", "mine 3"]
        assert len(await journal.latest(tx)) == 10


async def test_an_entry_outlives_its_account(
    db: Database,
) -> None:
    async with db.transaction() as tx:
        await journal.note(tx, "removed", actor="operator 7", account_id=4711)
    async with db.read() as tx:
        assert [e.account_id for e in await journal.latest(tx, account_id=4711)] == [4711]


async def test_entries_are_found_by_what_their_kind_begins_with_and_by_their_age(
    db: Database, clock: Clock
) -> None:
    for kind in ("state.online", "state_x", "State", "proxy.added"):
        async with db.transaction() as tx:
            await journal.note(tx, kind, actor="mooring")
        clock.forward(60)

    async with db.read() as tx:
        assert [e.kind for e in await journal.latest(tx, kind="state.")] == ["state.online"]
        assert await journal.latest(tx, kind="%") == []
        since = clock.now - timedelta(seconds=120)
        found = await journal.latest(tx, since=since)
        assert [e.kind for e in found] == ["proxy.added", "State"]
        assert await journal.latest(tx, since=since, kind="proxy", account_id=1) == []


async def test_the_oldest_entries_go_first_and_not_more_than_asked_for(
    db: Database, clock: Clock
) -> None:
    for n in range(6):
        async with db.transaction() as tx:
            await journal.note(tx, f"kind {n}", actor="mooring")
        clock.forward(60)
    before = START + timedelta(seconds=60 * 4)  # the fifth was made then, and stays

    left: list[list[str]] = []
    for expected in (3, 1, 0):
        async with db.transaction() as tx:
            assert await journal.forget_before(tx, before, limit=3) == expected
            left.append([e.kind for e in await journal.latest(tx)])

    assert left == [
        ["kind 5", "kind 4", "kind 3"],
        ["kind 5", "kind 4"],
        ["kind 5", "kind 4"],
    ]


async def moved(
    tx: Tx, account: int, kind: str, cause: str = "cut", before: str = "CONNECTING"
) -> None:
    data = {"from": before, "attempt": 1}
    await journal.note(
        tx, f"state.{kind}", actor="mooring", account_id=account, cause=cause, data=data
    )


@pytest.mark.req("S2.5")
async def test_reconnects_and_failures_are_counted_for_an_hour_a_day_and_in_all(
    db: Database, account: int, clock: Clock
) -> None:
    for hours in (30, 10, 0.5):
        async with db.transaction() as tx:
            await moved(tx, account, "retrying", before="ONLINE")
            await moved(tx, account, "online", cause="")
        clock.forward(hours * 3600)

    async with db.read() as tx:
        tally = (await journal.tallies(tx))[account]
    assert tally == Tally(reconnects=Counts(1, 2, 3), failures=Counts(1, 2, 3))


async def test_each_way_to_fail_counts_and_nothing_that_was_ordered_does(
    db: Database, account: int
) -> None:
    async with db.transaction() as tx:
        for kind in ("retrying", "failed", "waiting", "needs_login", "banned"):
            await moved(tx, account, kind)
        await moved(tx, account, "retrying", cause="", before="ONLINE")  # forced while online
        await moved(tx, account, "connecting", before="RETRYING")
        await moved(tx, account, "stopped", cause="", before="ONLINE")
        await journal.note(tx, "reconnect.forced", actor="operator 7", account_id=account)

        assert (await journal.tallies(tx))[account] == Tally(failures=Counts(5, 5, 5))


async def test_tallies_are_each_accounts_own(db: Database, account: int) -> None:
    async with db.transaction() as tx:
        other = await add_account(tx, 2)
        await moved(tx, account, "online", cause="")
        for _ in range(2):
            await moved(tx, other, "online", cause="")

        assert {n: t.reconnects.all for n, t in (await journal.tallies(tx)).items()} == {
            account: 1,
            other: 2,
        }
        assert list(await journal.tallies(tx, account_id=other)) == [other]
        assert await journal.tallies(tx, account_id=4711) == {}
