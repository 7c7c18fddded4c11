"""Deliveries through Mooring beside sends by bare Telethon, in the same run.

The sandbox runs in a process of its own. One after the other: both send over one line, in
alternating rounds, so that a machine that drifts drifts for both; Mooring's time is from the
committed order to the committed SENT. Many at once: the orders lie in
the database, and all accounts send; Telethon's clients send as many, nothing kept.
"""

import asyncio
import secrets
import statistics
import time
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import func, insert, select
from telethon.tl import functions

from benchmarks.fleet import Fleet, clients, fleet
from benchmarks.place import Place, place
from benchmarks.results import Result, scaled
from benchmarks.server import postgres
from storage import deliveries
from storage.database import Database
from storage.delivery import DeliveryState
from storage.schema import deliveries as table
from storage.tx import Tx
from userbot.limits import Limits
from userbot.line import Line

ROUNDS, PER_ROUND = 10, 50
FINISHED = 100_000
ACCOUNTS, EACH = 500, 10
LIMIT_S = 300.0
TARGET = "@bench_target"


async def measure(scale: float = 1) -> list[Result]:
    """Sends one after the other, with many finished ones stored, and many at once."""
    return [*await _one_by_one(scale), *await _at_once(scale)]


async def _one_by_one(scale: float) -> list[Result]:
    rounds = max(2, scaled(ROUNDS, scale))
    async with place(1) as where:
        await _add_target(where)
        stored = _Stored()
        async with fleet(where, Limits(), reached=stored.reached) as ours:
            line = ours.userbots[0].line
            if line is None:
                raise RuntimeError("the account is not online")
            peer = await line.resolve(TARGET)
            mooring: list[float] = []
            bare: list[float] = []
            for _ in range(rounds):
                mooring += [
                    await _through_mooring(ours.database, stored) for _ in range(PER_ROUND)
                ]
                bare += [await _bare(line, peer) for _ in range(PER_ROUND)]
            count = scaled(FINISHED, scale)
            await _finish_many(ours.database, count)
            after = [await _through_mooring(ours.database, stored) for _ in range(PER_ROUND * 4)]
    added = [_percentile(mooring, n) - _percentile(bare, n) for n in (50, 99)]
    return [
        Result("added by rows to a raw send, p50", added[0], "ms", 3, is_at_most=True),
        Result("added by rows to a raw send, p99", added[1], "ms", 10, is_at_most=True),
        Result(
            f"a send with {count} finished ones stored, p50",
            _percentile(after, 50),
            "ms",
            is_at_most=True,
            peer="the same without them",
            peer_value=_percentile(mooring, 50),
            ratio_goal=1.1,
        ),
    ]


async def _at_once(scale: float) -> list[Result]:
    count = scaled(ACCOUNTS, scale)
    async with place(count) as where:
        await _add_target(where)
        async with fleet(where, Limits()) as ours:
            mooring_s = await _all_through_mooring(ours)
        with postgres() as server:
            async with fleet(where, Limits(), database_url=server.new()) as ours:
                postgres_s = await _all_through_mooring(ours)
        async with clients(where) as made:
            bare_s = await _all_bare(made)
    sends = count * EACH
    return [
        Result(
            f"{sends} deliveries over {count} accounts",
            sends / mooring_s,
            "per s",
            1000,
            peer="sends by Telethon",
            peer_value=sends / bare_s,
            ratio_goal=0.25,
        ),
        Result(
            "the same on PostgreSQL",
            sends / postgres_s,
            "per s",
            peer="on SQLite",
            peer_value=sends / mooring_s,
        ),
    ]


async def _add_target(where: Place) -> None:
    await where.sandbox.post("users", first_name="Target", username=TARGET[1:])


async def _order(tx: Tx, account_id: int) -> int:
    text = secrets.token_hex(8)  # else one text twice: the sandbox minds
    number = await deliveries.draft(tx, account_id=account_id, target=TARGET, text=text)
    await deliveries.move(
        tx, number, {DeliveryState.DRAFT}, DeliveryState.PENDING, approved_at=tx.now
    )
    return number


class _Stored(asyncio.Event):
    """Set when an attempt has stored SENT: to read it meanwhile would slow what is measured."""

    def reached(self, point: str) -> None:
        if point == "stored":
            self.set()


async def _through_mooring(database: Database, stored: _Stored) -> float:
    """From the committed order to the committed SENT."""
    stored.clear()
    async with database.transaction() as tx:
        number = await _order(tx, 1)
    began = time.perf_counter()
    async with asyncio.timeout(LIMIT_S):
        await stored.wait()
    taken_s = time.perf_counter() - began
    async with database.read() as tx:
        found = await deliveries.get(tx, number)
    if found is None or found.state is not DeliveryState.SENT:
        raise RuntimeError(f"not sent: {found.error if found else 'gone'}")
    return taken_s


async def _bare(line: Line, peer: Any) -> float:  # noqa: ANN401 - Telethon is untyped
    """The same request on the same line's client, as Telethon alone sends it."""
    began = time.perf_counter()
    await line._client(_request(peer))  # noqa: SLF001 - bare Telethon, on purpose
    return time.perf_counter() - began


def _request(peer: Any) -> Any:  # noqa: ANN401 - Telethon is untyped
    text = secrets.token_hex(8)
    return functions.messages.SendMessageRequest(peer, text, random_id=secrets.randbits(62))


async def _finish_many(database: Database, count: int) -> None:
    async with database.transaction() as tx:
        row = {
            "account_id": 1,
            "state": DeliveryState.SENT,
            "target": TARGET,
            "text": "long ago",
            "peer_kind": "user",
            "peer_id": 1,
            "steps": [],
            "created_at": tx.now - timedelta(days=9),
            "handed_at": tx.now - timedelta(days=9),
            "finished_at": tx.now - timedelta(days=9),
        }
        rows = [{**row, "random_id": number + 1} for number in range(count)]
        await tx.execute(insert(table), rows)


async def _all_through_mooring(ours: Fleet) -> float:
    """From the commit of all orders until the last is SENT."""
    async with ours.database.transaction() as tx:
        for userbot in ours.userbots:
            for _ in range(EACH):
                await _order(tx, userbot.account_id)
    began = time.perf_counter()
    async with asyncio.timeout(LIMIT_S):
        while await _unsent(ours.database):  # noqa: ASYNC110 - to count is all that is asked
            await asyncio.sleep(0.05)
    return time.perf_counter() - began


async def _unsent(database: Database) -> int:
    async with database.read() as tx:
        rows = await tx.all(select(func.count()).where(table.c.state.in_([*deliveries.OPEN])))
    return int(rows[0][0])


async def _all_bare(made: Sequence[Any]) -> float:
    peers = await asyncio.gather(*(each.get_input_entity(TARGET) for each in made))

    async def send(one: Any, peer: Any) -> None:  # noqa: ANN401 - Telethon is untyped
        for _ in range(EACH):
            await one(_request(peer))

    began = time.perf_counter()
    await asyncio.gather(*(send(*pair) for pair in zip(made, peers, strict=True)))
    return time.perf_counter() - began


def _percentile(taken_s: list[float], which: int) -> float:
    return statistics.quantiles(taken_s, n=100)[which - 1] * 1000
