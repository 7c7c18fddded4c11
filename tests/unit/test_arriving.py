"""What of a message can be sent, and whom it names; as the Bot API puts it."""

from typing import Any

import pytest
from aiogram.types import Message

from bot.handlers.sending.arriving import (
    HiddenAuthor,
    NotSendable,
    check,
    content_of,
    target_of,
    words_of,
)
from bot.handlers.sending.plan import Content, Enclosed
from bot.splitting import Piece
from storage.delivery import Media
from userbot.targets import BadTarget

CHAT = {"id": 1, "type": "private"}
USER = {"id": 5, "is_bot": False, "first_name": "Bob"}
GROUP = {"id": -1001234, "type": "supergroup", "title": "Group"}
FILE = {"file_id": "BQAC", "file_unique_id": "u"}
STICKER = {
    **FILE,
    "type": "regular",
    "width": 1,
    "height": 1,
    "is_animated": False,
    "is_video": False,
}
VIDEO = {**FILE, "width": 1, "height": 1, "duration": 1}


def message(**more: Any) -> Message:  # noqa: ANN401 - JSON
    return Message.model_validate({"message_id": 1, "date": 0, "chat": CHAT, **more})


def photo(width: int, size: int = 1000) -> dict[str, Any]:
    unique = {"file_id": f"photo{width}", "file_unique_id": f"u{width}"}
    return {**unique, "width": width, "height": 1, "file_size": size}


def test_a_text_keeps_its_formatting_as_the_operator_made_it() -> None:
    entities = [
        {"type": "bold", "offset": 0, "length": 2},
        {"type": "text_link", "offset": 0, "length": 2, "url": "https://example.com/"},
        {"type": "custom_emoji", "offset": 3, "length": 2, "custom_emoji_id": "77"},
        {"type": "pre", "offset": 6, "length": 1, "language": "python"},
    ]
    found = content_of(message(text="hi 🎉 x", entities=entities))
    assert found == Content((Piece("hi 🎉 x", tuple(entities)),))
    mention = {"type": "text_mention", "offset": 0, "length": 2, "user": USER}
    (piece,) = content_of(message(text="hi", entities=[mention])).pieces
    assert piece.entities == (mention,)


@pytest.mark.parametrize(
    ("sent", "file"),
    [
        (
            {"photo": [photo(90), photo(1280)]},
            Enclosed("photo1280", Media.PHOTO, "photo.jpg", "image/jpeg"),
        ),
        (
            {"document": {**FILE, "file_name": "a.pdf", "mime_type": "application/pdf"}},
            Enclosed("BQAC", Media.DOCUMENT, "a.pdf", "application/pdf"),
        ),
        ({"document": FILE}, Enclosed("BQAC", Media.DOCUMENT, "file", "application/octet-stream")),
        (
            {"document": {**FILE, "file_name": "x" * 300 + ".pdf"}},
            Enclosed("BQAC", Media.DOCUMENT, "x" * 251 + ".pdf", "application/octet-stream"),
        ),
        (
            {"voice": {**FILE, "duration": 65}},
            Enclosed("BQAC", Media.VOICE, "voice.ogg", "audio/ogg", 65),
        ),
    ],
)
def test_a_file_comes_with_its_caption(sent: dict[str, Any], file: Enclosed) -> None:
    bold = {"type": "bold", "offset": 0, "length": 4}
    found = content_of(message(**sent, caption="Look", caption_entities=[bold]))
    assert found == Content((Piece("Look", (bold,)),), (file,))
    assert content_of(message(**sent)) == Content((), (file,))


@pytest.mark.parametrize(
    "sent",
    [
        {"sticker": STICKER},
        {"video": VIDEO, "caption": "a film"},
        {"animation": VIDEO, "document": FILE},
        {"location": {"latitude": 1.0, "longitude": 1.0}},
        {"audio": {**FILE, "duration": 1}},
        {"dice": {"emoji": "🎲", "value": 1}},
    ],
)
def test_what_can_not_be_sent_is_refused_whatever_its_caption(sent: dict[str, Any]) -> None:
    with pytest.raises(NotSendable, match="send-cant"):
        content_of(message(**sent))


@pytest.mark.parametrize("size", [(20 << 20) + 1, 2 << 30])
def test_a_file_that_is_too_large_is_named(size: int) -> None:
    with pytest.raises(NotSendable, match="send-too-large") as raised:
        content_of(message(document={**FILE, "file_name": "a.iso", "file_size": size}))
    assert raised.value.words["name"] == "a.iso"
    content_of(message(document={**FILE, "file_size": 20 << 20}))


@pytest.mark.parametrize(
    ("kinds", "flaw"),
    [
        ([Media.PHOTO] * 10, ""),
        ([Media.DOCUMENT] * 2, ""),
        ([Media.VOICE], ""),
        ([Media.VOICE] * 2, "send-mixed"),
        ([Media.PHOTO, Media.DOCUMENT], "send-mixed"),
        ([Media.PHOTO] * 11, "send-many"),
        ([], "send-empty"),
    ],
)
def test_an_album_is_of_one_kind(kinds: list[Media], flaw: str) -> None:
    content = Content((), tuple(Enclosed("x", kind, "", "") for kind in kinds))
    try:
        check(content)
        found = ""
    except NotSendable as exc:
        found = exc.key
    assert found == flaw


@pytest.mark.parametrize(
    ("sent", "target"),
    [
        ({"text": "https://t.me/bobby"}, "@bobby"),
        ({"text": "x", "forward_origin": {"type": "user", "sender_user": USER}}, "5"),
        (
            {
                "text": "@somebody",
                "forward_origin": {"type": "user", "sender_user": {**USER, "username": "bobby"}},
            },
            "@bobby",
        ),
        ({"forward_origin": {"type": "chat", "sender_chat": GROUP}}, "-1001234"),
        (
            {
                "forward_origin": {
                    "type": "channel",
                    "chat": {**GROUP, "type": "channel", "username": "news"},
                    "message_id": 7,
                }
            },
            "@news",
        ),
        ({"contact": {"phone_number": "442079460000", "first_name": "Bob"}}, "+442079460000"),
        ({"contact": {"phone_number": "+442079460000", "first_name": "Bob"}}, "+442079460000"),
        ({"contact": {"phone_number": "12", "first_name": "Bob", "user_id": 5}}, "5"),
    ],
)
def test_a_message_names_a_target(sent: dict[str, Any], target: str) -> None:
    if origin := sent.get("forward_origin"):
        sent = {**sent, "forward_origin": {**origin, "date": 0}}
    assert target_of(message(**sent)) == target


def test_what_names_nobody_says_why() -> None:
    hidden = {"type": "hidden_user", "sender_user_name": "Bob", "date": 0}
    with pytest.raises(HiddenAuthor):
        target_of(message(text="@bobby", forward_origin=hidden))
    for sent in ({"sticker": STICKER}, {"contact": {"phone_number": "12", "first_name": "B"}}):
        with pytest.raises(BadTarget):
            target_of(message(**sent))


def test_the_words_are_the_text_or_the_caption() -> None:
    assert words_of(message(caption="Look")) == Piece("Look")
    assert words_of(message(text="Look")) == Piece("Look")
    assert words_of(message(sticker=STICKER)) == Piece("")
