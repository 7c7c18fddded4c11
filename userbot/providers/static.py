"""Proxies that the operator has anyway, each with its country, as a provider.

One to a line: `country,proxy`, for example `be,203.0.113.7:1080:user:password`. Empty lines and
lines that begin with # count for nothing.
"""

from collections.abc import Collection, Sequence
from decimal import Decimal
from pathlib import Path

from typing_extensions import override

from storage.proxies import Endpoint
from userbot.providers.countries import country_code
from userbot.providers.errors import OutOfStock
from userbot.providers.protocol import Leased, Provider
from userbot.proxies import BadProxyLine, parse

NAME = "static list"


class BadList(ValueError):
    """Lines of the list are wrong; `faults` has a line for each, with its number and no secret."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


class StaticList(Provider):
    """All of the list is held for ever and costs nothing; a lease gives out what nobody has yet."""

    def __init__(self, proxies: Sequence[Leased], *, given: Collection[str] = ()) -> None:
        """`given` are the ids that accounts have already."""
        self._proxies = tuple(proxies)
        self._given = set(given)

    @property
    @override
    def name(self) -> str:
        return NAME

    @override
    async def lease(self, country: str) -> Leased:
        wanted = country_code(country)
        for proxy in self._proxies:
            if proxy.country == wanted and proxy.id not in self._given:
                self._given.add(proxy.id)
                return proxy
        raise OutOfStock(NAME, wanted)

    @override
    async def release(self, lease_id: str) -> None:
        self._given.discard(lease_id)

    @override
    async def list(self) -> Sequence[Leased]:
        return self._proxies

    @override
    async def price(self) -> Decimal | None:
        return Decimal(0)


def load(path: Path) -> tuple[Leased, ...]:
    """The list in that file. Raises `BadList`."""
    try:
        return read(path.read_text(encoding="utf-8-sig"))
    except OSError as exc:
        raise BadList([f"can't be read: {exc.strerror}"]) from None
    except UnicodeDecodeError:
        raise BadList(["is not text in UTF-8"]) from None


def read(text: str) -> tuple[Leased, ...]:
    """The proxies of a list, in its order. Raises `BadList` with every fault of it."""
    found: dict[str, Leased] = {}
    lines: dict[str, int] = {}
    faults: list[str] = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        try:
            proxy = _proxy(line)
        except ValueError as exc:
            faults.append(f"line {number}: {exc}")
            continue
        if proxy.id in found:
            faults.append(f"line {number}: the proxy of line {lines[proxy.id]} again")
        found.setdefault(proxy.id, proxy)
        lines.setdefault(proxy.id, number)
    if faults:
        raise BadList(faults)
    return tuple(found.values())


def _proxy(line: str) -> Leased:
    country, comma, rest = line.partition(",")
    if not comma or len(country.strip()) != 2:  # what stands there may be a password
        raise ValueError("expected country,proxy such as be,203.0.113.7:1080:user:password")
    code = country_code(country)
    try:
        endpoint = parse(rest.strip())
    except BadProxyLine as exc:
        raise ValueError(exc.reason) from None
    return Leased(_id(endpoint), code, endpoint)


def _id(endpoint: Endpoint) -> str:
    """Address and user name: what tells two entries apart; never the password."""
    user = f"{endpoint.username}@" if endpoint.username else ""
    return f"{endpoint.scheme}://{user}{endpoint.name}"
