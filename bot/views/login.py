"""Logging in, as operators see it."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from bot.callbacks import AccountAct, Go, Key, LoginAct, OnAccount, OnLogin, Room
from bot.texts import Html, Texts
from bot.views import account_settings
from bot.views.view import Button, LinkButton, View, age, back, lines, rows
from storage.accounts import Account
from storage.proxies import Proxy

ERASE = "back"
END = "end"
_SPELLED = {"word", "phrase"}
"""Codes that no keypad has keys for."""


def ask_phone(t: Texts) -> View:
    """The ways to enrol an account."""
    qr: Button = (t("login-button-qr"), OnLogin(act=LoginAct.QR, id=0))
    importing: Button = (t("login-button-import"), OnLogin(act=LoginAct.IMPORT, id=0))
    return View(t("login-ask-phone"), rows([qr, importing], [_leave(t)]))


def bad_phone(t: Texts, reason: str) -> View:
    return View(t("login-bad-phone", reason=reason), rows([_leave(t)]))


def no_such_phone(t: Texts) -> View:
    """Telegram does not know the number; another one can be sent."""
    return View(t("login-no-such-phone"), rows([_leave(t)]))


def _leave(t: Texts) -> Button:
    return (t("button-cancel"), Go(room=Room.CANCEL))


def keypad(
    t: Texts, account_id: int, dialog: Mapping[str, Any], typed: int, now: datetime
) -> View:
    """The keypad for a login code; shows how much is typed, never what."""
    more: list[list[Button | LinkButton]] = [
        [*_resend(t, account_id, dialog, now), *_link(t, dialog)],
        [_by_picture(t, account_id)],
    ]
    parts = [t("login-code", phone=dialog["phone"], via=_via(t, dialog)), *_reset(t, dialog)]
    if dialog["via"] in _SPELLED:
        return View(lines(parts), rows(*more, [_cancel(t, account_id)]))
    length = int(dialog["length"])
    circles = "●" * typed + "○" * max(0, length - typed)
    parts.append(t("login-keys", typed=" ".join(circles) or "…"))

    def key(digit: str) -> Button:
        label = t("button-erase") if digit == ERASE else digit
        return (label, Key(key=digit, id=account_id))

    end: list[Button] = [(t("login-button-end"), Key(key=END, id=account_id))]
    keyboard = rows(
        [key("1"), key("2"), key("3")],
        [key("4"), key("5"), key("6")],
        [key("7"), key("8"), key("9")],
        [_cancel(t, account_id), key("0"), key(ERASE)],
        [] if length else end,
        *more,
    )
    return View(lines(parts), keyboard)


def _via(t: Texts, dialog: Mapping[str, Any]) -> Html:
    where, length = str(dialog.get("where", "")), int(dialog["length"])
    return t(f"login-via-{dialog['via']}", where=where, length=length)


def _reset(t: Texts, dialog: Mapping[str, Any]) -> list[Html]:
    """When an e-mail address that nobody can read any more would be reset."""
    seconds = dialog.get("reset_s")
    if seconds is None:
        return []
    return [t("login-email-reset", age=age(t, timedelta(seconds=int(seconds))))]


def resend_left(dialog: Mapping[str, Any], now: datetime) -> timedelta:
    """How long Telegram wants nobody to ask for the code another way; not positive: now."""
    at = dialog.get("resend_at")
    return datetime.fromisoformat(at) - now if at else timedelta()


def _resend(
    t: Texts, account_id: int, dialog: Mapping[str, Any], now: datetime
) -> list[Button | LinkButton]:
    way, left = dialog.get("next"), resend_left(dialog, now)
    if way is None:
        return []
    label = t("button-resend-code") if way == "other" else t(f"login-resend-{way}")
    if left > timedelta():
        label = t("login-resend-later", label=label, age=age(t, left))
    return [(label, OnLogin(act=LoginAct.RESEND, id=account_id))]


def _link(t: Texts, dialog: Mapping[str, Any]) -> list[LinkButton]:
    return [(t("login-button-fragment"), str(dialog["url"]))] if dialog.get("url") else []


def _by_picture(t: Texts, account_id: int) -> Button:
    return (t("login-button-qr-instead"), OnLogin(act=LoginAct.QR, id=account_id))


def ask_password(t: Texts, account_id: int, dialog: Mapping[str, Any]) -> View:
    """Two-step verification wants its password; with what Telegram tells of it."""
    hint, reset_s = str(dialog.get("hint", "")), dialog.get("reset_s")
    parts = [t("login-password", phone=dialog.get("phone") or t("login-the-account"))]
    if hint:
        parts.append(t("login-hint", hint=hint))
    if reset_s is not None:
        parts.append(t("login-password-reset", age=age(t, timedelta(seconds=int(reset_s)))))
    return View(lines(parts), rows([_cancel(t, account_id)]))


def connecting(t: Texts, proxy: Proxy | None, *, accounts: int, capacity: int) -> View:
    """Names the proxy before anything dials; `accounts` is how many it carries then."""
    if proxy is None:
        return View(t("login-connecting-plain"))
    full = _full(t, accounts, capacity)
    return View(t("login-connecting", proxy=proxy.endpoint.name, full=full))


def picture(t: Texts, account_id: int) -> View:
    """What stands below the picture to scan."""
    anew: Button = (t("login-button-anew"), OnLogin(act=LoginAct.QR, id=account_id))
    return View(t("login-picture"), rows([anew, _cancel(t, account_id)]))


def done(t: Texts, account: Account, called: str, proxy: Proxy | None, *, capacity: int) -> View:
    """Names the proxy that it keeps, with a warning where that carries too many.

    What is set of it stands below, to be changed by a press.
    """
    show: Button = (t("button-account"), OnAccount(act=AccountAct.SHOW, id=account.id))
    text = t(
        "login-done",
        account=called,
        proxy=t("login-proxy", proxy=proxy.endpoint.name) if proxy else "",
        full=_full(t, proxy.accounts, capacity) if proxy else "",
    )
    return View(text, rows(*account_settings.buttons(t, account), [show, back(t)]))


def _full(t: Texts, accounts: int, capacity: int) -> Html | str:
    if accounts <= capacity:
        return ""
    return t("login-proxy-full", accounts=accounts, capacity=capacity)


def _cancel(t: Texts, account_id: int) -> Button:
    return (t("button-cancel"), OnLogin(act=LoginAct.CANCEL, id=account_id))
