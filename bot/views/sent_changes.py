"""Changes of what was sent: what is asked, and what came of it. The chat's latest messages."""

import html
from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import Any

from bot.callbacks import AccountAct, DeliveryAct, Go, OnAccount, OnDelivery, Room
from bot.delivery_desk import NOT_ANSWERED
from bot.stories import Story
from bot.texts import Html, Texts
from bot.times import moment
from bot.views.accounts import state_of
from bot.views.reasons import readable
from bot.views.sending import in_group
from bot.views.view import Button, View, lines, rows
from storage.delivery import Delivery
from userbot.sending.orders import LOST, NOT_CONNECTED

LONGEST = 300
"""So much of a message is shown."""
_CODES = {"unknown_command", "unknown_account", "internal", "interrupted", "unreadable"}
"""What an order is answered with where nobody could carry it out."""
_NO_LINE = {NOT_CONNECTED, LOST}


def ask_text(t: Texts, story: Story, *, is_group: bool) -> View:
    question = View(t("edit-ask", target=story.head.target), rows([_cancel(t)]))
    return in_group(t, question) if is_group else question


def too_long(t: Texts, length: int, most: int) -> View:
    return View(t("edit-too-long", length=length, most=most), rows([_cancel(t)]))


def edited(t: Texts, delivery: Delivery, why_not: str) -> View:
    """What came of it, and the way back to the card; where it failed, one to try again."""
    card = _card(t, delivery)
    if not why_not:
        return View(t("edited"), rows([card]))
    again: Button = (t("button-edit"), OnDelivery(act=DeliveryAct.EDIT, id=delivery.id))
    return View(t("not-edited", why=_why(t, why_not)), rows([again], [card]))


def ask_delete(t: Texts, story: Story) -> View:
    """What deleting does, before it is done."""
    words = t("delete-ask", target=story.head.target, count=len(story.standing))
    now = _button(t, "button-delete-now", DeliveryAct.DELETE_NOW, story)
    return View(words, rows([now], [_button(t, "button-keep-message", DeliveryAct.SHOW, story)]))


def not_deleted(t: Texts, story: Story, why_not: str) -> View:
    again = _button(t, "button-delete-now", DeliveryAct.DELETE_NOW, story)
    return View(t("not-deleted", why=_why(t, why_not)), rows([again], [_card(t, story.head)]))


def fetching(t: Texts, delivery: Delivery) -> View:
    return View(lines([t("last", target=delivery.target), t("last-fetching")]))


def last(t: Texts, story: Story, found: Mapping[str, Any]) -> View:
    """The latest messages, the newest below, as in the chat."""
    head = t("last", target=story.head.target)
    card = [_card(t, story.head)]
    if "error" in found:
        why = str(found["error"])
        told = lines([head, t("last-failed", why=_why(t, why))])
        return View(told, rows(_mending(t, story, why), card))
    messages = [_message(t, message, story.zone) for message in found["messages"]]
    return View(lines([head, *(messages or [t("last-none")])]), rows(card))


def _mending(t: Texts, story: Story, why: str) -> list[Button]:
    """Where the account has no line, and is to have one."""
    sender = story.sender
    if sender is None or why not in _NO_LINE or state_of(sender).is_parked:
        return []
    return [(t("button-reconnect"), OnAccount(act=AccountAct.RECONNECT, id=sender.id))]


def _message(t: Texts, message: Mapping[str, Any], zone: tzinfo) -> Html:
    at = datetime.fromisoformat(message["at"]).astimezone(zone)
    who = t("last-me") if message["out"] else str(message["from"])
    text = str(message["text"])
    cut = text if len(text) <= LONGEST else text[:LONGEST] + "…"
    shown = Html(html.escape(cut, quote=False))
    return t("last-line", who=who, at=moment(at, zone), text=shown)


def _why(t: Texts, words: str) -> Html | str:
    if words == NOT_ANSWERED:
        return t("why-no-answer")
    return t("why-not-carried-out") if words in _CODES else readable(t, words)


def _button(t: Texts, key: str, act: DeliveryAct, story: Story) -> Button:
    return (t(key), OnDelivery(act=act, id=story.head.id))


def _card(t: Texts, delivery: Delivery) -> Button:
    return (t("button-card"), OnDelivery(act=DeliveryAct.SHOW, id=delivery.id))


def _cancel(t: Texts) -> Button:
    return (t("button-cancel"), Go(room=Room.CANCEL))
