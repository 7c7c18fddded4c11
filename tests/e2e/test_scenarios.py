"""The seven scenarios of S1.12, each whole: data centre, Bot API, provider and Mooring are real."""

import os
import signal
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, closing
from pathlib import Path
from typing import Any

import pytest

from storage import recoveries
from storage.recoveries import After, Outcome
from tests import program
from tests.e2e.harness import Mooring
from tests.e2e.leasing import PRICE, Leasing, environment, until
from tests.e2e.telegram import Telegram
from tests.e2e.test_process import end, process
from userbot.providers.money import from_cents

CHAINS = [
    ("be", ["nl", "fr", "de", "gb", "us"]),
    ("bd", ["in", "sg", "my", "gb", "us"]),
    ("ng", ["za", "ke", "eg", "gb", "us"]),
]
"""Here the first, and with MOORING_FAULTS=all each: tests/network/test_leasing.py walks them all."""
STARTED_AT_ONCE = 3
IN_USE = 3
"""What `mooring run` ends with where another one runs."""


@pytest.fixture
async def leasing(mooring: Mooring, telegram: Telegram) -> AsyncIterator[Leasing]:
    async with Leasing.opened(mooring, telegram) as opened:
        yield opened


async def come_back(leasing: Leasing, after: After, running: program.Running) -> None:
    """End Mooring and start it anew: the account has its proxy and its key as before."""
    (number,) = leasing.people
    keys = await leasing.until_connected()
    await leasing.until_noted("proxy.reactivated", 1)
    await leasing.summary("1 of 1", "after a restart")  # of the process that is ended now
    proxy = await leasing.proxy_of(number)
    if after is After.GRACEFUL:
        assert (await end(running, signal.SIGTERM))[0] == 0
    else:
        running.kill()
        await running.wait()
    await leasing.mooring.start()
    words = {After.GRACEFUL: "after a restart", After.CRASH: "after a crash"}
    summaries = {After.GRACEFUL: 2, After.CRASH: 1}[after]

    async def is_told() -> bool:
        return len(await leasing.told("1 of 1", words[after])) == summaries

    await until(is_told, 40)
    told = (await leasing.told("1 of 1", words[after]))[-1]
    assert "\n" not in told.text
    assert await leasing.until_connected() == keys
    now = await leasing.proxy_of(number)
    assert (now.id, now.endpoint, now.lease) == (proxy.id, proxy.endpoint, proxy.lease)
    noted = (await leasing.until_noted("proxy.reactivated", 2))[-1]
    assert noted.data == {"proxy": proxy.endpoint.name, "cents": int(PRICE * 100)}
    assert await leasing.ledger.acts() == [("bought", "be")]
    latest, found = await leasing.last_recovery()
    assert latest.after is after
    assert [(one.outcome, one.attempts) for one in found.values()] == [(Outcome.BACK, 1)]
    assert found[number].proxy_action == recoveries.REACTIVATED
    assert await leasing.hazards() == []


@pytest.mark.req("S1.12", "S1.1", "S1.2", "S1.5")
async def test_graceful_restart_with_proxy_reactivation(leasing: Leasing, mooring: Mooring):
    await leasing.enrol("be")
    async with process(mooring, "run", **environment(leasing.telegram)) as running:
        await come_back(leasing, After.GRACEFUL, running)


@pytest.mark.req("S1.12", "S1.1", "S1.2", "S1.5", "S1.7")
async def test_crash(leasing: Leasing, mooring: Mooring):
    await leasing.enrol("be")
    async with process(mooring, "run", **environment(leasing.telegram)) as running:
        await come_back(leasing, After.CRASH, running)


async def the_one_that_runs(started: Sequence[program.Running]) -> program.Running:
    """Wait until the others have ended, each with the word that the directory is in use."""

    async def is_alone() -> bool:
        return sum(each.returncode is None for each in started) == 1

    await until(is_alone, 60)
    (alone,) = [each for each in started if each.returncode is None]
    for refused in (each for each in started if each is not alone):
        said = (await refused.communicate())[1].decode()
        assert refused.returncode == IN_USE, said
        assert f"process {alone.pid} on " in said
        assert "Traceback" not in said
    return alone


@pytest.mark.req("S1.12", "S1.8")
async def test_several_instances_starting_at_once(leasing: Leasing, mooring: Mooring):
    numbers = await leasing.enrol("be", "nl")
    async with AsyncExitStack() as stack:
        arguments = environment(leasing.telegram)
        started = [
            await stack.enter_async_context(process(mooring, "run", **arguments))
            for _ in range(STARTED_AT_ONCE)
        ]
        await the_one_that_runs(started)
        await leasing.summary("2 of 2", "after a restart")
        await leasing.until_connected()
        _, found = await leasing.last_recovery()
        assert {n: one.attempts for n, one in found.items()} == dict.fromkeys(numbers, 1)
    assert await leasing.ledger.acts() == [("bought", "be"), ("bought", "nl")]
    assert await leasing.hazards() == []


@pytest.mark.req("S1.12", "S1.5", "S1.7")
@pytest.mark.parametrize("moment", ["while it runs", "while it is stopped"])
async def test_proxy_gone(moment: str, leasing: Leasing, mooring: Mooring):
    (number,) = await leasing.enrol("be")
    await mooring.start()
    keys = await leasing.until_connected()
    if moment == "while it runs":
        lost = await leasing.withdraw(number)
        await leasing.until_replaced(number, lost)
        await mooring.chat.shows(f"#{number} ", "is back")
    else:
        await mooring.stop()
        lost = await leasing.withdraw(number)
        await mooring.start(reconnect_delay=1.0)  # it is replaced between two attempts
        assert (await leasing.recovery_of(number)).proxy_action == recoveries.REPLACED
        await leasing.summary("1 of 1", "after a restart")

    assert await leasing.until_connected() == keys
    proxy = await leasing.proxy_of(number)
    assert (proxy.country, proxy.id == lost.id) == ("be", False)
    assert await leasing.ledger.acts() == [("bought", "be"), ("withdrawn", "be"), ("bought", "be")]
    first, last = await leasing.history(number)
    assert (first.proxy_id, first.ended_at is None) == (lost.id, False)
    assert (last.wanted_country, last.country, last.is_fallback) == ("be", "be", False)
    assert len(await leasing.noted("proxy.lost")) == len(await leasing.noted("proxy.repl")) == 1
    assert await leasing.told("The provider took") == [], "nobody needs to act"
    assert await leasing.hazards() == []


@pytest.mark.req("S1.12", "S1.5")
@pytest.mark.parametrize(
    ("country", "chain"), CHAINS if "MOORING_FAULTS" in os.environ else CHAINS[:1]
)
async def test_country_gone(country: str, chain: list[str], leasing: Leasing, mooring: Mooring):
    (number,) = await leasing.enrol(country)
    await mooring.start()
    keys = await leasing.until_connected()
    for gone, next_one in zip([country, *chain], chain, strict=False):
        await leasing.ledger.sell_out(gone)
        lost = await leasing.withdraw(number)
        found = await leasing.until_replaced(number, lost)
        assert found.country == next_one
        assert await leasing.until_connected() == keys

    await leasing.ledger.sell_out(chain[-1])
    lost = await leasing.withdraw(number)
    shown = await mooring.chat.shows("The provider took", "1 account waits", "none to be had")
    assert shown.labels
    assert (await leasing.proxy_of(number)).id == lost.id, "it waits for an operator"
    await leasing.ledger.restock(country)
    await leasing.until_replaced(number, lost)
    await mooring.chat.shows("was replaced")
    assert await leasing.until_connected() == keys

    walked = (await leasing.history(number))[1:]
    assert [(a.wanted_country, a.country, a.is_fallback) for a in walked] == [
        *((country, each, True) for each in chain),
        (country, country, False),
    ]
    bought = [where for act, where in await leasing.ledger.acts() if act == "bought"]
    assert bought == [country, *chain, country]
    assert len(await leasing.noted("proxy.fallback_country")) == len(chain)
    assert await leasing.hazards() == []


def rows_of(file: Path) -> dict[str, list[Any]]:
    """What an account is and did, as the database has it."""
    identity = "phone, user_id, api_id, sealed_api_hash, device_model, system_version, lang_code"
    wishes = "desired, always_online, one_time_phone, importance, country, created_at"
    kept = dict.fromkeys(("sessions", "peers", "deliveries", "dialogs"), "*")
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
        return {
            name: sorted(database.execute(f"SELECT {columns} FROM {name}").fetchall(), key=repr)  # noqa: S608 - of our own
            for name, columns in {**kept, "accounts": f"id, {identity}, {wishes}"}.items()
        }


@pytest.mark.req("S1.12", "S1.1")
async def test_session_data_kept(leasing: Leasing, mooring: Mooring, telegram: Telegram):
    (number,) = await leasing.enrol("be")
    bob = await telegram.person("Bob", username=f"bob_{leasing.people[number]['id']}")
    inbox = await telegram.chat(bob, leasing.people[number])
    file = mooring.settings.data_dir / "mooring.db"
    async with process(mooring, "run", **environment(telegram)) as running:
        keys = await leasing.until_connected()
        await mooring.online(number)
        await mooring.write_draft(number, f"@{bob['username']}", "before the crash")
        await mooring.chat.press("Send as account")
        await mooring.chat.shows("Sent as the account")
        asked = await mooring.chat.ask("/send")
        await mooring.chat.press(f"#{number} ")
        await mooring.chat.until(lambda m: m.id >= asked.id and "to whom?" in m.text)
        before = rows_of(file)
        running.kill()
        await running.wait()
    assert [name for name, rows in before.items() if not rows] == []
    lost = await leasing.withdraw(number)
    await mooring.start()
    await leasing.until_replaced(number, lost)
    assert await leasing.until_connected() == keys
    assert rows_of(file) == before

    await mooring.chat.say(f"@{bob['username']}")  # the dialog goes on where it was
    await mooring.chat.shows("What is the text?")
    await mooring.chat.say("after it")
    await mooring.chat.press("Send as account")
    await inbox.shows("after it")
    assert [m.text for m in await inbox.read()] == ["before the crash", "after it"]
    assert await leasing.hazards() == []


@pytest.mark.req("S1.12", "S1.7", "S1.9")
async def test_cost_saved_by_reuse(leasing: Leasing, mooring: Mooring):
    restarts, numbers = 3, await leasing.enrol("be", "nl", "fr")
    await mooring.start()
    await leasing.until_connected()
    since = len(await leasing.until_noted("proxy.reactivated", len(numbers)))
    for restart in range(1, restarts + 1):
        await mooring.stop()
        await mooring.start()
        await leasing.until_noted("proxy.reactivated", since + restart * len(numbers))
        await leasing.until_connected()

    spent = await leasing.ledger.spent()
    each_start_buys = (restarts + 1) * len(numbers) * PRICE
    reused = (await leasing.noted("proxy.reactivated"))[since:]
    saved = from_cents(sum(entry.data["cents"] for entry in reused))
    assert spent == len(numbers) * PRICE == 9
    assert each_start_buys - spent == saved == 27
    assert await leasing.hazards() == []
