"""What an operator orders of leased proxies: buy one, replace a lost one elsewhere."""

from collections.abc import Mapping

from storage import proxies
from storage.commands import Command
from storage.database import Database
from userbot.leasing.buying import Buyer, NotAllowed, Wish
from userbot.leasing.leases import Leases
from userbot.leaving import actor
from userbot.login_answers import Outcome
from userbot.orders import Act
from userbot.providers.countries import NoSuchCountry, country_code
from userbot.providers.errors import OutcomeUnknown, OutOfStock, ProviderError


class LeaseOrders:
    """Carries them out in the process that runs the accounts."""

    def __init__(self, database: Database, buyer: Buyer, leases: Leases) -> None:
        self._database = database
        self._buyer = buyer
        self._leases = leases

    @property
    def kinds(self) -> Mapping[str, Act]:
        return {"leases.buy": self.buy, "leases.replace": self.replace}

    async def buy(self, command: Command) -> Outcome:
        """Buy one proxy in a country, for accounts to come."""
        if not self._buyer.providers:
            return {"error": "no_provider"}
        try:
            return {"proxy": await self._buyer.buy(Wish(country_code(command.args["country"])))}
        except NoSuchCountry:
            return {"error": "no_such_country"}
        except NotAllowed as exc:
            return {"error": "not_allowed", "words": str(exc)}
        except ProviderError as exc:
            kinds = {OutOfStock: "out_of_stock", OutcomeUnknown: "outcome_unknown"}
            return {"error": kinds.get(type(exc), "provider"), "words": str(exc)}

    async def replace(self, command: Command) -> Outcome:
        """Give the accounts of a lost proxy one in the country that the operator chose."""
        async with self._database.read() as tx:
            lost = await proxies.get(tx, int(command.args["proxy"]))
        if lost is None or lost.lease is None or lost.lease.released_at is None:
            return {"error": "not_lost"}
        try:
            country = country_code(command.args["country"])
        except NoSuchCountry:
            return {"error": "no_such_country"}
        moved = await self._leases.replace(lost, country=country, actor=actor(command))
        return {"moved": moved} if moved else {"error": "none_found"}
