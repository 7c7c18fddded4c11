"""A delivery's card: preview, progress, receipt, and what can be done with it."""

import html
from datetime import UTC, timedelta

from bot.callbacks import DeliveryAct
from bot.stories import Story
from bot.texts import Html, Texts
from bot.times import shown
from bot.views import accounts as account_views
from bot.views.delivery_buttons import buttons
from bot.views.delivery_steps import details, progress
from bot.views.reasons import reason
from bot.views.view import View, back, lines, rows
from storage.attachments import Attachment
from storage.delivery import Delivery, DeliveryState, Media

PREVIEW = 1000
DETAILED_PREVIEW = 300
"""Telegram's limit for a message holds for a card with all its details too."""
LONGEST_NAME = 60
_ON_THE_WAY = frozenset(
    {
        DeliveryState.PENDING,
        DeliveryState.SENDING,
        DeliveryState.BOT_PENDING,
        DeliveryState.BOT_SENDING,
    }
)
_PLANNED = frozenset({DeliveryState.DRAFT, DeliveryState.PENDING, DeliveryState.BOT_PENDING})
_MARKS = {
    DeliveryState.DRAFT: "📝",
    DeliveryState.SENT: "✅",
    DeliveryState.SENT_BY_BOT: "🤖",
    DeliveryState.UNKNOWN: "❓",
    DeliveryState.FAILED: "❌",
    DeliveryState.CANCELLED: "🗑",
}
TOLD = frozenset(
    {
        DeliveryAct.AS_ACCOUNT,
        DeliveryAct.AS_BOT,
        DeliveryAct.DISCARD,
        DeliveryAct.CANCEL,
        DeliveryAct.WAIT,
        DeliveryAct.ARRIVED,
        DeliveryAct.AGAIN,
        DeliveryAct.EDIT,
        DeliveryAct.DELETE,
    }
)
"""Presses that a card tells of."""
_FILES = {
    Media.PHOTO: "card-file-photo",
    Media.DOCUMENT: "card-file-document",
    Media.VOICE: "card-file-voice",
}


def card(
    t: Texts,
    delivery: Delivery,
    account: str,
    story: Story | None = None,
    *,
    is_detailed: bool = False,
) -> View:
    """The one message that tells a delivery's whole story, with all parts of its text."""
    told = story or Story((delivery,))
    now = told.current
    parts = (
        t("card", account=account, target=delivery.target) + "\n",
        _preview(told, DETAILED_PREVIEW if is_detailed else PREVIEW),
        *(_file(t, file) for file in told.files),
        *_options(t, told),
        *_people(t, told),
        _count(t, told),
        _status(t, told, account),
        t("card-paused") if told.is_paused and now.state in _ON_THE_WAY else "",
        *_later(t, told),
        progress(t, now) if now.state in _ON_THE_WAY else "",
        details(t, told, account) if is_detailed else "",
    )
    return View(lines(filter(None, parts)), rows(*buttons(t, told, is_detailed=is_detailed)))


def of(t: Texts, story: Story, *, is_detailed: bool = False) -> View:
    """The card of a story that was read."""
    account = account_views.name(story.sender) if story.sender else f"#{story.head.account_id}"
    return card(t, story.head, account, story, is_detailed=is_detailed)


def gone(t: Texts) -> View:
    """Of a delivery that went with its account."""
    return View(t("delivery-gone"), rows([back(t)]))


def reminder(t: Texts, story: Story) -> Html | None:
    """What is said below a card that waits for an operator: an edit alone makes no sound."""
    now, target = story.current, story.head.target
    if now.is_asking:
        return t("remind-asks", target=target)
    if now.state is DeliveryState.UNKNOWN:
        key = "remind-unknown-open" if now.is_possibly_sent else "remind-unknown"
        return t(key, target=target)
    if now.state is not DeliveryState.FAILED:
        return None
    # Whoever reads that it was not sent sends it anew: only where none of it can be out.
    if now.is_possibly_sent:
        return t("remind-failed-open", target=target)
    if gone := story.gone:
        return t("remind-failed-part", gone=gone, total=len(story.parts), target=target)
    return t("remind-failed", target=target)


def mark(state: DeliveryState) -> str:
    """How a state looks in a list; always shown with words beside it."""
    return _MARKS.get(state, "⏳")


def _preview(story: Story, longest: int) -> str:
    """The operator's text, cut; it goes round Fluent, which takes no long variables."""
    whole = "\n\n".join(part.text for part in story.parts)
    if not whole:
        return ""
    cut = whole if len(whole) <= longest else whole[:longest] + "…"
    return html.escape(cut, quote=False) + "\n"


def _file(t: Texts, file: Attachment) -> Html:
    key = _FILES.get(file.kind, "card-file-document")
    length = f"{(file.duration_s or 0) // 60}:{(file.duration_s or 0) % 60:02}"
    name = file.name
    if len(name) > LONGEST_NAME:  # its ending tells what it is
        name = name[: LONGEST_NAME // 2] + "…" + name[-LONGEST_NAME // 2 :]
    return t(key, name=name, size=_size(file.size_bytes), length=length)


def _size(count: int) -> str:
    if count < 1 << 20:
        return f"{max(1, round(count / 1024))} KB"
    return f"{count / (1 << 20):.1f} MB"


def _options(t: Texts, story: Story) -> list[Html]:
    head = story.head
    told = []
    if head.reply_to is not None and not _has_lost_reply(story):
        told.append(t("card-reply", message=str(head.reply_to)))
    if head.is_silent:
        told.append(t("card-silent"))
    if head.not_before is not None and head.state in _PLANNED and not head.error:
        told.append(t("card-due", at=shown(head.not_before, story.zone)))
    return told


def _people(t: Texts, story: Story) -> list[Html]:
    """Who wrote it, and whose press was the latest."""
    head = story.head
    told = []
    if head.origin:
        told.append(t("card-origin", origin=head.origin))
    elif head.ordered_by is not None and head.ordered_by != head.acted_by:
        told.append(t("card-author", name=story.name_of(head.ordered_by)))
    if head.acted_by is not None and (words := act_in_words(t, head.act)):
        told.append(t("card-act", name=story.name_of(head.acted_by), act=words))
    return told


def act_in_words(t: Texts, act: str) -> Html | None:
    """What somebody pressed; None where it was nothing that a card tells of."""
    return t(f"act-{DeliveryAct(act)}") if act in TOLD else None


def _count(t: Texts, story: Story) -> Html | str:
    """How far the parts of a long text are."""
    total = len(story.parts)
    if total == 1:
        return ""
    marks = "".join(mark(part.state) for part in story.parts)
    return t("card-parts", gone=story.gone, total=total, marks=marks)


def _status(t: Texts, story: Story, account: str) -> Html:
    d = story.current
    due = shown(d.not_before, story.zone) if d.not_before and d.error else ""
    return t(
        f"card-{d.state}" + _variant(story),
        target=story.head.target,
        number=story.parts.index(d) + 1,
        total=len(story.parts),
        took=_took(story),
        error=reason(t, d.error, account),
        detour=reason(t, d.detour, account),
        again=t("card-again", at=due) if due else "",
    )


def _variant(story: Story) -> str:
    """The ending of the status's key: how it is so."""
    d = story.current
    if d.is_asking:
        return "-asks"
    if d.state in _ON_THE_WAY and d.error:
        return "-waits"
    way = "-detour" if d.detour else ""
    how_failed = "-open" if d.is_possibly_sent else way
    endings = {
        DeliveryState.SENDING: "-again" if d.attempts > 1 else "",
        DeliveryState.UNKNOWN: "-open" if d.is_possibly_sent else "",
        DeliveryState.SENT_BY_BOT: way,
        DeliveryState.FAILED: how_failed + ("-part" if len(story.parts) > 1 else ""),
        DeliveryState.CANCELLED: "-rest" if story.gone else "",
    }
    return endings.get(d.state, "")


def _has_lost_reply(story: Story) -> bool:
    return any(step.name == "no-reply" for part in story.parts for step in part.steps)


def _later(t: Texts, story: Story) -> list[Html]:
    """What became of it after it was sent."""
    told = []
    if _has_lost_reply(story):
        told.append(t("card-no-reply", message=str(story.head.reply_to)))
    edited = [part.edited_at for part in story.parts if part.edited_at]
    deleted = [part.deleted_at for part in story.parts if part.deleted_at]
    sent = {DeliveryState.SENT, DeliveryState.SENT_BY_BOT}
    is_any_left = any(p.state in sent and not p.deleted_at for p in story.parts)
    if deleted and not is_any_left:
        told.append(t("card-deleted", at=shown(max(deleted), story.zone)))
    elif edited:
        told.append(t("card-edited", at=shown(max(edited), story.zone)))
    return told


def _took(story: Story) -> str:
    """From the approval to the end of the last part."""
    approved, finished = story.head.approved_at, story.current.finished_at
    if approved is None or finished is None:
        return ""
    begun = max(approved, story.head.not_before or approved)
    span = max(timedelta(0), finished.astimezone(UTC) - begun)
    if span < timedelta(seconds=1):
        return f"{span.total_seconds() * 1000:.0f} ms"
    return f"{span.total_seconds():.1f} s"
