"""Alerts about accounts that Telegram has frozen: what that means, and what can be done."""

from bot.callbacks import AccountAct, OnAccount, below
from bot.times import day
from bot.views import accounts as account_views
from bot.views.alerts import Setting
from bot.views.view import View, age, due, lines, rows
from storage.account import Account, Freeze
from storage.incidents import Ending, Incident, account_of

_OVER = {
    Ending.FORGOTTEN: "frozen-forgotten",
    Ending.LOGGED_OUT: "frozen-logged-out",
    Ending.TURNED: "frozen-banned",
}


def opened(on: Setting, incident: Incident, account: Account | None) -> View:
    """Since when, that it goes on reading, until when and where an appeal can be made."""
    t = on.t
    told = account.freeze if account is not None else Freeze()
    parts = [
        t(
            "frozen",
            account=_name(incident, account),
            at=on.clock(told.since or incident.opened_at),
        )
    ]
    if told.until is not None:
        last = day(told.until, on.zone)
        parts.append(t("frozen-until", at=last, due=due(t, told.until, on.now)))
    has_page = bool(told.appeal_url)
    parts.append(t("frozen-appeal-at", url=told.appeal_url) if has_page else t("frozen-appeal"))
    if account is None:
        return View(lines(parts))
    card = below(OnAccount(act=AccountAct.SHOW, id=account.id))
    return View(lines(parts), rows([(t("button-card-of"), card)]))


def over(on: Setting, incident: Incident, account: Account | None) -> View:
    """It may write again; or it is banned; or nobody is concerned any more."""
    closed_at = incident.closed_at or on.now
    text = on.t(
        _OVER.get(incident.ending, "frozen-over"),
        account=_name(incident, account),
        to=on.clock(closed_at),
        age=age(on.t, closed_at - incident.opened_at),
        **{"from": on.clock(incident.opened_at)},
    )
    return View(text)


def _name(incident: Incident, account: Account | None) -> str:
    return account_views.name(account) if account else f"#{account_of(incident.subject)}"
