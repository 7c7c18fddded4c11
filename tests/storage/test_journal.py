from datetime import timedelta

from storage import journal
from storage.database import Database
from storage.journal import Entry
from tests.storage.fleet import START, Clock


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
