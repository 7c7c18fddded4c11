"""A message from the question for its target to its receipt, and the list of all."""

from dataclasses import replace
from datetime import UTC, timedelta
from typing import Any

from bot.callbacks import DraftAct, OnSent, SentBy
from bot.sent_filter import Sent
from bot.stories import Story
from bot.views import accounts, deliveries, sending, sent, sent_changes
from storage.attachments import Attachment
from storage.delivery import Delivery, DeliveryState, Fallback, Media, Step
from tests.unit.ann import ANN, NOW
from tests.unit.shown.case import T, case
from tests.unit.test_delivery_views import parts_of
from tests.unit.test_sending_views import BERLIN
from tests.unit.test_views import DRAFT, account
from userbot.sending.orders import NOT_CONNECTED

S = DeliveryState
NAME = accounts.name(ANN)
STEPS = tuple(
    Step(name, NOW + timedelta(milliseconds=10 * n))
    for n, name in enumerate(("registry", "connection", "entity", "send"), start=1)
)
STATES: dict[str, dict[str, Any]] = {
    "draft": {},
    "waits": {"state": S.PENDING},
    "waits for the account": {"state": S.PENDING, "error": "it is not connected (retrying)"},
    "asks": {"state": S.PENDING, "fallback": Fallback.ASK, "detour": "it is away", "error": "x"},
    "is sent by the account": {"state": S.SENDING, "attempts": 1, "steps": STEPS[:3]},
    "is sent once more": {"state": S.SENDING, "attempts": 2},
    "waits for the bot": {"state": S.BOT_PENDING, "error": "a wait", "not_before": NOW},
    "is sent by the bot": {"state": S.BOT_SENDING},
    "sent": {
        "state": S.SENT,
        "link": "https://t.me/c/1/2",
        "approved_at": NOW,
        "finished_at": NOW,
    },
    "deleted": {"state": S.SENT, "approved_at": NOW, "finished_at": NOW, "deleted_at": NOW},
    "sent by the bot": {"state": S.SENT_BY_BOT, "detour": "Telegram makes it wait 250 s"},
    "unknown": {"state": S.UNKNOWN, "error": "the connection broke"},
    "unknown, by the account": {"state": S.UNKNOWN, "error": "no answer", "attempts": 1},
    "failed": {"state": S.FAILED, "error": "nobody has that name"},
    "failed, and may be out": {"state": S.FAILED, "error": "no answer", "attempts": 1},
    "failed both ways": {"state": S.FAILED, "error": "they have blocked it", "detour": "frozen"},
    "discarded": {"state": S.CANCELLED, "act": "discard", "acted_by": 1},
}
PLANNED = replace(
    DRAFT,
    text="One <b>bold</b> word",
    media=Media.ALBUM,
    reply_to=123,
    is_silent=True,
    not_before=NOW + timedelta(hours=6),
    ordered_by=2,
)
FILES = [
    Attachment(1, Media.PHOTO, "cat.jpg", "image/jpeg", 240_000, None, 1, None, None),
    Attachment(2, Media.DOCUMENT, "list.csv", "text/csv", 3 << 20, None, 2, None, None),
]
SENT = replace(DRAFT, state=S.SENT, steps=STEPS, approved_at=NOW, finished_at=NOW, message_id=5)
STORY = Story([SENT], ANN)
READ = {
    "messages": [
        {"from": "Bob", "text": "Where are you?", "at": NOW.isoformat(), "out": False},
        {"from": "", "text": "On my way.", "at": NOW.isoformat(), "out": True},
    ]
}
MANY = [account(number) for number in range(1, 20)]
LISTED = sent.Listed([SENT, replace(DRAFT, id=4, target="@eve")] * 6, {7: NAME}, "@bob", UTC)


def of(title: str, *parts: Delivery, is_detailed: bool = False, **more: Any):  # noqa: ANN401
    return case(title, deliveries.of, T, Story(parts, ANN, **more), is_detailed=is_detailed)


CASES = [
    case("of an account without a name", deliveries.card, T, DRAFT, "#7"),
    *(of(title, replace(DRAFT, **changes)) for title, changes in STATES.items()),
    of("planned, with files", PLANNED, files=FILES, people={2: "Olga"}, zone=BERLIN),
    of(
        "in parts", *(replace(p, error="no answer") for p in parts_of(S.SENT, S.FAILED, S.PENDING))
    ),
    of(
        "given up in parts",
        *(replace(p, error="no answer", attempts=1) for p in parts_of(S.SENT, S.FAILED)),
    ),
    of("the rest discarded", *parts_of(S.SENT, S.CANCELLED)),
    of("in detail", SENT, is_detailed=True),
    of("while sending is held", replace(DRAFT, state=S.PENDING), is_paused=True),
    case("with its account", deliveries.gone, T),
    case("many", sending.senders, T, MANY, page=1),
    case("none", sending.senders, T, []),
    case("as an account", sending.ask_target, T, NAME),
    case("as whichever suits best", sending.ask_target, T, None),
    case("with its reason", sending.misread, T, "it is no name"),
    case("text or file", sending.ask_content, T, "@bob", chosen=None, at=None),
    case("all chosen", sending.ask_content, T, "@bob", chosen=NAME, at="18:30 (UTC)"),
    case("a long text", sending.ask_split, T, count=3),
    case("a long caption", sending.ask_split, T, count=2, long_caption=1500),
    case("any question", sending.asking, T, T("draft-ask-text")),
    *(
        case(f"for {act}", sending.ask_option, T, act, now=NOW, zone=BERLIN)
        for act in (DraftAct.EDIT, DraftAct.REPLY, DraftAct.AT)
    ),
    case("answered as a reply", sending.in_group, T, sending.ask_target(T, None)),
    *(case(f"{now}", sending.fallback, T, now) for now in Fallback),
    case("just set", sending.fallback, T, Fallback.NEVER, is_set=True),
    case("held", sending.pausing, T, T("paused-now"), is_paused=True),
    case("goes on", sending.pausing, T, T("resumed"), is_paused=False),
    case("failed ones to one target", sent.listing, T, LISTED, OnSent(which=Sent.FAILED, page=1)),
    case("none", sent.listing, T, sent.Listed([], {}), OnSent()),
    case("of a word that says nothing", sent.misread, T, "yesterday"),
    case("to somebody", sent.nothing_to, T, "@stranger"),
    case("the first page", sent.choose_account, T, MANY, OnSent(by=SentBy.ACCOUNT)),
    case("those of the page", sent.choose_target, T, LISTED, OnSent(by=SentBy.TARGET)),
    case("alone", sent_changes.ask_text, T, STORY, is_group=False),
    case("in a group", sent_changes.ask_text, T, STORY, is_group=True),
    case("with both numbers", sent_changes.too_long, T, 5000, 4096),
    case("done", sent_changes.edited, T, SENT, ""),
    case("not done", sent_changes.edited, T, SENT, "it is too old"),
    case("one message", sent_changes.ask_delete, T, STORY),
    case("several", sent_changes.ask_delete, T, Story(parts_of(S.SENT, S.SENT_BY_BOT), ANN)),
    case("with its reason", sent_changes.not_deleted, T, STORY, "it is too old"),
    case("as long as it takes", sent_changes.fetching, T, DRAFT),
    case("the chat", sent_changes.last, T, Story([DRAFT], ANN), READ),
    case("an empty chat", sent_changes.last, T, Story([DRAFT], ANN), {"messages": []}),
    case("not read", sent_changes.last, T, Story([DRAFT], ANN), {"error": NOT_CONNECTED}),
]
