"""Idle accounts: what one takes in memory, and what ten thousand take in all.

Mooring runs whole, with its bot and its database. Bare clients keep the same accounts through the same
proxies, each kind in a process of its own that is measured the same way: Telethon with its
SQLiteSession, the same with its MemorySession, which keeps nothing, and Kurigram with its session
files.
"""

import tempfile
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from telethon.sessions import SQLiteSession

from benchmarks import kurigram
from benchmarks.idler import Found, Keeper, Order, highest_kib, idle_in_a_process
from benchmarks.place import Place, enrol, place, settings_for, with_key
from benchmarks.results import Result, scaled
from bot.settings import Settings

ACCOUNTS, MANY = 2000, 10_000
PEERS = 300
SETTLE_S, IDLE_S = 30.0, 60.0
DAY_S = 86_400
QUIETLY = {"startup_delay": 0.0, "connects_per_second": 500.0, "connects_per_proxy": 20}
Client = tuple[dict[str, Any], dict[str, Any], str]


async def measure_one(scale: float = 1) -> list[Result]:
    """What an idle account takes, beside bare clients: with no peers, and with many."""
    count, settle_s = scaled(ACCOUNTS, scale), max(2.0, SETTLE_S * scale)
    async with place(count) as where:
        ours = await _mooring(where, settle_s)
        stored = await _bare(where, settle_s, "telethon", session_files)
        in_memory = await _bare(where, settle_s, "telethon", _nothing)
        others = await _bare(where, settle_s, "kurigram", kurigram_files)
        ours_met = await _mooring(where, settle_s, peers=PEERS)
        stored_met = await _bare(where, settle_s, "telethon", session_files, peers=PEERS)
    name, met = f"an idle account, one of {count}", f"the same with {PEERS} peers"
    telethon = "Telethon, SQLiteSession"
    return [
        _compared(name, ours, telethon, stored, goal=64, ratio_goal=0.35),
        _compared(f"{name}, beside", ours, "Telethon, MemorySession", in_memory),
        _compared(f"{name}, beside", ours, "Kurigram, session file", others),
        _compared(met, ours_met, telethon, stored_met, goal=80),
    ]


def _compared(
    name: str,
    ours: Found,
    peer: str,
    theirs: Found,
    *,
    goal: float | None = None,
    ratio_goal: float | None = None,
) -> Result:
    return Result(
        name,
        ours.kib_each,
        "KiB",
        goal,
        is_at_most=True,
        peer=peer,
        peer_value=theirs.kib_each,
        ratio_goal=ratio_goal,
    )


async def measure_many(scale: float = 1) -> list[Result]:
    """Ten thousand idle accounts in one process, and their connections in the sandbox's."""
    count = scaled(MANY, scale)
    async with place(count, proxies_in_all=60) as where:
        ours = await _mooring(where, max(2.0, SETTLE_S * scale), idle_s=max(2.0, IDLE_S * scale))
        sandbox_mib = highest_kib(where.sandbox.pid) / 1024
    return [
        Result(
            f"{count} idle accounts, memory", ours.rss_kib / 1024, "MiB", 1024, is_at_most=True
        ),
        Result(f"{count} idle accounts, CPU", ours.cores, "cores", 0.5, is_at_most=True),
        Result("bytes for an idle account and day", ours.bytes_each_s * DAY_S / 1024, "KiB"),
        Result(f"the sandbox with {count} connections", sandbox_mib, "MiB", 1024, is_at_most=True),
    ]


async def _mooring(where: Place, settle_s: float, *, idle_s: float = 0.1, peers: int = 0) -> Found:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        settings = await settings_for(where.sandbox, folder, **QUIETLY)
        await enrol(Settings.model_validate(settings), where)
        return await idle_in_a_process(
            Order(
                keeper="mooring",
                settings=settings,
                clients=[],
                addresses=where.sandbox.addresses,
                accounts=len(where.people),
                settle_s=settle_s,
                idle_s=idle_s,
                peers=peers,
            ),
            folder,
        )


async def _bare(
    where: Place,
    settle_s: float,
    keeper: Keeper,
    sessions: Callable[[Place, Path], Coroutine[Any, Any, list[Client]]],
    *,
    peers: int = 0,
) -> Found:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        return await idle_in_a_process(
            Order(
                keeper=keeper,
                settings={},
                clients=await sessions(where, folder),
                addresses=where.sandbox.addresses,
                accounts=len(where.people),
                settle_s=settle_s,
                idle_s=0.1,
                peers=peers,
            ),
            folder,
        )


async def session_files(where: Place, folder: Path) -> list[Client]:
    """A SQLiteSession for each person; Telethon opens it by its name."""
    made = []
    for person, proxy in where.pairs():
        file = str(folder / str(person["id"]))
        session = with_key(SQLiteSession(file), person)
        session.save()
        session.close()
        made.append((person, proxy, file))
    return made


async def _nothing(where: Place, _folder: Path) -> list[Client]:
    """No files."""
    return [(person, proxy, "") for person, proxy in where.pairs()]


async def kurigram_files(where: Place, folder: Path) -> list[Client]:
    """A session file of Kurigram's for each person."""
    return [
        (person, proxy, str(folder / await kurigram.write_session(person, folder)))
        for person, proxy in where.pairs()
    ]
