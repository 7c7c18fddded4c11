"""Commands: what an operator orders of a userbot, and its outcome. Rows before acts."""

import asyncio
import json
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, insert, select, update

from storage.database import Database
from storage.errors import SecretKeyMismatch
from storage.schema import accounts, commands
from storage.tx import Tx

ORDERED = "commands"
"""Topic: a command waits to be taken."""
DONE = "commands.done"
"""Topic: a command has its outcome."""
POLL_S = 1.0
REPEATABLE = frozenset({"reconnect", "start", "stop", "forget"})
"""Kinds that do no harm twice, and hold no secret: a death in the middle leaves them."""
PRIVATE = frozenset({"account.last", "chat.last"})
"""Kinds whose answers hold what people wrote."""
LOGIN = "enrol."
"""What the kinds of a login's steps begin with: their answers hold what helps to log in, such as
the address of a QR code, the hint of a password, where a code went."""
_OPEN = frozenset({"step", "error", "account"})
"""What stays open of a private answer: how far it came, and nothing of what it says."""
_ERASED = {"error": "erased"}
"""What stays of one that says nothing of that."""


def is_private(kind: str) -> bool:
    """Whether the answers of that kind are sealed, read once, then erased."""
    return kind in PRIVATE or kind.startswith(LOGIN)


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


@dataclass(frozen=True, slots=True)
class Taker:
    """Who takes orders: those of its own accounts, and of accounts that nobody has."""

    instance: str
    but: frozenset[str] = frozenset()
    """Kinds that are not for it."""


async def is_any_waiting(tx: Tx, taker: Taker | None = None) -> bool:
    """Whether an order waits; asked on a reader, so that idle polling never takes the writer."""
    return await tx.one(_waiting_for(taker).limit(1)) is not None


async def take(tx: Tx, taker: Taker | None = None) -> list[Command]:
    """Take the orders that wait for it, or all where there is no other: each is acted on once.

    What an order says is erased, but where the next one may do it again should this one die.
    """
    await tx.lock("commands")
    rows = await tx.all(_waiting_for(taker).order_by(commands.c.id))
    taken = []
    for row in rows:
        kept = row.sealed_args if row.kind in REPEATABLE else None
        await tx.execute(
            update(commands)
            .where(commands.c.id == row.id)
            .values(state="TAKEN", sealed_args=kept, taken_by=taker.instance if taker else None)
        )
        try:
            args = json.loads(tx.vault.open_text(row.sealed_args))
        except SecretKeyMismatch:
            # Sealed with a key that is gone. It must not hold up the orders behind it.
            await finish(tx, row.id, {"error": "unreadable"})
            continue
        taken.append(Command(row.id, row.kind, row.account_id, args, row.ordered_by))
    return taken


def _waiting_for(taker: Taker | None) -> Select[Any]:
    waiting = select(commands).where(commands.c.state == "ORDERED")
    if taker is None:
        return waiting
    owner = accounts.c.owner
    return waiting.outerjoin(accounts, accounts.c.id == commands.c.account_id).where(
        owner.is_(None) | (owner == taker.instance), commands.c.kind.not_in(taker.but)
    )


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
        told, sealed = _left_of(outcome), tx.vault.seal_text(json.dumps(told))
    await tx.execute(
        update(commands)
        .where(commands.c.id == command_id, commands.c.state == "TAKEN")
        .values(
            state="DONE",
            outcome=told,
            sealed_outcome=sealed,
            done_at=tx.now,
            sealed_args=None,
        )
    )
    tx.wake(DONE)


def _left_of(outcome: Mapping[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in outcome.items() if k in _OPEN} or dict(_ERASED)


async def is_any_to_erase(tx: Tx, before: datetime) -> bool:
    """Whether `erase_private` has work; asked on a reader."""
    return await tx.one(select(commands.c.id).where(_unread(before)).limit(1)) is not None


async def erase_private(tx: Tx, before: datetime) -> None:
    """Erase private answers that were given before then, and that nobody came for."""
    await tx.execute(update(commands).where(_unread(before)).values(sealed_outcome=None))


def _unread(before: datetime) -> ColumnElement[bool]:
    return commands.c.sealed_outcome.is_not(None) & (commands.c.done_at < before)


async def erase_unsealed(tx: Tx) -> None:
    """Erase what an older version has left open of answers that are private by now."""
    rows = await tx.all(
        select(commands.c.id, commands.c.outcome).where(
            commands.c.kind.startswith(LOGIN, autoescape=True), commands.c.state == "DONE"
        )
    )
    for row in rows:
        if not row.outcome.keys() <= _OPEN:
            told = _left_of(row.outcome)
            await tx.execute(update(commands).where(commands.c.id == row.id).values(outcome=told))


async def pass_on(tx: Tx, command: Command, account_id: int) -> None:
    """Let whoever has that account carry it out."""
    sealed = tx.vault.seal_text(json.dumps(dict(command.args)))
    await tx.execute(
        update(commands)
        .where(commands.c.id == command.id, commands.c.state == "TAKEN")
        .values(state="ORDERED", account_id=account_id, sealed_args=sealed, taken_by=None)
    )
    tx.wake(ORDERED)


async def leave(tx: Tx, instance: str | None = None) -> None:
    """Settle what an instance took and died over; without one, what any did.

    What may be done again is left for the next one; the rest is closed as interrupted.
    """
    taken = commands.c.state == "TAKEN"
    if instance is not None:
        taken &= commands.c.taken_by == instance
    again = commands.c.sealed_args.is_not(None)
    await tx.execute(update(commands).where(taken, again).values(state="ORDERED", taken_by=None))
    await tx.execute(
        update(commands)
        .where(taken)
        .values(state="DONE", outcome={"error": "interrupted"}, done_at=tx.now)
    )
    tx.wake(ORDERED)
    tx.wake(DONE)


async def outcome_of(database: Database, command_id: int, *, limit_s: float) -> dict[str, Any]:
    """Wait for the outcome. Raises TimeoutError after `limit_s`; the command goes on.

    A private one is erased as it is read: whoever asks again is told only how far it came, or
    `erased`.
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
        row = await tx.one(select(commands.c.outcome, commands.c.sealed_outcome).where(its_row))
        if row is None:
            return dict(_ERASED)
        if row.sealed_outcome is None:
            return dict(row.outcome)
        await tx.execute(update(commands).where(its_row).values(sealed_outcome=None))
        try:
            return dict(json.loads(tx.vault.open_text(row.sealed_outcome)))
        except SecretKeyMismatch:
            return {"error": "unreadable"}
