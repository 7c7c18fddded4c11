"""Which accounts a list shows: narrowed, searched and counted by the database, page by page."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, false, func, or_, select, true

from storage import accounts
from storage.accounts import Account
from storage.schema import account_tags, proxies
from storage.schema import accounts as table
from storage.tx import Tx

MOST_WORDS = 8
"""Further words of a search are not looked for."""
_NUMBER_NOISE = re.compile(r"[\s().•…-]")
_LARGEST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Filter:
    """Which accounts; what says nothing says all. Those that were forgotten are never among them."""

    states: Collection[str] = ()
    proxy_id: int | None = None
    country: str | None = None
    """The account's own, or else its proxy's; ISO 3166, lower case."""
    tag: str | None = None
    words: str = ""
    """What label, @username, name or the end of the phone number has, in any case of letters."""


@dataclass(frozen=True, slots=True)
class Page:
    found: Sequence[Account]
    total: int
    """How many there are on all pages."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """An account as far as an act on many must know it."""

    id: int
    state: str
    one_time_phone: bool
    is_elsewhere: bool = False
    """Whether its session may be in use elsewhere: only a confirmation starts it."""


async def page(tx: Tx, wanted: Filter, *, offset: int, limit: int) -> Page:
    """The accounts in the order of their numbers."""
    where = _where(wanted)
    row = await tx.one(select(func.count().label("n")).select_from(_FROM).where(where))
    return Page(await accounts.those(tx, where, offset=offset, limit=limit), row.n if row else 0)


async def candidates(tx: Tx, wanted: Filter) -> list[Candidate]:
    """All of them, in short."""
    rows = await tx.all(
        select(table.c.id, table.c.state, table.c.one_time_phone, table.c.elsewhere)
        .select_from(_FROM)
        .where(_where(wanted))
        .order_by(table.c.id)
    )
    return [
        Candidate(row.id, row.state, row.one_time_phone, row.elsewhere is not None) for row in rows
    ]


async def by_state(tx: Tx, wanted: Filter) -> dict[str, int]:
    """How many there are in each state; the states of the filter do not count."""
    rows = await tx.all(
        select(table.c.state, func.count().label("n"))
        .select_from(_FROM)
        .where(_where(replace(wanted, states=())))
        .group_by(table.c.state)
    )
    return {row.state: row.n for row in rows}


async def by_proxy(tx: Tx) -> dict[int, int]:
    """How many accounts keep each proxy, by the proxies' ids."""
    return await _counted(tx, table.c.proxy_id)


async def by_country(tx: Tx) -> dict[str, int]:
    """How many accounts are in each country, by its code."""
    return await _counted(tx, _country())


async def _counted(tx: Tx, key: ColumnElement[Any]) -> dict[Any, int]:
    rows = await tx.all(
        select(key.label("key"), func.count().label("n"))
        .select_from(_FROM)
        .where(_where(Filter()), key.is_not(None))
        .group_by(key)
        .order_by(key)
    )
    return {row.key: row.n for row in rows}


_FROM = table.outerjoin(proxies, table.c.proxy_id == proxies.c.id)


def _country() -> ColumnElement[Any]:
    return func.coalesce(table.c.country, proxies.c.country, proxies.c.exit_country)


def _where(wanted: Filter) -> ColumnElement[bool]:
    parts: list[ColumnElement[bool]] = [table.c.removed_at.is_(None)]
    if wanted.states:
        parts.append(table.c.state.in_(sorted(wanted.states)))
    if wanted.proxy_id is not None:
        is_id = 0 < wanted.proxy_id <= _LARGEST
        parts.append(table.c.proxy_id == wanted.proxy_id if is_id else false())
    if wanted.country is not None:
        parts.append(_country() == wanted.country)
    if wanted.tag is not None:
        bears = account_tags.c.account_id == table.c.id
        parts.append(exists().where(bears, account_tags.c.tag == wanted.tag))
    if wanted.words:
        parts.append(or_(_is_numbered(wanted.words), _says(wanted.words)))
    return and_(*parts)


def _is_numbered(words: str) -> ColumnElement[bool]:
    """Whether that is the account's own number, its phone, or the end of that."""
    digits = _NUMBER_NOISE.sub("", words)
    if digits.startswith("+"):
        return table.c.phone == digits
    if not (digits.isascii() and digits.isdecimal()):
        return false()
    is_end = table.c.phone.endswith(digits, autoescape=True)
    return or_(is_end, table.c.id == int(digits)) if int(digits) <= _LARGEST else is_end


def _says(words: str) -> ColumnElement[bool]:
    """Whether each word is somewhere in what the account is called."""
    named = [_has(word) for word in words.split()[:MOST_WORDS]]
    return and_(true(), *named)


def _has(word: str) -> ColumnElement[bool]:
    if word.startswith("@") and len(word) > 1:
        return table.c.username.istartswith(word[1:], autoescape=True)
    # Neither SQLite nor every PostgreSQL knows the cases of letters beyond ASCII: the usual ones
    # are looked for by themselves.
    forms = sorted({word, word.lower(), word.upper(), word.capitalize()})
    columns = (table.c.label, table.c.username, table.c.name)
    return or_(*(c.icontains(form, autoescape=True) for c in columns for form in forms))
