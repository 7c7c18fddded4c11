"""Writing a message: what is asked, and the options of a draft."""

from collections.abc import Sequence
from datetime import datetime, tzinfo

from bot.callbacks import DraftAct, Go, OnCalled, OnDraft, Room
from bot.texts import Html, Texts
from bot.times import BadTime, TimeFlaw, shown
from bot.views import accounts as account_views
from bot.views.view import Button, View, back, in_columns, lines, rows
from storage.accounts import Account
from storage.delivery import Delivery, Fallback
from storage.senders import Choice, Why

PAGE = 8
_NOBODY = {
    Why.OFFLINE: "send-nobody-offline",
    Why.FROZEN: "send-nobody-frozen",
    Why.WAITING: "send-nobody-waiting",
    Why.REFUSED: "send-nobody-refused",
}
_TIME_FLAWS = {
    TimeFlaw.FORM: "time-form",
    TimeFlaw.NONE: "time-none",
    TimeFlaw.FAR: "time-far",
}
_FALLBACKS = {
    Fallback.AUTOMATIC: ("fallback-automatic", "button-by-bot", DraftAct.BY_BOT),
    Fallback.ASK: ("fallback-ask-operator", "button-ask", DraftAct.ASK),
    Fallback.NEVER: ("fallback-never", "button-wait", DraftAct.WAIT),
}
"""What each is called, and the button that sets it."""
FALLBACK_OF = {act: fallback for fallback, (*_, act) in _FALLBACKS.items()}


def senders(
    t: Texts,
    found: Sequence[Account],
    *,
    page: int = 0,
    words: Html | None = None,
    key: str = "",
) -> View:
    """The accounts to choose from, in the order given; `words` in place of the question.

    `key` is that of the search that found them; without one these are all.
    """
    if not found:
        add: Button = (t("button-add-account"), Go(room=Room.ADD_ACCOUNT))
        return View(t("send-no-account"), rows([add], [back(t)]))
    last = (len(found) - 1) // PAGE
    page = min(max(page, 0), last)
    listed = [
        (
            f"{account_views.light(a)} {account_views.name(a)}",
            OnDraft(act=DraftAct.SENDER, id=a.id),
        )
        for a in found[page * PAGE : (page + 1) * PAGE]
    ]

    def to(number: int) -> OnCalled | OnDraft:
        at_all = OnDraft(act=DraftAct.SENDERS, id=number)
        return OnCalled(key=key, page=number) if key else at_all

    paging: list[Button] = []
    if page > 0:
        paging.append((t("button-previous"), to(page - 1)))
    if page < last:
        paging.append((t("button-next"), to(page + 1)))
    automatic: Button = (t("button-automatic"), OnDraft(act=DraftAct.AUTOMATIC))
    keyboard = rows([automatic], *in_columns(listed, 2), paging, [cancel(t)])
    return View(words or t("send-choose"), keyboard)


def nobody(t: Texts, choice: Choice) -> Html:
    """Why no account is chosen by itself."""
    reasons = [t(_NOBODY[why], count=count) for why, count in choice.not_chosen.items()]
    return t("send-nobody", why=Html(", ".join(reasons)) if reasons else t("send-nobody-none"))


def ask_target(t: Texts, account: str | None) -> View:
    """Ask whom to write to; without an account the best one is chosen then."""
    if account is None:
        return asking(t, t("send-ask-target-automatic"))
    return asking(t, t("send-ask-target", account=account))


def misread(t: Texts, reason: str) -> View:
    """A line that names nobody: what is wrong, and how such a line is written."""
    return asking(t, lines([t("send-bad-target", reason=reason), t("send-usage")]))


def ask_content(t: Texts, target: str, *, chosen: str | None, at: str | None) -> View:
    """Ask what to send; `chosen` is the account that was chosen by itself."""
    told = [t("send-ask-text", target=target), t("send-ask-media")]
    if chosen is not None:
        told.append(t("send-from", account=chosen))
    if at is not None:
        told.append(t("send-at", at=at))
    return asking(t, lines(told))


def ask_split(t: Texts, *, count: int, long_caption: int = 0) -> View:
    """Ask whether it goes out as several messages; a caption of that length after its files."""
    if long_caption:
        words, button = t("send-long-caption", length=long_caption), t("button-caption-after")
    else:
        words, button = t("send-long", count=count), t("button-split", count=count)
    return View(words, rows([(button, OnDraft(act=DraftAct.SPLIT))], [cancel(t)]))


def asking(t: Texts, words: Html) -> View:
    """A question that can be left."""
    return View(words, rows([cancel(t)]))


def cancel(t: Texts) -> Button:
    return (t("button-cancel"), Go(room=Room.CANCEL))


def ask_option(t: Texts, act: DraftAct, *, now: datetime, zone: tzinfo) -> View:
    """Ask for a draft's new text, for the link of what it answers, or for its time."""
    match act:
        case DraftAct.EDIT:
            words = t("draft-ask-text")
        case DraftAct.REPLY:
            words = t("draft-ask-link")
        case _:
            words = t("draft-ask-time", now=shown(now, zone))
    return asking(t, words)


def in_group(t: Texts, question: View) -> View:
    """A question in a group: there a bot sees only what is meant for it."""
    return View(lines([question.text, t("in-group")]), question.keyboard)


def bad_time(t: Texts, error: BadTime, *, now: datetime, zone: tzinfo) -> Html:
    """Why that is no time to send at."""
    if error.flaw is TimeFlaw.PAST:
        return t("time-past", now=shown(now, zone))
    return t(_TIME_FLAWS[error.flaw])


def draft_buttons(t: Texts, delivery: Delivery) -> list[list[Button]]:
    """The options of a draft, for its card. Each says what a press makes of it."""

    def button(key: str, act: DraftAct) -> Button:
        return (t(key), OnDraft(act=act, id=delivery.id))

    sound = ("button-loud", DraftAct.LOUD) if delivery.is_silent else None
    reply = ("button-no-reply", DraftAct.NO_REPLY) if delivery.reply_to else None
    time = ("button-now", DraftAct.NOW) if delivery.not_before else None
    kinds = list(Fallback)
    after = kinds[(kinds.index(delivery.fallback) + 1) % len(kinds)]
    _, fallback, set_it = _FALLBACKS[after]
    return [
        [
            button("button-edit-draft", DraftAct.EDIT),
            button(*(sound or ("button-silent", DraftAct.SILENT))),
        ],
        [
            button(*(reply or ("button-reply", DraftAct.REPLY))),
            button(*(time or ("button-at", DraftAct.AT))),
        ],
        [button(fallback, set_it)],
    ]


def fallback(t: Texts, now: Fallback, *, is_set: bool = False) -> View:
    """What new drafts do when their account can't send, and the buttons to change it."""
    called = t(_FALLBACKS[now][0])
    words = t("fallback-set", now=called) if is_set else t("fallback-ask", now=called)
    buttons = [
        (t(key), OnDraft(act=act)) for kind, (_, key, act) in _FALLBACKS.items() if kind is not now
    ]
    return View(words, rows(*([button] for button in buttons), [back(t)]))


def pausing(t: Texts, words: Html, *, is_paused: bool) -> View:
    """What came of /pause or /resume, and the way back."""
    key, act = (
        ("button-resume", DraftAct.RESUME) if is_paused else ("button-pause", DraftAct.PAUSE)
    )
    return View(words, rows([(t(key), OnDraft(act=act))], [back(t)]))
