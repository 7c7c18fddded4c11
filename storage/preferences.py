"""What operators have set in the chat; the newest word counts, and whose it was is kept."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, select

from storage.schema import preferences
from storage.tx import Tx

CHANGED = "preferences"
"""Topic: something was set, or is as in the settings again."""


PAUSED = "sending.paused"
"""True while an operator holds all sending."""
FALLBACK = "sending.fallback"
"""The `Fallback` of new drafts, in place of the setting."""


@dataclass(frozen=True, slots=True)
class Preference:
    value: Any
    """Whatever JSON can hold."""
    set_by: int | None
    set_at: datetime


async def get(tx: Tx, key: str) -> Preference | None:
    """What was set under that key; None where nothing was."""
    row = await tx.one(_GET, of_key=key)
    return Preference(row.value, row.set_by, row.set_at) if row else None


async def put(tx: Tx, key: str, value: Any, *, by: int | None) -> None:  # noqa: ANN401 - JSON
    """Set it, in place of what was set before."""
    row = {"key": key, "value": value, "set_by": by, "set_at": tx.now}
    await tx.upsert(preferences, [row], keys=["key"])
    tx.wake(CHANGED)


async def clear(tx: Tx, key: str) -> bool:
    """As if it had never been set; False where it was not."""
    result = await tx.execute(delete(preferences).where(preferences.c.key == key))
    if result.rowcount:
        tx.wake(CHANGED)
    return bool(result.rowcount)


_GET = select(preferences).where(preferences.c.key == bindparam("of_key"))
