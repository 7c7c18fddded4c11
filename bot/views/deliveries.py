"""A delivery's card: preview, progress, receipt."""

import html
from datetime import timedelta

from bot.callbacks import DeliveryAct, Go, OnDelivery, Room
from bot.texts import Html, Texts
from bot.views.view import Button, View, lines, rows
from storage.delivery import Delivery, DeliveryState

PREVIEW = 1000
_STEPS = ("registry", "connection", "entity", "send")
_NO_STEPS = {
    DeliveryState.DRAFT,
    DeliveryState.BOT_PENDING,
    DeliveryState.BOT_SENDING,
    DeliveryState.SENT_BY_BOT,
    DeliveryState.UNKNOWN,
    DeliveryState.FAILED,
    DeliveryState.CANCELLED,
}


def card(t: Texts, delivery: Delivery, account: str) -> View:
    """The one message that tells a delivery's whole story."""
    text = delivery.text
    shown = text if len(text) <= PREVIEW else text[:PREVIEW] + "…"
    # The operator's text goes round Fluent, which takes no long variables.
    parts = (
        t("card", account=account, target=delivery.target) + "\n",
        html.escape(shown, quote=False) + "\n",
        _status(t, delivery),
        _steps(t, delivery),
    )
    body = lines(filter(None, parts))
    return View(body, rows(_buttons(t, delivery), _after(t, delivery)))


def _status(t: Texts, d: Delivery) -> Html:
    key = f"card-{d.state}"
    if d.state is DeliveryState.SENDING and d.attempts > 1:
        key += "-again"
    if d.state is DeliveryState.FAILED and d.is_possibly_sent:
        key += "-open"
    elif d.state in {DeliveryState.SENT_BY_BOT, DeliveryState.FAILED} and d.detour:
        key += "-detour"
    return t(key, took=_took(d), error=d.error, detour=d.detour)


def _steps(t: Texts, d: Delivery) -> str:
    """What was reached, and how long after the order (S3.4); for sends as the account."""
    if d.approved_at is None or d.state in _NO_STEPS:
        return ""
    reached = {step.name: step.at for step in d.steps}
    shown = [
        t(
            f"step-{name}",
            took=_milliseconds(reached[name] - d.approved_at) if name in reached else "…",
        )
        for name in _STEPS
    ]
    return t("steps", steps=" · ".join(shown))


def _milliseconds(span: timedelta) -> str:
    return f"{max(0.0, span.total_seconds()) * 1000:.0f} ms"


def _took(d: Delivery) -> str:
    if d.approved_at is None or d.finished_at is None:
        return ""
    span = d.finished_at - d.approved_at
    if span < timedelta(seconds=1):
        return _milliseconds(span)
    return f"{span.total_seconds():.1f} s"


def _buttons(t: Texts, d: Delivery) -> list[Button]:
    def button(key: str, act: DeliveryAct) -> Button:
        return (t(key), OnDelivery(act=act, id=d.id))

    match d.state:
        case DeliveryState.DRAFT:
            return [
                button("button-as-account", DeliveryAct.AS_ACCOUNT),
                button("button-as-bot", DeliveryAct.AS_BOT),
                button("button-discard", DeliveryAct.DISCARD),
            ]
        case DeliveryState.PENDING | DeliveryState.BOT_PENDING:
            return [button("button-cancel-sending", DeliveryAct.DISCARD)]
        case DeliveryState.FAILED:
            retry = button("button-retry", DeliveryAct.AS_ACCOUNT)
            if d.is_possibly_sent:
                return [retry]  # safe: the same request is never taken twice
            return [retry, button("button-as-bot", DeliveryAct.AS_BOT)]
        case DeliveryState.UNKNOWN:
            return [
                button("button-arrived", DeliveryAct.ARRIVED),
                button("button-send-again", DeliveryAct.AGAIN),
            ]
        case _:
            return []


def _after(t: Texts, d: Delivery) -> list[Button]:
    return [(t("button-send-another"), Go(room=Room.SEND))] if d.state.is_final else []
