"""Logging in, as operators see it."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from bot.callbacks import AccountAct, Go, Key, LoginAct, OnAccount, OnLogin, Room
from bot.texts import Html, Texts
from bot.views.view import Button, View, age, back, rows
from storage.proxies import Proxy

ERASE = "back"


def keypad(t: Texts, account_id: int, dialog: Mapping[str, Any], typed: int) -> View:
    """The keypad for a login code; shows how much is typed, never what."""
    length = int(dialog["length"])
    text = t(
        "login-code",
        phone=dialog["phone"],
        via=t(f"login-via-{dialog['via']}"),
        typed=" ".join("●" * typed + "○" * (length - typed)),
    )

    def key(digit: str) -> Button:
        label = t("button-erase") if digit == ERASE else digit
        return (label, Key(key=digit, id=account_id))

    more: list[Button] = []
    if dialog.get("can_resend"):
        more = [(t("button-resend-code"), OnLogin(act=LoginAct.RESEND, id=account_id))]
    keyboard = rows(
        [key("1"), key("2"), key("3")],
        [key("4"), key("5"), key("6")],
        [key("7"), key("8"), key("9")],
        [_cancel(t, account_id), key("0"), key(ERASE)],
        more,
    )
    return View(text, keyboard)


def ask_password(t: Texts, account_id: int, phone: str, hint: str) -> View:
    told = t("login-hint", hint=hint) if hint else ""
    return View(t("login-password", phone=phone, hint=told), rows([_cancel(t, account_id)]))


def connecting(t: Texts, proxy: Proxy | None, *, accounts: int, capacity: int) -> View:
    """Names the proxy before anything dials; `accounts` is how many it carries then."""
    if proxy is None:
        return View(t("login-connecting-plain"))
    full = _full(t, accounts, capacity)
    return View(t("login-connecting", proxy=proxy.endpoint.name, full=full))


def done(t: Texts, account_id: int, account: str, proxy: Proxy | None, *, capacity: int) -> View:
    """Names the proxy that it keeps, with a warning where that carries too many."""
    show: Button = (t("button-accounts"), OnAccount(act=AccountAct.SHOW, id=account_id))
    text = t(
        "login-done",
        account=account,
        proxy=t("login-proxy", proxy=proxy.endpoint.name) if proxy else "",
        full=_full(t, proxy.accounts, capacity) if proxy else "",
    )
    return View(text, rows([show], [back(t)]))


def _full(t: Texts, accounts: int, capacity: int) -> Html | str:
    if accounts <= capacity:
        return ""
    return t("login-proxy-full", accounts=accounts, capacity=capacity)


def error(t: Texts, outcome: Mapping[str, Any], account: str) -> View:
    """What went wrong, with the button that helps."""
    seconds = timedelta(seconds=int(outcome.get("seconds", 0)))
    kind = str(outcome["error"])
    text = t(
        f"login-error-{kind}",
        account=account,
        age=age(t, seconds),
        words=str(outcome.get("words", "")),
    )
    helping: list[Button] = []
    account_id = outcome.get("account")
    if kind == "no_proxy":
        helping = [(t("button-add-proxy"), Go(room=Room.ADD_PROXY))]
    elif kind == "no_connection" and not account_id:
        helping = [
            (t("button-proxies"), Go(room=Room.PROXIES)),
            (t("button-add-account"), Go(room=Room.ADD_ACCOUNT)),
        ]
    elif kind in {"code_expired", "interrupted", "no_connection", "no_other_way"} and account_id:
        helping = [(t("button-new-code"), OnLogin(act=LoginAct.AGAIN, id=int(account_id)))]
    return View(text, rows(helping, [back(t)]))


def _cancel(t: Texts, account_id: int) -> Button:
    return (t("button-cancel"), OnLogin(act=LoginAct.CANCEL, id=account_id))
