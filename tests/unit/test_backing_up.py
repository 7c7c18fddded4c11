"""That no backup can be made is told for as long as it lasts."""

import errno
import shutil
import socket
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot.backing_up import Why, cause_of
from storage import alerts, commands, journal, shelf
from storage.backup import BackupFailed
from storage.database import Database, open_database
from storage.driver_errors import in_our_words
from storage.errors import StorageError, StorageLost
from storage.incidents import BACKUPS, About, Ending, Incident
from storage.vault import Vault
from tests.postgres import Postgres
from tests.storage.fleet import Clock
from tests.unit.test_keeper import DAY_S, backups, clock, keeper, kinds, names, put

__all__ = ["backups", "clock"]


async def open_incidents(db: Database) -> list[Incident]:
    async with db.read() as tx:
        found = [alert.incident for alert in await alerts.unsettled(tx)]
    return [incident for incident in found if incident.closed_at is None]


async def test_that_no_backup_can_be_made_is_an_incident_until_one_is(
    db: Database, backups: Path
) -> None:
    put(backups, "in the way")
    for _ in range(2):
        await keeper(db, backups).look()  # a restart tells it no second time
        (told,) = await open_incidents(db)
        assert (told.kind, told.subject) == (About.BACKUP_FAILED, BACKUPS)
        assert told.cause == Why.NOT_WRITABLE
    async with db.read() as tx:
        noted, *_ = await journal.latest(tx, kind="backup.failed")
    assert noted.data == {
        "newest_at": None,
        "folder": str(backups),
        "host": socket.gethostname(),
    }

    backups.unlink()  # noqa: ASYNC240 - one file of a test
    await keeper(db, backups).look()
    assert await open_incidents(db) == []
    async with db.read() as tx:
        (over,) = [alert.incident for alert in await alerts.unsettled(tx)]
    assert (over.id, over.ending) == (told.id, Ending.RECOVERED)


async def test_the_incident_of_another_process_ends_with_a_backup_that_is_young_enough(
    db: Database, backups: Path, clock: Clock
) -> None:
    put(backups, "in the way")
    await keeper(db, backups).look()
    assert len(await open_incidents(db)) == 1
    # Another machine keeps house from now on, with a shelf of its own.
    other = backups.with_name("other")
    shelf.make(other)
    shelf.periodic(other, clock.now).touch()
    await keeper(db, other).look()
    assert await open_incidents(db) == []


async def test_where_no_backups_are_wanted_any_more_none_is_missed(
    db: Database, backups: Path
) -> None:
    put(backups, "in the way")
    await keeper(db, backups).look()
    await keeper(db, backups, backup_every_s=0).look()
    assert await open_incidents(db) == []


def damage(path: Path) -> None:
    """A row of an account that is not there, as no transaction of ours can leave it."""
    with closing(sqlite3.connect(path, isolation_level=None)) as past_our_code:
        past_our_code.execute("PRAGMA foreign_keys=OFF")
        past_our_code.execute("INSERT INTO account_tags (account_id, tag) VALUES (999, 'x')")


async def test_how_old_the_newest_is_is_noted_with_the_failure(
    path: Path, db: Database, backups: Path, clock: Clock
) -> None:
    await keeper(db, backups).look()
    made_at = clock.now.replace(microsecond=0)
    clock.forward(DAY_S)
    damage(path)
    await keeper(db, backups).look()
    async with db.read() as tx:
        (noted,) = await journal.latest(tx, kind="backup.failed")
    assert noted.data["newest_at"] == made_at.isoformat()


async def test_another_cause_is_told_as_well(
    path: Path, db: Database, backups: Path, clock: Clock
) -> None:
    put(backups, "in the way")
    mine = keeper(db, backups)
    await mine.look()
    (first,) = await open_incidents(db)
    backups.unlink()  # noqa: ASYNC240 - one file of a test
    damage(path)
    clock.forward(600)
    await mine.look()
    (second,) = await open_incidents(db)
    assert (second.id, second.cause) == (first.id, Why.DAMAGED)
    assert names(backups) == []
    assert await kinds(db) == ["backup.failed", "backup.failed"]


OF_A_BAD_DISK = """
CREATE FUNCTION bad_page() RETURNS varchar AS
$$ BEGIN RAISE 'invalid page in block 3' USING ERRCODE = 'XX001', DETAIL = 'a row'; END $$
LANGUAGE plpgsql;
ALTER TABLE alembic_version RENAME TO good_pages;
CREATE VIEW alembic_version AS SELECT bad_page() AS version_num;
"""
MENDED = "DROP VIEW alembic_version; ALTER TABLE good_pages RENAME TO alembic_version;"


async def test_a_failure_nobody_thought_of_is_told_and_keeps_nothing_else_from_being_done(
    postgres: Postgres, vault: Vault, backups: Path, clock: Clock
) -> None:
    url = postgres.new()
    db = await open_database(url, vault, now=clock)
    async with db.transaction() as tx:
        command_id = await commands.order(tx, "enrol.qr")
        await commands.take(tx)
        await commands.finish(tx, command_id, {"step": "qr", "url": "tg://x"}, is_private=True)
    clock.forward(601)
    postgres.run(url, OF_A_BAD_DISK)
    mine = keeper(db, backups)
    await mine.look()
    (told,) = await open_incidents(db)
    assert told.cause == "invalid page in block 3"
    async with db.read() as tx:
        assert not await commands.is_any_to_erase(tx, clock.now)
        (noted,) = await journal.latest(tx, kind="backup.")
    assert noted.cause == f"No backup was made in {backups}: invalid page in block 3."

    postgres.run(url, MENDED)
    clock.forward(599)
    await mine.look()
    assert names(backups) == [], "a copy of everything is not tried at every look"
    clock.forward(1)
    await mine.look()
    assert len(names(backups)) == 1
    assert await open_incidents(db) == []
    await db.close()


async def test_the_same_failure_after_a_good_backup_is_told_again(
    db: Database, backups: Path, clock: Clock
) -> None:
    mine = keeper(db, backups)
    for _ in range(2):
        put(backups, "in the way")
        await mine.look()
        assert len(await open_incidents(db)) == 1
        backups.unlink()  # noqa: ASYNC240 - one file of a test
        clock.forward(DAY_S)
        await mine.look()
        assert await open_incidents(db) == []
        shutil.rmtree(backups)
        clock.forward(DAY_S)


def of_the_driver(root: Exception) -> StorageError:
    """What storage makes of it."""
    with pytest.raises(StorageError) as found, in_our_words():
        raise root
    return found.value


def failed_by(root: Exception) -> BackupFailed:
    error = BackupFailed(f"No backup was made at /a/b-20260301.db: {root}.")
    error.__cause__ = root
    return error


def of_sqlite(code: int, words: str) -> sqlite3.Error:
    error = sqlite3.OperationalError(words)
    error.sqlite_errorcode = code
    return error


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (failed_by(OSError(errno.ENOSPC, "No space left on device")), Why.DISK_FULL),
        (failed_by(of_sqlite(13, "database or disk is full")), Why.DISK_FULL),
        (PermissionError(errno.EACCES, "Permission denied"), Why.NOT_WRITABLE),
        (failed_by(OSError(errno.EROFS, "Read-only file system")), Why.NOT_WRITABLE),
        (failed_by(of_sqlite(14, "unable to open database file")), Why.NOT_WRITABLE),
        (failed_by(of_sqlite(11 | 1 << 8, "malformed")), Why.DAMAGED),
        (BackupFailed("No backup was made: the database is damaged (row 1)."), Why.DAMAGED),
        (failed_by(sqlite3.ProgrammingError("closed")), "closed"),
        (failed_by(OSError(errno.EIO, "Input/output error")), "Input/output error"),
        (StorageLost("The database does not answer."), "The database does not answer"),
        (of_the_driver(TimeoutError()), "The database does not answer"),
        # The server's socket, and no folder of backups.
        (
            of_the_driver(FileNotFoundError(errno.ENOENT, "No such file")),
            "The database does not answer",
        ),
        (TimeoutError(), "TimeoutError"),
        (ValueError("a bug\nof ours"), "a bug"),
    ],
)
def test_the_cause_names_what_an_operator_can_mend(error: Exception, cause: str) -> None:
    assert cause_of(error) == cause
