"""Commands: what an operator orders of a userbot, and its outcome. Rows before acts."""

import asyncio
import json
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
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
    outcome: Mapping[str, Any]

    @property
    def key(self) -> Hashable:
        return "command", self.command_id

    @classmethod
    async def apply(cls, tx: Tx, changes: Sequence["Answer"]) -> Sequence[None]:
        for answer in changes:
            await finish(tx, answer.command_id, answer.outcome)
        return [None] * len(changes)


async def finish(tx: Tx, command_id: int, outcome: Mapping[str, Any]) -> None:
    """Store the outcome and wake who waits for it."""
    await tx.execute(
        update(commands)
        .where(commands.c.id == command_id, commands.c.state == "TAKEN")
        .values(state="DONE", outcome=dict(outcome), done_at=tx.now)
    )
    tx.wake(DONE)


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
    """Wait for the outcome. Raises TimeoutError after `limit_s`; the command goes on."""
    with database.wakeups.subscribe(DONE) as done:
        async with asyncio.timeout(limit_s):
            while True:
                async with database.read() as tx:
                    row = await tx.one(
                        select(commands.c.outcome).where(
                            commands.c.id == command_id, commands.c.state == "DONE"
                        )
                    )
                if row:
                    return dict(row.outcome)
                await done.wait(POLL_S)
