"""In which time zone times are shown and typed: each person's own, and TIME_ZONE in groups."""

from datetime import UTC, tzinfo

from bot.times import name_of, zone_of
from storage import journal, operators
from storage.database import Database

SETTING = "time_zone"
"""Among what an operator has set for themselves."""


class Zones:
    """Whose clock counts where."""

    def __init__(self, database: Database, usual: tzinfo = UTC) -> None:
        """`usual` is TIME_ZONE."""
        self._database = database
        self.usual = usual

    async def of(self, who: int) -> tzinfo:
        """The zone of a person, or of a chat: a private one has its person's id.

        Groups, whose ids are negative, and people who have set none have the usual one.
        """
        name = await self.set_by(who)
        return self.usual if name is None else _known(name, self.usual)

    async def set_by(self, who: int) -> str | None:
        """The name of the zone that this person has set; None where that is none."""
        if who <= 0:
            return None
        async with self._database.read() as tx:
            name = (await operators.settings_of(tx, who)).get(SETTING)
        return None if name is None else str(name)

    async def set(self, operator: int, zone: tzinfo | None) -> None:
        """Let this operator have that zone; None: the usual one again."""
        name = None if zone is None else name_of(zone)
        async with self._database.transaction() as tx:
            await operators.change_settings(tx, operator, {SETTING: name})
            data = {"zone": name or ""}
            await journal.note(tx, "operator.zone", actor=f"operator {operator}", data=data)


def _known(name: str, otherwise: tzinfo) -> tzinfo:
    """The zone of that name, as long as the machine has it in its list."""
    try:
        return zone_of(name)
    except ValueError:
        return otherwise
