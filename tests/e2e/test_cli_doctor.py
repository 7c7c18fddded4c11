"""`mooring doctor` against what is healthy, and against each thing that can be wrong."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from aiohttp import web
from cryptography.fernet import Fernet

from tests.e2e.harness import API_HASH, Mooring
from tests.e2e.secret_scan import leaks
from tests.e2e.shell import Said, beside
from tests.e2e.telegram import Telegram
from tests.postgres import Postgres

PASSWORD = "hunter2-hunter2"


async def doctor(mooring: Mooring, **changed: str) -> tuple[int, dict[str, dict[str, Any]], Said]:
    """What `mooring doctor --json` found, by what was checked."""
    said = await beside(mooring, "doctor", "--json", **changed)
    checks = {each["check"]: each for each in said.document["checks"]}
    assert all(each["mend"] or each["verdict"] == "ok" for each in checks.values())
    assert said.document["is_well"] == (said.code == 0)
    return said.code, checks, said


def verdicts(checks: dict[str, dict[str, Any]]) -> dict[str, str]:
    return {name: each["verdict"] for name, each in checks.items()}


async def lines_of(telegram: Telegram, person: dict[str, Any]) -> list[tuple[int, str]]:
    """The open connections with a key of theirs."""
    found = await telegram.get("connections")
    return [(c["id"], c["key_id"]) for c in found if c["user_id"] == person["id"]]


@pytest.fixture
async def prepared(mooring: Mooring, telegram: Telegram) -> Mooring:
    """A Mooring with an account on a proxy; it does not run."""
    mooring.proxy = await telegram.post("proxies", username="user", password=PASSWORD)
    alice = await telegram.person("Alice")
    mooring.settings.data_dir.mkdir(parents=True)
    number = await mooring.import_account(alice, mooring.proxy)
    assert number == 1
    mooring.proxy["alice"] = alice
    return mooring


async def test_beside_a_healthy_mooring_nothing_is_bad_and_no_secret_is_told(
    prepared: Mooring, telegram: Telegram
) -> None:
    await prepared.start()
    await prepared.until_state(1, "ONLINE")
    before = await lines_of(telegram, prepared.proxy["alice"])
    code, checks, said = await doctor(prepared)
    name = f"{prepared.proxy['host']}:{prepared.proxy['port']}"
    assert verdicts(checks) == dict.fromkeys(
        [
            *("settings", "database", "secret key", "process", "backup", "disk", "open files"),
            *("Bot API", "bot token", "webhook", "clock", "data centre 2", f"proxy {name}"),
        ],
        "ok",
    )
    assert (code, said.err) == (0, "")
    assert prepared.bot["username"] in checks["bot token"]["words"]
    assert "journal mode wal" in checks["database"]["words"]
    assert "1 account" in checks[f"proxy {name}"]["words"]
    assert all(each["took_ms"] >= 0 for each in checks.values())
    alice = prepared.proxy["alice"]
    assert await lines_of(telegram, alice) == before
    in_words = await beside(prepared, "doctor")
    assert "✓ ok    database" in in_words.out
    assert in_words.out.endswith(f"All {len(checks)} checks are well.\n")
    secrets = {
        "token": prepared.settings.bot_token.get_secret_value().partition(":")[2].encode(),
        "hash": API_HASH.encode(),
        "password": PASSWORD.encode(),
        "phone": alice["phone"].lstrip("+").encode(),
    }
    assert leaks(secrets, (said.out + said.err + in_words.out + in_words.err).encode()) == []


async def test_without_a_run_it_says_that_none_runs_and_changes_nothing(
    prepared: Mooring,
) -> None:
    files = {path.name for path in prepared.settings.data_dir.iterdir()}
    code, checks, _ = await doctor(prepared)
    assert code == 0
    assert (checks["process"]["verdict"], checks["process"]["mend"]) == (
        "warn", "start it: mooring run",
    )  # fmt: skip
    assert checks["backup"]["verdict"] == "warn"
    assert {path.name for path in prepared.settings.data_dir.iterdir()} == files


async def test_what_is_wrong_with_the_bot_is_told_apart(prepared: Mooring) -> None:
    wrong = "123456789:" + "x" * 35
    code, checks, said = await doctor(prepared, BOT_TOKEN=wrong)
    assert code == 4
    assert verdicts(checks)["bot token"] == "bad"
    assert verdicts(checks)["Bot API"] == verdicts(checks)["clock"] == "ok"
    assert "@BotFather" in checks["bot token"]["mend"]
    assert wrong not in said.out
    code, checks, said = await doctor(prepared, BOT_API_URL="http://127.0.0.1:9")
    assert code == 4
    assert checks["Bot API"]["verdict"] == "bad"
    assert "bot token" not in checks
    assert "127.0.0.1 can't be reached" in checks["Bot API"]["words"]


@asynccontextmanager
async def another_bot_api(*, ahead: timedelta, webhook: str) -> AsyncIterator[str]:
    """A Bot API whose clock is wrong, and whose bot has a webhook."""

    async def answer(request: web.Request) -> web.Response:
        me = {"id": 1, "is_bot": True, "first_name": "M", "username": "m_bot"}
        hook = {"url": webhook, "has_custom_certificate": False, "pending_update_count": 3}
        result = hook if request.path.endswith("/getWebhookInfo") else me
        date = format_datetime(datetime.now(UTC) + ahead, usegmt=True)
        return web.json_response({"ok": True, "result": result}, headers={"Date": date})

    application = web.Application()
    application.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield site.name if not runner.addresses else f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def test_a_webhook_and_a_wrong_clock_are_bad(prepared: Mooring) -> None:
    hook = "https://example.org/bot-secret"
    async with another_bot_api(ahead=timedelta(minutes=5), webhook=hook) as url:
        code, checks, said = await doctor(prepared, BOT_API_URL=url)
    assert code == 4
    assert verdicts(checks)["webhook"] == verdicts(checks)["clock"] == "bad"
    assert "example.org" in checks["webhook"]["words"]
    assert "bot-secret" not in said.out
    assert "behind Telegram's" in checks["clock"]["words"]
    assert "NTP" in checks["clock"]["mend"]


async def test_a_key_that_does_not_fit_is_bad(prepared: Mooring) -> None:
    other = Fernet.generate_key().decode()
    code, checks, said = await doctor(prepared, MOORING_SECRET_KEY=other)
    assert code == 4
    assert verdicts(checks)["secret key"] == "bad"
    assert "MOORING_SECRET_KEY does not open" in checks["secret key"]["words"]
    assert verdicts(checks)["database"] == verdicts(checks)["Bot API"] == "ok"
    assert other not in said.out + said.err
    (prepared.settings.data_dir / "secret.key").unlink()
    code, checks, _ = await doctor(prepared)
    assert (code, verdicts(checks)["secret key"]) == (4, "bad")
    assert not (prepared.settings.data_dir / "secret.key").exists()


async def test_a_proxy_that_is_down_is_bad_where_accounts_have_it(
    prepared: Mooring, telegram: Telegram
) -> None:
    await telegram.post(f"proxies/{prepared.proxy['id']}/stop")
    code, checks, _ = await doctor(prepared)
    found = checks[f"proxy {prepared.proxy['host']}:{prepared.proxy['port']}"]
    assert (code, found["verdict"]) == (4, "bad")
    assert "refuses connections" in found["words"]
    assert verdicts(checks)["data centre 2"] == "ok"


async def test_a_data_centre_out_of_reach_matters_only_to_accounts_without_a_proxy(
    prepared: Mooring,
) -> None:
    code, checks, _ = await doctor(prepared, TELEGRAM_DC="2:127.0.0.1:9")
    found = checks["data centre 2"]
    assert (code, found["verdict"]) == (0, "warn")
    assert "it refuses connections" in found["words"]


async def test_a_database_that_is_missing_or_damaged_is_bad(prepared: Mooring) -> None:
    file = prepared.settings.data_dir / "mooring.db"
    good = file.read_bytes()
    damaged = bytearray(good)
    damaged[4096 * 3 : 4096 * 8] = bytes(4096 * 5)
    file.write_bytes(bytes(damaged))
    code, checks, _ = await doctor(prepared)
    assert (code, verdicts(checks)["database"]) == (4, "bad")
    assert "mooring restore" in checks["database"]["mend"]
    file.write_text("no database at all " * 100)
    code, checks, _ = await doctor(prepared)
    assert (code, verdicts(checks)["database"]) == (4, "bad")
    file.unlink()
    code, checks, _ = await doctor(prepared)
    assert (code, verdicts(checks)["database"]) == (4, "bad")
    assert "there is none at" in checks["database"]["words"]
    assert not file.exists()


async def test_where_there_is_nothing_nothing_is_made(mooring: Mooring) -> None:
    code, checks, _ = await doctor(mooring)
    assert (code, verdicts(checks)["database"]) == (4, "bad")
    assert not mooring.settings.data_dir.exists()


async def test_wrong_settings_are_named_each_and_end_the_checks(mooring: Mooring) -> None:
    said = await beside(mooring, "doctor", API_ID="0", API_HASH="abc", PING_EVERY="soon")
    assert said.code == 4
    assert [line[:17] for line in said.out.splitlines() if "settings" in line] == [
        "✗ bad   settings "
    ] * 3
    assert "API_HASH: expected the 32 hexadecimal digits" in said.out
    assert ".env.example" in said.out
    assert said.out.endswith("0 ok, 0 warn, 3 bad.\n")


async def test_it_examines_postgresql_too(mooring: Mooring, postgres: Postgres) -> None:
    url = postgres.new()
    made = await beside(mooring, "init", "--keep", DATABASE_URL=url)
    assert made.code == 0, made.err
    code, checks, _ = await doctor(mooring, DATABASE_URL=url)
    assert code == 0
    assert checks["database"]["words"].startswith("PostgreSQL ")
    assert verdicts(checks)["secret key"] == "ok"
    nowhere = "postgresql+asyncpg://mooring:hunter2hunter2@127.0.0.1:9/mooring"
    code, checks, said = await doctor(mooring, DATABASE_URL=nowhere)
    assert (code, verdicts(checks)["database"]) == (4, "bad")
    assert "hunter2" not in said.out + said.err
