"""The database's work in an idle minute, with few accounts and with many.

Mooring runs with its bot in one process and the accounts in four others. The server logs every statement for a
minute after all has settled: the accounts are connected for longer than the 60 s after which
their attempts are forgotten, and no check of proxies is due. The proxies are as many both times,
for each is one row of traffic every 15 s.
"""

import asyncio
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.capacity import cpu_of
from benchmarks.idle import QUIETLY
from benchmarks.idler import rss_kib
from benchmarks.place import Place, enrol, place, settings_for
from benchmarks.processes import crew
from benchmarks.results import Result, scaled
from benchmarks.server import Server, postgres
from bot.settings import Settings

FEW, MANY, PROXIES = 100, 10_000, 60
WORKERS = 4
"""Both times: one alone is busy with the pings of 10,000 lines, and renews its lease too late."""
SETTLE_S, MINUTE_S, LIMIT_S = 90.0, 60.0, 600.0
WITHIN = 1.1
_CONNECTIONS = "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'mooring%';"


@dataclass(frozen=True)
class Found:
    """What one minute took."""

    start_cpu_s: float
    """CPU of the server until all were connected."""
    asked: Counter[str]
    written_kib: float
    cpu_s: float
    connections: int
    """That the processes have open."""
    own_mib: float
    own_cpu_s: float
    """Memory and CPU of the processes together."""


async def measure(scale: float = 1) -> list[Result]:
    """Statements, and what else grows or does not."""
    few_count, many_count = scaled(FEW, scale), scaled(MANY, scale)
    settle_s, minute_s = (max(5.0, each * scale) for each in (SETTLE_S, MINUTE_S))
    with postgres() as server:
        few = await _idle(server, few_count, settle_s, minute_s)
        sys.stderr.write(f"  {few_count} accounts: {few.asked.total()} statements\n")
        many = await _idle(server, many_count, settle_s, minute_s)
    _tell_differences(few.asked, many.asked)

    def beside(
        name: str, unit: str, of: Callable[[Found], float], within: float | None = None
    ) -> Result:
        return Result(
            name,
            of(many),
            unit,
            is_at_most=True,
            peer=f"with {few_count}",
            peer_value=of(few),
            ratio_goal=within,
        )

    return [
        beside(
            f"statements in an idle minute with {many_count} accounts",
            "statements",
            lambda found: found.asked.total(),
            WITHIN,
        ),
        beside("write-ahead log", "KiB", lambda found: found.written_kib),
        beside("CPU of the server for the start", "s", lambda found: found.start_cpu_s),
        beside("CPU of the server", "s", lambda found: found.cpu_s),
        beside("connections to it", "", lambda found: found.connections),
        beside("memory of the processes", "MiB", lambda found: found.own_mib),
        beside("CPU of the processes", "s", lambda found: found.own_cpu_s),
    ]


async def _idle(server: Server, count: int, settle_s: float, minute_s: float) -> Found:
    with tempfile.TemporaryDirectory() as name:
        folder, url = Path(name), server.new()
        async with place(count, proxies_in_all=PROXIES) as where:
            plain = await settings_for(
                where.sandbox, folder, database_url=url, proxy_check_every=86_400, **QUIETLY
            )
            await enrol(Settings.model_validate(plain), where)
            async with crew(plain, folder) as processes:
                cpu_s = server.cpu_s()
                await processes.start("control")
                for _ in range(WORKERS):
                    await processes.start("worker", "--of", str(WORKERS))
                await _all_online(server, url, where)
                cpu_s = server.cpu_s() - cpu_s
                await asyncio.sleep(settle_s)
                return await _watched(server, url, processes.pids, minute_s, cpu_s)


async def _watched(
    server: Server, url: str, pids: Sequence[int], for_s: float, start_cpu_s: float
) -> Found:
    written, cpu_s, own_cpu_s = server.written(), server.cpu_s(), sum(map(cpu_of, pids))
    with server.listening() as asked:
        await asyncio.sleep(for_s)
    lives = int(server.ask(url, "SELECT count(*) FROM instances;"))
    if lives != WORKERS + 1:
        raise RuntimeError(f"the minute was not idle: {lives - WORKERS - 1} began anew")
    return Found(
        start_cpu_s,
        asked,
        written_kib=(server.written() - written) / 1024,
        cpu_s=server.cpu_s() - cpu_s,
        connections=int(server.ask(url, _CONNECTIONS)),
        own_mib=sum(map(rss_kib, pids)) / 1024,
        own_cpu_s=sum(map(cpu_of, pids)) - own_cpu_s,
    )


async def _all_online(server: Server, url: str, where: Place) -> None:
    question = "SELECT count(*) FROM accounts WHERE state = 'ONLINE';"
    async with asyncio.timeout(LIMIT_S):
        # Another process changes the rows: only they tell.
        while int(await asyncio.to_thread(server.ask, url, question)) < len(where.people):  # noqa: ASYNC110
            await asyncio.sleep(1)


def _tell_differences(few: Counter[str], many: Counter[str]) -> None:
    """Which statement grows, if any: the total alone does not say."""
    for what in sorted({*few, *many}):
        if abs(many[what] - few[what]) > max(4, 0.1 * few[what]):
            sys.stderr.write(f"  {few[what]} and {many[what]}: {what}\n")
