"""A restart as the operator sees it: what came back, how, and what did not."""

import asyncio
import signal
from typing import Any

import pytest

from storage import accounts, journal, recoveries
from storage.database import Database
from storage.recoveries import After, Outcome, Recovered, Recovery
from tests.e2e.harness import Mooring
from tests.e2e.telegram import Shown, Telegram
from tests.e2e.test_process import process
from tests.timing import limit

NAMES = ("Alice", "Bob", "Carol")


class Fleet:
    """Three people's accounts, each behind a proxy of its own."""

    def __init__(self, mooring: Mooring, telegram: Telegram) -> None:
        self.mooring = mooring
        self.telegram = telegram
        self.people: dict[int, dict[str, Any]] = {}
        self.proxies: dict[int, dict[str, Any]] = {}

    async def enrol(self) -> None:
        """Import all; no Mooring runs yet."""
        self.mooring.settings.data_dir.mkdir(parents=True)
        await self.mooring.chat.say("/start")  # so that the bot may write first
        for name in NAMES:
            person, proxy = await self.telegram.person(name), await self.telegram.post("proxies")
            number = await self.mooring.import_account(person, proxy)
            self.people[number], self.proxies[number] = person, proxy
            await self.telegram.post("hazards/proxy", user=person["id"], proxy=proxy["id"])

    async def lines(self) -> dict[int, set[int]]:
        """The key on each account's open connections."""
        found = await self.telegram.get("connections")
        return {
            number: {c["key_id"] for c in found if c["user_id"] == person["id"]}
            for number, person in self.people.items()
        }

    async def until_connected(self, *numbers: int) -> None:
        async with asyncio.timeout(limit(30)):
            found = await self.lines()
            while not all(found[n] for n in numbers):  # the sandbox wakes nobody
                await asyncio.sleep(0.05)
                found = await self.lines()

    async def revoke(self, number: int) -> None:
        await self.telegram.post("sessions/revoke", user=self.people[number]["id"])

    async def hazards(self) -> list[dict[str, Any]]:
        mine = {person["id"] for person in self.people.values()}
        return [h for h in await self.telegram.get("hazards") if h["user"] in mine]

    async def summary(self, *parts: str) -> Shown:
        return await self.mooring.chat.shows("back in", *parts, limit_s=40)


async def outcome(database: Database) -> tuple[Recovery, dict[int, Recovered]]:
    async with asyncio.timeout(limit(20)):
        with database.wakeups.subscribe(recoveries.CHANGED) as changed:
            while True:
                async with database.read() as tx:
                    (latest,) = await recoveries.latest(tx)
                    found = await recoveries.accounts_of(tx, latest.id)
                if latest.ended_at is not None:
                    return latest, {one.account_id: one for one in found}
                await changed.wait(1)


@pytest.fixture
async def fleet(mooring: Mooring, telegram: Telegram) -> Fleet:
    made = Fleet(mooring, telegram)
    await made.enrol()
    return made


@pytest.mark.req("S0.8", "S1.1", "S1.2")
async def test_after_a_kill_all_come_back_but_the_one_that_was_ended_meanwhile_and_it_is_told(
    fleet: Fleet, mooring: Mooring
) -> None:
    alice, bob, carol = fleet.people
    async with process(mooring, "run", STARTUP_DELAY="0s") as running:
        await fleet.until_connected(alice, bob, carol)
        before = await fleet.lines()
        running.send_signal(signal.SIGKILL)
        await running.wait()
    await fleet.revoke(carol)
    app = await mooring.start(startup_delay=0.0)

    told = await fleet.summary("2 of 3", "after a crash; 1 needs login")
    assert f"\n#{carol} " in told.text
    assert "the session was ended" in told.text
    assert told.labels == ["👤 Accounts"]
    latest, found = await outcome(app.database)
    assert (latest.after, latest.totals.back, latest.totals.needs_login) == (After.CRASH, 2, 1)
    assert {n: one.outcome for n, one in found.items()} == {
        alice: Outcome.BACK,
        bob: Outcome.BACK,
        carol: Outcome.NEEDS_LOGIN,
    }
    assert {one.attempts for one in found.values()} == {1}
    after = await fleet.lines()
    assert {n: after[n] for n in (alice, bob)} == {n: before[n] for n in (alice, bob)}
    assert all(before[n] for n in fleet.people)
    async with app.database.read() as tx:
        stored = {a.id: a.proxy_name for a in await accounts.page(tx)}
    assert stored == {n: f"{p['host']}:{p['port']}" for n, p in fleet.proxies.items()}
    assert await fleet.hazards() == []


@pytest.mark.req("S1.1", "S1.2")
async def test_after_a_graceful_restart_one_line_says_that_all_are_back(
    fleet: Fleet, mooring: Mooring
) -> None:
    await mooring.start(startup_delay=0.0)
    await fleet.until_connected(*fleet.people)
    before = await fleet.lines()
    await mooring.stop()
    app = await mooring.start(startup_delay=0.0)

    told = await fleet.summary("3 of 3", "after a restart")
    assert "\n" not in told.text
    assert told.labels == []
    latest, found = await outcome(app.database)
    assert latest.after is After.GRACEFUL
    assert {one.outcome for one in found.values()} == {Outcome.BACK}
    assert await fleet.lines() == before
    assert await fleet.hazards() == []
    tellings = [m for m in await mooring.chat.read() if "back in" in m.text]
    assert len(tellings) == 1, "the first start told nothing, the second once"


@pytest.mark.req("S1.1")
async def test_a_start_with_nothing_to_bring_back_says_why_and_tells_nobody(
    mooring: Mooring,
) -> None:
    for _ in range(2):
        app = await mooring.start(startup_delay=0.0)
        latest, found = await outcome(app.database)
        assert (latest.note, found) == ("there is no account", {})
        async with app.database.read() as tx:
            assert await recoveries.to_tell(tx) == []
            (noted, *_) = await journal.latest(tx, kind="recovery.")
        assert (noted.kind, noted.cause) == ("recovery.empty", "there is no account")
        await mooring.stop()


async def test_a_start_that_a_stop_cuts_short_is_closed_by_the_next_one(
    fleet: Fleet, mooring: Mooring
) -> None:
    app = await mooring.start(startup_delay=3600.0)
    async with app.database.read() as tx:
        assert await recoveries.running(tx) == (0, 3)
    await mooring.stop()
    app = await mooring.start(startup_delay=0.0)
    await fleet.summary("3 of 3", "after a restart")
    async with app.database.read() as tx:
        latest, cut_off = await recoveries.latest(tx, limit=2)
    assert (latest.note, cut_off.note) == ("", recoveries.INTERRUPTED)
    assert cut_off.ended_at is not None
    tellings = [m for m in await mooring.chat.read() if "back in" in m.text]
    assert len(tellings) == 1


@pytest.mark.req("S1.4", "S0.7")
async def test_while_accounts_come_back_the_status_and_a_press_say_how_far_it_is(
    fleet: Fleet, mooring: Mooring
) -> None:
    await mooring.start(startup_delay=3600.0)
    assert "Recovering after the start: 0 of 3" in (await mooring.chat.ask("/status")).text
    assert "Recovering after the start: 0 of 3" in (await mooring.chat.ask("/start")).text
    alice = next(iter(fleet.people))
    await mooring.chat.say("/accounts")
    await mooring.chat.press(f"#{alice} ")
    await mooring.chat.shows(f"#{alice} ", "Proxy")
    assert "0 of 3" in await mooring.chat.press("Reconnect")
    await mooring.stop()
    await mooring.start(startup_delay=0.0)
    await fleet.summary("3 of 3")
    assert "Recovering" not in (await mooring.chat.ask("/status")).text
