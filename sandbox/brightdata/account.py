"""One customer's account at the fake Bright Data: a zone, what is in stock, held and paid."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from ipaddress import IPv4Address, IPv4Network

import phonenumbers

CUSTOMER = "hl_5a2d8c01"
ZONE = "isp_proxy1"
ZONE_PASSWORD = "zone-password-of-the-sandbox"  # noqa: S105 - of the sandbox
API_KEY = "00000000-5a2d-4c01-8000-sandboxapikey"
PRICE = Decimal("3.00")
STOCK = 1000
"""How many addresses each country has, unless it was told otherwise."""
COUNTRIES = frozenset(code.lower() for code in phonenumbers.SUPPORTED_REGIONS)
_ADDRESSES = IPv4Network("198.18.0.0/15")
"""For tests of devices, by RFC 2544: nobody's."""


class NotInStock(Exception):
    """That country has not so many addresses left."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the ledger."""

    at: datetime
    act: str
    """`bought`, `released`, or `withdrawn` by the provider."""
    ip: str
    country: str
    price: Decimal = Decimal(0)


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Account:
    """What the account API acts on and the super proxy asks. Survives a stop of both."""

    def __init__(self, *, now: Callable[[], datetime] = _utc_now) -> None:
        self.customer = CUSTOMER
        self.zone = ZONE
        self.zone_password = ZONE_PASSWORD
        self.api_key = API_KEY
        self.price = PRICE
        self.ledger: list[Entry] = []
        self.held: dict[str, str] = {}
        """The country of each address that the zone has."""
        self.listed_as: dict[str, str] = {}
        """By address: another country, where a database of places has it elsewhere."""
        self.on_gone: Callable[[str], None] = lambda _: None
        """Called with each address that the zone has no more."""
        self._stock: dict[str, int] = {}
        self._sold = 0
        self._now = now

    @property
    def spent(self) -> Decimal:
        return sum((entry.price for entry in self.ledger), Decimal(0))

    def stock(self, country: str) -> int:
        return self._stock.get(country, STOCK)

    def set_stock(self, country: str, count: int) -> None:
        self._stock[country] = count

    def buy(self, country: str, count: int) -> list[str]:
        """Addresses that nobody ever had before. Raises `NotInStock`, and then sells none."""
        left = self.stock(country)
        if left < count:
            raise NotInStock(country)
        self._stock[country] = left - count
        new = [self._next() for _ in range(count)]
        for ip in new:
            self.held[ip] = country
            self.ledger.append(Entry(self._now(), "bought", ip, country, self.price))
        return new

    def release(self, ip: str) -> None:
        """Given back; it is in stock again, as one that is sold to others first. KeyError."""
        country = self._gone(ip, "released")
        self._stock[country] = self.stock(country) + 1

    def withdraw(self, ip: str) -> None:
        """The provider takes it away for good, and no money comes back. KeyError."""
        self._gone(ip, "withdrawn")

    def _gone(self, ip: str, act: str) -> str:
        country = self.held.pop(ip)
        self.ledger.append(Entry(self._now(), act, ip, country))
        self.on_gone(ip)
        return country

    def _next(self) -> str:
        self._sold += 1
        return str(IPv4Address(int(_ADDRESSES.network_address) + self._sold))
