"""Operators: who they are, what they may do, and what each has set for themselves."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import bindparam, select, update

from storage.schema import operators
from storage.tx import Tx

CHANGED = "operators"
"""Topic: somebody was let in, got another role, or was put out."""


class Role(StrEnum):
    """What somebody may do; each may also do what those before it may."""

    VIEWER = "viewer"
    """Look."""
    OPERATOR = "operator"
    """Act on accounts, proxies and messages."""
    OWNER = "owner"
    """Let people in, take sessions out, end them for good, change settings."""

    def covers(self, other: "Role") -> bool:
        order = list(Role)
        return order.index(self) >= order.index(other)


@dataclass(frozen=True, slots=True)
class Operator:
    user_id: int
    role: Role
    name: str
    added_by: int | None
    added_at: datetime | None


async def role_of(tx: Tx, user_id: int) -> Role | None:
    """What that person may do; None where this table does not let them in."""
    row = await tx.one(_ROLE_OF, of_user=user_id)
    return Role(row.role) if row and row.role else None


async def page(tx: Tx) -> list[Operator]:
    """All that are let in, in the order in which they came."""
    rows = await tx.all(
        select(operators)
        .where(operators.c.role.is_not(None))
        .order_by(operators.c.added_at, operators.c.user_id)
    )
    return [Operator(r.user_id, Role(r.role), r.name, r.added_by, r.added_at) for r in rows]


async def admit(tx: Tx, user_id: int, role: Role, *, name: str, by: int | None) -> None:
    """Let somebody in, or give them another role; what they have set stays."""
    row = {
        "user_id": user_id,
        "settings": await settings_of(tx, user_id),
        "updated_at": tx.now,
        "role": role,
        "name": name,
        "added_by": by,
        "added_at": tx.now,
    }
    await tx.upsert(operators, [row], keys=["user_id"])
    tx.wake(CHANGED)


async def dismiss(tx: Tx, user_id: int) -> bool:
    """Put somebody out; False where they are not in."""
    gone = await tx.execute(
        update(operators)
        .where(operators.c.user_id == user_id, operators.c.role.is_not(None))
        .values(role=None)
    )
    if gone.rowcount:
        tx.wake(CHANGED)
    return bool(gone.rowcount)


async def settings_of(tx: Tx, user_id: int) -> dict[str, Any]:
    """What this operator has set; empty where that is nothing yet."""
    row = await tx.one(select(operators.c.settings).where(operators.c.user_id == user_id))
    return dict(row.settings) if row else {}


async def change_settings(tx: Tx, user_id: int, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Set these; None takes a setting away. Returns what is set now."""
    await tx.lock(f"settings of operator {user_id}")
    merged = await settings_of(tx, user_id) | dict(changes)
    kept = {name: value for name, value in merged.items() if value is not None}
    row = {"user_id": user_id, "settings": kept, "updated_at": tx.now}
    await tx.upsert(operators, [row], keys=["user_id"])
    return kept


_ROLE_OF = select(operators.c.role).where(operators.c.user_id == bindparam("of_user"))
