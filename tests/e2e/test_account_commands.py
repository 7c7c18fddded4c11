"""The command line beside a running Mooring: take an account over, stop it, take it out."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from telethon.crypto import AuthKey
from telethon.sessions import SQLiteSession, StringSession

from bot.vault import open_vault
from storage import accounts, commands, journal
from storage.accounts import Desired
from storage.database import open_database
from tests.e2e.harness import Mooring
from tests.e2e.telegram import Telegram
from tests.e2e.test_process import process
from tests.timing import limit

PASSPHRASE = "correct horse battery"
THEIRS = ("--api-id", "611335", "--device-model", "Pixel 9", "--system-version", "SDK 35",
          "--app-version", "11.4.2", "--lang-code", "fr", "--system-lang-code", "fr-be")  # fmt: skip


@pytest.fixture
async def second(telegram: Telegram, tmp_path: Path, migrated: Path) -> AsyncIterator[Mooring]:
    """Another Mooring, with a data directory of its own."""
    async with AsyncExitStack() as stack:
        yield await Mooring.make(telegram, tmp_path / "second" / "data", stack, migrated)


async def account(mooring: Mooring, *arguments: str, **more: str) -> tuple[int, str]:
    """`mooring account …` in a process of its own; its exit code and what it said."""
    mooring.settings.data_dir.mkdir(parents=True, exist_ok=True)
    async with process(mooring, "account", *arguments, **more) as running:
        async with asyncio.timeout(limit(60)):
            _, said = await running.communicate()
    assert running.returncode is not None
    assert "Traceback" not in said.decode()
    return running.returncode, said.decode()


async def session_file(mooring: Mooring, person: dict[str, Any], path: Path) -> bytes:
    """That person's session as Telethon's own file; returns its key."""
    ready = StringSession(await mooring.string_session(person))
    session = SQLiteSession(str(path))
    session.set_dc(ready.dc_id, ready.server_address, ready.port)
    session.auth_key = AuthKey(ready.auth_key.key)
    session.save()
    session.close()
    key: bytes = ready.auth_key.key
    return key


async def order(mooring: Mooring, kind: str, number: int, **args: object) -> int:
    assert mooring.app
    async with mooring.app.database.transaction() as tx:
        return await commands.order(tx, kind, account_id=number, args=args, ordered_by=7)


async def outcome(mooring: Mooring, command: int) -> dict[str, Any]:
    assert mooring.app
    return await commands.outcome_of(mooring.app.database, command, limit_s=limit(30))


def address(proxy: dict[str, Any]) -> str:
    return f"{proxy['host']}:{proxy['port']}"


async def test_an_account_is_taken_over_stopped_and_taken_out_with_its_key_and_its_identity(
    mooring: Mooring, second: Mooring, telegram: Telegram, tmp_path: Path
):
    alice = await telegram.person("Alice")
    proxy = address(await telegram.post("proxies"))
    await mooring.start()
    file = tmp_path / "alice.session"
    await session_file(mooring, alice, file)
    before = file.read_bytes()
    code, said = await account(
        mooring, "import", str(file), "--phone", f"+{alice['phone']}", "--proxy", proxy, *THEIRS,
        "--nothing-else-uses-it", MOORING_IMPORT_API_HASH="ab" * 16,
    )  # fmt: skip
    assert code == 0, said
    assert "api_id 611335, Pixel 9, SDK 35, 11.4.2, fr/fr-be" in said
    assert file.read_bytes() == before
    await mooring.until_state(1, "ONLINE")
    (first,) = await telegram.lines(alice)
    assert (first["api_id"], first["device_model"], first["app_version"]) == (
        611335, "Pixel 9", "11.4.2",
    )  # fmt: skip

    code, said = await account(mooring, "export", "1", "--out", "-", MOORING_PASSPHRASE=PASSPHRASE)
    assert (code, "is not stopped (ONLINE)" in said) == (1, True)
    code, said = await account(mooring, "stop", "1")
    assert (code, "--force" in said) == (1, True)
    assert await telegram.lines(alice) == [first]
    code, said = await account(mooring, "stop", "1", "--force")
    assert (code, said) == (0, "#1 is stopped; it stays logged in.\n")
    assert await telegram.lines(alice) == []

    out = tmp_path / "alice.txt"
    code, said = await account(
        mooring, "export", "1", "--out", str(out), MOORING_PASSPHRASE=PASSPHRASE
    )
    assert code == 0, said
    code, said = await account(
        second, "import", str(out), "--proxy", proxy, MOORING_PASSPHRASE=PASSPHRASE
    )
    assert code == 0, said
    await second.start()
    assert await second.status(1) == "STOPPED"
    code, said = await account(second, "start", "1", "--nothing-else-uses-it")
    assert code == 0, said
    await second.until_state(1, "ONLINE")
    (last,) = await telegram.lines(alice)
    same = ("key_id", "api_id", "device_model", "app_version")
    assert [last[name] for name in same] == [first[name] for name in same]
    assert (await mooring.account(1)).observed.state == "STOPPED"


async def test_what_may_be_in_use_elsewhere_is_started_by_the_button_that_says_it_is_not(
    mooring: Mooring, telegram: Telegram
):
    alice = await telegram.person("Alice")
    (number,) = await mooring.start_with(alice)
    await outcome(mooring, await order(mooring, "stop", number, force=True))
    assert mooring.app
    async with mooring.app.database.transaction() as tx:
        await accounts.set_elsewhere(tx, number, "exported")
    await mooring.chat.say(f"/a{number}")
    await mooring.chat.press("▶️ Start")
    refused = await mooring.chat.shows("Not started", "two live copies kill it")
    assert refused.labels[0] == "▶️ It runs nowhere else: start it"
    assert any("Back" in label for label in refused.labels)
    assert await telegram.lines(alice) == []
    await mooring.chat.press("It runs nowhere else: start it")
    await mooring.until_state(number, "ONLINE")
    assert (await mooring.account(number)).elsewhere is None


async def test_no_plain_start_starts_what_may_be_in_use_elsewhere(
    mooring: Mooring, telegram: Telegram
):
    alice = await telegram.person("Alice")
    (number,) = await mooring.start_with(alice)
    assert (await account(mooring, "stop", str(number), "--force"))[0] == 0
    code, _ = await account(
        mooring, "export", str(number), "--out", "-", MOORING_PASSPHRASE=PASSPHRASE
    )
    assert code == 0
    refused = await outcome(mooring, await order(mooring, "start", number))
    assert (refused["error"], refused["why"]) == ("parked", "unconfirmed")
    assert (await mooring.account(number)).desired is Desired.STOP
    await mooring.stop()
    await mooring.start()
    assert (await outcome(mooring, await order(mooring, "start", number)))["error"] == "parked"
    assert await telegram.lines(alice) == []
    assert (await account(mooring, "start", str(number), "--nothing-else-uses-it"))[0] == 0
    await mooring.until_state(number, "ONLINE")
    assert (await account(mooring, "stop", str(number), "--force"))[0] == 0
    await outcome(mooring, await order(mooring, "start", number))
    await mooring.until_state(number, "ONLINE")


async def test_an_import_that_is_not_confirmed_stays_stopped_beside_a_running_mooring(
    mooring: Mooring, telegram: Telegram
):
    alice = await telegram.person("Alice")
    await mooring.start()
    await mooring.add_proxy()
    word = await mooring.string_session(alice)
    code, said = await account(mooring, "import", word, "--phone", f"+{alice['phone']}")
    assert code == 0, said
    assert (await outcome(mooring, await order(mooring, "start", 1)))["error"] == "parked"
    code, said = await account(mooring, "stop", "1")
    assert (code, said) == (0, "#1 is stopped; it stays logged in.\n")
    assert await telegram.lines(alice) == []
    assert (await account(mooring, "start", "1", "--nothing-else-uses-it"))[0] == 0
    await mooring.until_state(1, "ONLINE")


async def test_a_start_that_was_ordered_before_a_stop_never_dials(
    mooring: Mooring, telegram: Telegram
):
    """Both wait while nothing runs; so does a start of the chat that a crash left behind."""
    alice = await telegram.person("Alice")
    (number,) = await mooring.start_with(alice)
    await mooring.stop()
    before = len(await _dials(mooring))
    database = await open_database(mooring.settings.database, open_vault(mooring.settings))
    async with database.transaction() as tx:
        left = await commands.order(tx, "start", account_id=number, ordered_by=7)
    await database.close()
    assert (await account(mooring, "stop", str(number), "--force"))[0] == 0
    await mooring.start()
    assert await outcome(mooring, left) == {"error": "overtaken"}
    assert (await outcome(mooring, await order(mooring, "stop", number)))["state"] == "STOPPED"
    assert await telegram.lines(alice) == []
    assert len(await _dials(mooring)) == before


async def _dials(mooring: Mooring) -> list[Any]:
    found: list[Any] = await mooring.telegram.get(f"proxies/{mooring.proxy['id']}/dials")
    return found


async def test_a_start_of_what_runs_already_changes_nothing(mooring: Mooring, telegram: Telegram):
    alice = await telegram.person("Alice")
    (number,) = await mooring.start_with(alice)
    before = [line["id"] for line in await telegram.lines(alice)]
    code, said = await account(mooring, "start", str(number), "--nothing-else-uses-it")
    assert (code, said) == (0, f"#{number} is started (connected).\n")
    assert [line["id"] for line in await telegram.lines(alice)] == before


async def test_a_stop_is_answered_once_the_line_is_closed_whatever_else_is_ordered(
    mooring: Mooring, telegram: Telegram
):
    alice = await telegram.person("Alice")
    (number,) = await mooring.start_with(alice)
    for _ in range(3):
        reconnect = await order(mooring, "reconnect", number)
        stop = await order(mooring, "stop", number, force=True)
        again = await order(mooring, "reconnect", number)
        assert await outcome(mooring, stop) == {"state": "STOPPED"}
        assert await telegram.lines(alice) == []
        for other in (reconnect, again):
            await outcome(mooring, other)
        assert await mooring.status(number) == "STOPPED"
        assert (await mooring.account(number)).desired is Desired.STOP
        await outcome(mooring, await order(mooring, "start", number))
        await mooring.until_state(number, "ONLINE")
    assert mooring.app
    async with mooring.app.database.read() as tx:
        entries = await journal.latest(tx, account_id=number, limit=1000)
    who = [(e.kind, e.actor) for e in entries if e.kind in {"account.started", "account.stopped"}]
    assert who == 3 * [("account.started", "operator 7"), ("account.stopped", "operator 7")]


async def test_an_account_that_is_waiting_to_dial_is_stopped_too(
    mooring: Mooring, telegram: Telegram
):
    alice = await telegram.person("Alice")
    (number,) = await mooring.start_with(alice)
    await telegram.post(f"proxies/{mooring.proxy['id']}/stop")
    await telegram.post("connections/cut", user=alice["id"])
    await mooring.until_noted(number, "state.retrying")
    code, said = await account(mooring, "stop", str(number), "--force")
    assert (code, said) == (0, f"#{number} is stopped; it stays logged in.\n")
    before = len(await _dials(mooring))
    assert (await outcome(mooring, await order(mooring, "reconnect", number)))["error"] == "parked"
    assert len(await _dials(mooring)) == before


@pytest.mark.req("S0.2")
async def test_a_forgotten_account_that_needed_a_login_starts_with_the_session_that_is_imported(
    mooring: Mooring, telegram: Telegram, tmp_path: Path
):
    alice = await telegram.person("Alice")
    (number,) = await mooring.start_with(alice)
    await telegram.post("sessions/revoke", user=alice["id"])
    await telegram.post("connections/cut")
    await mooring.until_state(number, "NEEDS_LOGIN")
    await outcome(mooring, await order(mooring, "forget", number, force=True))
    file = tmp_path / "alice.session"
    await session_file(mooring, alice, file)
    code, said = await account(
        mooring, "import", str(file), "--phone", f"+{alice['phone']}", "--nothing-else-uses-it"
    )
    assert code == 0, said
    await mooring.until_state(number, "ONLINE")
