"""Rotation: all is sealed anew or nothing, and a crash at any point leaves what opens."""

import stat
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import LargeBinary, select, update

from storage.database import Database, open_database
from storage.errors import SecretKeyMismatch
from storage.rotation import add_key, drop_old_keys, reseal_all
from storage.schema import metadata, sessions
from storage.vault import Vault
from tests.storage.fleet import START
from tests.storage.test_copy import content
from tests.storage.test_secrets_at_rest import store_all_secrets

OLD, NEW, OTHER = (Fernet.generate_key().decode() for _ in range(3))


@pytest.fixture
def vault() -> Vault:
    return Vault([OLD])


async def sealed_values(db: Database) -> list[bytes]:
    """Everything sealed, found by another way than rotation finds it: by the columns' type."""
    found: list[bytes] = []
    async with db.read() as tx:
        for table in metadata.sorted_tables:
            for column in table.columns:
                if isinstance(column.type, LargeBinary):
                    rows = await tx.all(select(column).where(column.is_not(None)))
                    found += [row[0] for row in rows]
    return found


async def test_everything_opens_with_the_new_key_alone_and_is_what_it_was(db: Database) -> None:
    await store_all_secrets(db)
    before = await sealed_values(db)

    async with db.transaction() as tx:
        count = await reseal_all(tx, Vault([NEW, OLD]))

    after = await sealed_values(db)
    assert count == len(before) == len(after) == 5
    assert [Vault([NEW]).open(v) for v in after] == [Vault([OLD]).open(v) for v in before]
    for value in after:
        with pytest.raises(SecretKeyMismatch):
            Vault([OLD]).open(value)
    await (await open_database(db.url, Vault([NEW]))).close()


async def test_one_secret_that_does_not_open_leaves_all_as_it_was(db: Database) -> None:
    await store_all_secrets(db)
    async with db.transaction() as tx:
        strange = Vault([OTHER]).seal(b"strange")
        await tx.execute(update(sessions).values(sealed_auth_key=strange))
    async with db.read() as tx:
        before = await content(tx)

    async def rotate() -> None:
        async with db.transaction() as tx:
            await reseal_all(tx, Vault([NEW, OLD]))

    with pytest.raises(SecretKeyMismatch):
        await rotate()
    async with db.read() as tx:
        assert await content(tx) == before


def test_the_file_opens_the_database_before_during_and_after(tmp_path: Path) -> None:
    """Whatever step a crash follows: sealed with the old key until the commit, then the new."""
    file = tmp_path / "secret.key"
    file.write_text(f"{OLD}\n")
    file.chmod(0o644)
    with_old = Vault([OLD]).seal(b"x")

    keys, kept = add_key(file, START)
    assert file.read_text().split() == keys == [keys[0], OLD]
    with_new = Vault(keys).seal(b"x")
    assert {Vault(file.read_text().split()).open(s) for s in (with_old, with_new)} == {b"x"}

    drop_old_keys(file, keys[0])
    assert file.read_text().split() == [keys[0]]
    assert Vault([keys[0]]).open(with_new) == b"x"
    assert kept.name == "secret.key.before-20260301T120000Z"
    assert kept.read_text().split() == [OLD]
    for path in (file, kept):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert {p.name for p in tmp_path.iterdir()} == {file.name, kept.name}


def test_a_rotation_after_one_that_was_cut_off_keeps_every_key(tmp_path: Path) -> None:
    file = tmp_path / "secret.key"
    file.write_text(f"{NEW}\n{OLD}\n")

    keys, kept = add_key(file, START)

    assert keys[1:] == kept.read_text().split() == [NEW, OLD]


def test_a_key_kept_from_before_is_never_overwritten(tmp_path: Path) -> None:
    file = tmp_path / "secret.key"
    file.write_text(f"{OLD}\n")
    _, kept = add_key(file, START)
    during = file.read_text()

    with pytest.raises(FileExistsError):
        add_key(file, START)

    assert kept.read_text().split() == [OLD]
    assert file.read_text() == during
    assert {p.name for p in tmp_path.iterdir()} == {file.name, kept.name}
