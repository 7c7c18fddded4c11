"""Changes of what was sent: what is asked, and what came of it. The chat's latest messages."""

import html
from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import Any

from bot.callbacks import DeliveryAct, Go, OnDelivery, Room
from bot.delivery_desk import NOT_ANSWERED
from bot.stories import Story
from bot.texts import Html, Texts
from bot.views.sending import in_group
from bot.views.view import Button, View, lines, rows
from storage.delivery import Delivery

LONGEST = 300
"""So much of a message is shown."""
_CODES = {"unknown_command", "unknown_account", "internal", "interrupted", "unreadable"}
"""What an order is answered with where nobody could carry it out."""


def ask_text(t: Texts, story: Story, *, is_group: bool) -> View:
    question = View(t("edit-ask", target=story.head.target), rows([_cancel(t)]))
    return in_group(t, question) if is_group else question


def too_long(t: Texts, length: int, most: int) -> View:
    return View(t("edit-too-long", length=length, most=most), rows([_cancel(t)]))


def edited(t: Texts, delivery: Delivery, why_not: str) -> View:
    """What came of it; where it failed, a way to try again."""
    if not why_not:
        return View(t("edited"))
    again: Button = (t("button-edit"), OnDelivery(act=DeliveryAct.EDIT, id=delivery.id))
    return View(t("not-edited", why=_why(t, why_not)), rows([again]))


def ask_delete(t: Texts, story: Story) -> View:
    """What deleting does, before it is done."""
    words = t("delete-ask", target=story.head.target, count=len(story.standing))
    now = _button(t, "button-delete-now", DeliveryAct.DELETE_NOW, story)
    return View(words, rows([now], [_button(t, "button-keep-message", DeliveryAct.SHOW, story)]))


def not_deleted(t: Texts, story: Story, why_not: str) -> View:
    again = _button(t, "button-delete-now", DeliveryAct.DELETE_NOW, story)
    card = _button(t, "button-card", DeliveryAct.SHOW, story)
    return View(t("not-deleted", why=_why(t, why_not)), rows([again], [card]))


def fetching(t: Texts, delivery: Delivery) -> View:
    return View(lines([t("last", target=delivery.target), t("last-fetching")]))


def last(t: Texts, delivery: Delivery, found: Mapping[str, Any], *, zone: tzinfo) -> View:
    """The latest messages, the newest below, as in the chat."""
    head = t("last", target=delivery.target)
    card = rows([(t("button-card"), OnDelivery(act=DeliveryAct.SHOW, id=delivery.id))])
    if "error" in found:
        return View(lines([head, t("last-failed", why=_why(t, str(found["error"])))]), card)
    messages = [_message(t, message, zone) for message in found["messages"]]
    return View(lines([head, *(messages or [t("last-none")])]), card)


def _message(t: Texts, message: Mapping[str, Any], zone: tzinfo) -> Html:
    at = datetime.fromisoformat(message["at"]).astimezone(zone)
    who = t("last-me") if message["out"] else str(message["from"])
    text = str(message["text"])
    cut = text if len(text) <= LONGEST else text[:LONGEST] + "…"
    shown = Html(html.escape(cut, quote=False))
    return t("last-line", who=who, at=f"{at:%d.%m. %H:%M}", text=shown)


def _why(t: Texts, words: str) -> Html | str:
    if words == NOT_ANSWERED:
        return t("why-no-answer")
    return t("why-not-carried-out") if words in _CODES else words


def _button(t: Texts, key: str, act: DeliveryAct, story: Story) -> Button:
    return (t(key), OnDelivery(act=act, id=story.head.id))


def _cancel(t: Texts) -> Button:
    return (t("button-cancel"), Go(room=Room.CANCEL))
