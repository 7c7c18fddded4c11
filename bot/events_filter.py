"""What a page of the journal is narrowed to: `/events`, `/events 17`, `/events proxies`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.callbacks import EventGroup, OnEvents, Way
from bot.views.happened import UNTOLD
from storage.journal_pages import Wanted

PAGE = 10
KINDS: Mapping[EventGroup, Sequence[str]] = {
    EventGroup.ALL: (),
    EventGroup.CONNECTION: ("state.", "reconnect.", "monitor.", "recovery."),
    EventGroup.LOGIN: ("enrolment.", "account."),
    EventGroup.PROXIES: ("proxy.",),
    EventGroup.SENDING: ("delivery.", "sending."),
    EventGroup.OPERATORS: ("operator.", "stranger", "alerts.", "accounts."),
    EventGroup.STORAGE: ("backup.", "database.", "storage.", "instance."),
}
"""What the kinds of a group begin with."""
_WORDS = {
    "all": EventGroup.ALL,
    "connection": EventGroup.CONNECTION,
    "connections": EventGroup.CONNECTION,
    "login": EventGroup.LOGIN,
    "logins": EventGroup.LOGIN,
    "proxies": EventGroup.PROXIES,
    "proxy": EventGroup.PROXIES,
    "sending": EventGroup.SENDING,
    "operators": EventGroup.OPERATORS,
    "storage": EventGroup.STORAGE,
    "instances": EventGroup.STORAGE,
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What was written behind the command."""

    group: EventGroup = EventGroup.ALL
    who: str = ""
    """The account, as it was named; empty: all."""


def parse(text: str) -> Asked:
    """The first word that names no group names an account; whether there is such one, is asked."""
    words = text.split()
    groups = [_WORDS[word.lower()] for word in words if word.lower() in _WORDS]
    others = [word for word in words if word.lower() not in _WORDS]
    return Asked(groups[-1] if groups else EventGroup.ALL, " ".join(others))


def wanted(page: OnEvents) -> Wanted:
    """Which entries a page is of."""
    return Wanted(page.account or None, KINDS[page.group], UNTOLD)


def edges(page: OnEvents) -> tuple[int, int]:
    """Older and newer than which entry the page is; 0: that is no matter."""
    return (page.edge, 0) if page.way is Way.OLDER else (0, page.edge)
