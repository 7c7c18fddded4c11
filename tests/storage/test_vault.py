import stat
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from hypothesis import given, settings
from hypothesis import strategies as st

from storage import dialogs
from storage.database import open_database
from storage.errors import SecretKeyMismatch
from storage.vault import Vault, new_key, read_or_create_keys, split_keys
from tests.storage.fleet import url_of
from tests.storage.test_migrations import dump

OLD, NEW, OTHER = (Fernet.generate_key().decode() for _ in range(3))


@settings(deadline=None)
@given(st.binary(), st.text(st.characters(exclude_categories=["Cs"])))
def test_what_was_sealed_opens_to_the_same_and_is_never_readable(
    secret: bytes, words: str
) -> None:
    vault = Vault([NEW])

    assert vault.open(vault.seal(secret)) == secret
    assert vault.open_text(vault.seal_text(words)) == words
    assert len(secret) < 8 or secret not in vault.seal(secret)


def test_the_first_key_seals_and_every_key_opens() -> None:
    sealed = Vault([OLD]).seal(b"secret")
    both = Vault([NEW, OLD])

    assert both.open(sealed) == b"secret"
    assert Vault([NEW]).open(both.seal(b"secret")) == b"secret"
    with pytest.raises(SecretKeyMismatch):
        Vault([OLD]).open(both.seal(b"secret"))


def test_another_key_opens_nothing_and_the_error_shows_no_secret() -> None:
    with pytest.raises(SecretKeyMismatch) as caught:
        Vault([OTHER]).open(Vault([NEW]).seal(b"secret"))

    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


@pytest.mark.parametrize("keys", [[], ["too short"], [NEW, ""]], ids=["none", "short", "empty"])
def test_a_malformed_key_is_refused_at_once(keys: list[str]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - Fernet's own words
        Vault(keys)


def test_a_vault_never_shows_its_keys() -> None:
    assert NEW not in repr(Vault([NEW])) + str(vars(Vault([NEW])))


async def test_a_database_opens_with_the_old_key_behind_a_new_one(path: Path) -> None:
    await (await open_database(url_of(path), Vault([OLD]))).close()

    await (await open_database(url_of(path), Vault([NEW, OLD]))).close()


async def test_a_wrong_key_is_refused_at_the_opening_and_nothing_is_changed(path: Path) -> None:
    await (await open_database(url_of(path), Vault([OLD]))).close()
    before = dump(path), sha256(path.read_bytes()).digest()  # noqa: ASYNC240 - a small file

    with pytest.raises(SecretKeyMismatch):
        await open_database(url_of(path), Vault([OTHER]))
    assert (dump(path), sha256(path.read_bytes()).digest()) == before  # noqa: ASYNC240 - as above


async def test_the_database_file_and_its_companions_are_private(path: Path, vault: Vault) -> None:
    database = await open_database(url_of(path), vault)
    async with database.transaction():
        pass
    async with database.read() as tx:
        await dialogs.load(tx, "a")
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    await database.close()

    assert modes == dict.fromkeys([path.name, f"{path.name}-wal", f"{path.name}-shm"], 0o600)


def test_a_new_key_file_is_private_and_read_again_the_same(tmp_path: Path) -> None:
    file = tmp_path / "secret.key"
    (key,), is_new = read_or_create_keys(file)

    assert (is_new, stat.S_IMODE(file.stat().st_mode)) == (True, 0o600)
    assert read_or_create_keys(file) == ([key], False)
    assert Vault([key]).open(Vault([key]).seal(b"secret")) == b"secret"
    assert [entry.name for entry in tmp_path.iterdir()] == ["secret.key"]


def test_a_key_file_that_an_operator_wrote_is_taken_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "secret.key"
    file.write_text(f"  {OLD}\n\n")

    assert read_or_create_keys(file) == ([OLD], False)


@pytest.mark.parametrize("between", [",", "\n", " , ", ",\n", "\r\n"], ids=repr)
def test_several_keys_stand_in_one_file_and_the_first_one_seals(
    between: str, tmp_path: Path
) -> None:
    file = tmp_path / "secret.key"
    file.write_text(f"{NEW}{between}{OLD}\n")

    keys, is_new = read_or_create_keys(file)

    assert (keys, is_new) == ([NEW, OLD], False)
    assert split_keys(f"{NEW}{between}{OLD}") == keys
    assert Vault([NEW]).open(Vault(keys).seal(b"secret")) == b"secret"


def test_what_is_sealed_anew_opens_with_the_first_key_alone() -> None:
    sealed = Vault([OLD]).seal(b"secret")
    fresh = Vault([NEW, OLD]).reseal(sealed)

    assert Vault([NEW]).open(fresh) == b"secret"
    with pytest.raises(SecretKeyMismatch):
        Vault([OTHER]).reseal(sealed)


def test_every_new_key_is_another_one() -> None:
    assert new_key() != new_key()


def test_a_key_file_never_shows_half_written(tmp_path: Path) -> None:
    """A start that died while it wrote leaves no file, or the next one would read half a key."""
    file = tmp_path / "secret.key"
    (tmp_path / "secret.key.1").write_text("half a k")

    keys, is_new = read_or_create_keys(file)

    assert is_new
    Vault(keys)


def test_many_first_reads_at_once_agree_on_one_key(tmp_path: Path) -> None:
    file = tmp_path / "secret.key"
    with ThreadPoolExecutor(4) as threads:
        keys = {key for (key,), _ in threads.map(read_or_create_keys, [file] * 8)}

    assert len(keys) == 1
