"""What the messages say of incidents that are about no outage, from the rows as they are now."""

from bot.views import about, backups, freezes, instances
from bot.views.alerts import Setting
from bot.views.backups import Shelf
from bot.views.view import View
from storage import accounts, deaths, journal, proxies
from storage.account import Account
from storage.database import Database
from storage.deaths import Death
from storage.engines import is_sqlite
from storage.incidents import About, Incident, account_of


class Subjects:
    """Reads what an incident is about, and shows it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def view(self, on: Setting, incident: Incident) -> View:
        """Its message as of now."""
        subject = incident.subject or ""
        is_over = incident.closed_at is not None
        if (death := await self._death(subject)) is not None:
            return (
                instances.died_over(on, incident, death) if is_over else instances.died(on, death)
            )
        if incident.kind == About.BACKUP_FAILED:
            if is_over:
                return backups.made_again(on, incident)
            return backups.failed(on, incident, await self._shelf())
        if incident.kind == About.ACCOUNT_FROZEN:
            account = await self._account(subject)
            return (freezes.over if is_over else freezes.opened)(on, incident, account)
        name = await self._name(subject)
        return (about.over if is_over else about.opened)(on.t, incident, name)

    async def _death(self, subject: str) -> Death | None:
        """Of which instance it tells that it died, if it does."""
        instance = deaths.instance_of(subject)
        if instance is None:
            return None
        async with self._database.read() as tx:
            return await deaths.of(tx, instance)

    async def _shelf(self) -> Shelf:
        """As the instance noted it that keeps house: this one may be on another machine."""
        async with self._database.read() as tx:
            noted = await journal.latest(tx, kind="backup.failed", limit=1)
        data = noted[0].data if noted else {}
        return Shelf.noted(data, is_alone=is_sqlite(self._database.url))

    async def _account(self, subject: str) -> Account | None:
        async with self._database.read() as tx:
            return await accounts.get(tx, account_of(subject) or 0)

    async def _name(self, subject: str) -> str:
        """What operators call it."""
        proxy_id = about.proxy_of(subject)
        async with self._database.read() as tx:
            proxy = await proxies.get(tx, proxy_id) if proxy_id is not None else None
        return proxy.endpoint.name if proxy else subject
