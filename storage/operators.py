"""Operators: what each has set for themselves."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from storage.schema import operators
from storage.tx import Tx


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
