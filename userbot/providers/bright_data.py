"""Bright Data's ISP and datacenter proxies, by its account API.

Sources: docs.brightdata.com/api-reference/account-management-api (Add Static IPs, Zone Statistics,
Remove Static IPs) and /proxy-networks. The API gives no price for one address: it is a setting.
Its SOCKS5 port takes host names and ports over 1024 only, so that Telegram can be reached through
its HTTP port alone.
"""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from aiohttp import ClientSession
from typing_extensions import override

from storage.proxies import Endpoint
from userbot.providers.addresses import API_URL
from userbot.providers.api_key import ApiKey
from userbot.providers.bright_data_calls import Calls, Limits, Rejected
from userbot.providers.countries import NoSuchCountry, country_code
from userbot.providers.errors import Down, OutcomeUnknown, OutOfStock, Refused
from userbot.providers.protocol import Leased, Provider

NAME = "Bright Data"
_IPS = "/zone/ips"


@dataclass(frozen=True, slots=True)
class Zone:
    """What is bought where, and how its proxies are reached.

    The zone is for Mooring alone: every address in it counts as ours.
    """

    customer_id: str
    name: str
    password: str = field(repr=False)
    price: Decimal | None = None
    """Of one address, for as long as the provider bills at once."""
    proxy_scheme: str = "http"
    proxy_host: str = "brd.superproxy.io"
    proxy_port: int = 44445

    def endpoint(self, ip: str) -> Endpoint:
        """How an address of the zone is dialled through: the user name selects it."""
        username = f"brd-customer-{self.customer_id}-zone-{self.name}-ip-{ip}"
        return Endpoint(
            self.proxy_scheme, self.proxy_host, self.proxy_port, username, self.password
        )


class BrightData(Provider):
    """One zone at Bright Data. The session is not closed here."""

    def __init__(
        self,
        session: ClientSession,
        zone: Zone,
        key: ApiKey,
        *,
        api_url: str = API_URL,
        limits: Limits | None = None,
    ) -> None:
        self._zone = zone
        self._calls = Calls(session, key, provider=NAME, api_url=api_url, limits=limits)

    @property
    @override
    def name(self) -> str:
        return NAME

    @override
    async def lease(self, country: str) -> Leased:
        code = country_code(country)
        order = {
            "customer": self._zone.customer_id,
            "zone": self._zone.name,
            "count": 1,
            "country": code,
        }
        try:
            answer = await self._calls.buy(_IPS, order)
        except Rejected as exc:
            if exc.is_out_of_stock:
                raise OutOfStock(NAME, code) from None
            raise Refused(NAME, exc.reason) from None
        new = answer.get("new_ips") if isinstance(answer, dict) else None
        if not isinstance(new, list):
            raise OutcomeUnknown(NAME, "it answered to a purchase, but not what was bought")
        if not new:
            raise OutOfStock(NAME, code)
        if len(new) != 1 or not _is_address(new[0]):
            raise OutcomeUnknown(NAME, "it answered to a purchase of one with something else")
        return Leased(new[0], code, self._zone.endpoint(new[0]))

    @override
    async def release(self, lease_id: str) -> None:
        # Never without an address: the API would then have a say in what to remove.
        if not _is_address(lease_id):
            raise ValueError(f"{lease_id!r} is no address")
        try:
            await self._calls.remove(_IPS, {"zone": self._zone.name, "ips": [lease_id]})
        except Rejected as exc:
            # It does not say why. What counts is whether the address is gone.
            if any(leased.id == lease_id for leased in await self.list()):
                raise Refused(NAME, exc.reason) from None

    @override
    async def list(self) -> Sequence[Leased]:
        try:
            answer = await self._calls.read(_IPS, {"zone": self._zone.name})
        except Rejected as exc:
            raise Refused(NAME, exc.reason) from None
        entries = answer.get("ips") if isinstance(answer, dict) else None
        # An answer that is not understood must not pass for "nothing is held".
        if not isinstance(entries, list):
            raise Down(NAME, "its list of addresses has no known form")
        return [self._leased(entry) for entry in entries]

    @override
    async def price(self) -> Decimal | None:
        return self._zone.price

    def _leased(self, entry: Any) -> Leased:  # noqa: ANN401 - what JSON holds
        ip = entry.get("ip") if isinstance(entry, dict) else None
        if not _is_address(ip):
            raise Down(NAME, "its list of addresses has an entry of no known form")
        return Leased(str(ip), _country(entry.get("maxmind")), self._zone.endpoint(str(ip)))


def _is_address(value: object) -> bool:
    if not isinstance(value, str):
        return False
    try:
        ipaddress.ip_address(value)
    except ValueError:
        return False
    return True


def _country(value: object) -> str:
    """The country as a database of places has it; empty where it has none."""
    try:
        return country_code(str(value))
    except NoSuchCountry:
        return ""
