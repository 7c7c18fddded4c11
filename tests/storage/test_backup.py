"""Backups: whole, consistent, private, and made beside writers that never rest."""

import asyncio
import resource
import sqlite3
import stat
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from storage import journal, shelf
from storage.backup import BackupFailed, back_up, back_up_file, taken_at
from storage.database import Database, open_database
from storage.vault import Vault
from tests.postgres import Postgres
from tests.storage.fleet import only_on_sqlite, url_of
from tests.storage.load import ROWS, fill_up, writing
from tests.storage.test_copy import content
from tests.storage.test_secrets_at_rest import store_all_secrets
from tests.timing import limit


def ask(path: Path, sql: str) -> list[Any]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(sql).fetchall()


@contextmanager
def file_size_limit(size: int) -> Iterator[None]:
    """No file of this process may grow beyond that."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def entries(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


def damage(path: Path) -> None:
    """Overwrite pages in the middle, as a bad disk does."""
    content = bytearray(path.read_bytes())
    content[4096 * 20 : 4096 * 40] = b"\xa5" * 4096 * 20
    path.write_bytes(content)


def break_a_rule(path: Path) -> None:
    """Leave a row that its table does not allow."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for statement in (
            "CREATE TABLE odd (x)",
            "INSERT INTO odd VALUES (NULL)",
            "PRAGMA writable_schema=ON",
            "UPDATE sqlite_master SET sql = 'CREATE TABLE odd (x NOT NULL)' WHERE name = 'odd'",
        ):
            connection.execute(statement)


def marks(path: Path) -> Counter[str]:
    """How many rows of each of the load's transactions the copy has."""
    return Counter(
        kind for (kind,) in ask(path, "SELECT kind FROM events WHERE kind LIKE 'load%'")
    )


@pytest.mark.req("S2.9")
async def test_a_copy_made_under_load_is_whole_and_has_all_that_was_committed_before(
    db: Database, tmp_path: Path
) -> None:
    async with asyncio.timeout(limit(60)), writing(db) as load:
        for number in range(2):
            await load.go_on(10)
            before = set(load.acknowledged)
            copy = tmp_path / f"copy-{number}.db"

            made = await back_up(db.url, copy)

            found = marks(copy)
            assert set(found) >= before, "a write that was acknowledged is missing"
            assert set(found.values()) == {ROWS}, "half a transaction is in the copy"
            others = {key for (key,) in ask(copy, "SELECT key FROM dialogs")}
            assert others == set(found), "the tables are of different moments"
            assert ask(copy, "PRAGMA integrity_check") == [("ok",)]
            assert made.size_bytes == copy.stat().st_size
        await load.go_on(5)  # nobody was locked out


@only_on_sqlite
async def test_the_loop_and_the_writers_go_on_while_a_backup_is_made(
    db: Database, tmp_path: Path
) -> None:
    await fill_up(db, 5000, 2000)
    async with asyncio.timeout(limit(60)), writing(db) as load:
        await load.go_on(1)
        before = len(load.acknowledged)
        await back_up(db.url, tmp_path / "copy.db")
        assert len(load.acknowledged) >= before + 5


async def test_a_copy_opens_with_its_key_and_holds_what_the_original_holds(
    db: Database, tmp_path: Path, vault: Vault
) -> None:
    await store_all_secrets(db)
    await back_up(db.url, tmp_path / "copy.db")

    copy = await open_database(url_of(tmp_path / "copy.db"), vault)
    async with db.read() as theirs, copy.read() as ours:
        assert await content(ours) == await content(theirs)
    await copy.close()


async def test_a_backup_is_one_private_file_that_knows_its_time(
    db: Database, tmp_path: Path
) -> None:
    shelf.make(tmp_path / "out")
    copy = tmp_path / "out" / "copy.db"
    made = await back_up(db.url, copy)

    assert entries(copy.parent) == [copy.name]
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert stat.S_IMODE(copy.parent.stat().st_mode) == 0o700
    ((stamp,),) = ask(copy, "PRAGMA user_version")
    stamped = taken_at(stamp)
    assert stamped is not None
    assert made.at - timedelta(minutes=1) < stamped <= made.at
    assert taken_at(0) is None


async def test_a_file_that_is_there_is_never_overwritten(db: Database, tmp_path: Path) -> None:
    file = tmp_path / "precious"
    file.write_text("mine")

    with pytest.raises(BackupFailed, match="exists already"):
        await back_up(db.url, file)
    assert file.read_text() == "mine"


async def test_a_backup_that_fails_leaves_nothing_behind(db: Database, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    for target in (tmp_path / "nowhere" / "copy.db", Path("/proc/copy.db")):
        with pytest.raises(BackupFailed):
            await back_up(db.url, target)
    assert entries(tmp_path / "out") == []
    assert not (tmp_path / "nowhere").exists()


async def test_where_there_is_no_database_none_is_made(tmp_path: Path) -> None:
    with pytest.raises(BackupFailed):
        await back_up_file(tmp_path / "mooring.db", tmp_path / "copy.db")
    assert entries(tmp_path) == []


@only_on_sqlite
async def test_a_damaged_database_gives_no_backup(
    path: Path, db: Database, tmp_path: Path
) -> None:
    await fill_up(db, 300, 500)
    await db.close()
    out = tmp_path / "out"
    out.mkdir()
    await back_up_file(path, out / "before.db")
    damage(path)

    with pytest.raises(BackupFailed):
        await back_up_file(path, out / "copy.db")
    assert entries(out) == ["before.db"]


def leave_an_orphan(path: Path) -> None:
    """Leave a row that belongs to an account which is not there."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("INSERT INTO account_tags VALUES (17, 'shop')")


@pytest.mark.parametrize("spoil", [break_a_rule, leave_an_orphan])
@only_on_sqlite
async def test_a_copy_that_has_a_fault_is_no_backup(
    spoil: Callable[[Path], None], path: Path, db: Database, tmp_path: Path
) -> None:
    """One that SQLite copies without a word."""
    await db.close()
    out = tmp_path / "out"
    out.mkdir()
    spoil(path)

    with pytest.raises(BackupFailed, match="the database is damaged"):
        await back_up_file(path, out / "copy.db")
    assert entries(out) == []


@only_on_sqlite
async def test_a_backup_that_is_cancelled_leaves_nothing_and_the_database_goes_on(
    db: Database, tmp_path: Path
) -> None:
    await fill_up(db, 10_000, 4000)
    out = tmp_path / "out"
    out.mkdir()

    async with asyncio.timeout(limit(60)), asyncio.TaskGroup() as group:
        task = group.create_task(back_up(db.url, out / "copy.db"))
        while True:  # no event tells how far SQLite is
            await asyncio.sleep(0)
            if any(draft.stat().st_size for draft in out.glob("*/copy.db")):
                break
        assert not task.done()
        task.cancel()
    assert task.cancelled()
    assert entries(out) == []
    async with db.transaction() as tx:
        await journal.note(tx, "after", actor="mooring")


NOON = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)


def test_the_shelf_keeps_the_newest_of_each_kind_and_touches_nothing_else(tmp_path: Path) -> None:
    daily = [shelf.periodic(tmp_path, NOON + timedelta(days=n)) for n in range(10)]
    before = [shelf.before_migration(tmp_path, f"{n:04}", NOON + timedelta(n)) for n in range(9)]
    others = [tmp_path / name for name in ("mooring-my-own.db", "mooring-20260399T000000Z.db")]
    for path in (*daily, *before, *others):
        path.touch()

    gone = shelf.prune(tmp_path, 7)

    assert set(gone) == {*daily[:3], *before[:2]}
    assert set(tmp_path.iterdir()) == {*daily[3:], *before[2:], *others}


def test_the_newest_backup_is_found_by_its_name(tmp_path: Path) -> None:
    assert shelf.newest(tmp_path / "nowhere", NOON) is None
    assert shelf.newest(tmp_path, NOON) is None
    for days in (-2, -1, 3):  # the last is of a clock that was wrong
        shelf.periodic(tmp_path, NOON + timedelta(days=days)).touch()
    assert shelf.newest(tmp_path, NOON) == NOON - timedelta(days=1)
    assert shelf.periodic(tmp_path, NOON).name == "mooring-20260301T120000Z.db"
    assert shelf.before_migration(tmp_path, "0002", NOON).name == "before-0002-20260301T120000Z.db"


@pytest.mark.req("S2.9")
async def test_that_the_copy_can_not_be_written_is_not_called_a_failed_database(
    postgres: Postgres, vault: Vault, tmp_path: Path
) -> None:
    db = await open_database(postgres.shared(), vault)
    with file_size_limit(128 * 1024), pytest.raises(BackupFailed) as failed:
        await back_up(db.url, tmp_path / "copy.db")
    await db.close()
    root = failed.value.__cause__
    assert isinstance(root, sqlite3.OperationalError)
    assert "database" not in str(failed.value).removesuffix(f"{root}.")
    assert entries(tmp_path) == []
