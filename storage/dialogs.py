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


async def save(tx: Tx, key: str, state: str | None, data: Mapping[str, Any]) -> None:
    """Store a dialog; one with neither state nor data is removed."""
    if state is None and not data:
        await tx.execute(delete(dialogs).where(dialogs.c.key == key))
        return
    values = {"state": state, "data": dict(data), "updated_at": tx.now}
    await tx.upsert(dialogs, [{"key": key, **values}], keys=["key"])
