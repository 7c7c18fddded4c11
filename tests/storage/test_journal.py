from storage import journal
from storage.database import Database
from storage.journal import Entry
from tests.storage.fleet import Clock


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
