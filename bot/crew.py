"""The use cases about the instances that share the accounts."""

from collections.abc import Sequence

from storage import team
from storage.database import Database
from storage.engines import is_sqlite
from storage.team import Leaving, Member


class Crew:
    """What an operator can see and do of the instances."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @property
    def is_alone(self) -> bool:
        """Whether there can't be several: on SQLite one process runs everything."""
        return is_sqlite(self._database.url)

    async def members(self) -> Sequence[Member]:
        """All of them, the oldest first; none where there can't be several."""
        if self.is_alone:
            return []
        async with self._database.read() as tx:
            return await team.members(tx)

    async def leaving(self, instance: str) -> Leaving | None:
        """Who could take over from that one; None where it is gone, or leaves already."""
        return team.leaving(await self.members(), instance)

    async def drain(self, instance: str, *, actor: str, is_confirmed: bool) -> Leaving | None:
        """Tell it to hand over and end; None where that is ordered.

        What it would leave where nobody takes over is done only where that is confirmed: then
        nothing was ordered. Raises LookupError where it is gone, or leaves already.
        """
        async with self._database.transaction() as tx:
            would_leave = team.leaving(await team.members(tx), instance)
            if would_leave is not None and would_leave.is_grave and not is_confirmed:
                return would_leave
            if would_leave is None or not await team.drain(tx, instance, actor=actor):
                raise LookupError(instance)
        return None
