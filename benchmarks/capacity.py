"""How much the sandbox carries: what it can't do, no benchmark against it can show.

Its clients are bare Telethon in this process, without proxies. CPU time is the sandbox's own, so
that what else the machine does counts for nothing.
"""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

from telethon.tl import functions

from benchmarks.place import Place, client, place
from benchmarks.results import Result, scaled

LOG_INS, SENDERS, MESSAGES_EACH = 2000, 50, 100
AT_A_TIME = 50


async def measure(scale: float = 1) -> list[Result]:
    """Log-ins with stored keys, and messages."""
    count, each = scaled(LOG_INS, scale), scaled(MESSAGES_EACH, scale)
    async with place(count) as where:
        taken_s, log_ins_cpu_s = await _log_in_and_out(where)
        senders = [client(person, None) for person in where.people[:SENDERS]]
        try:
            await _together(senders, lambda one: one.connect())
            username = await _receiver(where)
            peers = {id(c): await c.get_input_entity(username) for c in senders}

            async def send(one: Any) -> None:  # noqa: ANN401 - Telethon is untyped
                for number in range(each):
                    text = f"message {number}"
                    await one(functions.messages.SendMessageRequest(peers[id(one)], text))

            cpu_s = cpu_of(where.sandbox.pid)
            await _together(senders, send)
            cpu_s = cpu_of(where.sandbox.pid) - cpu_s
        finally:
            await _together(senders, lambda one: one.disconnect())
    sent = each * len(senders)
    return [
        Result(f"{count} log-ins with stored keys, CPU of the sandbox", log_ins_cpu_s, "s", 5, is_at_most=True),
        Result("the same by the clock, Telethon's own work in it", taken_s, "s"),
        Result("messages.sendMessage for a second of CPU", sent / max(cpu_s, 0.01), "a second", 1500),
    ]  # fmt: skip


async def _log_in_and_out(where: Place) -> tuple[float, float]:
    """Until all are in: seconds by the clock, and of the sandbox's CPU."""
    clients = [client(person, None) for person in where.people]
    try:
        began, cpu_s = time.perf_counter(), cpu_of(where.sandbox.pid)
        await _together(clients, lambda one: one.connect())
        return time.perf_counter() - began, cpu_of(where.sandbox.pid) - cpu_s
    finally:
        await _together(clients, lambda one: one.disconnect())


async def _receiver(where: Place) -> str:
    made = await where.sandbox.post("users", first_name="Bob", username="bench_receiver")
    return f"@{made['username']}"


async def _together(clients: Sequence[Any], act: Callable[[Any], Awaitable[None]]) -> None:
    turns = asyncio.Semaphore(AT_A_TIME)

    async def one(each: Any) -> None:  # noqa: ANN401 - Telethon is untyped
        async with turns:
            await act(each)

    async with asyncio.TaskGroup() as group:
        for each in clients:
            group.create_task(one(each))


def cpu_of(pid: int, *, with_ended: bool = False) -> float:
    """The seconds of CPU that a process has used; with those of its children that have ended."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    used = fields[11:15] if with_ended else fields[11:13]
    return sum(map(int, used)) / os.sysconf("SC_CLK_TCK")
