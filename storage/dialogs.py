"""Dialogs: where an operator is in a multi-step input, so that a restart loses nothing.

What is stored here is not sealed: codes and passwords never enter a dialog's data.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, select

from storage.schema import dialogs
from storage.tx import Tx


async def load(tx: Tx, key: str) -> tuple[str | None, dict[str, Any]]:
    """State and data of a dialog; (None, {}) where there is none."""
    row = await tx.one(select(dialogs).where(dialogs.c.key == key))
    return (row.state, dict(row.data)) if row else (None, {})


async def save_state(tx: Tx, key: str, state: str | None) -> None:
    """Store where a dialog is; its data stay."""
    await tx.lock(f"dialog {key}")
    _, data = await load(tx, key)
    await save(tx, key, state, data)


async def save_data(tx: Tx, key: str, data: Mapping[str, Any]) -> None:
    """Store a dialog's data; where it is stays."""
    await tx.lock(f"dialog {key}")
    state, _ = await load(tx, key)
    await save(tx, key, state, data)


async def save(tx: Tx, key: str, state: str | None, data: Mapping[str, Any]) -> None:
    """Store a dialog; one with neither state nor data is removed."""
    if state is None and not data:
        await tx.execute(delete(dialogs).where(dialogs.c.key == key))
        return
    values = {"state": state, "data": dict(data), "updated_at": tx.now}
    await tx.upsert(dialogs, [{"key": key, **values}], keys=["key"])
