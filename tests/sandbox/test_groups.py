"""Groups and channels through an unmodified Telethon client: sending, reading, and each refusal."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from telethon import errors, events, functions, types

from sandbox.datacentre import DataCentre
from sandbox.datacentre.hazards import HazardKind
from sandbox.datacentre.tl import TL
from sandbox.world import World
from sandbox.world.chats import Chat, ChatKind, Standing
from sandbox.world.messages import Content
from sandbox.world.people import User
from sandbox.world.presses import Answer, Press
from tests.sandbox.clock import Clock
from tests.sandbox.conftest import Client, NewClient
from tests.sandbox.hazards import assert_no_hazards
from tests.timing import limit, seconds

KINDS = (ChatKind.GROUP, ChatKind.SUPERGROUP)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def world(clock: Clock) -> World:
    return World(clock)


@pytest.fixture
def carol(world: World) -> User:
    return world.people.create("Carol", username="carol")


@pytest.fixture
async def client(new_client: NewClient, alice: User) -> Client:
    return await connected(new_client, alice)


@pytest.fixture
def place(world: World, alice: User, bob: User, request: pytest.FixtureRequest) -> Chat:
    return made(world, request.param, bob, alice)


async def connected(new_client: NewClient, user: User) -> Client:
    client = new_client(user, flood_sleep_threshold=0)
    async with asyncio.timeout(limit(30)):
        await client.connect()
    return client


def made(
    world: World, kind: ChatKind, creator: User, *members: User, username: str | None = None
) -> Chat:
    ids = [member.id for member in members]
    return world.chats.create(kind, "Crew", creator.id, members=ids, username=username)


def peer_of(chat: Chat, access_hash: int | None = None) -> TL:
    if chat.kind is ChatKind.GROUP:
        return types.InputPeerChat(chat.bare_id)
    return types.InputPeerChannel(chat.bare_id, access_hash or chat.access_hash)


def send_to(chat: Chat, text: str = "hello", random_id: int = 1, **more: object) -> TL:
    return functions.messages.SendMessageRequest(peer_of(chat), text, random_id=random_id, **more)


def seen(world: World, chat: Chat, user: User) -> list[str]:
    owner = chat.id if chat.shares_box else user.id
    return [m.content.text for m in world.messages.history(owner, chat.id)]


@pytest.mark.parametrize("place", KINDS, indirect=True)
async def test_a_message_to_a_group_is_answered_with_its_id_and_arrives_once(
    client: Client, world: World, place: Chat, alice: User, bob: User
) -> None:
    first = await client(send_to(place, "once", 42))
    again = await client(send_to(place, "once", 42))
    for answer, count in ((first, 1), (again, 0)):
        stated, new = answer.updates
        assert (stated.id, stated.random_id) == (new.message.id, 42)
        assert (new.message.out, new.message.from_id.user_id) == (True, alice.id)
        assert new.pts_count == count
        assert [c.id for c in answer.chats] == [place.bare_id]
    kinds = {
        ChatKind.GROUP: types.UpdateNewMessage,
        ChatKind.SUPERGROUP: types.UpdateNewChannelMessage,
    }
    assert isinstance(first.updates[1], kinds[place.kind])
    assert first.updates[0].id == again.updates[0].id
    other = await client(send_to(place, "twice", 43))
    assert other.updates[1].pts == first.updates[1].pts + 1
    assert seen(world, place, bob) == ["once", "twice"]


@pytest.mark.parametrize("place", KINDS, indirect=True)
async def test_the_same_random_id_in_another_chat_is_another_message(
    client: Client, world: World, place: Chat, alice: User, bob: User
) -> None:
    second = made(world, place.kind, bob, alice)
    await client(send_to(place, "here", 42))
    await client(send_to(second, "there", 42))
    assert (seen(world, place, bob), seen(world, second, bob)) == (["here"], ["there"])


@pytest.mark.parametrize("place", KINDS, indirect=True)
async def test_members_hear_of_messages_edits_and_deletions(
    client: Client, new_client: NewClient, world: World, place: Chat, bob: User
) -> None:
    other = await connected(new_client, bob)
    got: asyncio.Queue[Any] = asyncio.Queue()
    for kind in (events.NewMessage, events.MessageEdited, events.MessageDeleted):
        other.add_event_handler(got.put, kind())
    async with asyncio.timeout(limit(30)):
        await other.get_dialogs()
        sent = await client.send_message(peer_of(place), "frist")
        arrived = await got.get()
        assert (arrived.raw_text, arrived.out, arrived.chat_id) == ("frist", False, place.id)
        await client.edit_message(peer_of(place), sent.id, "first")
        assert (await got.get()).raw_text == "first"
        with pytest.raises(errors.MessageAuthorRequiredError):
            await other.edit_message(peer_of(place), arrived.id, "mine now")
        await client.delete_messages(peer_of(place), [sent.id])
        assert (await got.get()).deleted_ids == [arrived.id]
    assert seen(world, place, bob) == []


@pytest.mark.parametrize("place", KINDS, indirect=True)
async def test_only_administrators_delete_what_others_wrote(
    client: Client, world: World, place: Chat, alice: User, bob: User
) -> None:
    world.say(bob.id, place.id, Content("mine"))
    (theirs,) = await client.get_messages(peer_of(place), limit=1)
    with pytest.raises(errors.MessageDeleteForbiddenError):
        await client.delete_messages(peer_of(place), [theirs.id])
    world.chats.put(place, alice.id, Standing.ADMINISTRATOR)
    await client.delete_messages(peer_of(place), [theirs.id])
    assert seen(world, place, bob) == []


@pytest.mark.parametrize("place", KINDS, indirect=True)
async def test_what_a_send_asks_for_is_kept(
    client: Client, world: World, place: Chat, bob: User
) -> None:
    world.say(bob.id, world.people.by_id[777000].id, Content("so that the ids differ"))
    asked = (await client(send_to(place, "Really?", 1))).updates[0].id
    reply = types.InputReplyToMessage(asked)
    await client(send_to(place, "Well?", 2, reply_to=reply, silent=True, no_webpage=True))
    (read,) = await client.get_messages(peer_of(place), limit=1)
    assert (read.reply_to_msg_id, read.silent) == (asked, True)
    owner = place.id if place.shares_box else bob.id
    first, last = world.messages.history(owner, place.id)
    assert last.reply_to_id == first.id
    assert (last.is_silent, last.content.has_no_preview) == (True, True)


async def test_a_channel_shows_posts_in_its_own_name(
    client: Client, new_client: NewClient, world: World, alice: User, bob: User
) -> None:
    channel = made(world, ChatKind.CHANNEL, alice, bob, username="harbour_news")
    await client(send_to(channel, "news"))
    answer = await client(
        functions.messages.GetHistoryRequest("harbour_news", 0, None, 0, 1, 0, 0, 0)
    )
    assert [user.id for user in answer.users] == [alice.id]
    other = await connected(new_client, bob)
    answer = await other(
        functions.messages.GetHistoryRequest("harbour_news", 0, None, 0, 1, 0, 0, 0)
    )
    assert [user.id for user in answer.users] == [bob.id]
    (read,) = await client.get_messages("harbour_news", limit=1)
    assert (read.post, read.from_id, read.out) == (True, None, True)
    assert read.sender_id == channel.id


async def test_groups_and_channels_are_found_by_username(
    client: Client, world: World, bob: User
) -> None:
    public = made(world, ChatKind.SUPERGROUP, bob, username="harbour_crew")
    found = await client.get_entity("@Harbour_Crew")
    assert (found.id, found.megagroup, found.left) == (public.bare_id, True, True)
    assert (await client.get_messages("harbour_crew")).total == 0


@pytest.mark.parametrize("place", KINDS, indirect=True)
async def test_members_look_a_group_up(client: Client, place: Chat) -> None:
    if place.kind is ChatKind.GROUP:
        found = await client(functions.messages.GetChatsRequest([place.bare_id]))
    else:
        found = await client(functions.channels.GetChannelsRequest([peer_of(place)]))
    assert (found.chats[0].title, found.chats[0].participants_count) == ("Crew", 2)


@pytest.mark.parametrize("place", KINDS, indirect=True)
async def test_a_group_is_read_in_pages_and_by_ids(
    client: Client, world: World, place: Chat, bob: User
) -> None:
    for number in range(130):
        world.say(bob.id, place.id, Content(str(number)))
    everything = await client.get_messages(peer_of(place), limit=500)
    assert [m.raw_text for m in everything] == [str(n) for n in range(129, -1, -1)]
    assert everything.total == 130
    assert everything[0].sender_id == bob.id
    one, gap = await client.get_messages(peer_of(place), ids=[everything[0].id, 99_999])
    assert (one.raw_text, gap) == ("129", None)


async def test_dialogs_list_people_groups_and_channels_the_latest_first(
    client: Client, world: World, alice: User, bob: User
) -> None:
    group = made(world, ChatKind.GROUP, bob, alice)
    supergroup = made(world, ChatKind.SUPERGROUP, bob, alice)
    silent = made(world, ChatKind.GROUP, bob, alice)
    foreign = made(world, ChatKind.SUPERGROUP, bob, username="not_mine")
    world.say(bob.id, foreign.id, Content("unseen"))
    world.say(bob.id, alice.id, Content("in private"))
    world.say(bob.id, group.id, Content("in the group"))
    world.say(bob.id, supergroup.id, Content("in the supergroup"))
    dialogs = await client.get_dialogs()
    assert [d.id for d in dialogs] == [supergroup.id, group.id, bob.id, silent.id]
    assert [d.unread_count for d in dialogs] == [1, 1, 1, 0]
    for dialog in dialogs[:3]:
        await client.send_read_acknowledge(dialog.entity)
    again = functions.messages.GetDialogsRequest(
        None, dialogs[0].message.id, dialogs[0].input_entity, 10, 0
    )
    page = await client(again)
    assert [d.unread_count for d in page.dialogs] == [0, 0, 0]


@pytest.mark.parametrize(
    ("kind", "username", "standing", "error"),
    [
        (ChatKind.GROUP, None, Standing.LEFT, errors.ChatWriteForbiddenError),
        (ChatKind.GROUP, None, Standing.KICKED, errors.ChatWriteForbiddenError),
        (ChatKind.GROUP, None, None, errors.PeerIdInvalidError),
        (ChatKind.SUPERGROUP, None, None, errors.ChannelPrivateError),
        (ChatKind.SUPERGROUP, None, Standing.LEFT, errors.ChannelPrivateError),
        (ChatKind.SUPERGROUP, None, Standing.KICKED, errors.ChannelPrivateError),
        (ChatKind.SUPERGROUP, "crew", None, errors.ChatWriteForbiddenError),
        (ChatKind.SUPERGROUP, "crew", Standing.KICKED, errors.ChannelPrivateError),
        (ChatKind.SUPERGROUP, "crew", Standing.RESTRICTED, errors.UserBannedInChannelError),
        (ChatKind.CHANNEL, "crew", Standing.MEMBER, errors.ChatAdminRequiredError),
        (ChatKind.CHANNEL, "crew", None, errors.ChatAdminRequiredError),
        (ChatKind.CHANNEL, None, None, errors.ChannelPrivateError),
    ],
)
async def test_who_may_not_write_is_told_why(
    client: Client,
    world: World,
    alice: User,
    bob: User,
    kind: ChatKind,
    username: str | None,
    standing: Standing | None,
    error: type[Exception],
) -> None:
    chat = made(world, kind, bob, username=username)
    if standing is not None:
        world.chats.put(chat, alice.id, standing)
    with pytest.raises(error):
        await client(send_to(chat))
    assert seen(world, chat, bob) == []


@pytest.mark.parametrize("place", KINDS, indirect=True)
async def test_where_only_administrators_write_others_are_refused(
    client: Client, world: World, place: Chat, alice: User
) -> None:
    place.only_admins_write = True
    with pytest.raises(errors.ChatWriteForbiddenError):
        await client(send_to(place))
    world.chats.put(place, alice.id, Standing.ADMINISTRATOR)
    await client(send_to(place))
    await client.edit_message(peer_of(place), 1, "changed")


async def test_a_wrong_access_hash_is_no_channel(
    client: Client, world: World, alice: User, bob: User
) -> None:
    chat = made(world, ChatKind.SUPERGROUP, bob, alice)
    wrong = types.InputPeerChannel(chat.bare_id, chat.access_hash ^ 1)
    with pytest.raises(errors.ChannelInvalidError):
        await client(functions.messages.SendMessageRequest(wrong, "x", random_id=1))
    with pytest.raises(errors.ChannelInvalidError):
        await client(functions.channels.GetChannelsRequest([wrong]))
    with pytest.raises(errors.PeerIdInvalidError):
        await client(
            functions.messages.SendMessageRequest(
                types.InputPeerChat(10**12 + chat.bare_id), "x", random_id=2
            )
        )


async def test_slow_mode_names_the_seconds_left_to_each_member(
    client: Client, world: World, clock: Clock, alice: User, bob: User
) -> None:
    chat = made(world, ChatKind.SUPERGROUP, bob, alice)
    chat.slow_mode_s = 30
    await client(send_to(chat, "one", 1))
    clock.ahead += timedelta(seconds=12.4)
    with pytest.raises(errors.SlowModeWaitError) as refused:
        await client(send_to(chat, "two", 2))
    assert refused.value.seconds == 18
    clock.ahead += timedelta(seconds=17.6)
    await client(send_to(chat, "two", 3))
    assert seen(world, chat, bob) == ["one", "two"]


async def test_slow_mode_lets_a_repeated_random_id_learn_of_its_message(
    client: Client, world: World, alice: User, bob: User
) -> None:
    chat = made(world, ChatKind.SUPERGROUP, bob, alice)
    chat.slow_mode_s = 30
    first = await client(send_to(chat, "one", 1))
    again = await client(send_to(chat, "one", 1))
    assert again.updates[0].id == first.updates[0].id


async def test_slow_mode_does_not_hold_administrators_up(
    client: Client, world: World, alice: User
) -> None:
    chat = made(world, ChatKind.SUPERGROUP, alice)
    chat.slow_mode_s = 30
    for number in (1, 2):
        await client(send_to(chat, f"number {number}", number))


async def test_to_send_again_before_slow_mode_lets_one_is_a_hazard(
    client: Client, datacentre: DataCentre, world: World, clock: Clock, alice: User, bob: User
) -> None:
    chat = made(world, ChatKind.SUPERGROUP, bob, alice)
    chat.slow_mode_s = 30
    await client(send_to(chat, "one", 1))
    with pytest.raises(errors.SlowModeWaitError):
        await client(send_to(chat, "two", 2))
    assert_no_hazards(datacentre)
    clock.ahead += timedelta(seconds=1)
    with pytest.raises(errors.SlowModeWaitError):
        await client(send_to(chat, "three", 3))
    assert datacentre.hazards.counts() == {HazardKind.WAIT_IGNORED: 1}


async def test_blocked_people_are_not_written_to(
    client: Client, world: World, alice: User, bob: User, carol: User
) -> None:
    world.block(alice.id, bob.id)
    world.block(carol.id, alice.id)
    with pytest.raises(errors.YouBlockedUserError):
        await client.send_message("bobby", "hello")
    with pytest.raises(errors.UserIsBlockedError):
        await client.send_message("carol", "hello")


async def test_a_limited_account_writes_only_to_those_who_know_it(
    client: Client, datacentre: DataCentre, world: World, alice: User, bob: User, carol: User
) -> None:
    public = made(world, ChatKind.SUPERGROUP, bob, alice, username="harbour_crew")
    private = made(world, ChatKind.SUPERGROUP, bob, alice)
    world.people.add_contact(bob.id, alice.id)
    limit = datacentre.faults.limit_account(alice.id)
    with pytest.raises(errors.PeerFloodError):
        await client.send_message("carol", "hello")
    with pytest.raises(errors.UserBannedInChannelError):
        await client(send_to(public))
    await client(send_to(private))
    await client.send_message("bobby", "hello")
    world.say(carol.id, alice.id, Content("hello yourself"))
    await client.send_message("carol", "hello")
    assert limit.struck == 2


async def test_contacts_are_listed(
    client: Client, world: World, alice: User, bob: User, carol: User
) -> None:
    world.people.add_contact(alice.id, bob.id)
    world.people.add_contact(alice.id, carol.id)
    world.people.add_contact(bob.id, alice.id)
    answer = await client(functions.contacts.GetContactsRequest(0))
    assert [(c.user_id, c.mutual) for c in answer.contacts] == [(bob.id, True), (carol.id, False)]
    assert {u.id for u in answer.users} == {bob.id, carol.id}


@pytest.mark.parametrize("place", KINDS, indirect=True)
async def test_a_first_call_that_still_runs_and_a_lost_answer_count_in_groups_too(
    new_client: NewClient,
    datacentre: DataCentre,
    world: World,
    place: Chat,
    alice: User,
    bob: User,
) -> None:
    client = new_client(alice, request_retries=0, raise_last_call_error=True)
    async with asyncio.timeout(limit(30)):
        await client.connect()
        lost = datacentre.faults.drop_reply("messages.sendMessage")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(client(send_to(place, "once", 42)), seconds(0.3))
        assert lost.struck == 1
        with datacentre.faults.first_call_runs(), pytest.raises(errors.RandomIdDuplicateError):
            await client(send_to(place, "once", 42))
        answer = await client(send_to(place, "once", 42))
    assert answer.updates[0].random_id == 42
    assert seen(world, place, bob) == ["once"]


async def test_the_slow_mode_fault_holds_up_one_group_alone(
    client: Client, datacentre: DataCentre, world: World, alice: User, bob: User
) -> None:
    slow, other = (made(world, ChatKind.SUPERGROUP, bob, alice) for _ in range(2))
    datacentre.faults.slow_mode(slow.id, 30)
    with pytest.raises(errors.SlowModeWaitError):
        await client(send_to(slow))
    assert datacentre.faults.active()[0].struck == 1
    assert seen(world, other, bob) == []


async def test_a_message_twice_in_a_group_is_a_hazard(
    client: Client, datacentre: DataCentre, world: World, alice: User, bob: User
) -> None:
    one, other = (made(world, ChatKind.SUPERGROUP, bob, alice) for _ in range(2))
    await client(send_to(one, "hello", 1))
    await client(send_to(other, "hello", 2))
    assert_no_hazards(datacentre)
    await client(send_to(one, "hello", 3))
    assert datacentre.hazards.counts() == {HazardKind.DOUBLED: 1}


async def test_what_was_missed_in_a_supergroup_is_caught_up(
    client: Client, world: World, alice: User, bob: User
) -> None:
    chat = made(world, ChatKind.SUPERGROUP, bob, alice)
    pts = world.messages.pts(chat.id)
    kept, _ = world.say(bob.id, chat.id, Content("kept"))
    gone, _ = world.say(bob.id, chat.id, Content("gone"))
    world.messages.delete(chat.id, [gone.id], revoke=True)
    world.edit(kept, Content("kept, edited"))

    def ask(pts: int, limit: int = 100) -> TL:
        everything = types.ChannelMessagesFilterEmpty()
        channel = types.InputChannel(chat.bare_id, chat.access_hash)
        return functions.updates.GetChannelDifferenceRequest(channel, everything, pts, limit)

    missed = await client(ask(pts))
    assert [m.message for m in missed.new_messages] == ["kept, edited"]
    assert [type(u) for u in missed.other_updates] == [
        types.UpdateDeleteChannelMessages,
        types.UpdateEditChannelMessage,
    ]
    assert (missed.final, missed.pts) == (True, pts + 4)
    assert isinstance(await client(ask(missed.pts)), types.updates.ChannelDifferenceEmpty)
    part = await client(ask(pts, 1))
    assert (part.final, part.pts) == (False, pts + 1)


@pytest.mark.parametrize("place", KINDS, indirect=True)
async def test_a_bots_button_in_a_group_is_pressed_and_answered(
    client: Client, world: World, place: Chat, alice: User
) -> None:
    bot = world.people.create_bot("6000000001:token", "helper_bot", "Helper")
    world.chats.put(place, bot.id, Standing.MEMBER)
    presses: list[Press] = []

    def answer(press: Press) -> None:
        presses.append(press)
        world.presses.answer(bot.id, press.id, Answer("Saved"))

    world.presses.listen(bot.id, answer)
    keyboard = {"inline_keyboard": [[{"text": "Yes", "callback_data": "yes"}]]}
    world.say(bot.id, place.id, Content("Sure?", markup=keyboard))
    (message,) = await client.get_messages(peer_of(place), limit=1)
    async with asyncio.timeout(limit(30)):
        said = await message.click(0)
    assert said.message == "Saved"
    assert [(p.data, p.user_id, p.bot_id) for p in presses] == [("yes", alice.id, bot.id)]
