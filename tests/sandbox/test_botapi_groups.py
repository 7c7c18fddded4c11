"""The Bot API in groups and channels: writing, looking, and which updates reach a bot."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from sandbox.world import World
from sandbox.world.chats import CantBe, Chat, ChatKind, Standing
from sandbox.world.messages import Content
from sandbox.world.people import User
from tests.sandbox.botapi_fixtures import Desk, Json, running_desk
from tests.sandbox.clock import Clock

GROUPS = (ChatKind.GROUP, ChatKind.SUPERGROUP)
KEYBOARD = {"inline_keyboard": [[{"text": "Yes", "callback_data": "y"}]]}


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def desk(clock: Clock) -> AsyncIterator[Desk]:
    async with running_desk(World(clock)) as running:
        yield running


@pytest.fixture
def rosa(desk: Desk) -> User:
    return desk.world.people.create("Rosa")


@pytest.fixture(params=GROUPS)
def group(desk: Desk, rosa: User, request: pytest.FixtureRequest) -> Chat:
    """With Olga, who made it, Rosa, and the bot."""
    return made(desk, request.param, rosa.id, desk.bot.id)


def made(desk: Desk, kind: ChatKind, *members: int, username: str | None = None) -> Chat:
    chats = desk.world.chats
    return chats.create(kind, "Crew", desk.olga.id, members=members, username=username)


def say(desk: Desk, chat: Chat, text: str, user: User | None = None, *, reply_to: int = 0) -> int:
    sender = user or desk.olga
    return desk.world.say(sender.id, chat.id, Content(text), reply_to_id=reply_to)[0].id


async def heard(desk: Desk) -> list[str]:
    """The texts of the updates that wait, which are taken off."""
    updates = await desk.result("getUpdates")
    if updates:
        await desk.result("getUpdates", offset=updates[-1]["update_id"] + 1)
    return [(u.get("message") or u["channel_post"])["text"] for u in updates]


async def test_a_bot_writes_edits_and_deletes_in_a_group(desk: Desk, group: Chat) -> None:
    sent = await desk.result("sendMessage", chat_id=group.id, text="Ahoy", reply_markup=KEYBOARD)
    assert sent["chat"] == {"id": group.id, "title": "Crew", "type": group.kind}
    assert sent["from"]["id"] == desk.bot.id
    where = {"chat_id": group.id, "message_id": sent["message_id"]}
    edited = await desk.result("editMessageText", **where, text="Ahoy, crew")
    assert (edited["text"], edited["message_id"]) == ("Ahoy, crew", sent["message_id"])
    code, words = await desk.refusal("editMessageText", **where, text="Ahoy, crew")
    assert (code, "message is not modified" in words) == (400, True)
    owner = group.id if group.shares_box else desk.olga.id
    assert [m.content.text for m in desk.world.messages.history(owner, group.id)] == ["Ahoy, crew"]
    assert await desk.result("deleteMessage", **where)
    assert desk.world.messages.history(owner, group.id) == []
    refusal = await desk.refusal("deleteMessage", **where)
    assert refusal == (400, "Bad Request: message to delete not found")


async def test_a_bot_answers_a_message_of_the_group(desk: Desk, group: Chat) -> None:
    desk.world.say(desk.olga.id, desk.bot.id, Content("so that the ids differ"))
    say(desk, group, "/status")
    command = (await desk.result("getUpdates"))[-1]["message"]
    answer = await desk.result(
        "sendMessage",
        chat_id=group.id,
        text="All up",
        reply_parameters={"message_id": command["message_id"]},
    )
    assert answer["reply_to_message"]["text"] == "/status"
    refusal = await desk.refusal(
        "sendMessage", chat_id=group.id, text="?", reply_parameters={"message_id": 99}
    )
    assert refusal == (400, "Bad Request: message to be replied not found")


async def test_what_others_wrote_is_deleted_by_administrators_only(
    desk: Desk, group: Chat, clock: Clock
) -> None:
    say(desk, group, "/secret")
    message = (await desk.result("getUpdates"))[0]["message"]
    where = {"chat_id": group.id, "message_id": message["message_id"]}
    refusal = await desk.refusal("deleteMessage", **where)
    assert refusal == (400, "Bad Request: message can't be deleted for everyone")
    assert await desk.result("deleteMessages", chat_id=group.id, message_ids=[1])
    desk.world.chats.put(group, desk.bot.id, Standing.ADMINISTRATOR)
    clock.ahead = timedelta(days=3)
    assert await desk.result("deleteMessage", **where)


async def test_a_channel_is_found_by_its_name_and_posts_are_its_own(desk: Desk) -> None:
    channel = made(desk, ChatKind.CHANNEL, username="harbour_news")
    desk.world.chats.put(channel, desk.bot.id, Standing.ADMINISTRATOR)
    sent = await desk.result("sendMessage", chat_id="@Harbour_News", text="News")
    assert (sent["chat"]["id"], sent["sender_chat"]["type"]) == (channel.id, "channel")
    assert "from" not in sent
    say(desk, channel, "by Olga")
    (update,) = await desk.result("getUpdates")
    assert update["channel_post"]["text"] == "by Olga"
    assert await desk.refusal("getChat", chat_id="@olga") == (400, "Bad Request: chat not found")


async def test_get_chat_tells_what_a_bot_may_know(desk: Desk, rosa: User) -> None:
    group = made(desk, ChatKind.SUPERGROUP, rosa.id, desk.bot.id, username="harbour_crew")
    group.slow_mode_s, group.only_admins_write = 30, True
    full: Json = await desk.result("getChat", chat_id=group.id)
    permissions = full.pop("permissions")
    assert set(permissions.values()) == {False}
    assert full.pop("accepted_gift_types")["unique_gifts"] is False
    assert full == {
        "id": group.id,
        "title": "Crew",
        "type": "supergroup",
        "username": "harbour_crew",
        "active_usernames": ["harbour_crew"],
        "accent_color_id": full["accent_color_id"],
        "max_reaction_count": 11,
        "slow_mode_delay": 30,
    }
    basic: Json = await desk.result("getChat", chat_id=made(desk, ChatKind.GROUP, desk.bot.id).id)
    assert (basic["type"], basic["permissions"]["can_send_messages"]) == ("group", True)


@pytest.mark.parametrize("kind", list(ChatKind))
async def test_a_bot_that_is_not_there_is_told_so(desk: Desk, kind: ChatKind) -> None:
    chat = made(desk, kind)
    unknown = (400, "Bad Request: chat not found")
    assert await desk.refusal("getChat", chat_id=chat.id) == unknown
    for standing, words in (
        (Standing.LEFT, f"Forbidden: bot is not a member of the {kind} chat"),
        (Standing.KICKED, f"Forbidden: bot was kicked from the {kind} chat"),
    ):
        desk.world.chats.put(chat, desk.bot.id, standing)
        assert await desk.refusal("getChat", chat_id=chat.id) == (403, words)
        assert await desk.refusal("sendMessage", chat_id=chat.id, text="x") == (403, words)
        assert await desk.refusal("sendChatAction", chat_id=chat.id, action="typing") == (
            403,
            words,
        )


async def test_a_public_group_is_looked_at_by_all_and_written_in_by_members(desk: Desk) -> None:
    made(desk, ChatKind.SUPERGROUP, username="harbour_crew")
    assert (await desk.result("getChat", chat_id="@harbour_crew"))["title"] == "Crew"
    refusal = await desk.refusal("sendMessage", chat_id="@harbour_crew", text="x")
    assert refusal == (403, "Forbidden: bot is not a member of the supergroup chat")


async def test_a_bot_without_rights_is_told_so(desk: Desk, rosa: User) -> None:
    group = made(desk, ChatKind.SUPERGROUP, rosa.id, desk.bot.id)
    channel = made(desk, ChatKind.CHANNEL, desk.bot.id)
    no_rights = (400, "Bad Request: not enough rights to send text messages to the chat")
    group.only_admins_write = True
    assert await desk.refusal("sendMessage", chat_id=group.id, text="x") == no_rights
    group.only_admins_write = False
    desk.world.chats.put(group, desk.bot.id, Standing.RESTRICTED)
    assert await desk.refusal("sendMessage", chat_id=group.id, text="x") == no_rights
    refusal = await desk.refusal("sendMessage", chat_id=channel.id, text="x")
    assert refusal == (400, "Bad Request: need administrator rights in the channel chat")


async def test_in_privacy_mode_a_bot_hears_what_is_meant_for_it(desk: Desk, group: Chat) -> None:
    assert (await desk.result("getMe"))["can_read_all_group_messages"] is False
    mine = await desk.result("sendMessage", chat_id=group.id, text="Ahoy")
    # The same message has another id in each box of a basic group.
    (bots,) = (m for m in desk.world.messages.history(_box(desk, group), group.id))
    olgas = desk.world.messages.copy_of(bots, desk.olga.id)
    assert olgas is not None
    assert mine["message_id"] == bots.id
    say(desk, group, "idle talk")
    say(desk, group, "/status now")
    say(desk, group, "/status@Harbour_Bot")
    say(desk, group, "/status@other_bot")
    say(desk, group, "dear @harbour_bot, hello")
    say(desk, group, "dear @harbour_bottom, hello")
    say(desk, group, "an answer", reply_to=olgas.id)
    assert await heard(desk) == [
        "/status now",
        "/status@Harbour_Bot",
        "dear @harbour_bot, hello",
        "an answer",
    ]


async def test_a_plain_command_goes_to_the_bot_that_spoke_last(desk: Desk, group: Chat) -> None:
    other = desk.world.people.create_bot("7000000002:token", "other_bot", "Other")
    desk.world.chats.put(group, other.id, Standing.MEMBER)
    await desk.result("sendMessage", chat_id=group.id, text="Ahoy")
    say(desk, group, "/one")
    say(desk, group, "from a bot /two", other)
    say(desk, group, "/three")
    assert await heard(desk) == ["/one"]


async def test_administrators_and_bots_without_privacy_hear_all_people(
    desk: Desk, group: Chat
) -> None:
    say(desk, group, "unheard")
    desk.world.chats.put(group, desk.bot.id, Standing.ADMINISTRATOR)
    desk.bot.reads_all = False
    say(desk, group, "heard by an administrator")
    desk.world.chats.put(group, desk.bot.id, Standing.MEMBER)
    desk.bot.reads_all = True
    other = desk.world.people.create_bot("7000000002:token", "other_bot", "Other")
    desk.world.chats.put(group, other.id, Standing.MEMBER)
    say(desk, group, "what a bot says, no bot hears", other)
    say(desk, group, "heard without privacy")
    # The first request of a bot brings what came before it, by what it may hear now.
    assert (await heard(desk))[-2:] == ["heard by an administrator", "heard without privacy"]
    desk.world.chats.put(group, desk.bot.id, Standing.KICKED)
    say(desk, group, "after the ban")
    assert await heard(desk) == []


async def test_a_bot_hears_nothing_of_what_was_before_it_came(desk: Desk, clock: Clock) -> None:
    group = made(desk, ChatKind.SUPERGROUP)
    say(desk, group, "/before")
    clock.ahead = timedelta(minutes=1)
    desk.world.chats.put(group, desk.bot.id, Standing.MEMBER)
    say(desk, group, "/after")
    desk.write("/private")
    assert await heard(desk) == ["/after", "/private"]


async def test_a_press_in_a_group_says_where_and_by_whom(
    desk: Desk, group: Chat, rosa: User
) -> None:
    sent = await desk.result("sendMessage", chat_id=group.id, text="?", reply_markup=KEYBOARD)
    message = desk.world.messages.get(_box(desk, group), sent["message_id"])
    assert message is not None
    press = desk.world.presses.press(rosa.id, message, "y")
    (update,) = await desk.result("getUpdates")
    query = update["callback_query"]
    assert (query["from"]["id"], query["data"]) == (rosa.id, "y")
    assert query["message"]["chat"]["id"] == group.id
    assert query["message"]["message_id"] == sent["message_id"]
    assert await desk.result("answerCallbackQuery", callback_query_id=query["id"], text="Done")
    assert (await press.answered).text == "Done"


def _box(desk: Desk, group: Chat) -> int:
    """Where the bot finds the group's messages."""
    return group.id if group.shares_box else desk.bot.id


async def test_a_group_that_became_a_supergroup_names_it(desk: Desk, rosa: User) -> None:
    group = made(desk, ChatKind.GROUP, rosa.id, desk.bot.id)
    sent = await desk.result("sendMessage", chat_id=group.id, text="Ahoy")
    grown = desk.world.chats.upgrade(group)
    assert set(grown.members) == set(group.members)
    where = {"chat_id": group.id, "message_id": sent["message_id"]}
    for method in ("sendMessage", "editMessageText"):
        assert await desk.call(method, {**where, "text": "Ahoy, crew"}) == {
            "ok": False,
            "error_code": 400,
            "description": "Bad Request: group chat was upgraded to a supergroup chat",
            "parameters": {"migrate_to_chat_id": grown.id},
        }
    sent = await desk.result("sendMessage", chat_id=grown.id, text="Ahoy")
    assert sent["chat"] == {"id": grown.id, "title": "Crew", "type": "supergroup"}
    with pytest.raises(CantBe):
        desk.world.chats.upgrade(group)
