"""The Bot API's methods about messages, and each of their refusals, over real HTTP."""

import io
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import FormData

from sandbox.world import World
from tests.sandbox.botapi_fixtures import TOKEN, Desk, running_desk

NOT_MODIFIED = (
    "Bad Request: message is not modified: specified new message content and reply markup are"
    " exactly the same as a current content and reply markup of the message"
)
BUTTON = {"inline_keyboard": [[{"text": "Go", "callback_data": "go"}]]}


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    async with running_desk() as running:
        running.write("/start")
        yield running


async def test_a_sent_message_reaches_the_person_and_is_described_in_full(desk: Desk) -> None:
    sent = await desk.send("<b>Hi</b> Olga", parse_mode="HTML", reply_markup=BUTTON)

    assert sent["message_id"] == 2
    assert sent["from"] == {
        "id": desk.bot.id,
        "is_bot": True,
        "first_name": "Harbour",
        "username": "harbour_bot",
    }
    assert sent["chat"] == {
        "id": desk.olga.id,
        "type": "private",
        "first_name": "Olga",
        "last_name": "Petrova",
        "username": "olga",
    }
    assert sent["text"] == "Hi Olga"
    assert sent["entities"] == [{"type": "bold", "offset": 0, "length": 2}]
    assert sent["reply_markup"] == BUTTON
    assert isinstance(sent["date"], int)
    assert "edit_date" not in sent
    assert desk.seen()[-1].content.text == "Hi Olga"


async def test_parameters_come_from_query_form_multipart_and_json(desk: Desk) -> None:
    url = f"{desk.url}/bot{TOKEN}/sendMessage"
    fields = {"chat_id": str(desk.olga.id), "text": "x", "reply_markup": json.dumps(BUTTON)}
    multipart = FormData(fields, default_to_multipart=True)
    ways: list[dict[str, Any]] = [
        {"params": fields},
        {"data": fields},
        {"data": multipart},
        {"json": fields | {"reply_markup": BUTTON}},
    ]
    for way in ways:
        async with desk.session.post(url, **way) as response:
            answer = await response.json()
        assert answer["ok"], (way, answer)
        assert answer["result"]["reply_markup"] == BUTTON
    async with desk.session.get(url, params=fields) as response:
        assert (await response.json())["ok"]


async def test_method_names_match_in_any_case(desk: Desk) -> None:
    assert (await desk.result("GETME"))["id"] == desk.bot.id


async def test_what_is_no_text_is_refused(desk: Desk) -> None:
    url = f"{desk.url}/bot{TOKEN}/sendMessage"
    chat = str(desk.olga.id)
    json_type = {"Content-Type": "application/json"}
    form_type = {"Content-Type": "application/x-www-form-urlencoded"}
    nested = json.dumps({"inline_keyboard": [[{"text": "\ud800", "callback_data": "x"}]]})
    bodies = [
        (b'{"text": "\xff"}', json_type),
        (b'{"text": "\\ud800"}', json_type),
        (json.dumps({"chat_id": chat, "text": "x", "reply_markup": nested}).encode(), json_type),
        (b"text=\xff", form_type),
    ]
    for body, headers in bodies:
        async with desk.session.post(url, data=body, headers=headers) as response:
            answer = await response.json()
        assert answer["description"] == "Bad Request: strings must be encoded in UTF-8", body
    long = io.BytesIO(b"x" * (2 << 20))
    async with desk.session.post(url, data=long, headers=json_type) as response:
        assert (await response.json())["error_code"] == 413
    async with desk.session.put(url) as response:
        assert (await response.json())["error_code"] == 405


async def test_an_unknown_token_is_unauthorized(desk: Desk) -> None:
    answer = await desk.call("getMe", {}, token="7:nobody")
    assert answer == {"ok": False, "error_code": 401, "description": "Unauthorized"}


async def test_an_unknown_method_is_refused_and_remembered(desk: Desk) -> None:
    assert await desk.refusal("sendHologram") == (404, "Not Found: method not found")
    await desk.refusal("sendHologram")
    assert desk.server.unknown_methods == ["sendHologram"]
    for number in range(150):
        await desk.refusal(f"send{number}")
    assert len(desk.server.unknown_methods) == 100


async def test_a_body_that_is_no_json_object_is_refused(desk: Desk) -> None:
    url = f"{desk.url}/bot{TOKEN}/sendMessage"
    for body in ("[]", "{", '"text"', "[" * 100_000):
        headers = {"Content-Type": "application/json"}
        async with desk.session.post(url, data=body, headers=headers) as response:
            answer = await response.json()
        assert (response.status, answer["ok"]) == (400, False)


@pytest.mark.parametrize(
    ("parameters", "reason"),
    [
        ({"text": ""}, "message text is empty"),
        ({"text": "  \n "}, "text must be non-empty"),
        ({"text": "<b> </b>", "parse_mode": "HTML"}, "text must be non-empty"),
        ({"text": "x" * 4097}, "message is too long"),
        ({"text": "⚓" * 4096 + "!"}, "message is too long"),
        ({"text": "😀" * 2049}, "message is too long"),
        ({"text": "x", "parse_mode": "BBCode"}, "unsupported parse_mode"),
        ({"chat_id": "", "text": "x"}, "chat_id is empty"),
        ({"chat_id": 12345, "text": "x"}, "chat not found"),
        ({"chat_id": "me", "text": "x"}, "chat not found"),
        ({"chat_id": "@olga", "text": "x"}, "chat not found"),
        ({"chat_id": "9" * 30, "text": "x"}, "chat not found"),
        ({"text": "x", "reply_parameters": {"message_id": 99}}, "message to be replied not found"),
        ({"text": "x", "reply_to_message_id": 99}, "message to be replied not found"),
        ({"text": "x", "reply_parameters": [1]}, "can't parse reply parameters JSON object"),
    ],
)
async def test_sending_is_refused_in_telegrams_words(
    desk: Desk, parameters: dict[str, Any], reason: str
) -> None:
    parameters = {"chat_id": desk.olga.id} | parameters
    assert await desk.refusal("sendMessage", **parameters) == (400, f"Bad Request: {reason}")


async def test_4096_units_after_the_tags_are_gone_are_not_too_long(desk: Desk) -> None:
    sent = await desk.send("<i>" + "😀" * 2048 + "</i>", parse_mode="HTML")
    assert sent["entities"] == [{"type": "italic", "offset": 0, "length": 4096}]


@pytest.mark.parametrize(
    ("markup", "reason"),
    [
        ("{", "can't parse reply keyboard markup JSON object"),
        ([], "object expected as reply markup"),
        (
            {"inline_keyboard": 5},
            'field "inline_keyboard" of the InlineKeyboardMarkup must be an Array',
        ),
        (
            {"inline_keyboard": [{}]},
            'field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays',
        ),
        (
            {"inline_keyboard": [["Go"]]},
            "can't parse inline keyboard button: InlineKeyboardButton must be an Object",
        ),
        (
            {"inline_keyboard": [[{"callback_data": "x"}]]},
            "can't parse inline keyboard button: Can't find field \"text\"",
        ),
        (
            {"inline_keyboard": [[{"text": 5, "callback_data": "x"}]]},
            'can\'t parse inline keyboard button: Field "text" must be of type String',
        ),
        (
            {"inline_keyboard": [[{"text": "", "callback_data": "x"}]]},
            "inline keyboard button text must be non-empty",
        ),
        (
            {"inline_keyboard": [[{"text": "Go"}]]},
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
        ),
        (
            {"inline_keyboard": [[{"text": "Go", "callback_data": "я" * 33}]]},
            "BUTTON_DATA_INVALID",
        ),
        ({"inline_keyboard": [[{"text": "Go", "callback_data": ""}]]}, "BUTTON_DATA_INVALID"),
        (
            {"inline_keyboard": [[{"text": "Go", "web_app": {"url": "https://a.io"}}]]},
            "BUTTON_TYPE_INVALID",
        ),
        (
            {"inline_keyboard": [[{"text": "Go", "url": "http://localhost:8080"}]]},
            "inline keyboard button URL 'http://localhost:8080' is invalid: Wrong HTTP URL",
        ),
        (
            {"inline_keyboard": [[{"text": "Go", "url": "ssh://a.io"}]]},
            "inline keyboard button URL 'ssh://a.io' is invalid: Unsupported URL protocol",
        ),
        ({"inline_keyboard": [[{"text": "Go", "url": "https://a.io/ b"}]]}, "BUTTON_URL_INVALID"),
        (
            {"inline_keyboard": [[{"text": "n", "callback_data": "n"}] * 8] * 13},
            "reply markup is too long",
        ),
        (
            {"keyboard": [[5]]},
            "can't parse keyboard button: KeyboardButton must be a String or an Object",
        ),
        ({"keyboard": [[""]]}, "keyboard button text must be non-empty"),
        (
            {"force_reply": 1},
            'field "force_reply" of the reply markup must be of the type Boolean',
        ),
    ],
)
async def test_a_wrong_markup_is_refused_in_telegrams_words(
    desk: Desk, markup: object, reason: str
) -> None:
    refusal = await desk.refusal(
        "sendMessage", chat_id=desk.olga.id, text="x", reply_markup=markup
    )
    assert refusal == (400, f"Bad Request: {reason}")


async def test_other_markups_are_taken_and_only_inline_ones_are_shown(desk: Desk) -> None:
    for markup in (
        {"force_reply": True, "input_field_placeholder": "Number"},
        {"keyboard": [["Yes", {"text": "No"}]], "resize_keyboard": True},
        {"remove_keyboard": True},
    ):
        assert "reply_markup" not in await desk.send(reply_markup=markup)
        assert desk.seen()[-1].content.markup
    link = {"inline_keyboard": [[{"text": "Docs", "url": "example.org"}], []]}
    sent = await desk.send(reply_markup=link)
    assert sent["reply_markup"]["inline_keyboard"] == [
        [{"text": "Docs", "url": "http://example.org/"}]
    ]


async def test_harmless_options_are_taken(desk: Desk) -> None:
    await desk.send(
        link_preview_options={"is_disabled": True}, disable_notification=True, protect_content=True
    )


@pytest.mark.parametrize(
    ("entity", "reason"),
    [
        (5, "can't parse MessageEntity: expected an Object"),
        ({"type": "bold", "length": 1}, "can't parse MessageEntity: Can't find field \"offset\""),
        (
            {"type": "bold", "offset": "x", "length": 1},
            'can\'t parse MessageEntity: Field "offset" must be of type Number',
        ),
        ({"offset": 0, "length": 1}, "can't parse MessageEntity: Type is not specified"),
        (
            {"type": "blink", "offset": 0, "length": 1},
            "can't parse MessageEntity: Unsupported type specified",
        ),
        (
            {"type": "bold", "offset": -1, "length": 1},
            "receive an entity with incorrect offset -1",
        ),
        (
            {"type": "bold", "offset": 1, "length": 9},
            "entity beginning at UTF-16 offset 1 ends after the end of the text at UTF-16 offset 4",
        ),
        (
            {"type": "bold", "offset": 1, "length": 1},
            "entity begins in a middle of a UTF-16 symbol at offset 1",
        ),
        (
            {"type": "text_link", "offset": 0, "length": 2, "url": "nope"},
            "entity URL 'nope' is invalid: Wrong HTTP URL",
        ),
        (
            {"type": "custom_emoji", "offset": 0, "length": 2, "custom_emoji_id": "x"},
            "invalid custom emoji identifier specified",
        ),
        (
            {"type": "text_mention", "offset": 0, "length": 2},
            "can't parse MessageEntity: Can't find field \"user\"",
        ),
    ],
)
async def test_a_wrong_entity_is_refused(desk: Desk, entity: object, reason: str) -> None:
    refusal = await desk.refusal(
        "sendMessage", chat_id=desk.olga.id, text="😀 x", entities=[entity]
    )
    assert refusal == (400, f"Bad Request: {reason}")


async def test_explicit_entities_are_kept_and_trimmed_with_the_text(desk: Desk) -> None:
    sent = await desk.send(
        "  😀 see Olga  ",
        entities=[
            {"type": "bold", "offset": 0, "length": 8},
            {"type": "text_mention", "offset": 9, "length": 4, "user": {"id": desk.olga.id}},
            {"type": "text_mention", "offset": 5, "length": 3, "user": {"id": 5}},
            {"type": "url", "offset": 0, "length": 4},
        ],
    )
    assert sent["text"] == "😀 see Olga"
    bold, mention = sent["entities"]
    assert bold == {"type": "bold", "offset": 0, "length": 6}
    assert (mention["type"], mention["offset"], mention["length"]) == ("text_mention", 7, 4)
    assert mention["user"]["username"] == "olga"


async def test_parse_errors_carry_telegrams_prefix(desk: Desk) -> None:
    refusal = await desk.refusal(
        "sendMessage", chat_id=desk.olga.id, text="ab <foo>x</foo>", parse_mode="html"
    )
    assert refusal == (
        400,
        'Bad Request: can\'t parse entities: Unsupported start tag "foo" at byte offset 3',
    )


async def test_a_bot_cannot_write_first_nor_to_one_who_blocked_it(desk: Desk) -> None:
    stranger = desk.world.people.create("Stranger")
    for method, more in (("sendMessage", {"text": "x"}), ("sendChatAction", {"action": "typing"})):
        assert await desk.refusal(method, chat_id=stranger.id, **more) == (
            403,
            "Forbidden: bot can't initiate conversation with a user",
        )
    desk.world.block(desk.olga.id, desk.bot.id)
    assert await desk.refusal("sendMessage", chat_id=desk.olga.id, text="x") == (
        403,
        "Forbidden: bot was blocked by the user",
    )
    desk.write("/start")
    await desk.send()
    other = desk.world.people.create_bot("7000000002:other", "other_bot", "Other")
    assert await desk.refusal("sendMessage", chat_id=other.id, text="x") == (
        403,
        "Forbidden: bot can't send messages to bots",
    )


async def test_a_reply_shows_what_it_answers(desk: Desk) -> None:
    question = await desk.send("?")
    reply = await desk.send("!", reply_parameters={"message_id": question["message_id"]})
    assert reply["reply_to_message"]["text"] == "?"
    loose = await desk.send(
        "!", reply_parameters={"message_id": 99, "allow_sending_without_reply": True}
    )
    assert "reply_to_message" not in loose
    theirs = desk.seen()
    assert theirs[-2].reply_to_id == theirs[-3].id


async def test_an_edit_replaces_text_and_keyboard(desk: Desk) -> None:
    sent = await desk.send(reply_markup=BUTTON)
    where = {"chat_id": desk.olga.id, "message_id": sent["message_id"]}
    edited = await desk.result("editMessageText", text="<u>new</u>", parse_mode="HTML", **where)
    assert edited["message_id"] == sent["message_id"]
    assert edited["edit_date"] >= edited["date"]
    assert edited["entities"][0]["type"] == "underline"
    assert "reply_markup" not in edited
    assert desk.seen()[-1].content.text == "new"

    edited = await desk.result("editMessageReplyMarkup", reply_markup=BUTTON, **where)
    assert edited["reply_markup"] == BUTTON
    assert edited["text"] == "new"
    edited = await desk.result("editMessageReplyMarkup", **where)
    assert "reply_markup" not in edited


async def test_an_edit_that_changes_nothing_is_refused(desk: Desk) -> None:
    sent = await desk.send("see https://a.io", reply_markup=BUTTON)
    where = {"chat_id": desk.olga.id, "message_id": sent["message_id"], "reply_markup": BUTTON}
    refusal = await desk.refusal("editMessageText", text="see https://a.io ", **where)
    assert refusal == (400, NOT_MODIFIED)
    assert await desk.refusal("editMessageReplyMarkup", **where) == (400, NOT_MODIFIED)


async def test_what_cannot_be_edited_is_refused(desk: Desk) -> None:
    theirs = desk.world.messages.history(desk.bot.id, desk.olga.id)[0].id
    asked = (await desk.send(reply_markup={"force_reply": True}))["message_id"]
    mine = (await desk.send())["message_id"]
    cases: list[tuple[dict[str, Any], str]] = [
        ({}, "message identifier is not specified"),
        ({"message_id": 1}, "chat_id is empty"),
        ({"chat_id": desk.olga.id, "message_id": 99}, "message to edit not found"),
        ({"chat_id": desk.olga.id, "message_id": "x"}, "message to edit not found"),
        ({"chat_id": desk.olga.id, "message_id": theirs}, "message can't be edited"),
        ({"chat_id": desk.olga.id, "message_id": asked}, "message can't be edited"),
        (
            {
                "chat_id": desk.olga.id,
                "message_id": mine,
                "reply_markup": {"remove_keyboard": True},
            },
            "inline keyboard expected",
        ),
    ]
    for where, reason in cases:
        for method in ("editMessageText", "editMessageReplyMarkup"):
            refusal = await desk.refusal(method, text="new", **where)
            assert refusal == (400, f"Bad Request: {reason}")


async def test_messages_of_both_sides_are_deleted_for_both(desk: Desk) -> None:
    theirs = desk.world.messages.history(desk.bot.id, desk.olga.id)[0].id
    mine = (await desk.send())["message_id"]
    for message_id in (theirs, mine):
        assert await desk.result("deleteMessage", chat_id=desk.olga.id, message_id=message_id)
    assert desk.seen() == []
    assert await desk.refusal("deleteMessage", chat_id=desk.olga.id, message_id=mine) == (
        400,
        "Bad Request: message to delete not found",
    )
    assert await desk.refusal("deleteMessage", chat_id=desk.olga.id) == (
        400,
        "Bad Request: message identifier is not specified",
    )


async def test_several_messages_are_deleted_and_missing_ones_skipped(desk: Desk) -> None:
    ids = [(await desk.send())["message_id"] for _ in range(3)]
    where = {"chat_id": desk.olga.id}
    assert await desk.result("deleteMessages", message_ids=[*ids[:2], 99], **where)
    assert len(desk.seen()) == 2
    for raw, reason in (
        (None, "message identifiers are not specified"),
        ("{", "can't parse message identifiers JSON object"),
        (["x"], "can't parse message identifiers: expected an Array of Number"),
        (list(range(101)), "too many message identifiers specified"),
    ):
        refusal = await desk.refusal("deleteMessages", message_ids=raw, **where)
        assert refusal == (400, f"Bad Request: {reason}")


async def test_what_is_older_than_two_days_cannot_be_deleted() -> None:
    clock = [datetime(2026, 1, 1, tzinfo=UTC)]
    async with running_desk(World(now=lambda: clock[0])) as desk:
        desk.write("/start")
        sent = await desk.send()
        clock[0] += timedelta(hours=48, seconds=1)
        where = {"chat_id": desk.olga.id}
        refusal = await desk.refusal("deleteMessage", message_id=sent["message_id"], **where)
        assert refusal == (400, "Bad Request: message can't be deleted for everyone")
        assert await desk.result("deleteMessages", message_ids=[sent["message_id"]], **where)
        assert len(desk.seen()) == 2


async def test_chat_actions_and_chats(desk: Desk) -> None:
    assert await desk.result("sendChatAction", chat_id=desk.olga.id, action="typing")
    refusal = await desk.refusal("sendChatAction", chat_id=desk.olga.id, action="dancing")
    assert refusal == (400, "Bad Request: wrong parameter action in request")
    chat = await desk.result("getChat", chat_id=desk.olga.id)
    assert (chat["id"], chat["type"], chat["username"]) == (desk.olga.id, "private", "olga")
    assert await desk.refusal("getChat", chat_id=1) == (400, "Bad Request: chat not found")


async def test_a_press_is_answered_once_and_only_by_its_bot(desk: Desk) -> None:
    sent = await desk.send(reply_markup=BUTTON)
    copy = desk.world.messages.get(desk.bot.id, sent["message_id"])
    assert copy
    press = desk.world.presses.press(desk.olga.id, copy, "go")
    desk.world.people.create_bot("7000000002:other", "other_bot", "Other")
    too_old = "Bad Request: query is too old and response timeout expired or query ID is invalid"
    by_other = await desk.call(
        "answerCallbackQuery", {"callback_query_id": press.id}, token="7000000002:other"
    )
    assert by_other["description"] == too_old
    refusal = await desk.refusal("answerCallbackQuery", callback_query_id=press.id, text="x" * 201)
    assert refusal == (400, "Bad Request: MESSAGE_TOO_LONG")
    assert await desk.result(
        "answerCallbackQuery", callback_query_id=press.id, text="Done", show_alert=True
    )
    answer = await press.answered
    assert (answer.text, answer.show_alert) == ("Done", True)
    refusal = await desk.refusal("answerCallbackQuery", callback_query_id=press.id)
    assert refusal == (400, too_old)


async def test_commands_are_kept_by_scope_and_language(desk: Desk) -> None:
    start = {"command": "start", "description": "Begin"}
    chat = {"type": "chat", "chat_id": desk.olga.id}
    assert await desk.result("setMyCommands", commands=[start])
    assert await desk.result("setMyCommands", commands=[], scope=chat)
    assert await desk.result(
        "setMyCommands", commands=[start | {"command": "/help "}], language_code="de"
    )
    assert await desk.result("getMyCommands") == [start]
    assert await desk.result("getMyCommands", scope=chat) == []
    assert await desk.result("getMyCommands", language_code="de") == [start | {"command": "help"}]
    assert await desk.result("deleteMyCommands")
    assert await desk.result("getMyCommands") == []


@pytest.mark.parametrize(
    ("parameters", "reason"),
    [
        ({"commands": "{"}, "can't parse commands JSON object"),
        ({"commands": {}}, "expected an Array of BotCommand"),
        ({"commands": ["start"]}, "can't parse BotCommand: expected an Object"),
        (
            {"commands": [{"command": "a"}]},
            "can't parse BotCommand: Can't find field \"description\"",
        ),
        (
            {"commands": [{"command": 1, "description": "x"}]},
            'can\'t parse BotCommand: Field "command" must be of type String',
        ),
        ({"commands": [{"command": "Start", "description": "x"}]}, "BOT_COMMAND_INVALID"),
        (
            {"commands": [{"command": "a", "description": ""}]},
            "BOT_COMMAND_DESCRIPTION_INVALID",
        ),
        (
            {"commands": [{"command": "a", "description": "x"}] * 101},
            "BOT_COMMANDS_TOO_MUCH",
        ),
        ({"scope": "{"}, "can't parse BotCommandScope JSON object"),
        ({"scope": []}, "can't parse BotCommandScope: BotCommandScope must be an Object"),
        (
            {"scope": {"type": "moon"}},
            "can't parse BotCommandScope: Unsupported type specified",
        ),
        (
            {"scope": {"type": "chat"}},
            "can't parse BotCommandScope: Can't find field \"chat_id\"",
        ),
        ({"language_code": "english"}, "LANG_CODE_INVALID"),
    ],
)
async def test_wrong_commands_are_refused(
    desk: Desk, parameters: dict[str, Any], reason: str
) -> None:
    assert await desk.refusal("setMyCommands", **parameters) == (400, f"Bad Request: {reason}")
