"""Dialogs: where an operator is in a multi-step input, so that a restart loses nothing.

What is stored here is not sealed: codes and passwords never enter a dialog's data.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects.sqlite import insert as upsert

from storage.database import Tx
from storage.schema import dialogs


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
    await tx.execute(
        upsert(dialogs)
        .values(key=key, **values)
        .on_conflict_do_update(index_elements=["key"], set_=values)
    )
