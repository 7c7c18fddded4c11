"""Alerts about one account: what broke, in plain words, and the buttons that mend it."""

from dataclasses import dataclass
from datetime import datetime, tzinfo

from bot.callbacks import AccountAct, OnAccount, OnMute, below
from bot.texts import Texts
from bot.times import clock
from bot.views import accounts as account_views
from bot.views.view import Button, View, age, rows
from storage.accounts import Account
from storage.incidents import FOR_OPERATORS, Ending, Incident

MUTE_HOURS = 8
"""How long the button on an alert mutes its account."""
_OVER = {
    Ending.RECOVERED: "alert-over",
    Ending.STOPPED: "alert-stopped",
    Ending.FORGOTTEN: "alert-forgotten",
    Ending.LOGGED_OUT: "alert-logged-out",
}


@dataclass(frozen=True, slots=True)
class Setting:
    """What alerts need to know besides what they are about."""

    t: Texts
    now: datetime
    zone: tzinfo
    attempts: int
    """How many attempts a reconnect has (MAX_RECONNECT_ATTEMPTS)."""

    def clock(self, at: datetime) -> str:
        return clock(at, self.now, self.zone)


def opened(on: Setting, incident: Incident, account: Account | None) -> View:
    """What is wrong with the account, since when and why."""
    is_for_good = account is not None and account_views.waits_for_operator(account)
    text = on.t(
        "alert-for-good" if is_for_good else f"alert-{incident.kind}",
        account=name(incident, account),
        at=on.clock(incident.opened_at),
        cause=incident.cause,
        attempts=on.attempts,
        number=str(incident.account_id),
    )
    return View(text, rows(*_buttons(on.t, incident, is_for_good=is_for_good)))


def over(on: Setting, incident: Incident, account: Account | None) -> View:
    """How it ended, and how long it was; what it was stays to be read."""
    closed_at = incident.closed_at or incident.opened_at
    text = on.t(
        _OVER[incident.ending],
        account=name(incident, account),
        to=on.clock(closed_at),
        age=age(on.t, closed_at - incident.opened_at),
        cause=incident.cause,
        **{"from": on.clock(incident.opened_at)},
    )
    return View(text)


def is_back(on: Setting, incident: Incident, account: Account | None) -> View:
    """The same aloud, in a line."""
    lasted = (incident.closed_at or on.now) - incident.opened_at
    return View(on.t("alert-is-back", account=name(incident, account), age=age(on.t, lasted)))


def reminder(on: Setting, incident: Incident, account: Account | None) -> View:
    """It is still so, and only an operator can mend it."""
    text = on.t(
        f"remind-{incident.kind}",
        account=name(incident, account),
        at=on.clock(incident.opened_at),
        cause=incident.cause,
        number=str(incident.account_id),
    )
    return View(text, rows(*_buttons(on.t, incident, is_for_good=False)))


def name(incident: Incident, account: Account | None) -> str:
    """The account's name; one that is gone has its number."""
    return account_views.name(account) if account else f"#{incident.account_id}"


def _buttons(t: Texts, incident: Incident, *, is_for_good: bool) -> list[list[Button]]:
    number = incident.account_id
    if number is None:
        return []
    shown: list[Button] = []
    if incident.kind == "needs_login":
        # It begins in a message of its own.
        shown.append((t("button-log-in"), OnAccount(act=AccountAct.LOGIN, id=number)))
    elif incident.kind != "banned":
        label = t("button-connect" if is_for_good else "button-reconnect")
        shown.append((label, below(OnAccount(act=AccountAct.RECONNECT, id=number))))
    card: Button = (t("button-card-of"), below(OnAccount(act=AccountAct.SHOW, id=number)))
    if incident.kind in FOR_OPERATORS:
        return [[*shown, card]]
    muting = below(OnMute(id=number, hours=MUTE_HOURS))
    return [[*shown, card], [(t("button-mute-for", hours=MUTE_HOURS), muting)]]
