"""Which accounts a start brings back, and in which order. Pure."""

from collections import Counter
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import phonenumbers

from storage.accounts import Account, Desired
from userbot.states import State

PRIORITY_COUNTRIES = ("us", "gb", "de", "fr", "ca")
DAY_S = 24 * 3600.0
NO_ACCOUNT = "there is no account"
ASLEEP = "it was not used lately; it connects when it is needed"


@dataclass(frozen=True, slots=True)
class Rules:
    """What decides about a start."""

    countries: Sequence[str] = PRIORITY_COUNTRIES
    """Two letters each, as in a number's country; the first ones come back first."""
    window_s: float = DAY_S
    """An account that need not always be online comes back if it was so long ago, or later."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a start does with each account."""

    returning: Sequence[Account] = ()
    """Dialled, in this order."""
    asleep: Sequence[Account] = ()
    """Not dialled before there is something to do."""
    parked: Sequence[Account] = ()
    """Only an operator's act brings them on."""

    def of(self, claimed: Container[int]) -> "Plan":
        """The same for the accounts that were to be had."""
        return Plan(
            *(
                [account for account in part if account.id in claimed]
                for part in (self.returning, self.asleep, self.parked)
            )
        )

    @property
    def why_none(self) -> str:
        """Why no account comes back; empty where one does."""
        if self.returning:
            return ""
        if not (self.asleep or self.parked):
            return NO_ACCOUNT
        counts = Counter(_why_parked(account) for account in self.parked)
        if self.asleep:
            counts["not used lately"] = len(self.asleep)
        return ", ".join(f"{count} {words}" for words, count in counts.items())


def make_plan(found: Iterable[Account], rules: Rules, now: datetime) -> Plan:
    """What a start does with these accounts."""
    returning: list[Account] = []
    asleep: list[Account] = []
    parked: list[Account] = []
    for account in found:
        if _is_parked(account):
            parked.append(account)
        elif _may_sleep(account, rules, now):
            asleep.append(account)
        else:
            returning.append(account)
    return Plan(recovery_order(returning, rules.countries), asleep, parked)


def recovery_order(found: Iterable[Account], countries: Sequence[str]) -> list[Account]:
    """Importance first, then the number's country, then the latest activity (S1.3).

    Countries in the order given, then all others, then numbers of no country.
    """
    ranks = {country.upper(): rank for rank, country in enumerate(countries)}

    def place(account: Account) -> tuple[int, int, float, int]:
        country = country_of(account.phone)
        rank = len(ranks) + 1 if country is None else ranks.get(country, len(ranks))
        last = account.last_online_at
        seen = last.timestamp() if last else float("-inf")
        return -account.importance, rank, -seen, account.id

    return sorted(found, key=place)


def country_of(phone: str) -> str | None:
    """The two letters of a number's country; None where the number is not valid anywhere."""
    try:
        number: Any = phonenumbers.parse(phone)
    except phonenumbers.NumberParseException:
        return None
    return phonenumbers.region_code_for_number(number)


def _is_parked(account: Account) -> bool:
    waits = {State.NEW, State.NEEDS_LOGIN, State.BANNED}
    return account.desired is Desired.STOP or State(account.observed.state) in waits


def _may_sleep(account: Account, rules: Rules, now: datetime) -> bool:
    if account.always_online:
        return False
    last = account.last_online_at
    return last is None or now - last > timedelta(seconds=rules.window_s)


def _why_parked(account: Account) -> str:
    match State(account.observed.state):
        case State.NEW:
            return "not logged in yet"
        case State.NEEDS_LOGIN:
            return "in need of a login"
        case State.BANNED:
            return "banned"
        case _:
            return "stopped"
