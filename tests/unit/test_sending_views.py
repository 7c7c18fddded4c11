"""Writing a message: what is asked, and what a draft's buttons do."""

from dataclasses import replace

import pytest

from bot.callbacks import DraftAct, Go, OnCalled, OnDraft, Room
from bot.drafting import texts
from bot.handlers.sending.plan import Content, Enclosed, Plan, together
from bot.splitting import Piece
from bot.texts import Texts
from bot.times import BadTime, TimeFlaw, zone_of
from bot.views import sending as views
from storage.delivery import Fallback, Media
from storage.senders import Choice, Why
from tests.unit.ann import NOW
from tests.unit.test_views import DRAFT, NASTY, account, data, labels

BERLIN = zone_of("Europe/Berlin")


def acts(changes: dict[str, object]) -> list[str]:
    buttons = views.draft_buttons(Texts(), replace(DRAFT, **changes))  # type: ignore[arg-type]
    return [pressed.pack() for row in buttons for _, pressed in row]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, ["edit", "silent", "reply", "at", "ask"]),
        ({"is_silent": True}, ["edit", "loud", "reply", "at", "ask"]),
        ({"reply_to": 5}, ["edit", "silent", "no_reply", "at", "ask"]),
        ({"not_before": NOW}, ["edit", "silent", "reply", "now", "ask"]),
        ({"fallback": Fallback.ASK}, ["edit", "silent", "reply", "at", "wait"]),
        ({"fallback": Fallback.NEVER}, ["edit", "silent", "reply", "at", "by_bot"]),
    ],
)
def test_a_drafts_buttons_say_what_a_press_makes_of_it(
    changes: dict[str, object], expected: list[str]
) -> None:
    assert acts(changes) == [f"w:{act}:3" for act in expected]


def test_the_fallback_goes_round_all_three() -> None:
    seen, now = [], Fallback.AUTOMATIC
    for _ in Fallback:
        seen.append(now)
        *_, last = acts({"fallback": now})
        now = views.FALLBACK_OF[OnDraft.unpack(last).act]
    assert now is Fallback.AUTOMATIC
    assert sorted(seen) == sorted(Fallback)


def test_the_senders_are_paged_and_automatic_comes_first(t: Texts) -> None:
    found = [account(number) for number in range(1, 20)]
    first, last = views.senders(t, found), views.senders(t, found, page=99)
    assert labels(first)[0] == ["⚖️ Automatic"]
    assert data(first)[1] == OnDraft(act=DraftAct.SENDER, id=1).pack()
    assert OnDraft(act=DraftAct.SENDERS, id=1).pack() in data(first)
    assert OnDraft(act=DraftAct.SENDER, id=19).pack() in data(last)
    assert Go(room=Room.CANCEL).pack() in data(last)
    none = views.senders(t, [])
    assert Go(room=Room.ADD_ACCOUNT).pack() in data(none)


def test_the_pages_of_a_search_bear_its_key(t: Texts) -> None:
    found = [account(number) for number in range(1, 20)]
    first = views.senders(t, found, key="0a1b2c3d4e", words=t("send-called", text="a"))
    last = views.senders(t, found, page=9, key="0a1b2c3d4e")
    assert OnCalled(key="0a1b2c3d4e", page=1).pack() in data(first)
    assert OnCalled(key="0a1b2c3d4e", page=1).pack() in data(last)
    assert OnDraft(act=DraftAct.SENDER, id=19).pack() in data(last)


def test_where_nobody_can_send_each_reason_is_counted(t: Texts) -> None:
    words = views.nobody(t, Choice(None, {Why.OFFLINE: 2, Why.REFUSED: 1}))
    assert "2 not connected, 1 refused there last time" in words
    assert "there is none" in views.nobody(t, Choice(None, {}))


def test_what_an_operator_typed_stays_text(t: Texts) -> None:
    shown = [
        views.ask_content(t, NASTY, chosen=NASTY, at=None).text,
        views.ask_target(t, NASTY).text,
        views.misread(t, NASTY).text,
    ]
    for text in shown:
        assert "&lt;b&gt;&amp;" in text
        assert NASTY not in text


def test_a_question_about_a_long_text_says_what_would_be_sent(t: Texts) -> None:
    several = views.ask_split(t, count=3)
    assert labels(several) == [["✉️ Send as 3 messages"], ["✖️ Cancel"]]
    caption = views.ask_split(t, count=2, long_caption=1500)
    assert "1,500 characters, and 1,024 fit" in caption.text


@pytest.mark.parametrize("flaw", TimeFlaw)
def test_each_flaw_of_a_time_has_words(t: Texts, flaw: TimeFlaw) -> None:
    assert views.bad_time(t, BadTime(flaw), now=NOW, zone=BERLIN)


@pytest.mark.parametrize("act", [DraftAct.EDIT, DraftAct.REPLY, DraftAct.AT])
def test_in_a_group_the_answer_has_to_be_a_reply(t: Texts, act: DraftAct) -> None:
    question = views.ask_option(t, act, now=NOW, zone=BERLIN)
    assert "reply to this message" not in question.text
    assert "reply to this message" in views.in_group(t, question).text
    assert data(question) == data(views.in_group(t, question)) == [Go(room=Room.CANCEL).pack()]


PHOTO = Enclosed("AgAC", Media.PHOTO, "photo.jpg", "image/jpeg")
BOLD = {"type": "bold", "offset": 0, "length": 2}


def test_a_plan_survives_being_stored() -> None:
    content = Content((Piece("hi", (BOLD,)), Piece("there")), (PHOTO,))
    plan = Plan(7, target="@bobby", at=NOW, for_admins=True, content=content, fetching=5)
    assert Plan.of(plan.stored()) == plan
    assert Plan.of({}) == Plan()
    assert Plan.of({"account": 7, "is_split": True}) == Plan(is_split=True)


def test_an_albums_captions_are_one_and_texts_follow() -> None:
    found = together(
        [
            Content((Piece("one", (BOLD,)),), (PHOTO,)),
            Content((), (PHOTO,)),
            Content((Piece("two", (BOLD,)),), (PHOTO,)),
            Content((Piece("later"),)),
        ]
    )
    assert found.files == (PHOTO,) * 3
    assert [p.text for p in found.pieces] == ["one\ntwo", "later"]
    assert [e["offset"] for e in found.pieces[0].entities] == [0, 4]


@pytest.mark.parametrize(
    ("files", "pieces", "lengths"),
    [
        (1, [], [0]),
        (1, [1024], [1024]),
        (1, [1025], [0, 1025]),
        (1, [5000], [0, 4096, 904]),
        (1, [10, 20], [10, 20]),
        (0, [10], [10]),
        (0, [5000, 10], [4096, 904, 10]),
        (0, [], []),
    ],
)
def test_a_caption_that_is_too_long_follows_its_files(
    files: int, pieces: list[int], lengths: list[int]
) -> None:
    parts = texts([Piece("x" * length) for length in pieces], has_files=bool(files))
    assert [len(part.text) for part in parts] == lengths


def test_the_menu_says_that_sending_is_paused(t: Texts) -> None:
    line = t("paused", at="2026-03-01 12:00 (UTC)", who=NASTY)
    assert "&lt;b&gt;" in line
    assert "\n" not in line
