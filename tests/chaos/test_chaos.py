"""Real workers on a real PostgreSQL under random faults: no key on two lines, nothing lost.

`make chaos` is long, `make test` has a short one; the seed makes what is played repeatable, up to
what the machines' own timing changes.
"""

import asyncio
import os
import signal
from random import Random

import pytest

from tests.chaos.crew import Crew, crew_of
from tests.chaos.mischief import TAKEN_OVER_S, Mischief
from tests.e2e.team import Team, shared
from tests.e2e.telegram import Telegram
from tests.postgres import Postgres
from tests.timing import seconds

MINUTES = float(os.environ.get("MOORING_CHAOS_MINUTES", "0"))
SEED = int(os.environ.get("MOORING_SEED", "1"))


@pytest.mark.req("S1.8", "S2.7")
@pytest.mark.timeout(seconds(240))
async def test_accounts_outlive_a_kill_a_stop_a_partition_and_a_drain(
    crew_team: Team, postgres: Postgres, telegram: Telegram
) -> None:
    random = Random(SEED)  # noqa: S311 - repeatable
    async with crew_of(crew_team, postgres, telegram, machines=3, accounts=12, proxies=2) as crew:
        killed, stopped, cut = crew.machines
        names = {machine: await crew.id_of(machine) for machine in crew.machines}
        ordering = asyncio.TaskGroup()
        async with ordering:
            orders = ordering.create_task(crew.order_on(random, 2), name="orders")
            stopped.worker.signal(signal.SIGSTOP)  # others know only that it is silent
            killed.lose_lines()  # and then its process, of which Telegram does not hear either
            await killed.kill()
            cut.to_database.freeze()  # and Telegram too: it can't even hang up
            cut.to_telegram.freeze()
            await killed.start()
            await asyncio.sleep(14)
            cut.to_database.mend()
            await asyncio.sleep(10)
            cut.mend()
            killed.mend()
            await taken_over(crew, names[stopped], names[killed], names[cut])
            stopped.worker.signal(signal.SIGCONT)  # fenced at once, and begins anew with a part
            await crew.team.until(lambda found: len(shared(found)) == 3)
            drained = await crew.team.start("drain", (await crew.id_of(killed))[:8])
            assert await drained.process.wait() == 0
            assert await killed.ended() == 0
            orders.cancel()
        await crew.all_is_well(60)
        await crew.team.until(lambda found: len(shared(found)) == 2)


async def taken_over(crew: Crew, *gone: str) -> None:
    """Wait until all is online again, and nothing with who is gone."""
    await crew.team.until(
        lambda found: len(shared(found)) > 0 and not shared(found).keys() & set(gone),
        TAKEN_OVER_S + 45,
    )


@pytest.mark.skipif(not MINUTES, reason="make chaos")
@pytest.mark.req("S1.8", "S2.7")
@pytest.mark.timeout(MINUTES * 60 + 1200)
async def test_whatever_happens_to_workers_their_network_and_the_database_nothing_is_lost(
    crew_team: Team, postgres: Postgres, telegram: Telegram
) -> None:
    print(f"seed {SEED}, {MINUTES:g} minutes")  # noqa: T201 - to repeat it
    accounts = int(os.environ.get("MOORING_ACCOUNTS", "200"))
    async with crew_of(
        crew_team, postgres, telegram, machines=3, accounts=accounts, proxies=10, controls=2
    ) as crew:
        mischief = Mischief(crew, Random(SEED))  # noqa: S311 - repeatable
        async with asyncio.TaskGroup() as work:
            orders = work.create_task(crew.order_on(Random(SEED), accounts / 60), name="orders")  # noqa: S311
            await mischief.go_on(MINUTES * 60)
            orders.cancel()
        print(f"played {len(mischief.played)}, ordered {len(crew.ordered)}")  # noqa: T201
        async with asyncio.TaskGroup() as work:
            supervisor = work.create_task(supervise(crew), name="supervisor")
            await crew.all_is_well(400)
            supervisor.cancel()


async def supervise(crew: Crew) -> None:
    """One that had just been started may give up yet, where the last trick took its database."""
    while True:
        for machine in [*crew.machines, *crew.controls]:
            await machine.bring_back()
        await asyncio.sleep(1)
