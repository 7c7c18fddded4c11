"""A delivery's card: what it tells in each state, and what it offers."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.callbacks import DeliveryAct, OnSent
from bot.sent_filter import Sent
from bot.stories import Story
from bot.texts import Texts
from bot.views import deliveries, sent, sent_changes
from bot.views.reasons import reason
from bot.views.view import View
from storage.attachments import Attachment
from storage.delivery import Delivery, DeliveryState, Fallback, Media, Step, TargetPeer
from tests.unit.ann import ANN, NOW
from tests.unit.test_views import DRAFT, NASTY, Shown, account, labels
from userbot.sending.orders import LOST

S = DeliveryState
NAME = "#7 Ann ••00"
CANCEL = "✖️ Don’t send"  # noqa: RUF001 - the text has it
CANCEL_REST = f"{CANCEL} the rest"


def pressed(view: View) -> list[str]:
    """The acts that the card's buttons do, without the options of a draft."""
    assert view.keyboard
    found = [b.callback_data or b.url or "" for row in view.keyboard.inline_keyboard for b in row]
    return [
        d.split(":")[1] if d.startswith("d:") else d for d in found if d[:2] not in {"w:", "go"}
    ]


def shown(t: Texts, *parts: Delivery, is_detailed: bool = False, **more: Any) -> View:  # noqa: ANN401
    story = Story(parts, ANN, **more)
    return deliveries.of(t, story, is_detailed=is_detailed)


@pytest.mark.parametrize(
    ("changes", "words", "buttons"),
    [
        ({}, "Not sent yet.", ["account", "bot", "last", "discard"]),
        ({"attempts": 1}, "Not sent yet.", ["account", "last", "discard"]),
        ({"state": S.PENDING}, "Waiting to go out as the account …", ["cancel"]),
        (
            {"state": S.PENDING, "error": "it is not connected (retrying)"},
            "Waiting to go out as the account: #7 Ann ••00 is not connected (retrying).",
            ["cancel"],
        ),
        (
            {"state": S.PENDING, "fallback": Fallback.ASK, "detour": "it is away", "error": "x"},
            "go out as the account now: #7 Ann ••00 is away. Shall the bot send it?",
            ["bot", "wait", "cancel"],
        ),
        ({"state": S.SENDING, "attempts": 1}, "Sending as the account", []),
        ({"state": S.SENDING, "attempts": 2}, "not sent twice", []),
        ({"state": S.SENDING, "error": "a fault"}, "For now: a fault.", []),
        ({"state": S.BOT_PENDING}, "Goes out as the bot …", ["cancel"]),
        (
            {"state": S.BOT_PENDING, "error": "a wait", "not_before": NOW},
            "Goes out as the bot: a wait. I try again at 2026-03-01 12:00 (UTC).",
            ["cancel"],
        ),
        ({"state": S.BOT_SENDING}, "Sending as the bot", []),
        ({"state": S.SENT}, "Sent as the account", ["edit", "delete", "details"]),
        (
            {"state": S.SENT, "link": "https://t.me/c/1/2"},
            "Sent as the account",
            ["edit", "delete", "details", "https://t.me/c/1/2"],
        ),
        ({"state": S.SENT, "deleted_at": NOW}, "Deleted for everyone at", ["details"]),
        ({"state": S.SENT_BY_BOT}, "Sent as the bot.", ["edit", "delete", "details"]),
        (
            {"state": S.SENT_BY_BOT, "detour": "Telegram makes it wait 250 s"},
            "Sent as the bot, because Telegram makes #7 Ann ••00 wait 4 min 10 s.",
            ["edit", "delete", "details"],
        ),
        (
            {"state": S.UNKNOWN, "error": "lost"},
            "arrived as the bot: lost. Ask @bob, or look there if it is a group: sent again it may",
            ["arrived", "again", "details"],
        ),
        (
            {"state": S.UNKNOWN, "error": "lost", "attempts": 1},
            "arrived: lost. Look in the chat first. Even if you send it again, the account sends",
            ["arrived", "again", "last", "details"],
        ),
        ({"state": S.FAILED, "error": "no"}, "Not sent: no.", ["account", "bot", "details"]),
        (
            {"state": S.FAILED, "error": "no", "attempts": 1},
            "It may have gone out. Retry is safe",
            ["account", "last", "details"],
        ),
        (
            {"state": S.FAILED, "error": "no", "detour": "frozen"},
            "As the account: frozen. As the bot: no.",
            ["account", "bot", "details"],
        ),
        ({"state": S.CANCELLED}, "Discarded.", ["details"]),
    ],
)
def test_a_card_tells_where_the_delivery_is_and_offers_what_can_be_done(
    t: Texts, changes: dict[str, Any], words: str, buttons: list[str]
) -> None:
    view = shown(t, replace(DRAFT, **changes))
    assert words in view.text
    assert pressed(view) == buttons


@pytest.mark.req("S3.4")
def test_the_steps_show_while_it_runs_and_stay_behind_details_after(t: Texts) -> None:
    names = ("registry", "connection", "entity", "send")
    steps = tuple(
        Step(name, NOW + timedelta(milliseconds=10 * i)) for i, name in enumerate(names, start=1)
    )
    over = replace(
        DRAFT,
        state=S.SENT,
        peer=TargetPeer("user", 5, 6),
        approved_at=NOW,
        finished_at=NOW + timedelta(milliseconds=40),
        steps=steps,
        message_id=77,
    )
    folded = shown(t, over).text
    assert "✅ Sent as the account, 40 ms." in folded
    assert "registry" not in folded
    unfolded = shown(t, over, is_detailed=True)
    assert "registry 10 ms · connection 20 ms · recipient 30 ms · sent 40 ms" in unfolded.text
    assert "Message 77 at Telegram" in unfolded.text
    assert "show" in pressed(unfolded)
    under_way = replace(over, state=S.SENDING, finished_at=None, steps=steps[:2])
    assert "connection 20 ms · recipient … · sent …" in shown(t, under_way).text
    by_bot = replace(under_way, state=S.BOT_SENDING, steps=())
    assert "chat … · sent …" in shown(t, by_bot).text


def test_how_long_it_took_does_not_count_the_time_until_it_was_to_go_out(t: Texts) -> None:
    due = NOW + timedelta(hours=8)
    late = replace(
        DRAFT,
        state=S.SENT,
        approved_at=NOW,
        not_before=due,
        finished_at=due + timedelta(milliseconds=30),
    )
    assert "Sent as the account, 30 ms." in shown(t, late).text


def test_a_card_names_what_goes_along_and_who_had_a_hand_in_it(t: Texts) -> None:
    files = [
        Attachment(1, Media.PHOTO, "cat.jpg", "image/jpeg", 240_000, None, 1, None, None),
        Attachment(2, Media.DOCUMENT, "list.csv", "text/csv", 3 << 20, None, 2, None, None),
        Attachment(3, Media.VOICE, "", "audio/ogg", 900, 63, 3, None, None),
    ]
    draft = replace(
        DRAFT,
        media=Media.ALBUM,
        reply_to=123,
        is_silent=True,
        not_before=NOW + timedelta(hours=6, minutes=30),
        ordered_by=1,
    )
    people = {1: "Olga", 2: "Rob"}
    zone = ZoneInfo("Europe/Berlin")
    text = shown(t, draft, files=files, people=people, zone=zone).text
    for words in (
        "Photo cat.jpg, 234 KB",
        "list.csv, 3.0 MB",
        "Voice message 1:03, 1 KB",
        "Answers message 123",
        "Without a sound",
        "Goes out at 2026-03-01 19:30 (Europe/Berlin)",
        "Written by Olga",
    ):
        assert words in text
    over = replace(draft, state=S.CANCELLED, act="discard", acted_by=2)
    assert "Rob pressed “Discard”" in shown(t, over, people=people).text
    assert "9 pressed “Discard”" in shown(t, replace(over, acted_by=9), people=people).text
    program = replace(draft, ordered_by=None, origin="nightly <job>")
    assert "Written by the program “nightly &lt;job&gt;”" in shown(t, program).text


def test_an_answer_that_went_out_plain_says_so(t: Texts) -> None:
    plain = replace(DRAFT, state=S.SENT_BY_BOT, steps=(Step("no-reply", NOW),), reply_to=5)
    assert "It does not answer message 5 there" in shown(t, plain).text
    assert "Answers message" not in shown(t, plain).text


def test_a_card_says_where_all_sending_is_held(t: Texts) -> None:
    waiting = replace(DRAFT, state=S.PENDING)
    assert "Sending is paused" in shown(t, waiting, is_paused=True).text
    assert "Sending is paused" not in shown(t, waiting).text
    assert "Sending is paused" not in shown(t, replace(DRAFT, state=S.SENT), is_paused=True).text


def parts_of(*states: DeliveryState) -> list[Delivery]:
    return [
        replace(DRAFT, id=3 + n, head_id=3 if n else None, state=state, text=f"part {n}")
        for n, state in enumerate(states)
    ]


def test_one_card_tells_of_all_parts_of_a_text(t: Texts) -> None:
    view = shown(t, *parts_of(S.SENT, S.FAILED, S.PENDING))
    assert "part 0" in view.text
    assert "part 2" in view.text
    assert "✅❌⏳ 1 of 3 messages have gone out." in view.text
    assert "❌ Message 2 of 3 was not sent: . Retry goes on with it." in view.text
    assert pressed(view) == ["account", "bot", "details", "cancel", "delete"]
    assert CANCEL_REST in {label for row in labels(view) for label in row}
    assert "The message to" in sent_changes.ask_delete(t, Story(parts_of(S.SENT, S.FAILED))).text
    unknown = shown(t, *parts_of(S.UNKNOWN, S.BOT_PENDING))
    assert pressed(unknown) == ["arrived", "again", "details", "cancel"]
    under_way = shown(t, *parts_of(S.SENDING, S.PENDING))
    assert pressed(under_way) == ["cancel"]
    called_off = shown(t, *parts_of(S.SENT, S.CANCELLED))
    assert pressed(called_off) == ["delete", "details"]
    assert "🗑 The rest was discarded." in called_off.text
    done = shown(t, *parts_of(S.SENT, S.SENT_BY_BOT))
    assert pressed(done) == ["edit", "edit", "delete", "details"]
    assert {"✏️ Edit 1 of 2", "✏️ Edit 2 of 2"} <= {label for row in labels(done) for label in row}
    waiting = shown(t, *parts_of(S.SENT, S.PENDING))
    assert pressed(waiting) == ["cancel"]
    assert labels(waiting) == [[CANCEL_REST]]
    assert labels(shown(t, *parts_of(S.PENDING, S.PENDING))) == [[CANCEL]]


def test_a_part_that_was_not_sent_is_named_whatever_it_failed_of(t: Texts) -> None:
    first, failed = parts_of(S.SENT, S.FAILED)
    both = replace(failed, error="blocked", detour="frozen")
    assert (
        "Message 2 of 2 was not sent. As the account: frozen. As the bot: blocked. Retry goes on"
        in shown(t, first, both).text
    )
    open_ = replace(failed, error="no answer", attempts=2)
    assert (
        "I gave up on message 2 of 2: no answer. It may have gone out."
        in shown(t, first, open_).text
    )


def test_sending_again_says_where_it_may_arrive_twice(t: Texts) -> None:
    as_bot = labels(shown(t, replace(DRAFT, state=S.UNKNOWN)))
    as_account = labels(shown(t, replace(DRAFT, state=S.UNKNOWN, attempts=1)))
    assert as_bot[0] == ["It arrived", "Send again (may arrive twice)"]
    assert as_account[0] == ["It arrived", "Send again"]


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        (parts_of(S.FAILED), "❌ The message to @bob was not sent."),
        (parts_of(S.FAILED, S.PENDING), "❌ The message to @bob was not sent."),
        (
            parts_of(S.SENT, S.FAILED, S.PENDING),
            "❌ Only 1 of 3 messages to @bob went out.",
        ),
        (
            [replace(DRAFT, state=S.FAILED, attempts=1)],
            (
                "⚠️ I gave up on the message to @bob: it may have gone out. "
                "Press “Retry as account” above: the account never sends it twice."
            ),
        ),
        (
            parts_of(S.UNKNOWN),
            (
                "❓ I can’t tell whether the message to @bob arrived as the bot. "  # noqa: RUF001 - the text has it
                "Ask them, or look there if it is a group."
            ),
        ),
        (
            [replace(DRAFT, state=S.UNKNOWN, attempts=1)],
            (
                "❓ I can’t tell whether the message to @bob arrived. "  # noqa: RUF001 - the text has it
                "“Last messages” above shows the chat."
            ),
        ),
        (parts_of(S.SENT), None),
    ],
)
def test_the_reminder_denies_no_message_that_may_be_out(
    t: Texts, parts: list[Delivery], words: str | None
) -> None:
    assert deliveries.reminder(t, Story(parts, ANN)) == words


def test_an_edit_leads_back_to_the_card(t: Texts) -> None:
    sent_one = replace(DRAFT, state=S.SENT)
    assert pressed(sent_changes.edited(t, sent_one, "")) == ["show"]
    assert pressed(sent_changes.edited(t, sent_one, "it is too old")) == ["edit", "show"]


@pytest.mark.parametrize(
    ("error", "state", "offers"),
    [
        ("the account is not connected", "RETRYING", True),
        (LOST, "ONLINE", True),
        ("the account is not connected", "STOPPED", False),
        ("no answer", "ONLINE", False),
        ("the account may not look there", "ONLINE", False),
    ],
)
def test_a_chat_that_was_not_read_for_want_of_a_line_offers_to_reconnect(
    t: Texts, error: str, state: str, *, offers: bool
) -> None:
    story = Story([DRAFT], account(7, state))
    view = sent_changes.last(t, story, {"error": error})
    assert ("🔌 Reconnect" in str(labels(view))) == offers


def test_a_wait_that_keeps_a_chat_from_being_read_or_changed_is_told_readably(t: Texts) -> None:
    story = Story([DRAFT], ANN)
    words = "Telegram makes the account wait 910 s before it reads a chat"
    told = "Telegram makes the account wait 15 min 10 s before it reads a chat."
    assert told in sent_changes.last(t, story, {"error": words}).text
    assert told in sent_changes.edited(t, DRAFT, words).text
    assert told in sent_changes.not_deleted(t, story, words).text


def test_a_list_that_is_not_shown_leads_to_the_one_of_all(t: Texts) -> None:
    for view in (sent.misread(t, "yesterday"), sent.nothing_to(t, "@bob")):
        assert labels(view) == [["📜 Sent"]]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("Telegram makes it wait 250 s", "Telegram makes NAME wait 4 min 10 s"),
        (
            "Telegram makes it wait 61 s before it looks anybody up",
            "Telegram makes NAME wait 1 min 1 s before it looks anybody up",
        ),
        ("it is not connected (retrying)", "NAME is not connected (retrying)"),
        ("the account may not write there", "NAME may not write there"),
        ("slow mode there: 90 s to wait", "slow mode there: 1 min 30 s to wait"),
        ("<b>&", "&lt;b&gt;&amp;"),
    ],
)
def test_a_reason_names_the_account_and_tells_long_times_readably(
    t: Texts, words: str, told: str
) -> None:
    assert reason(t, words, "NAME") == told


def test_nobody_can_write_html_into_a_card(t: Texts) -> None:
    nasty = replace(
        DRAFT,
        text=f"{NASTY}</b>",
        target=NASTY,
        error=NASTY,
        detour=NASTY,
        act="discard",
        acted_by=1,
        ordered_by=2,
    )
    files = [Attachment(1, Media.DOCUMENT, NASTY, "x", 1, None, 1, None, None)]
    found = {"messages": [{"from": NASTY, "text": NASTY, "at": NOW.isoformat(), "out": False}]}
    more: dict[str, Any] = {"files": files, "people": {1: NASTY, 2: NASTY}}
    stories = [Story([replace(nasty, state=state)], ANN, **more) for state in S]
    views = [
        *(deliveries.of(t, story, is_detailed=True) for story in stories),
        *(sent_changes.ask_delete(t, story) for story in stories),
        sent_changes.ask_text(t, stories[0], is_group=True),
        sent_changes.edited(t, nasty, NASTY),
        sent_changes.not_deleted(t, stories[0], NASTY),
        sent_changes.last(t, stories[0], found),
        sent_changes.last(t, stories[0], {"error": NASTY}),
        sent.misread(t, NASTY),
        sent.nothing_to(t, NASTY),
        sent.listing(t, sent.Listed([nasty], {7: NASTY}, NASTY), OnSent(which=Sent.FAILED)),
    ]
    for view in views:
        page = Shown(view.text)
        assert set(page.tags) <= {"b", "i", "code"}
        assert NASTY in page.text, view.text


@pytest.mark.parametrize("count", [1, 3, 40])
def test_a_card_with_all_its_details_fits_into_a_message(t: Texts, count: int) -> None:
    files = [Attachment(n, Media.PHOTO, "n" * 255, "x", 1, None, 1, None, None) for n in range(10)]
    steps = tuple(Step(name, NOW) for name in ("registry", "connection", "entity", "chat", "send"))
    part = replace(
        DRAFT,
        state=S.FAILED,
        target="t" * 255,
        text="w" * 4096,
        error="e" * 999,
        detour="d" * 999,
        approved_at=NOW,
        finished_at=NOW,
        steps=steps,
        message_id=2**31,
        faults=5,
        reply_to=2**31,
        acted_by=1,
        act="account",
    )
    story = Story([replace(part, id=n) for n in range(count)], ANN, files, {1: "n" * 128})
    view = deliveries.of(t, story, is_detailed=True)
    assert len(Shown(view.text).text.encode("utf-16-le")) // 2 <= 4096


def test_a_page_of_the_list_fits_into_a_message_and_its_buttons_lead_on(t: Texts) -> None:
    long = replace(DRAFT, text="w" * 4000, target="@" + "t" * 200)
    found = [replace(long, id=n) for n in range(sent.PAGE + 1)]
    asked = OnSent(page=3, which=Sent.SENT, account=7, like=5)
    view = sent.listing(t, sent.Listed(found, {7: NAME}, long.target), asked)
    assert len(Shown(view.text).text) <= 4096
    assert view.keyboard
    led = [b.callback_data or "" for row in view.keyboard.inline_keyboard for b in row]
    assert sum(d.startswith("d:open:") for d in led) == sent.PAGE
    for changed in ({"page": 2}, {"page": 4}, {"account": 0, "page": 0}, {"like": 0, "page": 0}):
        assert asked.model_copy(update=changed).pack() in led
    last = sent.listing(t, sent.Listed(found[:1], {}), OnSent())
    assert last.keyboard
    assert "Next" not in str(labels(last))


def test_every_press_that_moves_something_is_told_on_the_card(t: Texts) -> None:
    for act in DeliveryAct:
        words = deliveries.act_in_words(t, act)
        assert (words is None) == (act not in deliveries.TOLD)
    assert deliveries.act_in_words(t, "") is None
    assert deliveries.act_in_words(t, "something of a later version") is None
