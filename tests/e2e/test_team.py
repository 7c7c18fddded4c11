"""Several real processes on one PostgreSQL; what they outlive is in tests/chaos."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator

import pytest

from tests import program
from tests.e2e.harness import Mooring
from tests.e2e.team import Team, shared, team
from tests.e2e.telegram import Telegram
from tests.postgres import Postgres
from tests.timing import limit, seconds


@pytest.fixture
async def crew(mooring: Mooring, postgres: Postgres) -> AsyncIterator[Team]:
    async with team(mooring, postgres) as made:
        yield made


async def hazards(telegram: Telegram, people: list[dict[str, int]]) -> list[object]:
    mine = {person["id"] for person in people}
    return [h for h in await telegram.get("hazards") if h["user"] in mine]


@pytest.mark.req("S1.8")
async def test_one_command_runs_a_bot_and_workers_and_starts_anew_those_that_die(
    crew: Team, telegram: Telegram
) -> None:
    proxy = await telegram.post("proxies")
    people = [await telegram.person(f"P{n}") for n in range(4)]
    for person in people:
        await crew.mooring.import_account(person, proxy)
    run = await crew.start("run", "--workers", "2")
    await crew.until(lambda a: sorted(shared(a).values()) == [2, 2])
    roles = {member["role"]: member for member in await crew.members()}
    assert roles["control"]["seats"] == ["bot"]
    chat = crew.mooring.chat
    await chat.say("/status")
    await chat.shows("4 of 4 connected")

    dead = roles["worker"]["id"]
    os.kill(roles["worker"]["pid"], signal.SIGKILL)
    async with asyncio.timeout(limit(30)):
        while len(await crew.members()) < 4:  # noqa: ASYNC110 - its own process
            await asyncio.sleep(0.2)
    run.signal(signal.SIGTERM)
    assert await run.process.wait() == 0
    # The process is gone for certain, and Telegram may not have heard that its lines are.
    assert [member["id"] for member in await crew.members()] == [dead]
    owners = [owner for owner, _ in (await crew.owners()).values()]
    assert (owners.count(dead), owners.count(None)) == (2, 2)
    assert await hazards(telegram, people) == []


@pytest.mark.req("S1.8", "S1.10")
async def test_the_only_one_that_is_killed_and_started_again_goes_on_at_once_and_hands_nothing_over(
    crew: Team, telegram: Telegram
) -> None:
    """It has the way to Telegram on which the end of its lines may be; others have ways of their own."""
    proxy = await telegram.post("proxies")
    people = [await telegram.person(f"P{n}") for n in range(2)]
    for person in people:
        await crew.mooring.import_account(person, proxy)
    killed = await crew.start("worker")
    await crew.until(lambda a: len(shared(a)) == 1)
    killed.signal(signal.SIGKILL)
    await killed.process.wait()
    began = time.monotonic()
    (before,) = shared(await crew.owners())
    again = await crew.start("worker")
    found = await crew.until(lambda a: len(shared(a)) == 1 and before not in shared(a))
    assert time.monotonic() - began < seconds(30)
    again.signal(signal.SIGTERM)
    assert await again.process.wait() == 0
    assert {n: owner for n, (owner, _) in (await crew.owners()).items()} == {
        n: owner for n, (owner, _) in found.items()
    }
    assert await hazards(telegram, people) == []


async def test_a_bot_that_stands_by_speaks_once_the_other_is_gone(crew: Team) -> None:
    first = await crew.start("control")
    chat = crew.mooring.chat
    await chat.say("/start")
    await chat.shows("Mooring")
    second = await crew.start("control")
    while len(members := await crew.members()) < 2:  # noqa: ASYNC110 - its own process
        await asyncio.sleep(0.2)
    assert [member["seats"] for member in members] == [["bot"], []]
    first.signal(signal.SIGTERM)
    assert await first.process.wait() == 0
    await chat.say("/help")
    await chat.shows("/status")
    assert second.process.returncode is None


async def test_on_sqlite_one_process_runs_everything(mooring: Mooring) -> None:
    where = mooring.settings.data_dir.parent
    for arguments in (["worker"], ["control"], ["run", "--workers", "2"]):
        said = await asyncio.to_thread(
            program.run, arguments, cwd=where, env=mooring.environment()
        )
        assert said.returncode == 2, said
        assert b"need PostgreSQL: set DATABASE_URL" in said.stderr
