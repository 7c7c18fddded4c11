"""`mooring login` from a terminal, against a Mooring that runs."""

import asyncio
import os
import pty
import re
import signal
import subprocess
import sys
from typing import Any

import pytest

from storage import accounts
from tests.e2e.harness import Mooring
from tests.e2e.secret_scan import leaks
from tests.e2e.shell import Talk, beside, talking
from tests.e2e.telegram import Telegram
from tests.timing import limit, seconds
from tests.unit.test_cli import MAIN

PASSWORD = "correct horse battery"


@pytest.fixture
async def ready(mooring: Mooring, telegram: Telegram) -> Mooring:
    """A Mooring that runs and has a proxy."""
    proxy = await telegram.post("proxies")
    line = f"socks5://{proxy['host']}:{proxy['port']}"
    assert (await beside(mooring, "proxies", "add", line)).code == 0
    await mooring.start()
    mooring.proxy = proxy
    return mooring


def phone_of(person: dict[str, Any]) -> str:
    return f"+{person['phone'].lstrip('+')}"


async def code_of(telegram: Telegram, person: dict[str, Any]) -> str:
    return str((await telegram.get(f"users/{person['id']}/login_code"))["code"])


def wrong(code: str) -> str:
    return str(int(code[0]) % 9 + 1) + code[1:]


async def numbers(mooring: Mooring) -> list[int]:
    assert mooring.app
    async with mooring.app.database.read() as tx:
        return [account.id for account in await accounts.page(tx)]


async def until_code(talk: Talk) -> None:
    await talk.until("Code")
    await talk.until(": ")


@pytest.mark.req("S0.1")
async def test_an_account_is_logged_in_with_code_and_password_and_a_wrong_one_is_asked_again(
    ready: Mooring, telegram: Telegram
) -> None:
    alice = await telegram.person("Alice", password=PASSWORD)
    async with talking(ready, "login", phone_of(alice)) as talk:
        await talk.until(f"Connecting through {ready.proxy['host']}:{ready.proxy['port']}")
        await until_code(talk)
        code = await code_of(telegram, alice)
        await talk.answer(wrong(code))
        await talk.until("That was not the code.")
        await until_code(talk)
        await talk.answer(f"{code[:2]} {code[2:]}")
        await talk.until("Password")
        await talk.answer("swordfish-swordfish")
        await talk.until("That was not the password.")
        await talk.until("Password")
        await talk.answer(PASSWORD)
        said = await talk.end()
    assert said.code == 0, said.err
    number = re.search(r"Alice is logged in as #(\d+)", said.err)
    assert number
    await ready.until_state(int(number[1]), "ONLINE")
    secrets = {
        "code": code.encode(),
        "password": PASSWORD.encode(),
        "phone": phone_of(alice).lstrip("+").encode(),
    }
    assert leaks(secrets, (said.out + said.err).encode()) == []
    again = await beside(ready, "login", phone_of(alice))
    assert again.code == 1
    assert f"enrolled already, as #{number[1]}" in again.err


async def test_at_a_terminal_the_password_is_not_shown(ready: Mooring, telegram: Telegram) -> None:
    alice = await telegram.person("Alice", password=PASSWORD)
    master, slave = pty.openpty()
    asking = await asyncio.to_thread(
        subprocess.Popen,
        [sys.executable, "-c", MAIN, "login", phone_of(alice)],
        cwd=ready.settings.data_dir.parent,
        env=os.environ | ready.environment() | {"PYTHONPATH": os.getcwd()},  # noqa: PTH109 - as text
        stdin=slave,
        stdout=slave,
        stderr=slave,
        start_new_session=True,
    )
    os.close(slave)
    said = b""

    async def until(words: bytes) -> None:
        nonlocal said
        while words not in said:
            said += await _piece(master)

    try:
        await until(b"way: ")
        os.write(master, f"{await code_of(telegram, alice)}\n".encode())
        await until(b"not shown: ")
        os.write(master, f"{PASSWORD}\n".encode())
        await until(b"is logged in as #")
    finally:
        asking.kill()
        asking.wait(seconds(20))
        os.close(master)
    assert PASSWORD.encode() not in said


async def _piece(master: int) -> bytes:
    """What a terminal shows next."""
    async with asyncio.timeout(limit(60)):
        return await asyncio.to_thread(os.read, master, 1000)


async def test_the_code_is_sent_another_way_by_r(ready: Mooring, telegram: Telegram) -> None:
    alice = await telegram.person("Alice")
    before = await telegram.post("logins/pace")
    await telegram.post("logins/pace", resend_after_s=0)
    async with talking(ready, "login", phone_of(alice)) as talk:
        await talk.until("other devices")
        await telegram.post("logins/pace", **before)
        await until_code(talk)
        await talk.answer("r")
        await talk.until("by SMS")
        await until_code(talk)
        await talk.answer(await code_of(telegram, alice))
        said = await talk.end()
    assert said.code == 0, said.err


@pytest.mark.parametrize("way", ["Ctrl-C", "end of input"])
async def test_who_leaves_leaves_nothing_behind(
    ready: Mooring, telegram: Telegram, way: str
) -> None:
    alice = await telegram.person("Alice")
    async with talking(ready, "login", phone_of(alice)) as talk:
        await until_code(talk)
        assert len(await numbers(ready)) == 1
        if way == "Ctrl-C":
            talk.running.send_signal(signal.SIGINT)
        said = await talk.end()
    # Ctrl-C may meet it just before it reads the answer.
    assert said.code in ({1, 130} if way == "Ctrl-C" else {1})
    assert "Not logged in: " in said.err
    assert await numbers(ready) == []


async def test_without_a_running_mooring_it_says_how_to_start_one(
    mooring: Mooring, telegram: Telegram
) -> None:
    alice = await telegram.person("Alice")
    assert (await beside(mooring, "proxies", "add", "socks5://127.0.0.1:9")).code == 0
    said = await beside(mooring, "login", phone_of(alice))
    assert (said.code, said.out) == (1, "")
    assert "no Mooring runs" in said.err
    assert "mooring run" in said.err


async def test_a_number_that_is_none_or_has_no_account_is_told(ready: Mooring) -> None:
    for bad in ("12", "me", "+0491701234567"):
        assert (await beside(ready, "login", bad)).code == 2
    said = await beside(ready, "login", "+99966199999999")
    assert said.code == 1
    assert await numbers(ready) == []
