"""What operators have decided for all sending: whether it is held, and the usual fallback."""

from dataclasses import dataclass
from datetime import datetime

from storage import journal, names, preferences
from storage.database import Database
from storage.delivery import Fallback
from storage.preferences import FALLBACK, PAUSED, Preference
from storage.tx import Tx


@dataclass(frozen=True, slots=True)
class Pause:
    """All sending is held."""

    since: datetime
    by: str
    """What whoever paused it is called."""


class SendingRules:
    """Rules that hold until an operator sets others, restarts included."""

    def __init__(self, database: Database, fallback: Fallback = Fallback.AUTOMATIC) -> None:
        """`fallback` is the setting: it counts until somebody sets another in the chat."""
        self._database = database
        self._fallback = fallback

    async def paused(self) -> Pause | None:
        """Who holds all sending, and since when; None where nobody does."""
        async with self._database.read() as tx:
            held = await _held(tx)
            if held is None:
                return None
            by = held.set_by or 0
            return Pause(held.set_at, (await names.of(tx, [by]))[by])

    async def pause(self, *, by: int, name: str) -> bool:
        """Hold all sending; False where it is held already: who was first stays."""
        async with self._database.transaction() as tx:
            await tx.lock(PAUSED)
            if await _held(tx):
                return False
            await names.remember(tx, by, name)
            await preferences.put(tx, PAUSED, value=True, by=by)
            await journal.note(tx, "sending.paused", actor=f"operator {by}")
        return True

    async def resume(self, *, by: int) -> bool:
        """Let sending go on; False where nobody held it."""
        async with self._database.transaction() as tx:
            was_held = await preferences.clear(tx, PAUSED)
            if was_held:
                await journal.note(tx, "sending.resumed", actor=f"operator {by}")
        return was_held

    async def fallback(self) -> Fallback:
        """What new drafts fall back to where they name nothing else."""
        async with self._database.read() as tx:
            return await self.fallback_in(tx)

    async def fallback_in(self, tx: Tx) -> Fallback:
        """As `fallback`, within a transaction."""
        found = await preferences.get(tx, FALLBACK)
        return Fallback(found.value) if found else self._fallback

    async def set_fallback(self, fallback: Fallback, *, by: int) -> None:
        async with self._database.transaction() as tx:
            await preferences.put(tx, FALLBACK, fallback, by=by)
            now = {"to": fallback}
            await journal.note(tx, "sending.fallback", actor=f"operator {by}", data=now)


async def _held(tx: Tx) -> Preference | None:
    found = await preferences.get(tx, PAUSED)
    return found if found is not None and found.value else None
