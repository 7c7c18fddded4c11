"""What operators set about alerts, and whom an alert is about."""

from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta

from bot.callbacks.alerts import UNTIL_UNMUTED
from storage import alert_switches, alerts, commands, journal, mutes
from storage.alert_switches import AlertKind
from storage.database import Database


class AlertDesk:
    """An operator's acts on alerts; each is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def now(self) -> datetime:
        return self._database.now()

    async def muted_until(self, account_id: int) -> datetime | None:
        """None where the account is not muted."""
        async with self._database.read() as tx:
            return await mutes.until(tx, account_id)

    async def mute(self, account_id: int, hours: int, *, by: int) -> datetime | None:
        """Mute it for so many hours, or until that is ended; 0 ends it. Until when it is now."""
        async with self._database.transaction() as tx:
            until: datetime | None = None
            if hours == UNTIL_UNMUTED:
                until = mutes.FOREVER
            elif hours > 0:
                until = tx.now + timedelta(hours=hours)
            await mutes.mute(tx, account_id, until)
            await journal.note(
                tx,
                "account.muted" if until else "account.unmuted",
                actor=f"operator {by}",
                account_id=account_id,
                data={"until": until.isoformat()} if until else {},
            )
        return until

    async def off(self) -> AbstractSet[AlertKind]:
        """The kinds that are switched off."""
        async with self._database.read() as tx:
            return await alert_switches.off(tx)

    async def switch(self, kind: AlertKind, *, is_on: bool, by: int) -> bool:
        """False where it is so already, or that kind can't be switched off."""
        async with self._database.transaction() as tx:
            is_set = await alert_switches.switch(tx, kind, is_on=is_on, by=by)
            if is_set:
                await journal.note(
                    tx,
                    "alerts.on" if is_on else "alerts.off",
                    actor=f"operator {by}",
                    data={"kind": str(kind)},
                )
        return is_set

    async def reconnect_all(self, incident_id: int, *, by: int) -> list[int]:
        """Have every account dial anew that waits for the same as that incident's; which those are.

        Who dials them goes by the budget: a thousand do not dial at once.
        """
        async with self._database.transaction() as tx:
            numbers = await alerts.sharing(tx, incident_id)
            for number in numbers:
                await commands.order(tx, "reconnect", account_id=number, ordered_by=by)
        return numbers
