"""Settings: each wrong value is named with its variable, all at once, and no secret is quoted."""

import os
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from hypothesis import given
from hypothesis import strategies as st

from bot.setting_values import duration
from bot.settings import BadSettings, Settings, load

TOKEN = "123456789:AAAA_secret-token-of-a-bot-35"
API_HASH = "5ec4e7" * 5 + "00"
PROXY = "socks5://user:hunter2@203.0.113.7:1080"
GOOD = {"BOT_TOKEN": TOKEN, "API_ID": "12345", "API_HASH": API_HASH, "ADMIN_IDS": "1, 2,3"}
SERVER = "postgresql+asyncpg://u:hunter2@db/x"
SECRETS = (TOKEN, API_HASH, "hunter2", "AAAA_secret", "5ec4e7")


@pytest.fixture(autouse=True)
def env(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """Only the variables of this test, in a directory without a `.env`."""
    for name in list(os.environ):
        if name.lower() in Settings.model_fields:
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    for name, value in GOOD.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def faults() -> list[str]:
    with pytest.raises(BadSettings) as caught:
        load()
    for secret in SECRETS:
        assert secret not in str(caught.value)
    return caught.value.faults


def test_four_values_are_enough() -> None:
    settings = load()
    assert settings.bot_token.get_secret_value() == TOKEN
    assert settings.api_id == 12345
    assert settings.api_hash.get_secret_value() == API_HASH
    assert settings.admin_ids == [1, 2, 3]
    assert settings.database == "sqlite+aiosqlite:///data/mooring.db"
    assert settings.reconnect_delay == 5.0
    assert settings.max_reconnect_attempts == 10


WRONG = [
    ("FALLBACK", "sometimes", "automatic, ask, never"),
    ("TIME_ZONE", "Mars/Olympus", "knows no time zone"),
    ("BOT_TOKEN", "secret", "@BotFather"),
    ("BOT_TOKEN", "", "@BotFather"),
    ("BOT_TOKEN", f"{TOKEN} ", "@BotFather"),
    ("API_ID", "abc", "integer"),
    ("API_ID", "0", "greater than 0"),
    ("API_ID", "", "integer"),
    ("API_HASH", f"{API_HASH}0", "32 hexadecimal"),
    ("ADMIN_IDS", "1,@somebody", "user ids separated by commas"),
    ("ADMIN_IDS", "-5", "user ids separated by commas"),
    ("ADMIN_CHAT_ID", "here", "integer"),
    ("DATABASE_URL", "postgresql://u:hunter2@db/x", "expected sqlite+aiosqlite"),
    ("DATABASE_URL", "postgresql+asyncpg://u:hunter2@db", "not named"),
    ("DATABASE_URL", "sqlite+aiosqlite://", "not named"),
    ("DATABASE_URL", "postgresql+asyncpg://u:hunter2@db:port/x", "expected sqlite+aiosqlite"),
    ("DATABASE_URL", f"{SERVER}?sslmode=yes", "sslmode has to be one of disable, allow"),
    ("DATABASE_URL", f"{SERVER}?ssl=true", "sslmode has to be one of disable, allow"),
    ("DATABASE_URL", f"{SERVER}?sslmode=require&ssl=require", "give one of them"),
    ("DATABASE_URL", f"{SERVER}?tls=hunter2", "knows no option tls; it takes"),
    ("DATABASE_URL", f"{SERVER}?password=hunter2", "gives the password twice"),
    ("DATABASE_URL", f"{SERVER}?user=hunter2", "gives the user twice"),
    ("DATABASE_URL", "postgresql+asyncpg:///x?user=a&user=hunter2", "gives the user twice"),
    ("DATABASE_URL", f"{SERVER}?sslmode=verify-full", "sslrootcert=FILE, or sslrootcert=system"),
    ("DATABASE_URL", f"{SERVER}?sslmode=verify-ca&sslrootcert=no.pem", "there is no file no.pem"),
    ("DATABASE_URL", f"{SERVER}?sslmode=require&sslrootcert=system", "goes with sslmode=verify-"),
    ("MOORING_SECRET_KEY_FILE", "nowhere.key", "there is no file"),
    ("BOT_API_URL", "api.telegram.org", "http or https://"),
    ("BOT_PROXY", "203.0.113.7:1080", "socks5"),
    ("TELEGRAM_DC", "127.0.0.1:4430", "id:host:port"),
    ("TELEGRAM_DC_PUBLIC_KEY", "nowhere.pem", "there is no file"),
    ("RECONNECT_DELAY", "soon", "a duration such as"),
    ("RECONNECT_DELAY", "-5s", "a duration such as"),
    ("MAX_RECONNECT_ATTEMPTS", "0", "greater than or equal to 1"),
    ("MAX_RECONNECT_ATTEMPTS", "101", "less than or equal to 100"),
    ("PING_EVERY", "5 weeks", "a duration such as"),
    ("FALLBACK_AFTER", "", "a duration such as"),
    ("ALERT_AFTER", "1,5s", "a duration such as"),
    ("BACKUP_EVERY", "daily", "a duration such as"),
    ("BACKUP_KEEP", "0", "greater than or equal to 1"),
    ("EVENTS_KEEP", "1y", "a duration such as"),
    ("LOG_LEVEL", "loud", "expected DEBUG, INFO, WARNING or ERROR"),
    ("LOG_FORMAT", "xml", "'text' or 'json'"),
    ("LOG_FILE_SIZE", "much", "byte string"),
    ("LOG_FILE_SIZE", "1KB", "expected 10KB at least, as in 20MB"),
    ("LOG_FILES_KEEP", "0", "greater than or equal to 1"),
    ("DATABASE_PASSWORD", "hunter2", "goes into a DATABASE_URL without one"),
]


@pytest.mark.parametrize(("name", "value", "words"), WRONG, ids=[f"{n}={v}" for n, v, _ in WRONG])
def test_a_wrong_value_is_named_with_its_variable(
    name: str, value: str, words: str, env: pytest.MonkeyPatch
) -> None:
    env.setenv(name, value)
    (fault,) = faults()
    assert fault.startswith(f"{name}: ")
    assert words.strip() in fault
    assert "\n" not in fault


@pytest.mark.parametrize("name", sorted(GOOD.keys() - {"ADMIN_IDS"}))
def test_a_missing_value_is_named(name: str, env: pytest.MonkeyPatch) -> None:
    env.delenv(name)
    assert faults() == [f"{name}: is missing"]


def test_all_faults_are_told_at_once(env: pytest.MonkeyPatch) -> None:
    env.delenv("BOT_TOKEN")
    env.setenv("API_ID", "x")
    env.setenv("RECONNECT_DELAY", "x")
    env.setenv("TELEGRAM_DC", "x")
    named = [fault.partition(":")[0] for fault in faults()]
    assert named == ["BOT_TOKEN", "API_ID", "TELEGRAM_DC", "RECONNECT_DELAY"]


def test_secrets_are_not_in_what_a_log_would_print(env: pytest.MonkeyPatch) -> None:
    key = Fernet.generate_key().decode()
    env.setenv("BOT_PROXY", PROXY)
    env.setenv("MOORING_SECRET_KEY", key)
    settings = load()
    for shown in (repr(settings), str(settings), repr(settings.model_dump())):
        for secret in (*SECRETS, key):
            assert secret not in shown


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("5", 5.0),
        ("5s", 5.0),
        ("5 s", 5.0),
        (" 5s ", 5.0),
        ("5000ms", 5.0),
        ("0.5s", 0.5),
        ("2m", 120.0),
        ("1.5h", 5400.0),
        ("7d", 604800.0),
    ],
)
def test_a_duration_is_written_with_its_unit(
    written: str, expected: float, env: pytest.MonkeyPatch
) -> None:
    env.setenv("RECONNECT_DELAY", written)
    assert load().reconnect_delay == pytest.approx(expected)


@given(text=st.text(max_size=20) | st.from_regex(r"[0-9.]{0,5} ?[a-z]{0,2}", fullmatch=True))
def test_any_text_is_a_duration_or_a_value_error(text: str) -> None:
    try:
        duration_s = duration(text)
    except ValueError:
        return
    assert duration_s >= 0


@pytest.mark.parametrize("name", ["ADMIN_CHAT_ID", "DATABASE_URL", "MOORING_SECRET_KEY",
    "MOORING_SECRET_KEY_FILE", "BOT_API_URL", "BOT_PROXY", "TELEGRAM_DC",
    "TELEGRAM_DC_PUBLIC_KEY"])  # fmt: skip
def test_an_empty_value_is_as_good_as_none(name: str, env: pytest.MonkeyPatch) -> None:
    """In a copied `.env.example` many are."""
    env.setenv(name, "")
    assert getattr(load(), name.lower()) is None


def test_before_there_is_an_operator_alerts_go_nowhere(env: pytest.MonkeyPatch) -> None:
    """The first start, by which an operator learns their own id."""
    env.setenv("ADMIN_IDS", "")
    settings = load()
    assert settings.admin_ids == []


def test_alerts_go_to_the_admin_chat_where_there_is_one(env: pytest.MonkeyPatch) -> None:
    env.setenv("ADMIN_CHAT_ID", "-1001234567890")
    assert load().admin_chat_id == -1001234567890


def test_values_are_read_from_the_env_file_and_the_environment_wins(
    env: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in GOOD:
        env.delenv(name)
    lines = [f"{name}={value}" for name, value in (GOOD | {"API_ID": "777"}).items()]
    (tmp_path / ".env").write_text(
        "\n".join(["# comment", *lines, "ADMIN_CHAT_ID=", "PING_EVERY=10s # often", "UNKNOWN=1"])
    )
    settings = load()
    assert settings.api_id == 777
    assert settings.ping_every == 10.0
    assert settings.admin_chat_id is None
    env.setenv("API_ID", "888")
    assert load().api_id == 888


def test_a_wrong_value_in_the_env_file_is_named_too(
    env: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    env.delenv("API_HASH")
    (tmp_path / ".env").write_text(f"API_HASH={API_HASH}zz\n")
    (fault,) = faults()
    assert fault.startswith("API_HASH: expected the 32")


def test_the_address_of_the_bot_api_loses_its_last_slash(env: pytest.MonkeyPatch) -> None:
    env.setenv("BOT_API_URL", "http://127.0.0.1:8081/")
    assert load().bot_api_url == "http://127.0.0.1:8081"


@pytest.mark.parametrize(("written", "level"), [("debug", "DEBUG"), ("Warning", "WARNING")])
def test_the_log_level_is_written_in_any_case(
    written: str, level: str, env: pytest.MonkeyPatch
) -> None:
    env.setenv("LOG_LEVEL", written)
    assert load().log_level == level
