"""A backup that is verified is restored for real, and nothing of it is left."""

import sqlite3
import stat
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import create_engine, insert
from typing_extensions import override

from storage import journal
from storage.backup import back_up, taken_at
from storage.database import Database, open_database
from storage.errors import SecretKeyMismatch, StorageError
from storage.forgetting import forget
from storage.migrate import HEAD, migrate
from storage.rotation import sealed_columns
from storage.schema import key_check
from storage.vault import Vault
from storage.verify import Holds, Verified, verify
from tests.storage.fleet import add_account, log_in, only_on_sqlite, url_of
from tests.storage.spoilt import WRONG, edit, spoilt_backup
from tests.storage.test_backup import ask, entries
from tests.storage.test_restore import NOW
from tests.storage.test_secrets_at_rest import store_all_secrets

FOREIGN = Vault([Fernet.generate_key().decode()]).seal(b"x")
"""Sealed with a key that nobody has."""


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    return tmp_path / "backup.db"


@pytest.fixture
def room(tmp_path: Path) -> Path:
    """Where the copy lies meanwhile."""
    room = tmp_path / "room"
    room.mkdir()
    return room


async def every_secret(db: Database) -> None:
    """A value in every sealed column."""
    account = await store_all_secrets(db)
    async with db.transaction() as tx:
        await log_in(tx, await add_account(tx, 2))
        await forget(tx, await add_account(tx, 3))
        await journal.note(tx, "odd", actor="mooring", account_id=account)


async def checked(backup: Path, vault: Vault, room: Path) -> Verified:
    return await verify(backup, vault, directory=room, now=NOW)


@pytest.mark.req("S2.9")
async def test_a_good_backup_is_told_with_its_age_and_what_it_holds(
    db: Database, backup: Path, room: Path, vault: Vault
) -> None:
    await every_secret(db)
    await back_up(db.url, backup)
    before = sha256(backup.read_bytes()).digest()  # noqa: ASYNC240 - a small file

    found = await checked(backup, vault, room)

    ((stamp,),) = ask(backup, "PRAGMA user_version")
    assert found.is_good
    assert found.broken == []
    assert (found.taken_at, found.revision) == (taken_at(stamp), HEAD)
    assert found.size_bytes == backup.stat().st_size  # noqa: ASYNC240 - a stat
    assert found.holds == Holds(
        accounts=2, forgotten=1, sessions=1, old_sessions=1, proxies=1, deliveries=0, events=1
    )
    # Three accounts, two sessions, a proxy's password, an order, the key's own check.
    assert found.sealed == 8
    assert sha256(backup.read_bytes()).digest() == before  # noqa: ASYNC240 - a small file
    assert entries(room) == []
    assert entries(backup.parent) == sorted({backup.name, room.name} | set(entries(backup.parent)))


@pytest.mark.parametrize("name", WRONG)
@only_on_sqlite
async def test_what_could_not_be_restored_is_no_good_backup_and_nothing_is_left(
    name: str, db: Database, backup: Path, room: Path, vault: Vault
) -> None:
    _, words = await spoilt_backup(db, backup, name)
    with pytest.raises(StorageError, match=words):
        await checked(backup, vault, room)
    assert entries(room) == []


@only_on_sqlite
async def test_another_key_is_told_with_what_may_help(
    db: Database, backup: Path, room: Path
) -> None:
    await back_up(db.url, backup)
    with pytest.raises(SecretKeyMismatch, match="rotate-key"):
        await checked(backup, Vault([Fernet.generate_key().decode()]), room)
    assert entries(room) == []


def spoil(path: Path, *statements: str) -> None:
    """Put what the key does not open where each statement has its question mark."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement, (FOREIGN,))


SPOILT = {
    "sessions.sealed_auth_key": "UPDATE sessions SET sealed_auth_key = ? WHERE account_id = 2",
    "accounts.sealed_api_hash": "UPDATE accounts SET sealed_api_hash = ? WHERE id = 3",
    "proxies.sealed_password": "UPDATE proxies SET sealed_password = ?",
    "commands.sealed_args": "UPDATE commands SET sealed_args = ?",
    "commands.sealed_outcome": "UPDATE commands SET sealed_outcome = ?",
}
SAID = {
    "sessions.sealed_auth_key": ("the session of account #2", 2, None),
    "accounts.sealed_api_hash": ("the API hash of account #3", 3, None),
    "proxies.sealed_password": (
        "the password of proxy #1, which #1, #4, #5, #6, #7 and 1 more connect through",
        None,
        1,
    ),
    "commands.sealed_args": ("commands.sealed_args of account #1", 1, None),
    "commands.sealed_outcome": ("commands.sealed_outcome of account #1", 1, None),
}


def test_every_sealed_column_is_among_those_that_are_spoilt_here() -> None:
    known = {f"{table.name}.{column.name}" for table, column in sealed_columns()}
    assert known - {"key_check.sealed"} == set(SPOILT)


@pytest.mark.parametrize("name", SPOILT)
@only_on_sqlite
async def test_a_secret_that_does_not_open_is_named_by_whose_it_is(
    name: str, db: Database, backup: Path, room: Path, vault: Vault
) -> None:
    await every_secret(db)
    async with db.transaction() as tx:
        for number in range(4, 9):
            await add_account(tx, number, proxy_id=1)
    await back_up(db.url, backup)
    spoil(backup, SPOILT[name])

    found = await checked(backup, vault, room)

    (broken,) = found.broken
    assert not found.is_good
    assert (broken.words, broken.account, broken.proxy) == SAID[name]
    assert entries(room) == []


@only_on_sqlite
async def test_a_proxy_that_nobody_uses_and_old_sessions_are_named_as_such(
    db: Database, backup: Path, room: Path, vault: Vault
) -> None:
    await every_secret(db)
    await back_up(db.url, backup)
    spoil(
        backup,
        SPOILT["proxies.sealed_password"],
        "UPDATE sessions SET sealed_auth_key = ?",
    )
    edit(
        backup,
        "UPDATE sessions SET status = 'REPLACED' WHERE account_id = 2",
        "UPDATE accounts SET proxy_id = NULL",
    )
    found = await checked(backup, vault, room)
    assert {broken.words for broken in found.broken} == {
        "the password of proxy #1, which no account uses",
        "the session of an unfinished login of account #1",
        "a session that a later login replaced of account #2",
    }


async def test_a_backup_of_an_older_version_is_good(
    tmp_path: Path, room: Path, vault: Vault
) -> None:
    old = tmp_path / "old.db"
    engine = create_engine(f"sqlite:///{old}")
    with engine.begin() as connection:
        migrate(connection, "0001")
        connection.execute(insert(key_check).values(sealed=vault.seal(b"mooring")))
    engine.dispose()
    found = await checked(old, vault, room)
    assert (found.is_good, found.revision, found.sealed) == (True, "0001", 1)


class Watching(Vault):
    """Notes what others could see of the copy while it is worked on, and then fails."""

    def __init__(self, keys: list[str], room: Path) -> None:
        super().__init__(keys)
        self._room = room
        self.modes: set[tuple[str, int]] = set()

    @override
    def open(self, sealed: bytes) -> bytes:
        for path in self._room.rglob("*"):
            kind = "directory" if path.is_dir() else "file"
            self.modes.add((kind, stat.S_IMODE(path.stat().st_mode)))
        opened = super().open(sealed)
        if opened != b"mooring":
            raise RuntimeError("the disk is gone")
        return opened


async def test_the_copy_is_private_and_gone_also_where_the_work_fails(
    tmp_path: Path, backup: Path, room: Path
) -> None:
    key = Fernet.generate_key().decode()
    other = await open_database(url_of(tmp_path / "other.db"), Vault([key]))
    await store_all_secrets(other)
    await other.close()
    await back_up(other.url, backup)
    watching = Watching([key], room)
    with pytest.raises(RuntimeError, match="the disk is gone"):
        await checked(backup, watching, room)
    assert watching.modes == {("directory", 0o700), ("file", 0o600)}
    assert entries(room) == []
