"""A process with so many idle accounts, kept by Mooring or by bare clients: what it takes.

`python -m benchmarks.idler ORDER` prints what it found as JSON. All kinds begin with the same
imports, so that what is counted is what the accounts take and not what is loaded.
"""

import asyncio
import gc
import json
import os
import resource
import socket
import struct
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import uvloop
from telethon.sessions import MemorySession
from telethon.tl import types

from benchmarks import kurigram
from benchmarks.place import client, trust_sandbox, with_key
from bot.app import running
from bot.descriptors import make_room
from bot.heaps import share_one
from bot.logs import set_up
from bot.settings import Settings
from userbot.states import State

_AT_A_TIME = 50
_BYTES = struct.Struct("=QQ")
_BYTES_AT = 120
"""Where in Linux's tcp_info the bytes acknowledged and the bytes received stand."""


Keeper = Literal["mooring", "telethon", "kurigram"]


@dataclass(frozen=True)
class Order:
    """What the process is to do."""

    keeper: Keeper
    settings: dict[str, Any]
    """Mooring's."""
    clients: list[tuple[dict[str, Any], dict[str, Any], str]]
    """The bare clients': person, proxy, and the file of the session; empty for none."""
    addresses: dict[str, Any]
    accounts: int
    settle_s: float
    """How long they idle before the memory is read."""
    idle_s: float
    """How long CPU time and bytes are counted after that."""
    peers: int = 0
    """How many peers each account has met."""


@dataclass(frozen=True)
class Found:
    """What the process took."""

    kib_each: float
    rss_kib: int
    cores: float
    """CPU time for each second."""
    bytes_each_s: float
    """On the wire, both ways, without the headers of TCP and IP."""
    connected_s: float


async def carry_out(order: Order) -> Found:
    gc.collect()
    if order.keeper == "kurigram":
        kurigram.part("client")  # before anything is counted
    before_kib, began = rss_kib(), time.monotonic()
    async with _KEEPERS[order.keeper](order) as meet:
        connected_s = time.monotonic() - began
        for number in range(order.accounts if order.peers else 0):
            await meet(number, _people(number, order.peers))
        await asyncio.sleep(order.settle_s)
        gc.collect()
        after_kib = rss_kib()
        cpu_s, sent, now = _cpu_s(), _bytes_on_lines(), time.monotonic()
        await asyncio.sleep(order.idle_s)
        passed_s = time.monotonic() - now
        return Found(
            kib_each=(after_kib - before_kib) / order.accounts,
            rss_kib=after_kib,
            cores=(_cpu_s() - cpu_s) / passed_s,
            bytes_each_s=(_bytes_on_lines() - sent) / order.accounts / passed_s,
            connected_s=connected_s,
        )


Meet = Callable[[int, list[types.User]], Any]


@asynccontextmanager
async def _mooring(order: Order) -> AsyncIterator[Meet]:
    async with running(Settings.model_validate(order.settings)) as app:
        userbots = list(app.registry)
        while any(u.status.state is not State.ONLINE for u in userbots):  # noqa: ASYNC110 - nothing tells of all
            await asyncio.sleep(0.1)

        async def meet(number: int, people: list[types.User]) -> None:
            line = userbots[number].line
            if line is not None:
                await line.session.process_entities(people)
            await app.database.writer.flush()

        yield meet


@asynccontextmanager
async def _telethon(order: Order) -> AsyncIterator[Meet]:
    trust_sandbox(order.addresses)
    clients = [
        client(person, proxy, file or with_key(MemorySession(), person))
        for person, proxy, file in order.clients
    ]
    await _connect(clients)

    async def meet(number: int, people: list[types.User]) -> None:
        clients[number].session.process_entities(people)
        clients[number].session.save()

    yield meet
    await asyncio.gather(*(each.disconnect() for each in clients))


@asynccontextmanager
async def _kurigram(order: Order) -> AsyncIterator[Meet]:
    kurigram.trust_sandbox(order.addresses)
    clients = []
    for _, proxy, file in order.clients:
        path = Path(file)
        clients.append(kurigram.client(path.name, path.parent, proxy))
    await _connect(clients)

    async def meet(number: int, people: list[types.User]) -> None:
        raise NotImplementedError(f"{len(people)} people for {number}: its peers are not measured")

    yield meet
    await asyncio.gather(*(each.disconnect() for each in clients))


_KEEPERS = {"mooring": _mooring, "telethon": _telethon, "kurigram": _kurigram}


async def _connect(clients: Iterable[Any]) -> None:
    turns = asyncio.Semaphore(_AT_A_TIME)

    async def connect(each: Any) -> None:  # noqa: ANN401 - the libraries are untyped
        async with turns:
            await each.connect()

    async with asyncio.TaskGroup() as group:
        for each in clients:
            group.create_task(connect(each))


def _people(number: int, count: int) -> list[types.User]:
    """Whom only that account has met; one in ten shows its phone."""
    return [
        types.User(
            each,
            access_hash=each * 7919,
            first_name="Person",
            last_name=f"Number {each}",
            username=f"person_{each}",
            phone=f"1555{each:09}" if each % 10 == 0 else None,
        )
        for each in range(number * count + 1, (number + 1) * count + 1)
    ]


def rss_kib(pid: int | None = None) -> int:
    """What a process has in memory; this one, unless another is named."""
    return _status("self" if pid is None else str(pid), "VmRSS")


def highest_kib(pid: int) -> int:
    """The most that a process has had in memory."""
    return _status(str(pid), "VmHWM")


def _status(pid: str, name: str) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(name):
            return int(line.split()[1])
    raise RuntimeError(f"process {pid} has no {name}")


def _cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _bytes_on_lines() -> int:
    """All that went over the TCP connections that are open, both ways."""
    return sum(_bytes_on(int(entry.name)) for entry in Path("/proc/self/fd").iterdir())


def _bytes_on(number: int) -> int:
    with suppress(OSError), socket.socket(fileno=os.dup(number)) as line:
        info = line.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _BYTES_AT + 16)
        return sum(_BYTES.unpack_from(info, _BYTES_AT))
    return 0


async def idle_in_a_process(order: Order, folder: Path) -> Found:
    """Carry the order out in a new process."""
    file = folder / "order.json"
    await asyncio.to_thread(file.write_text, json.dumps(asdict(order)))
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "benchmarks.idler", str(file)), stdout=asyncio.subprocess.PIPE
    )
    try:
        told, _ = await process.communicate()
    except BaseException:
        process.kill()
        raise
    if process.returncode:
        raise RuntimeError(f"the process with the accounts ended with {process.returncode}")
    return Found(**json.loads(told.splitlines()[-1]))


def main(arguments: Iterable[str]) -> None:
    (file,) = arguments
    make_room()
    share_one()  # as `mooring run` does
    set_up("ERROR")
    found = uvloop.run(carry_out(Order(**json.loads(Path(file).read_text()))))
    sys.stdout.write(json.dumps(asdict(found)) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
