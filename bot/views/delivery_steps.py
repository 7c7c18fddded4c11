"""The steps of a send: while it runs, and behind [Details]."""

from datetime import datetime, timedelta

from bot.stories import Story
from bot.texts import Html, Texts
from bot.times import name_of
from bot.views.reasons import reason
from bot.views.view import age, lines
from storage.delivery import Delivery, DeliveryState

_AS_ACCOUNT = ("registry", "connection", "entity", "send")
_AS_BOT = ("chat", "send")
_BOT_STATES = {DeliveryState.BOT_PENDING, DeliveryState.BOT_SENDING}
_WAITING = {DeliveryState.PENDING, DeliveryState.BOT_PENDING}
_TOLD = {*_AS_ACCOUNT, *_AS_BOT, "no-reply"}
PARTS = 15
MINUTE = timedelta(minutes=1)


def progress(t: Texts, d: Delivery) -> str:
    """What was reached, and how long after the order (S3.4); nothing before it has begun."""
    if d.approved_at is None or (d.state in _WAITING and not d.steps):
        return ""
    reached = {step.name: step.at for step in d.steps}
    wanted = _AS_BOT if d.state in _BOT_STATES else _AS_ACCOUNT
    shown = [
        t(f"step-{name}", took=_after(t, d, reached[name]) if name in reached else "…")
        for name in wanted
    ]
    return t("steps", steps=" · ".join(shown))


def details(t: Texts, story: Story, account: str) -> Html:
    """Every step with its time, attempts and errors; of the other parts of a text a line each."""
    head = t("details", number=str(story.head.id), zone=name_of(story.zone))
    others = [_in_short(t, story, part) for part in story.parts if part is not story.current]
    if len(others) > PARTS:
        others[PARTS:] = [t("details-more", count=len(others) - PARTS)]
    return lines(["", head, *others, _of_part(t, story, story.current, account)])


def _in_short(t: Texts, story: Story, part: Delivery) -> Html:
    return t(
        "details-other",
        number=story.parts.index(part) + 1,
        total=len(story.parts),
        at=_clock(story, part.finished_at) if part.finished_at else "…",
        message="" if part.message_id is None else str(part.message_id),
    )


def _clock(story: Story, moment: datetime) -> str:
    return f"{moment.astimezone(story.zone):%Y-%m-%d %H:%M:%S}"


def _of_part(t: Texts, story: Story, d: Delivery, account: str) -> Html:
    def at(key: str, moment: datetime | None) -> str:
        return t(key, at=_clock(story, moment)) if moment else ""

    steps = [t(f"step-{s.name}", took=_after(t, d, s.at)) for s in d.steps if s.name in _TOLD]
    told = (
        _number(t, story, d),
        at("details-written", d.created_at),
        at("details-approved", d.approved_at),
        t("steps", steps=" · ".join(steps)) if steps else "",
        at("details-finished", d.finished_at),
        _troubles(t, d),
        t("details-detour", words=reason(t, d.detour, account)) if d.detour else "",
        t("details-error", words=reason(t, d.error, account)) if d.error else "",
        t("details-message", message=str(d.message_id)) if d.message_id is not None else "",
    )
    return lines(filter(None, told))


def _number(t: Texts, story: Story, d: Delivery) -> str:
    if len(story.parts) == 1:
        return ""
    return t("details-part", number=story.parts.index(d) + 1, total=len(story.parts))


def _troubles(t: Texts, d: Delivery) -> str:
    if not d.attempts and not d.faults:
        return ""
    return t("details-attempts", attempts=d.attempts, faults=d.faults)


def _after(t: Texts, d: Delivery, moment: datetime) -> str:
    """How long after it was to begin."""
    begun = d.approved_at or d.created_at
    if d.not_before is not None and d.not_before < moment:
        begun = max(begun, d.not_before)
    span = max(timedelta(0), moment - begun)
    if span < timedelta(seconds=1):
        return f"{span.total_seconds() * 1000:.0f} ms"
    return f"{span.total_seconds():.1f} s" if span < MINUTE else age(t, span)
