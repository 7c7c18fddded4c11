"""Keeps the proxies that a text names; the chat and the command line both add this way."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from bot.proxy_standing import is_removed
from storage import journal, proxies
from storage.database import Database
from storage.journal import Entry
from storage.proxies import Endpoint, Proxy
from storage.tx import Tx
from userbot.proxies import Parsed, Parsing
from userbot.proxies.lines import Bad, Duplicate, Good

CHUNK = 100
_Key: TypeAlias = tuple[str, str, int, str]
_MAY_BE = ("socks5", "http")
"""What a line without a scheme may turn out to be."""
_MAY_HOLD_PASSWORD = re.compile(r"[:@][^:@\s/]+[:@]|\b(?:secret|pass)=", re.IGNORECASE)
"""More than a host and a port, in a line that could not be read."""


def may_hold_password(text: str, parsing: Parsing) -> bool:
    """Whether others had better not read it; a line that can't be read may hold one too."""
    if any(good.parsed.endpoint.password for good in parsing.good):
        return True
    return bool(parsing.bad) and _MAY_HOLD_PASSWORD.search(text) is not None


@dataclass(frozen=True, slots=True)
class New:
    """A line that brought a new proxy, or one that was removed before."""

    line: int
    id: int
    endpoint: Endpoint


@dataclass(frozen=True, slots=True)
class Added:
    """What became of the lines of a text."""

    new: Sequence[New]
    known: Sequence[Good]
    """Lines that name a proxy of the list."""
    bad: Sequence[Bad]
    duplicates: Sequence[Duplicate]

    @property
    def ids(self) -> set[int]:
        return {new.id for new in self.new}


async def add(database: Database, parsing: Parsing, *, actor: str) -> Added:
    """Keep the good lines; one without a scheme is a guess until a check finds out."""
    async with database.read() as tx:
        stored = {_key(proxy.endpoint): proxy for proxy in await proxies.those(tx)}
    new: list[New] = []
    known: list[Good] = []
    for start in range(0, len(parsing.good), CHUNK):
        # Short transactions: ten thousand lines take a minute, and others write between.
        async with database.transaction() as tx:
            chunk = parsing.good[start : start + CHUNK]
            fresh = [one for good in chunk if (one := await _add_one(tx, good, stored))]
            await journal.note_all(tx, list(_entries(tx, fresh, actor)))
        added = {one.line for one in fresh}
        new += fresh
        known += [good for good in chunk if good.line not in added]
    return Added(new, known, parsing.bad, parsing.duplicates)


async def _add_one(tx: Tx, good: Good, stored: Mapping[_Key, Proxy]) -> New | None:
    """None where it is in the list already."""
    endpoint, before = _as_stored(good.parsed, stored)
    if before is not None and not is_removed(before):
        return None
    is_guess = good.parsed.is_guess and before is None
    number = await proxies.add(tx, endpoint, is_guess=is_guess)
    return None if number is None else New(good.line, number, endpoint)


def _as_stored(parsed: Parsed, stored: Mapping[_Key, Proxy]) -> tuple[Endpoint, Proxy | None]:
    """A line without a scheme names whatever was found at its address."""
    for endpoint in _candidates(parsed):
        if before := stored.get(_key(endpoint)):
            return endpoint, before
    return parsed.endpoint, None


def _candidates(parsed: Parsed) -> list[Endpoint]:
    if not parsed.is_guess:
        return [parsed.endpoint]
    return [replace(parsed.endpoint, scheme=scheme) for scheme in _MAY_BE]


def _key(endpoint: Endpoint) -> _Key:
    return endpoint.scheme, endpoint.host, endpoint.port, endpoint.username


def _entries(tx: Tx, new: Iterable[New], actor: str) -> Iterable[Entry]:
    for one in new:
        yield Entry(tx.now, "proxy.added", None, actor, "", {"proxy": one.endpoint.name})
