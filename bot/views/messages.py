"""An account's latest messages, as its userbot has read them."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, tzinfo
from typing import Any

from aiogram.types import InlineKeyboardMarkup

from bot.callbacks import AccountAct, OnAccount
from bot.texts import Html, Texts
from bot.times import moment
from bot.views import accounts as account_views
from bot.views.leaving import to_card
from bot.views.view import Button, View, age, lines, rows
from storage.accounts import Account


def reading(t: Texts, account: Account) -> View:
    return View(lines([_head(t, account), t("messages-reading")]))


def shown(t: Texts, account: Account, found: Mapping[str, Any], zone: tzinfo) -> View:
    """The newest first."""
    told = [_message(t, each, zone) for each in found["messages"]]
    text = lines([_head(t, account), *(told or [t("messages-none")])])
    return View(text, _keyboard(t, account))


def failed(t: Texts, account: Account, outcome: Mapping[str, Any] | None, state: str) -> View:
    """Why nothing was read; None: nobody has answered. `state` is the account's, in words."""
    has_no_line = outcome is not None and outcome.get("error") in {"not_connected", "lost"}
    mends: list[Button] = []
    if has_no_line and not account_views.state_of(account).is_parked:
        mends = [(t("button-reconnect"), OnAccount(act=AccountAct.RECONNECT, id=account.id))]
    return View(lines([_head(t, account), _why(t, outcome, state)]), _keyboard(t, account, mends))


def _why(t: Texts, outcome: Mapping[str, Any] | None, state: str) -> Html:
    match outcome["error"] if outcome else "":
        case "":
            return t("press-again-later")
        case "not_connected":
            return t("messages-not-connected", state=state)
        case "flood" if outcome:
            return t("messages-flood", age=age(t, timedelta(seconds=int(outcome["seconds"]))))
        case "lost":
            return t("messages-lost")
        case "refused" if outcome:
            return t("messages-refused", words=str(outcome.get("words", "")))
        case _:
            return t("fault")


def _head(t: Texts, account: Account) -> Html:
    return t("messages", account=account_views.name(account))


def _message(t: Texts, message: Mapping[str, Any], zone: tzinfo) -> Html:
    return t(
        "messages-out" if message["out"] else "messages-in",
        chat=message["chat"] or t("messages-somebody"),
        sender=t("messages-sender", who=message["from"]) if message["from"] else "",
        at=moment(datetime.fromisoformat(message["at"]), zone),
        holds=_holds(t, message),
    )


def _holds(t: Texts, message: Mapping[str, Any]) -> Html:
    """Its media in a word, and its text; what is invisible says so."""
    media, text = str(message["media"]), str(message["text"])
    word = t(f"holds-{media}") if media else Html("")
    if not text:
        return word or t("messages-no-text")
    return t("messages-text", media=Html(f"{word} ") if word else "", text=text)


def _keyboard(t: Texts, account: Account, mends: Sequence[Button] = ()) -> InlineKeyboardMarkup:
    again: Button = (t("button-refresh"), OnAccount(act=AccountAct.LAST, id=account.id))
    return rows(mends, [again, to_card(t, account.id)])
