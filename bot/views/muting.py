"""Which alerts are told: the switches of their kinds, and the mute of an account."""

from collections.abc import Set as AbstractSet
from datetime import datetime, tzinfo

from bot.callbacks import AccountAct, AlertAct, OnAccount, OnAlert, OnMute, OnSwitch
from bot.callbacks.alerts import UNTIL_UNMUTED
from bot.texts import Html, Texts
from bot.times import clock
from bot.views import accounts as account_views
from bot.views.view import Button, View, back, in_columns, lines, rows
from storage.accounts import Account
from storage.alert_switches import AlertKind
from storage.mutes import FOREVER

HOURS = (1, 8, 7 * 24, UNTIL_UNMUTED)


def switches(t: Texts, off: AbstractSet[AlertKind], told: str = "") -> View:
    """Each kind with its light and its switch; those that can't be switched off say why."""
    listed = [_line(t, kind, is_on=kind not in off) for kind in AlertKind]
    buttons = [_switch(t, kind, is_on=kind not in off) for kind in AlertKind if not kind.is_fixed]
    parts = [*([told, ""] if told else []), t("alerts"), *listed, t("alerts-muting")]
    return View(lines(parts), rows(*in_columns(buttons, 2), [back(t)]))


def muting(
    t: Texts,
    account: Account,
    until: datetime | None,
    *,
    now: datetime,
    zone: tzinfo,
    told: str = "",
) -> View:
    """Until when the account is muted, and for how long it can be."""
    name = account_views.name(account)
    parts = [told] if told else []
    if until is None:
        parts.append(t("mute-not", account=name))
    elif until >= FOREVER:
        parts.append(t("mute-forever", account=name))
    else:
        parts.append(t("mute-until", account=name, at=clock(until, now, zone)))
    parts.append(t("mute-important") if account.importance > 0 else t("mute-what"))
    choices = [_choice(t, account.id, hours) for hours in HOURS]
    unmute: list[Button] = []
    if until is not None:
        unmute = [(t("button-unmute"), OnMute(id=account.id, hours=0))]
    kinds: Button = (t("button-alerts"), OnAlert(act=AlertAct.SWITCHES))
    card: Button = (t("button-account"), OnAccount(act=AccountAct.SHOW, id=account.id))
    return View(lines(parts), rows(*in_columns(choices, 2), unmute, [card, kinds]))


def _line(t: Texts, kind: AlertKind, *, is_on: bool) -> Html:
    state = "fixed" if kind.is_fixed else "on" if is_on else "off"
    return t("alerts-line", kind=t(f"alerts-kind-{kind}"), state=state)


def _switch(t: Texts, kind: AlertKind, *, is_on: bool) -> Button:
    key = "button-alerts-off" if is_on else "button-alerts-on"
    return (t(key, kind=t(f"alerts-kind-{kind}")), OnSwitch(kind=kind, is_on=not is_on))


def _choice(t: Texts, account_id: int, hours: int) -> Button:
    if hours == UNTIL_UNMUTED:
        return (t("button-mute-forever"), OnMute(id=account_id, hours=hours))
    return (t("button-mute-for", hours=hours), OnMute(id=account_id, hours=hours))
