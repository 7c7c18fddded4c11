"""Secrets that come as files: from systemd's `LoadCredential=`, from a container's secrets."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from cryptography.fernet import Fernet

from bot.settings import BadSettings, Settings, load
from bot.vault import existing_vault, key_file, open_vault

TOKEN = "123456789:AAAA_secret-token-of-a-bot-35"
PASSWORD = "p@ss/w:rd %20"


@pytest.fixture(autouse=True)
def given(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A directory for credentials, and an environment with nothing else."""
    for name in list(os.environ):
        if name.lower() in Settings.model_fields:
            monkeypatch.delenv(name)
    directory = tmp_path / "credentials"
    directory.mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(directory))
    monkeypatch.setenv("API_ID", "12345")
    (directory / "api_hash").write_text("0" * 32 + "\n")
    (directory / "bot_token").write_text(f"{TOKEN}\n")
    return directory


def test_a_file_that_is_called_like_a_setting_holds_its_value(given: Path) -> None:
    key = Fernet.generate_key().decode()
    (given / "mooring_secret_key").write_text(key)
    settings = load()
    assert settings.bot_token.get_secret_value() == TOKEN
    assert settings.api_hash.get_secret_value() == "0" * 32
    assert settings.api_id == 12345
    assert {TOKEN, key} <= set(settings.secrets)


def test_the_key_that_the_first_run_made_opens_the_same_as_a_credential(given: Path) -> None:
    Path("data").mkdir()
    sealed = open_vault(load()).seal(b"a session")
    shutil.copy(Path("data/secret.key"), given / "mooring_secret_key")
    Path("data/secret.key").unlink()
    settings = load()
    assert key_file(settings) is None
    assert existing_vault(settings).open(sealed) == b"a session"


def test_a_file_wins_over_a_variable_that_stands_there_empty(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text("BOT_TOKEN=\nAPI_HASH=\nMOORING_SECRET_KEY=\n")
    assert load().bot_token.get_secret_value() == TOKEN
    monkeypatch.setenv("BOT_TOKEN", "")
    assert load().bot_token.get_secret_value() == TOKEN


@pytest.mark.parametrize("named", ["", "nowhere"])
def test_without_such_a_directory_the_variables_are_all_there_is(
    named: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", named)
    with pytest.raises(BadSettings) as caught:
        load()
    assert caught.value.faults == ["BOT_TOKEN: is missing", "API_HASH: is missing"]


@pytest.fixture
def closed(given: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The file with the token, which this user can't read, root or not."""
    user = os.geteuid()
    with TemporaryDirectory() as there:
        Path(there).chmod(0o755)
        monkeypatch.chdir(there)
        directory = Path(there) / "credentials"
        shutil.copytree(given, directory)
        monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(directory))
        token = directory / "bot_token"
        token.chmod(0)
        if user == 0:
            os.seteuid(65534)
        yield token
        os.seteuid(user)


def test_a_credential_that_can_not_be_read_is_a_fault(closed: Path) -> None:
    with pytest.raises(BadSettings) as caught:
        load()
    assert caught.value.faults == [f"{closed}: can't be read: Permission denied"]


def test_a_directory_that_can_not_be_looked_into_is_a_fault(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", 300 * "x")
    with pytest.raises(BadSettings, match="can't be read: File name too long"):
        load()


def test_the_password_of_the_database_is_a_file_of_its_own(
    given: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql+asyncpg://mooring@postgres/mooring")
    (given / "database_password").write_text(f"{PASSWORD}\n")
    settings = load()
    at = "postgresql+asyncpg://mooring:p%40ss%2Fw%3Ard%20%2520@postgres/mooring"
    assert settings.database == at
    assert PASSWORD in settings.secrets
    for shown in (repr(settings), str(settings.model_dump())):
        assert PASSWORD not in shown


@pytest.mark.parametrize("query", ["user=mooring&password=", "password="])
def test_a_password_behind_the_databases_name_is_a_secret_too(
    query: str, given: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (given / "database_password").unlink(missing_ok=True)
    told = "p%40ss%2Fw%3Ard%20%2520"
    address = f"postgresql+asyncpg:///mooring?host=/run/postgresql&{query}{told}"
    monkeypatch.setenv("DATABASE_URL", address)
    assert {told, PASSWORD} <= set(load().secrets)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "sqlite+aiosqlite:///mooring.db",
        "postgresql+asyncpg://postgres/mooring",
        "postgresql+asyncpg://mooring:other@postgres/mooring",
    ],
)
def test_a_password_that_fits_no_address_is_told(
    address: str, given: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", address)
    (given / "database_password").write_text(PASSWORD)
    with pytest.raises(BadSettings, match="DATABASE_PASSWORD: goes into") as caught:
        load()
    assert PASSWORD not in str(caught.value)
