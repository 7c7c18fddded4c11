"""After a run that used every kind of secret, none can be read in its files and logs."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import select
from telethon.crypto import AuthKey
from telethon.sessions import StringSession

from bot.vault import existing_vault
from storage.database import open_database
from storage.schema import sessions
from tests import program
from tests.e2e.enrolling import scan, show_picture
from tests.e2e.harness import Mooring
from tests.e2e.secret_scan import content_of, forms, leaks
from tests.e2e.telegram import Telegram
from tests.timing import limit

PASSWORD = "correct horse/battery+staple"
HINT = "the stable, and what powers it"
PROXY_PASSWORD = "s3cret-of-the-proxy"
LOUD = {"LOG_LEVEL": "DEBUG", "RECONNECT_DELAY": "50ms"}


def also_into(log: Path) -> dict[str, str]:
    """The settings of a log file beside that one, turned over many times."""
    return {"LOG_FILE": str(log.parent / "files/mooring.log"), "LOG_FILE_SIZE": "50KB"}


@asynccontextmanager
async def a_run(mooring: Mooring, log: Path) -> AsyncIterator[program.Running]:
    """Mooring in a process of its own that logs all it can into a file."""
    with log.open("ab") as file:
        running = await program.start(
            ["run"],
            cwd=log.parent,
            env={"PATH": os.environ["PATH"], **mooring.environment(), **LOUD, **also_into(log)},
            stdout=file,
            stderr=file,
        )
    try:
        yield running
    finally:
        if running.returncode is None:
            running.kill()
        await running.wait()


async def command(mooring: Mooring, log: Path, *arguments: str) -> bytes:
    """Run `mooring …`; what it printed. What it said is in the log."""
    with log.open("ab") as file:
        running = await program.start(
            arguments,
            cwd=log.parent,
            env={"PATH": os.environ["PATH"], **mooring.environment(), **LOUD},
            stderr=file,
        )
    printed, _ = await running.communicate()
    assert running.returncode == 0
    return printed


async def work(
    mooring: Mooring, telegram: Telegram, alice: dict[str, Any], code: list[str]
) -> None:
    """Log in with everything that can be secret, send, and lose every line once."""
    chat = mooring.chat
    proxy = await mooring.add_proxy(username="moor", password=PROXY_PASSWORD)
    await chat.say("/add_account")
    await chat.shows("Which number?")
    await chat.say(f"+{alice['phone'].lstrip('+')}")
    await chat.shows("Login code for")
    code.append((await telegram.get(f"users/{alice['id']}/login_code"))["code"])
    for digit in code[0]:
        await chat.press(digit)
    await chat.shows("Two-step verification", HINT)
    await chat.say(PASSWORD)
    await chat.shows("Alice", "is logged in")
    bob = await telegram.person("Bob", username=f"bob_{alice['id']}")
    await mooring.online(2)
    await mooring.write_draft(2, f"@{bob['username']}", "Good morning")
    await chat.press("Send as account")
    await chat.shows("Sent as the account")
    await telegram.post("connections/cut", user=alice["id"])
    await telegram.post(f"proxies/{proxy['id']}/stop")
    await chat.shows("#2 Alice", "is down since")
    await telegram.post("botapi/stop")
    await telegram.post("botapi/start")
    await telegram.post(f"proxies/{proxy['id']}/start")
    await chat.shows("#2 Alice", "is back")


async def picture(mooring: Mooring, telegram: Telegram, dora: dict[str, Any]) -> str:
    """Log in by a QR code, which nobody but the phone is to read; its address."""
    await show_picture(mooring)
    url = await scan(telegram, dora)
    await mooring.chat.shows("Dora", "is logged in")
    return url


async def stored_keys(mooring: Mooring) -> dict[str, bytes]:
    """Every auth key, opened."""
    database = await open_database(mooring.settings.database, existing_vault(mooring.settings))
    async with database.read() as tx:
        rows = await tx.all(select(sessions.c.id, sessions.c.sealed_auth_key))
        keys = {f"auth key {row.id}": tx.vault.open(row.sealed_auth_key) for row in rows}
    await database.close()
    return keys


def keys_in(file: Path) -> dict[str, bytes]:
    return {"secret key": file.read_bytes().strip()}


def token_of(url: str) -> bytes:
    """What a QR code is worth, as its address has it."""
    return parse_qs(urlsplit(url).query)["token"][0].encode()


def everything(data: Path, but: str) -> bytes:
    return b"\0".join(text for name, text in content_of(data).items() if name != but)


async def test_no_secret_of_a_whole_run_can_be_read_in_its_files_its_log_or_its_journal(
    mooring: Mooring, telegram: Telegram, tmp_path: Path
):
    data, log = mooring.settings.data_dir, tmp_path / "log"
    carol = await telegram.person("Carol")
    alice = await telegram.person("Alice", password=PASSWORD, password_hint=HINT)
    dora = await telegram.person("Dora")
    await asyncio.to_thread(data.mkdir)
    first = await telegram.post("proxies")
    assert await mooring.import_account(carol, first) == 1
    settings = mooring.settings
    code: list[str] = []

    async with a_run(mooring, log) as running:
        await mooring.chat.ask("/start")
        await work(mooring, telegram, alice, code)
        url = await picture(mooring, telegram, dora)
        await command(mooring, log, "backup", str(data / "by hand.db"))
        during = everything(data, but="secret.key")
        running.send_signal(signal.SIGTERM)
        async with asyncio.timeout(limit(30)):
            assert await running.wait() == 0
    journal = await command(mooring, log, "events", "--json", "--limit", "100000")
    after = everything(data, but="secret.key")
    logged = await asyncio.to_thread(log.read_bytes)
    filed = b"".join((await asyncio.to_thread(content_of, tmp_path / "files")).values())
    keys = await stored_keys(mooring)
    sealing = await asyncio.to_thread(keys_in, data / "secret.key")

    assert len(keys) == 3
    string = StringSession()
    string.set_dc(2, "192.0.2.1", 443)
    string.auth_key = AuthKey(keys["auth key 1"])
    secrets = {
        **keys,
        **sealing,
        "password": PASSWORD.encode(),
        "password's hint": HINT.encode(),
        "QR code": token_of(url),
        "login code": code[0].encode(),
        "proxy password": PROXY_PASSWORD.encode(),
        "API hash": settings.api_hash.get_secret_value().encode(),
        "bot token": settings.bot_token.get_secret_value().encode(),
        "string session": string.save()[20:340].encode(),
    }
    numbers = {
        "Alice's number": alice["phone"].lstrip("+").encode(),
        "Carol's number": carol["phone"].lstrip("+").encode(),
    }
    assert b"socks5" in after, "the rows are where this test looks"
    assert b"SQLite format 3" in during
    assert b"userbots" in logged or b"registered" in logged
    assert b"enrolment.done" in journal
    assert leaks(secrets, during) == []
    assert leaks(secrets, after) == []
    assert leaks(secrets | numbers, logged) == []
    assert b"send.sent" in filed
    assert leaks(secrets | numbers, filed) == []
    assert leaks(secrets | numbers, journal) == []

    # And it would have been found, whichever it is, in any form.
    for name, secret in (secrets | numbers).items():
        for form, planted in forms(secret):
            assert f"{name} ({form})" in leaks({name: secret}, logged + b" " + planted + b" ")


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"the code 12345 came", True),
        (b'{"code":"12345"}', True),
        (b"code=12345\n", True),
        (b"MTIzNDU=", True),
        (b"3132333435", True),
        (b"port 127.0.0.1:12345", False),
        (b"02:48:18.123456", False),
        (b"id 9123451", False),
    ],
    ids=repr,
)
def test_a_login_code_is_told_from_a_number_that_looks_like_it(
    content: bytes, *, found: bool
) -> None:
    assert bool(leaks({"code": b"12345"}, content)) == found
