"""The use cases of finding one account of many, and of ordering something of a whole list."""

import hashlib
import re
from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self

from bot.callbacks import By, GroupAct, OnList, Which
from storage import accounts, commands, finding, journal, labels, proxies, rounds, searches
from storage.accounts import Account
from storage.database import Database
from storage.finding import Candidate, Filter, Page
from storage.labels import Tagged
from storage.rounds import Round
from storage.tx import Tx
from storage.wakeups import Subscription
from userbot.states import State
from userbot.targets import BadPhone, parse_phone

PAGE = 8
MOST_MATCHES = 1000
LARGEST_ID = 2**63 - 1
LONGEST_SEARCH = 64
"""A longer text is none."""
STATES: dict[Which, frozenset[State]] = {
    Which.ALL: frozenset(),
    Which.CONNECTED: frozenset({State.ONLINE}),
    Which.TROUBLE: frozenset(state for state in State if state.is_trouble),
    Which.STOPPED: frozenset({State.STOPPED}),
}
_RUNNING = frozenset(state for state in State if not state.is_parked)
FIT: dict[GroupAct, frozenset[State]] = {
    GroupAct.RECONNECT: _RUNNING - {State.WAITING},
    GroupAct.START: frozenset({State.STOPPED}),
    GroupAct.START_SURE: frozenset({State.STOPPED}),
    GroupAct.STOP: _RUNNING,
    GroupAct.TAG: frozenset(State),
    GroupAct.MOVE: frozenset(State) - {State.NEW},
}
"""In which states an act makes a difference; nobody can shorten a wait."""
KINDS = {
    GroupAct.RECONNECT: "reconnect",
    GroupAct.START: "start",
    GroupAct.START_SURE: "start",
    GroupAct.STOP: "stop",
}
"""The commands of those acts that are one for each account."""
_ARGS = {GroupAct.START_SURE: {"nothing_else_uses_it": True}, GroupAct.STOP: {"force": True}}
"""What an order carries of what its operator has been asked."""
_NUMBER = re.compile(r"#?([1-9]\d{0,17})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of the list, and where it stands among the others."""

    asked: OnList
    """The button that leads here; its page is one that there is."""
    found: Sequence[Account]
    total: int
    counts: Mapping[Which, int]
    """How many a press on each of the other buttons would show."""
    named: str
    """What it is narrowed by: a proxy, a country, a tag, or what was searched for."""
    now: datetime

    @property
    def last(self) -> int:
        return max(0, (self.total - 1) // PAGE)


@dataclass(frozen=True, slots=True)
class Group:
    """Some accounts that a list can be narrowed to."""

    key: str
    name: str
    count: int


@dataclass(frozen=True, slots=True)
class Picked:
    """Whom of a list an act is about."""

    act: GroupAct
    fit: Sequence[Candidate]
    """Those for whom it makes a difference."""
    total: int
    """How many the list has."""

    @classmethod
    def of(cls, act: GroupAct, found: Sequence[Candidate]) -> Self:
        fit = [each for each in found if State(each.state) in FIT[act]]
        return cls(act, fit, len(found))

    @property
    def numbers(self) -> list[int]:
        return [each.id for each in self.fit]

    @property
    def elsewhere(self) -> int:
        """How many have a session that may be in use elsewhere."""
        return sum(each.is_elsewhere for each in self.fit)

    @property
    def ordered(self) -> list[int]:
        """Those of whom it is ordered: without a confirmation none starts that needs one."""
        asks = self.act is GroupAct.START
        return [each.id for each in self.fit if not (asks and each.is_elsewhere)]

    @property
    def one_time(self) -> int:
        """How many have a number that may never log in again."""
        return sum(each.one_time_phone for each in self.fit)

    @property
    def digest(self) -> str:
        """Stands for exactly these accounts, and for whom a confirmation is asked."""
        whole = " ".join(f"{each.id}{'?' * each.is_elsewhere}" for each in self.fit).encode()
        return hashlib.blake2b(whole, digest_size=3).hexdigest()


class Finding:
    """Finds accounts, and orders things of many of them."""

    def __init__(self, database: Database, *, per_second: float) -> None:
        """`per_second` is how many dials a second there are at most, for the words."""
        self._database = database
        self.per_second = per_second

    def answers(self) -> AbstractContextManager[Subscription]:
        """Wakes when an order was carried out."""
        return self._database.wakeups.subscribe(commands.DONE)

    async def page(self, asked: OnList) -> Listed | None:
        """The page; None where what it is narrowed by is not there any more."""
        async with self._database.read() as tx:
            narrowed = await _narrowed(tx, asked.by, asked.key)
            if narrowed is None:
                return None
            wanted, named = narrowed
            counts = _counts(await finding.by_state(tx, wanted))
            last = max(0, (counts[asked.which] - 1) // PAGE)
            number = min(max(asked.page, 0), last)
            found = await _page(tx, replace(wanted, states=STATES[asked.which]), number)
            at = asked.model_copy(update={"page": number})
            return Listed(at, found.found, found.total, counts, named, tx.now)

    async def groups(self, by: By) -> list[Group]:
        """What the list can be narrowed to, with how many accounts each has."""
        async with self._database.read() as tx:
            match by:
                case By.PROXY:
                    counts = await finding.by_proxy(tx)
                    known = {p.id: p.endpoint.name for p in await proxies.page(tx)}
                    return [Group(str(k), known.get(k, str(k)), n) for k, n in counts.items()]
                case By.COUNTRY:
                    found = await finding.by_country(tx)
                    return [Group(key, key.upper(), count) for key, count in found.items()]
                case By.TAG:
                    tags = await labels.tags(tx)
                    return [Group(searches.key_of(tag), tag, n) for tag, n in tags.items()]
                case _:
                    return []

    async def search(self, text: str, *, by: int) -> Account | OnList | None:
        """The one account that a text means, the list of several, or None."""
        words = plain(text)
        if not words:
            return None
        async with self._database.read() as tx:
            hits = await finding.page(tx, Filter(words=words), offset=0, limit=1)
        if hits.total <= 1:
            return hits.found[0] if hits.found else None
        async with self._database.transaction() as tx:
            key = await searches.remember(tx, by, words)
        return OnList(by=By.SEARCH, key=key)

    async def account(self, who: str, *, by: int) -> Account | OnList | None:
        """As `search`, but a number is the account's own, and the forgotten are found by theirs."""
        number = _NUMBER.fullmatch(plain(who))
        async with self._database.read() as tx:
            named = await accounts.get(tx, int(number[1])) if number else None
            if named is None:
                named = await _with_phone(tx, who)
        if named is not None:
            return named
        return None if who.strip().startswith("#") else await self.search(who, by=by)

    async def matches(self, text: str) -> list[Account]:
        """The accounts that a text may mean."""
        words = plain(text)
        if not words:
            return []
        async with self._database.read() as tx:
            page = await finding.page(tx, Filter(words=words), offset=0, limit=MOST_MATCHES)
        return list(page.found)

    async def remember(self, text: str, *, by: int) -> str:
        """Keep what was searched for, so that buttons can bear its key: `named` knows it by that."""
        async with self._database.transaction() as tx:
            return await searches.remember(tx, by, plain(text))

    async def candidates(self, asked: OnList) -> list[Candidate] | None:
        """All of a list, for an act; None where the list is not there any more."""
        async with self._database.read() as tx:
            narrowed = await _narrowed(tx, asked.by, asked.key)
            if narrowed is None:
                return None
            return await finding.candidates(tx, replace(narrowed[0], states=STATES[asked.which]))

    async def named(self, asked: OnList) -> str | None:
        """What a list is narrowed by; None where that is not there any more."""
        async with self._database.read() as tx:
            narrowed = await _narrowed(tx, asked.by, asked.key)
        return narrowed[1] if narrowed else None

    async def tags(self) -> dict[str, int]:
        """Every tag, and how many accounts bear it."""
        async with self._database.read() as tx:
            return await labels.tags(tx)

    async def order(self, act: GroupAct, numbers: Sequence[int], *, by: int) -> int:
        """Order it of all of these, a command each; returns the round."""
        args = _ARGS.get(act)
        async with self._database.transaction() as tx:
            return await rounds.order(tx, KINDS[act], numbers, by=by, args=args)

    async def round(self, round_id: int) -> Round | None:
        """How far an order for many is; None where there is none."""
        async with self._database.read() as tx:
            found = await rounds.get(tx, round_id)
        return found if found and found.kind in KINDS.values() else None

    async def tag(
        self, numbers: Collection[int], *, add: Sequence[str], remove: Sequence[str], by: int
    ) -> list[tuple[str, Tagged]]:
        """Give all of these tags, and take tags off them; what became of each."""
        async with self._database.transaction() as tx:
            gone = [(f"-{tag}", await labels.remove_tag(tx, numbers, tag)) for tag in remove]
            done = gone + [(tag, await labels.add_tag(tx, numbers, tag)) for tag in add]
            changed = {tag: len(tagged.changed) for tag, tagged in done if tagged.changed}
            if changed:
                actor = f"operator {by}"
                await journal.note(tx, "accounts.tagged", actor=actor, data={"tags": changed})
        return done


def plain(text: str) -> str:
    """What to search for: in one line, without what can't be seen; "" where it is none."""
    words = " ".join("".join(c for c in text if c.isprintable() or c.isspace()).split())
    return words if len(words) <= LONGEST_SEARCH else ""


async def _page(tx: Tx, wanted: Filter, number: int) -> Page:
    return await finding.page(tx, wanted, offset=number * PAGE, limit=PAGE)


async def _with_phone(tx: Tx, who: str) -> Account | None:
    try:
        return await accounts.with_phone(tx, parse_phone(who))
    except BadPhone:
        return None


def _counts(by_state: Mapping[str, int]) -> dict[Which, int]:
    return {
        which: sum(n for state, n in by_state.items() if not states or State(state) in states)
        for which, states in STATES.items()
    }


async def _narrowed(tx: Tx, by: By, key: str) -> tuple[Filter, str] | None:
    """The filter that a button names, and what that is called; None where it is gone."""
    match by:
        case By.NOTHING:
            return Filter(), ""
        case By.PROXY:
            return await _by_proxy(tx, key)
        case By.COUNTRY:
            is_code = len(key) == 2 and key.isascii() and key.isalpha()
            return (Filter(country=key), key.upper()) if is_code else None
        case By.TAG:
            tag = next((t for t in await labels.tags(tx) if searches.key_of(t) == key), None)
            return (Filter(tag=tag), tag) if tag else None
        case By.SEARCH:
            words = await searches.text_of(tx, key)
            return (Filter(words=words), words) if words else None


async def _by_proxy(tx: Tx, key: str) -> tuple[Filter, str] | None:
    is_id = key.isascii() and key.isdecimal() and int(key[:20]) <= LARGEST_ID
    proxy = await proxies.get(tx, int(key)) if is_id else None
    return (Filter(proxy_id=proxy.id), proxy.endpoint.name) if proxy else None
