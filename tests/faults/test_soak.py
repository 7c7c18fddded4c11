"""Random faults on many userbots: nothing is lost, everything comes back, nothing is left over.

`make soak` is long, `make test` has a short one; the seed makes a failure repeatable, up to what
the machine's own timing changes.
"""

import asyncio
import gc
import logging
import os
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest

from sandbox.datacentre import DataCentre
from sandbox.datacentre.hazards import HazardKind
from storage.database import Database
from storage.delivery import Delivery, DeliveryState
from tests.faults.fleet import Clock, Fleet, fleet_of
from tests.faults.mischief import make_mischief
from tests.sandbox.hazards import assert_no_hazards
from tests.timing import limit, seconds
from userbot.limits import Limits
from userbot.line import Line
from userbot.states import State

LENGTH_S = float(os.environ.get("MOORING_SOAK_S", "20"))
IS_LONG = LENGTH_S > 60
USERBOTS, PROXIES = (200, 8) if IS_LONG else (20, 2)
SEED = int(os.environ.get("MOORING_SEED", "1"))
SENDS_PER_S = USERBOTS / 20
BACK_LIMIT_S = limit(90)
LIMITS = Limits(
    ping_every_s=1.0,
    ping_answer_s=seconds(1.5),
    ping_retry_s=seconds(1),
    check_every_s=seconds(5),
)
OPEN = {DeliveryState.PENDING, DeliveryState.SENDING}
ENDS = {DeliveryState.SENT, DeliveryState.BOT_PENDING}
CONNECTS_PER_MINUTE = 120
"""The policy's own number is for a schedule that is a hundred times as slow."""


@dataclass(frozen=True)
class Load:
    """What the process holds."""

    tasks: Counter[str]
    """By what they run."""
    files: int
    lines: int
    memory_mib: float

    @classmethod
    async def now(cls, fleet: Fleet) -> "Load":
        await fleet.database.writer.flush()
        await asyncio.sleep(seconds(2))
        gc.collect()
        lines = sum(isinstance(found, Line) for found in gc.get_objects())
        tasks = Counter(repr(task.get_coro()).split()[2] for task in asyncio.all_tasks())
        return cls(tasks, _open_files(), lines, _memory_mib())


def _open_files() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def _memory_mib() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


@pytest.fixture
async def fleet(db: Database, datacentre: DataCentre, clock: Clock) -> AsyncIterator[Fleet]:
    datacentre.hazards.connects_per_minute = CONNECTS_PER_MINUTE
    async with fleet_of(
        USERBOTS, db, datacentre, clock, proxies_in_all=PROXIES, limits=LIMITS
    ) as made:
        yield made


async def send_at_random(
    fleet: Fleet, random: Random, approved: dict[int, tuple[int, int]]
) -> None:
    """Messages from one account to another until cancelled; `approved` is told from whom to whom."""
    while True:
        sender, receiver = random.sample(fleet.members, 2)
        text = f"message {len(approved)}"
        number = await fleet.approve(sender, text, to=receiver.person)
        approved[number] = (sender.person.id, receiver.person.id)
        await asyncio.sleep(random.expovariate(SENDS_PER_S))


@pytest.fixture
def _telethon_keeps_silent() -> Iterator[None]:
    """What is captured of its log holds on to its clients."""
    log = logging.getLogger("telethon")  # noqa: TID251 - the library's own
    level = log.level
    log.setLevel(logging.CRITICAL)
    yield
    log.setLevel(level)


@pytest.mark.req("S2.7", "S4.4", "S0.5")
@pytest.mark.usefixtures("_telethon_keeps_silent")
@pytest.mark.timeout(LENGTH_S + 300)
async def test_random_faults_lose_nothing_and_leave_nothing(
    fleet: Fleet, datacentre: DataCentre
) -> None:
    random, played = Random(SEED), list[str]()  # noqa: S311 - a seed to repeat
    print(f"seed {SEED}, {USERBOTS} userbots, {LENGTH_S:g} s")  # noqa: T201 - told on failure
    await fleet.start()
    await fleet.until_state(State.ONLINE, *fleet.members)
    before = await Load.now(fleet)
    approved: dict[int, tuple[int, int]] = {}
    try:
        async with asyncio.timeout(LENGTH_S), asyncio.TaskGroup() as work:
            work.create_task(make_mischief(fleet, random, played), name="mischief")
            work.create_task(send_at_random(fleet, Random(SEED), approved), name="sends")  # noqa: S311 - as above
    except TimeoutError:
        pass
    finally:
        print(f"faults: {Counter(played)}, the last ones {played[-10:]}")  # noqa: T201 - as above
    await all_is_well_again(fleet)
    await nothing_is_lost(fleet, approved)
    ports = {port for proxy in fleet.proxies for port in proxy.source_ports}
    bypasses = [e for e in datacentre.hazards.entries if e.kind is HazardKind.PROXY_BYPASSED]
    # Tells a dial past the proxies from one of theirs that is just being closed.
    print([(e.words, int(e.words.rpartition(":")[2]) in ports) for e in bypasses])  # noqa: T201 - as above
    assert_no_hazards(datacentre)
    after = await settled_load(fleet, before)
    print(f"before: {before}, after: {after}")  # noqa: T201 - as above
    assert not after.tasks - before.tasks
    assert after.files <= before.files
    assert after.lines <= before.lines
    # The sandbox remembers every message, dial and connection.
    assert after.memory_mib - before.memory_mib < 32 + LENGTH_S / 4


async def settled_load(fleet: Fleet, before: Load) -> Load:
    """What the process holds when nothing more ends: a task may be in the middle of its work."""
    after = await Load.now(fleet)
    for _ in range(10):
        if not after.tasks - before.tasks and after.files <= before.files:
            break
        after = await Load.now(fleet)
    return after


async def all_is_well_again(fleet: Fleet) -> None:
    await fleet.datacentre.faults.lift_all()
    for proxy in fleet.proxies:
        await proxy.faults.lift_all()
    await fleet.until_state(State.ONLINE, *fleet.members, limit_s=BACK_LIMIT_S)


async def nothing_is_lost(fleet: Fleet, approved: dict[int, tuple[int, int]]) -> None:
    """Each message has come once, or lies with the bot and has not come at all."""
    ends = Counter[DeliveryState]()
    for number, (sender, receiver) in approved.items():
        delivery = await settled(fleet, number)
        history = fleet.datacentre.world.messages.history(receiver, sender)
        came = [m for m in history if m.content.text == delivery.text]
        assert delivery.state in ENDS, f"{delivery.state} {delivery.error}"
        assert len(came) == (delivery.state is DeliveryState.SENT), f"{delivery.state}: {came}"
        ends[delivery.state] += 1
    print(f"deliveries: {ends}")  # noqa: T201 - as above
    assert ends[DeliveryState.SENT]


async def settled(fleet: Fleet, number: int) -> Delivery:
    """The delivery when it waits no more; the pauses before its repeats pass at once."""
    async with asyncio.timeout(BACK_LIMIT_S):
        while (found := await fleet.delivery(number)).state in OPEN:
            await fleet.hurry(found)
            await asyncio.sleep(0.05)
    return found
