"""Mooring as a process of its own: start, restart, a second start, signals, a bot that is down."""

import asyncio
import os
import signal
import socket
import sqlite3
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest

from bot.settings import Settings
from storage.errors import DataDirectoryInUse
from tests import program
from tests.e2e.harness import Mooring
from tests.e2e.telegram import Telegram
from tests.timing import limit, seconds

COMMAND = Path(sys.executable).with_name("mooring")


@asynccontextmanager
async def process(
    mooring: Mooring, *arguments: str, **changed: str
) -> AsyncIterator[program.Running]:
    """`mooring …` with the test's settings, in an empty folder; killed at the end if need be."""
    running = await program.start(
        arguments,
        cwd=mooring.settings.data_dir.parent,
        env={"PATH": os.environ["PATH"]} | mooring.environment() | changed,
    )
    try:
        yield running
    finally:
        if running.returncode is None:
            running.kill()
        await running.communicate()


@asynccontextmanager
async def command(mooring: Mooring, *arguments: str) -> AsyncIterator[Process]:
    """The same by the command itself, as an operator starts it."""
    running = await asyncio.create_subprocess_exec(
        COMMAND,
        *arguments,
        cwd=mooring.settings.data_dir.parent,
        env={"PATH": os.environ["PATH"]} | mooring.environment(),
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield running
    finally:
        if running.returncode is None:
            running.kill()
        await running.communicate()


async def end(running: Process | program.Running, number: signal.Signals) -> tuple[int, str]:
    """Send a signal; the exit code and all that was logged."""
    running.send_signal(number)
    async with asyncio.timeout(limit(20)):
        _, log = await running.communicate()
    assert running.returncode is not None
    return running.returncode, log.decode()


@pytest.mark.req("S0.8", "S1.2", "S3.1")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_process_starts_its_accounts_and_ends_cleanly_on_a_signal(
    mooring: Mooring, telegram: Telegram, number: signal.Signals
):
    alice = await telegram.person("Alice")
    proxy = await telegram.post("proxies")
    mooring.settings.data_dir.mkdir(parents=True)
    await mooring.import_account(alice, proxy)
    async with command(mooring, "run") as running:
        assert await _is_online(mooring)
        code, log = await end(running, number)
    assert code == 0
    assert f"{number.name}: shutting down" in log
    assert log.index("accounts registered") < log.index("polling the Bot API")
    for noise in ("Task was destroyed", "never retrieved", "Traceback", "never awaited"):
        assert noise not in log
    assert not [c for c in await telegram.get("connections") if c["user_id"] == alice["id"]]
    async with process(mooring, "run") as running:
        await mooring.chat.ask("/start")
        _, log = await end(running, number)
    assert "started after a graceful stop" in log


async def _is_online(mooring: Mooring) -> bool:
    """Ask for the status, which shows by itself when the account is connected."""
    before = max((m.id for m in await mooring.chat.read()), default=0)
    await mooring.chat.say("/status")
    await mooring.chat.until(lambda m: m.id > before and "1 of 1 connected" in m.text)
    return True


async def test_after_a_kill_the_same_session_comes_back_without_a_login(
    mooring: Mooring, telegram: Telegram
):
    alice = await telegram.person("Alice")
    mooring.settings.data_dir.mkdir(parents=True)
    await mooring.import_account(alice, await telegram.post("proxies"))
    async with process(mooring, "run") as running:
        assert await _is_online(mooring)
        before = {
            c["key_id"] for c in await telegram.get("connections") if c["user_id"] == alice["id"]
        }
        running.kill()
        await running.wait()
    async with process(mooring, "run") as running:
        assert await _is_online(mooring)
        after = {
            c["key_id"] for c in await telegram.get("connections") if c["user_id"] == alice["id"]
        }
        _, log = await end(running, signal.SIGTERM)
    assert after == before
    assert "started after a crash" in log


async def test_a_second_start_on_the_same_directory_is_refused_with_who_holds_it(
    mooring: Mooring,
):
    await mooring.start()
    async with process(mooring, "run") as second:
        async with asyncio.timeout(limit(30)):
            _, said = await second.communicate()
    assert second.returncode == 3
    assert f"process {os.getpid()} on {socket.gethostname()}" in said.decode()
    assert "Traceback" not in said.decode()
    with pytest.raises(DataDirectoryInUse):
        await Mooring.start(mooring)


async def test_wrong_settings_end_the_start_with_a_line_for_each(mooring: Mooring):
    mooring.settings.data_dir.parent.mkdir(parents=True, exist_ok=True)
    wrong = {"BOT_TOKEN": "not-a-token", "API_ID": "", "ADMIN_IDS": "me", "TELEGRAM_DC": "nl"}
    async with process(mooring, "run", **wrong) as running:
        async with asyncio.timeout(limit(30)):
            _, said = await running.communicate()
    lines = said.decode().splitlines()
    assert running.returncode == 2
    assert {line.partition(":")[0] for line in lines[:-1]} == set(wrong)
    assert "not-a-token" not in said.decode()
    assert not mooring.settings.data_dir.exists()


@pytest.mark.req("S3.1")
async def test_a_rejected_token_never_stops_the_userbots_and_the_bot_comes_back(
    mooring: Mooring, telegram: Telegram
):
    token = f"{mooring.operator['id'] - 4_000_000_000}:{'x' * 35}"
    changed = Settings.model_validate(mooring.settings.model_dump() | {"bot_token": token})
    mooring.settings = changed
    mooring.settings.data_dir.mkdir(parents=True)
    number = await mooring.import_account(
        await telegram.person("Alice"), await telegram.post("proxies")
    )
    app = await mooring.start()
    await mooring.until_state(number, "ONLINE")
    assert app.poller.trouble == "BOT_TOKEN is rejected"
    bot = await telegram.post(
        "bots", token=token, username=f"late_{number}_{token[:9]}_bot", first_name="Late"
    )
    chat = await telegram.chat(mooring.operator, bot)
    await chat.say("/status")
    await chat.shows("1 of 1 connected", limit_s=40)


@pytest.mark.req("S3.1")
async def test_a_bot_api_that_goes_away_is_polled_again_and_nothing_told_is_lost(
    mooring: Mooring, telegram: Telegram
):
    alice = await telegram.person("Alice")
    (number,) = await mooring.start_with(alice)
    await telegram.post("botapi/stop")
    await telegram.post("connections/cut", user=alice["id"])
    await mooring.until_noted(number, "state.retrying")
    await mooring.until_state(number, "ONLINE")
    await telegram.post("botapi/start")
    await mooring.chat.shows(f"#{number} Alice", "is back", limit_s=40)
    await mooring.chat.say("/status")
    await mooring.chat.shows("1 of 1 connected", limit_s=40)


async def test_a_session_is_imported_from_standard_input_and_stays_stopped_unless_confirmed(
    mooring: Mooring, telegram: Telegram
):
    alice = await telegram.person("Alice")
    key = await mooring.string_session(alice)
    phone = f"+{alice['phone']}"
    arguments = ("account", "import", "-", "--phone", phone, "--proxy", "203.0.113.7:1080")
    mooring.settings.data_dir.parent.mkdir(parents=True, exist_ok=True)
    async with process(mooring, *arguments) as running:
        _, said = await running.communicate(key.encode())
    assert running.returncode == 0, said
    assert "Imported as #1 behind 203.0.113.7:1080; it is stopped." in said.decode()
    assert key not in said.decode()
    assert phone not in said.decode()
    await mooring.start()
    assert await mooring.status(1) == "STOPPED"


async def test_the_bot_reaches_the_bot_api_through_its_own_proxy(
    mooring: Mooring, telegram: Telegram
):
    proxy = await telegram.post("proxies", username="bot", password="pw")
    address = f"socks5://bot:pw@{proxy['host']}:{proxy['port']}"
    mooring.settings = Settings.model_validate(
        mooring.settings.model_dump() | {"bot_proxy": address}
    )
    await mooring.start()
    await mooring.chat.ask("/start")
    dials = await telegram.get(f"proxies/{proxy['id']}/dials")
    bot_api = int(telegram.addresses["bot_api"].rpartition(":")[2])
    assert {d["port"] for d in dials} == {bot_api}


@pytest.mark.req("S3.1")
async def test_an_account_that_cannot_be_started_stops_neither_the_others_nor_the_bot(
    mooring: Mooring, telegram: Telegram
):
    mooring.settings.data_dir.mkdir(parents=True)
    proxy = await telegram.post("proxies")
    broken = await mooring.import_account(await telegram.person("Alice"), proxy)
    other = await mooring.import_account(await telegram.person("Carol"), proxy)
    await mooring.chat.say("/start")  # so that the bot may write first
    refuse = (
        f"CREATE TRIGGER broken BEFORE UPDATE OF owner ON accounts WHEN NEW.id = {broken} "
        "BEGIN SELECT RAISE(ABORT, 'broken on purpose'); END"
    )
    file = mooring.settings.data_dir / "mooring.db"
    await asyncio.to_thread(_execute, file, refuse)
    await mooring.start()
    await mooring.until_state(other, "ONLINE")
    await mooring.chat.shows(f"#{broken}", "is down since", "it could not be started")
    await asyncio.to_thread(_execute, file, "DROP TRIGGER broken")
    await mooring.until_state(broken, "ONLINE")
    await mooring.chat.shows(f"#{broken} Alice", "is back")


def _execute(file: Path, statement: str) -> None:
    with closing(sqlite3.connect(file, timeout=seconds(10))) as database, database:
        database.execute(statement)


@pytest.mark.req("S2.4")
async def test_a_send_that_is_under_way_is_finished_before_the_process_ends(
    mooring: Mooring, telegram: Telegram
):
    alice = await telegram.person("Alice")
    bob = await telegram.person("Bob", username=f"bob_{alice['id']}")
    mooring.settings.data_dir.mkdir(parents=True)
    number = await mooring.import_account(alice, await telegram.post("proxies"))
    async with process(mooring, "run") as running:
        await mooring.chat.say("/start")
        await mooring.online(number)
        await mooring.write_draft(number, f"@{bob['username']}", "half sent")
        delay = await telegram.post("faults/delay", seconds=2, user=alice["id"])
        await mooring.chat.press("Send as account")
        inbox = await telegram.chat(bob, alice)
        await inbox.shows("half sent")  # Telegram has it, and answers later
        code, log = await end(running, signal.SIGTERM)
    await telegram.delete(f"faults/{delay['id']}")

    assert code == 0, log
    assert "Task was destroyed" not in log
    assert "Traceback" not in log
    with closing(sqlite3.connect(mooring.settings.data_dir / "mooring.db")) as database:
        (state,) = database.execute("SELECT state FROM deliveries").fetchone()
    assert state == "SENT"
