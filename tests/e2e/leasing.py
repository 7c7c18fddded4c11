"""Mooring with a zone at the sandbox's Bright Data, and accounts behind what it leases there."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any

from bot.app import App
from bot.desk import Desk
from bot.settings import Settings
from bot.vault import open_vault
from storage import assignments, journal, proxies, recoveries, traits
from storage.assignments import Assignment
from storage.database import Database, open_database
from storage.journal import Entry
from storage.proxies import Endpoint, Proxy
from storage.recoveries import Recovered, Recovery
from tests.e2e.harness import API_HASH, Mooring
from tests.e2e.telegram import Shown, Telegram
from tests.timing import limit
from userbot.importing import import_string
from userbot.telegram import identity

PRICE = Decimal("3.00")
STOCK = 1000
LIMIT_S = 30.0


class Ledger:
    """What the zone was sold, had and lost since this test began: it is others' too."""

    def __init__(self, telegram: Telegram, before: dict[str, Any]) -> None:
        self._telegram = telegram
        self._before = before
        self._scarce: set[str] = set()

    async def acts(self) -> list[tuple[str, str]]:
        """What was done, and the country of it, in order."""
        ledger = (await self._telegram.get("brightdata"))["ledger"]
        return [(e["act"], e["country"]) for e in ledger[len(self._before["ledger"]) :]]

    async def spent(self) -> Decimal:
        now = await self._telegram.get("brightdata")
        return Decimal(now["spent"]) - Decimal(self._before["spent"])

    async def withdraw(self, ip: str) -> None:
        await self._telegram.post("brightdata/withdraw", ip=ip)

    async def sell_out(self, *countries: str) -> None:
        for country in countries:
            await self._telegram.post("brightdata/stock", country=country, count=0)
        self._scarce.update(countries)

    async def restock(self, country: str) -> None:
        await self._telegram.post("brightdata/stock", country=country, count=STOCK)
        self._scarce.discard(country)

    async def clear(self) -> None:
        """Leave the zone as it was for others: empty, and with a full stock."""
        for held in (await self._telegram.get("brightdata"))["held"]:
            await self.withdraw(held["ip"])
        for country in tuple(self._scarce):
            await self.restock(country)


class Leasing:
    """One Mooring, its leased accounts, and the provider's books."""

    def __init__(
        self, mooring: Mooring, telegram: Telegram, ledger: Ledger, database: Database
    ) -> None:
        self.mooring = mooring
        self.telegram = telegram
        self.ledger = ledger
        self.database = database
        self.people: dict[int, dict[str, Any]] = {}

    @classmethod
    @asynccontextmanager
    async def opened(cls, mooring: Mooring, telegram: Telegram) -> AsyncIterator["Leasing"]:
        """The rows are open beside Mooring, whether it runs in this process, in another or not."""
        mine = {name.lower(): value for name, value in environment(telegram).items()}
        mooring.settings = Settings.model_validate(mooring.settings.model_dump() | mine)
        mooring.settings.data_dir.mkdir(parents=True)
        database = await open_database(mooring.settings.database, open_vault(mooring.settings))
        ledger = Ledger(telegram, await telegram.get("brightdata"))
        try:
            yield cls(mooring, telegram, ledger, database)
        finally:
            await mooring.stop()
            await database.close()
            await ledger.clear()

    async def enrol(self, *countries: str) -> list[int]:
        """An account for each country, behind a proxy that was bought there; nothing runs yet."""
        app = await self.mooring.start()
        await self.mooring.chat.ask("/start")
        bought = [await self._buy(app, country) for country in countries]
        await self.mooring.stop()
        return [await self._import(endpoint) for endpoint in bought]

    async def _buy(self, app: App, country: str) -> Endpoint:
        answer = await Desk(app.database).order(
            "leases.buy", by=self.mooring.operator["id"], args={"country": country}
        )
        async with app.database.read() as tx:
            proxy = await proxies.get(tx, answer["proxy"])
        assert proxy
        return proxy.endpoint

    async def _import(self, endpoint: Endpoint) -> int:
        person = await self.telegram.person("Alice")
        number = await import_string(
            self.database,
            await self.mooring.string_session(person),
            phone=f"+{person['phone'].lstrip('+')}",
            identity=identity(self.mooring.settings.api_id, API_HASH),
            endpoint=endpoint,
            is_only_copy=True,
        )
        async with self.database.transaction() as tx:
            await traits.set_one_time_phone(tx, number, one_time_phone=False)
        self.people[number] = person
        return number

    async def proxy_of(self, number: int) -> Proxy:
        async with self.database.read() as tx:
            found = await proxies.get(tx, await assignments.current(tx, number) or 0)
        assert found
        return found

    async def history(self, number: int) -> list[Assignment]:
        async with self.database.read() as tx:
            return await assignments.history(tx, number)

    async def noted(self, kind: str) -> list[Entry]:
        """What the journal has of that kind, the oldest first."""
        async with self.database.read() as tx:
            return (await journal.latest(tx, kind=kind, limit=1000))[::-1]

    async def recovery_of(self, number: int) -> Recovered:
        """How the account left the latest recovery, once that is over."""
        async with asyncio.timeout(limit(40)):
            while True:
                latest, found = await self.last_recovery()
                if latest.ended_at is not None and number in found:
                    return found[number]
                await asyncio.sleep(0.1)

    async def last_recovery(self) -> tuple[Recovery, dict[int, Recovered]]:
        async with self.database.read() as tx:
            latest = (await recoveries.latest(tx))[0]
            found = await recoveries.accounts_of(tx, latest.id)
        return latest, {one.account_id: one for one in found}

    async def withdraw(self, number: int) -> Proxy:
        """The provider takes an account's proxy away; returns which it was."""
        proxy = await self.proxy_of(number)
        assert proxy.lease
        await self.ledger.withdraw(proxy.lease.ref)
        return proxy

    async def keys(self) -> dict[int, list[int]]:
        """The key of each open connection, by account."""
        found = await self.telegram.get("connections")
        return {
            number: [c["key_id"] for c in found if c["user_id"] == person["id"]]
            for number, person in self.people.items()
        }

    async def until_connected(self) -> dict[int, list[int]]:
        """Wait until each account has one connection; returns their keys."""
        await until(self._is_connected)
        return await self.keys()

    async def _is_connected(self) -> bool:
        return all(len(found) == 1 for found in (await self.keys()).values())

    async def until_replaced(self, number: int, lost: Proxy) -> Proxy:
        """Wait until the account has another proxy, and return that."""

        async def is_so() -> bool:
            return (await self.proxy_of(number)).id != lost.id

        await until(is_so)
        return await self.proxy_of(number)

    async def until_noted(self, kind: str, count: int) -> list[Entry]:
        async def is_so() -> bool:
            return len(await self.noted(kind)) >= count

        await until(is_so)
        return await self.noted(kind)

    async def summary(self, *parts: str) -> Shown:
        return await self.mooring.chat.shows("back in", *parts, limit_s=40)

    async def told(self, *parts: str) -> Sequence[Shown]:
        """The messages in the admin chat that hold these parts."""
        found = await self.mooring.chat.read()
        return [m for m in found if not m.out and all(part in m.text for part in parts)]

    async def hazards(self) -> list[dict[str, Any]]:
        mine = {person["id"] for person in self.people.values()}
        return [h for h in await self.telegram.get("hazards") if h["user"] in mine]


def environment(telegram: Telegram) -> Mapping[str, str]:
    """The zone's settings as variables."""
    zone = telegram.addresses["bright_data"]
    return {
        **{f"BRIGHT_DATA_{name.upper()}": value for name, value in zone.items()},
        "BRIGHT_DATA_PRICE": str(PRICE),
        "DAILY_SPEND_LIMIT": "1000",
        "LEASES_EVERY": "1s",
    }


async def until(is_so: Callable[[], Awaitable[bool]], limit_s: float = LIMIT_S) -> None:
    """Wait for what wakes nobody here: the sandbox, or a process beside."""
    async with asyncio.timeout(limit(limit_s)):
        while not await is_so():  # noqa: ASYNC110 - see above
            await asyncio.sleep(0.05)
