"""How every account is: in the chat, on the command line, and as a call."""

import asyncio
import json
import os
import re
from typing import Any

import pytest

from tests import program
from tests.e2e.harness import Mooring
from tests.e2e.telegram import Telegram
from tests.timing import limit
from userbot import facts
from userbot.states import State


async def status(mooring: Mooring) -> tuple[int, Any]:
    """`mooring status --json` in a process of its own: its exit code, and what it printed."""
    running = await program.start(
        ["status", "--json"],
        cwd=mooring.settings.data_dir.parent,
        env={"PATH": os.environ["PATH"]} | mooring.environment(),
    )
    async with asyncio.timeout(limit(60)):
        out, said = await running.communicate()
    assert not said, said.decode()
    assert running.returncode is not None
    return running.returncode, json.loads(out)


async def until_told(mooring: Mooring, number: int) -> None:
    """Wait until the process has said that the account's line is up."""
    assert mooring.app
    async with asyncio.timeout(limit(40)):
        while True:
            async with mooring.app.database.read() as tx:
                if (await facts.stored(tx, number)).line is not None:
                    return
            await asyncio.sleep(0.5)


@pytest.mark.req("S0.7")
async def test_the_command_line_tells_of_a_running_mooring_and_of_one_that_ended(
    mooring: Mooring, telegram: Telegram
):
    alice = await telegram.person("Alice")
    (number,) = await mooring.start_with(alice)
    await telegram.post("connections/cut", user=alice["id"])
    await mooring.chat.shows(f"#{number} Alice", "is back")
    await until_told(mooring, number)

    code, told = await status(mooring)
    assert (code, told["is_running"], told["is_well"]) == (0, True, True)
    (account,) = told["accounts"]
    assert (account["number"], account["state"], account["is_current"]) == (number, "ONLINE", True)
    assert account["proxy"] == f"{mooring.proxy['host']}:{mooring.proxy['port']}"
    assert account["line"]["answered_at"] >= account["line"]["up_since"]
    assert account["reconnects"] == {"1h": 2, "24h": 2, "all": 2}
    assert account["failures"]["1h"] >= 1
    assert alice["phone"].lstrip("+") not in json.dumps(told)

    await mooring.stop()
    code, told = await status(mooring)
    assert (code, told["is_running"], told["is_well"]) == (1, False, False)
    assert told["accounts"][0]["is_current"] is False
    assert told["instances"][0]["stopped_at"]


@pytest.mark.req("S0.7")
async def test_python_code_asks_the_registry_by_number_or_phone(
    mooring: Mooring, telegram: Telegram
):
    alice, carol = await telegram.person("Alice"), await telegram.person("Carol")
    number, other = await mooring.start_with(alice, carol)
    assert mooring.app
    parts = mooring.app.registry, mooring.app.database
    mine = await facts.status_of(*parts, number)
    assert (mine.state, mine.is_current, mine.is_well) == (State.ONLINE, True, True)
    assert mine.line is not None
    assert mine.line.answered_at <= mine.as_of
    assert mine.tally.reconnects.all == 1
    by_phone = await facts.status_of(*parts, f"+{alice['phone'].lstrip('+')}")
    assert by_phone.account.id == number
    with pytest.raises(LookupError):
        await facts.status_of(*parts, 4711)

    await telegram.post("sessions/revoke", user=carol["id"])
    await telegram.post("connections/cut")
    await mooring.until_state(other, "NEEDS_LOGIN")
    await mooring.until_state(number, "ONLINE")
    board = await facts.status_of_all(*parts)
    assert {f.account.id: f.state for f in board.facts} == {
        number: State.ONLINE,
        other: State.NEEDS_LOGIN,
    }
    assert not board.is_well
    assert next(f for f in board.facts if f.account.id == other).tally.failures.day >= 1


@pytest.mark.req("S0.7")
async def test_why_tells_a_drop_its_recovery_and_who_ordered_what(
    mooring: Mooring, telegram: Telegram
):
    alice = await telegram.person("Alice")
    (number,) = await mooring.start_with(alice)
    await telegram.post("connections/cut", user=alice["id"])
    await mooring.chat.shows(f"#{number} Alice", "is back")
    await mooring.chat.say("/accounts")
    await mooring.chat.press(f"#{number} ")
    await mooring.shows_state(number, "connected for")
    await mooring.chat.press("Reconnect")
    await mooring.until_noted(number, "reconnect.forced")
    await mooring.until_state(number, "ONLINE")

    for who in (f"{number}", f"#{number}", f"+{alice['phone'].lstrip('+')}"):
        told = await mooring.chat.ask(f"/why {who}")
        assert f"#{number} Alice" in told.text
        assert "Next:" in told.text
        assert re.search(r"the line dropped: \w+", told.text)
        assert told.text.count(" connected") >= 2
        assert re.search(r" connected.*127\.0\.0\.1:\d+, \d+ ms", told.text)
        assert re.search(r"the line dropped.*127\.0\.0\.1:\d+", told.text)
        assert f"reconnect ordered, by operator {mooring.operator['id']}" in told.text
    assert "For example" in (await mooring.chat.ask("/why")).text
    assert "no such account" in (await mooring.chat.ask("/why 4711")).text


@pytest.mark.req("S0.7", "S4.7")
async def test_the_card_and_the_status_tell_the_last_answer_and_that_it_is_watched(
    mooring: Mooring, telegram: Telegram
):
    alice = await telegram.person("Alice")
    (number,) = await mooring.start_with(alice)
    await until_told(mooring, number)
    await mooring.chat.say("/accounts")
    await mooring.chat.press(f"#{number} ")
    await mooring.chat.shows(
        f"#{number} ", "connected for", "Last answer", "In 24 h: connected once, failed 0 times"
    )
    await mooring.chat.say("/status")
    await mooring.chat.shows("1 of 1 connected", "Monitoring runs")
