"""Commands: what an operator orders of a userbot, and its outcome. Rows before acts."""

import asyncio
import json
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update

from storage.database import Database
from storage.errors import SecretKeyMismatch
from storage.schema import commands
from storage.tx import Tx

ORDERED = "commands"
"""Topic: a command waits to be taken."""
DONE = "commands.done"
"""Topic: a command has its outcome."""
POLL_S = 1.0
PRIVATE = frozenset({"account.last", "chat.last"})
"""Kinds whose answers hold what people wrote: sealed, read once, then erased."""
_ERASED = {"error": "erased"}
"""What is left of such an answer."""


@dataclass(frozen=True, slots=True)
class Command:
    id: int
    kind: str
    account_id: int | None
    args: Mapping[str, Any] = field(repr=False)
    ordered_by: int | None


async def order(
    tx: Tx,
    kind: str,
    *,
    account_id: int | None = None,
    args: Mapping[str, Any] | None = None,
    ordered_by: int | None = None,
) -> int:
    """Write an order; it is taken by whoever runs the account. `args` are sealed."""
    command_id = await tx.insert(
        insert(commands).values(
            kind=kind,
            account_id=account_id,
            sealed_args=tx.vault.seal_text(json.dumps(dict(args or {}))),
            state="ORDERED",
            ordered_by=ordered_by,
            created_at=tx.now,
        )
    )
    tx.wake(ORDERED)
    return command_id


async def is_any_waiting(tx: Tx) -> bool:
    """Whether an order waits; asked on a reader, so that idle polling never takes the writer."""
    waiting = select(commands.c.id).where(commands.c.state == "ORDERED").limit(1)
    return await tx.one(waiting) is not None


async def take(tx: Tx) -> list[Command]:
    """Take all waiting orders and erase their arguments: each is acted on once."""
    await tx.lock("commands")
    rows = await tx.all(
        select(commands).where(commands.c.state == "ORDERED").order_by(commands.c.id)
    )
    taken = []
    for row in rows:
        await tx.execute(
            update(commands).where(commands.c.id == row.id).values(state="TAKEN", sealed_args=None)
        )
        try:
            args = json.loads(tx.vault.open_text(row.sealed_args))
        except SecretKeyMismatch:
            # Sealed with a key that is gone. It must not hold up the orders behind it.
            await finish(tx, row.id, {"error": "unreadable"})
            continue
        taken.append(Command(row.id, row.kind, row.account_id, args, row.ordered_by))
    return taken


@dataclass(frozen=True, slots=True)
class Answer:
    """A command's outcome, as a change for the writer."""

    command_id: int
    outcome: Mapping[str, Any] = field(repr=False)
    is_private: bool = False

    @property
    def key(self) -> Hashable:
        return "command", self.command_id

    @classmethod
    async def apply(cls, tx: Tx, changes: Sequence["Answer"]) -> Sequence[None]:
        for answer in changes:
            await finish(tx, answer.command_id, answer.outcome, is_private=answer.is_private)
        return [None] * len(changes)


async def finish(
    tx: Tx, command_id: int, outcome: Mapping[str, Any], *, is_private: bool = False
) -> None:
    """Store the outcome, a private one sealed, and wake who waits for it."""
    told, sealed = dict(outcome), None
    if is_private:
        told, sealed = dict(_ERASED), tx.vault.seal_text(json.dumps(told))
    await tx.execute(
        update(commands)
        .where(commands.c.id == command_id, commands.c.state == "TAKEN")
        .values(state="DONE", outcome=told, sealed_outcome=sealed, done_at=tx.now)
    )
    tx.wake(DONE)


async def erase_private(tx: Tx, before: datetime) -> None:
    """Erase private answers that were given before then, and that nobody came for."""
    await tx.execute(
        update(commands)
        .where(commands.c.sealed_outcome.is_not(None), commands.c.done_at < before)
        .values(sealed_outcome=None)
    )


async def abandon_taken(tx: Tx) -> int:
    """Close orders that a process took and died over; returns how many."""
    result = await tx.execute(
        update(commands)
        .where(commands.c.state == "TAKEN")
        .values(state="DONE", outcome={"error": "interrupted"}, done_at=tx.now)
    )
    tx.wake(DONE)
    return int(result.rowcount)


async def outcome_of(database: Database, command_id: int, *, limit_s: float) -> dict[str, Any]:
    """Wait for the outcome. Raises TimeoutError after `limit_s`; the command goes on.

    A private one is erased as it is read: whoever asks again is told `erased`.
    """
    with database.wakeups.subscribe(DONE) as done:
        async with asyncio.timeout(limit_s):
            while True:
                async with database.read() as tx:
                    row = await tx.one(
                        select(commands.c.outcome, commands.c.sealed_outcome).where(
                            commands.c.id == command_id, commands.c.state == "DONE"
                        )
                    )
                if row and row.sealed_outcome is not None:
                    return await _read_once(database, command_id)
                if row:
                    return dict(row.outcome)
                await done.wait(POLL_S)


async def _read_once(database: Database, command_id: int) -> dict[str, Any]:
    async with database.transaction() as tx:
        await tx.lock(f"command {command_id}")
        its_row = commands.c.id == command_id
        row = await tx.one(select(commands.c.sealed_outcome).where(its_row))
        if row is None or row.sealed_outcome is None:
            return dict(_ERASED)
        await tx.execute(update(commands).where(its_row).values(sealed_outcome=None))
        try:
            return dict(json.loads(tx.vault.open_text(row.sealed_outcome)))
        except SecretKeyMismatch:
            return {"error": "unreadable"}
