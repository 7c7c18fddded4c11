"""What went wrong with a login, with the button that helps."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from bot.callbacks import (
    AccountAct,
    Go,
    LoginAct,
    OnAccount,
    OnLogin,
    OnProxy,
    ProxyAct,
    Room,
)
from bot.texts import Texts
from bot.views.view import Button, View, age, back, rows

_NEW_CODE = {"code_expired", "interrupted", "no_connection", "no_other_way", "restart"}
_BY_PICTURE = {
    "email_setup",
    "no_other_way",
    "other_user",
    "password_protected",
    "payment_required",
    "phone_flood",
    "phone_invalid",
    "qr_expired",
    "qr_timeout",
    "sms_failed",
    "update_app",
}
"""A phone that is logged in needs no code."""
_NAMED = {"already_enrolled", "flood", "number_taken", "same_user"}
"""These name an account whose card says more."""
_ANEW = {"gone", "internal", "no_account", "restart"}
"""A login can be begun once more."""


def error(
    t: Texts,
    outcome: Mapping[str, Any],
    account: str,
    *,
    proxy_id: int | None = None,
    is_forgotten: bool = False,
) -> View:
    """What went wrong, and what can be done about it.

    `proxy_id` is the proxy of the account; one that is forgotten has no card.
    """
    kind = str(outcome["error"])
    text = t(
        f"login-error-{kind}",
        account=account,
        age=age(t, timedelta(seconds=int(outcome.get("seconds", 0)))),
        words=str(outcome.get("words", "")),
    )
    helping = _helping(t, kind, outcome, proxy_id, has_card=not is_forgotten)
    return View(text, rows(*helping, [back(t)]))


def discarded(t: Texts) -> View:
    return View(t("login-discarded"), rows([back(t, Room.ACCOUNTS)]))


def _helping(
    t: Texts, kind: str, outcome: Mapping[str, Any], proxy_id: int | None, *, has_card: bool
) -> list[list[Button]]:
    account_id = int(outcome.get("account") or 0)
    if kind == "no_proxy":
        return [[(t("button-add-proxy"), Go(room=Room.ADD_PROXY))]]
    if kind == "no_connection" and not account_id:
        proxies: Button = (t("button-proxies"), Go(room=Room.PROXIES))
        return [[proxies, (t("button-add-account"), Go(room=Room.ADD_ACCOUNT))]]
    found: list[Button] = []
    if kind == "no_connection" and proxy_id is not None:
        found.append((t("button-proxy"), OnProxy(act=ProxyAct.SHOW, id=proxy_id)))
    if kind in _NAMED and account_id and has_card:
        found.append((t("button-account"), OnAccount(act=AccountAct.SHOW, id=account_id)))
    if kind in _NEW_CODE and account_id:
        found.append((t("button-new-code"), OnLogin(act=LoginAct.AGAIN, id=account_id)))
    elif kind in _ANEW:
        found.append(_anew(t, kind, account_id))
    if kind in _BY_PICTURE:
        found.append((t("login-button-qr"), OnLogin(act=LoginAct.QR, id=account_id)))
    return [found, _with_spare(t, kind, int(outcome.get("spare") or 0))]


def _anew(t: Texts, kind: str, account_id: int) -> Button:
    if kind == "gone" or not account_id:
        return (t("button-add-account"), Go(room=Room.ADD_ACCOUNT))
    return (t("button-log-in"), OnLogin(act=LoginAct.AGAIN, id=account_id))


def _with_spare(t: Texts, kind: str, spare: int) -> list[Button]:
    """What becomes of a login that came through and can't be kept beside another account."""
    if not spare:
        return []
    if kind == "number_taken":
        return [(t("login-button-go-on"), OnLogin(act=LoginAct.QR, id=spare))]
    return [(t("login-button-discard"), OnLogin(act=LoginAct.DISCARD, id=spare))]
