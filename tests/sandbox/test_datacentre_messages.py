"""Sending, changing, pressing and reading messages through an unmodified Telethon client."""

import asyncio
from typing import Any

import pytest
from telethon import errors, events, functions, types

from sandbox.datacentre import entities
from sandbox.datacentre.tl import TL
from sandbox.world import World
from sandbox.world.messages import Content, Entity
from sandbox.world.people import User
from sandbox.world.presses import Answer, Press
from tests.sandbox.conftest import Client, Dial, NewClient
from tests.timing import limit

BUTTONS = {
    "inline_keyboard": [
        [{"text": "Yes", "callback_data": "yes"}, {"text": "Site", "url": "https://example.org"}]
    ]
}


@pytest.fixture
async def client(new_client: NewClient, alice: User) -> Client:
    made = new_client(alice)
    async with asyncio.timeout(limit(30)):
        await made.connect()
    return made


@pytest.fixture
def bot(world: World, alice: User) -> User:
    made = world.people.create_bot("6000000001:token", "helper_bot", "Helper")
    world.say(alice.id, made.id, Content("/start"))
    return made


def send_to(person: User, text: str, random_id: int = 1, **more: object) -> TL:
    peer = types.InputPeerUser(person.id, person.access_hash)
    return functions.messages.SendMessageRequest(peer, text, random_id=random_id, **more)


async def test_the_same_random_id_gives_the_same_message_once(
    client: Client, world: World, alice: User, bob: User
) -> None:
    first = await client(send_to(bob, "once", 42))
    again = await client(send_to(bob, "once", 42))
    assert isinstance(first, types.UpdateShortSentMessage)
    assert first.pts_count == 1
    stated, new = again.updates
    assert (stated.id, stated.random_id) == (first.id, 42)
    assert (new.message.id, new.pts_count) == (first.id, 0)
    assert len(world.messages.history(bob.id, alice.id)) == 1
    other = await client(send_to(bob, "twice", 43))
    assert (other.id, other.pts) == (first.id + 1, first.pts + 1)


@pytest.mark.parametrize(
    ("text", "error"),
    [("", errors.MessageEmptyError), ("x" * 4097, errors.MessageTooLongError)],
)
async def test_a_text_that_telegram_refuses_is_refused(
    client: Client, bob: User, text: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        await client(send_to(bob, text))


async def test_a_wrong_access_hash_finds_nobody(client: Client, bob: User) -> None:
    with pytest.raises(errors.PeerIdInvalidError):
        await client(functions.messages.SendMessageRequest(types.InputPeerUser(bob.id, 1), "x"))
    with pytest.raises(errors.UserIdInvalidError):
        await client(functions.users.GetFullUserRequest(types.InputUser(bob.id, 1)))
    assert await client(functions.users.GetUsersRequest([types.InputUser(bob.id, 1)])) == []


async def test_people_are_found_by_username_and_by_phone(client: Client, bob: User) -> None:
    assert (await client.get_entity("@BOBBY")).id == bob.id
    found = await client(functions.contacts.ResolvePhoneRequest("15550002"))
    assert found.users[0].phone is None
    full = await client(functions.users.GetFullUserRequest("bobby"))
    assert full.full_user.id == bob.id
    for request, error in (
        (functions.contacts.ResolvePhoneRequest("19990000"), errors.PhoneNotOccupiedError),
        (
            functions.contacts.ResolveUsernameRequest("nobody_here"),
            errors.UsernameNotOccupiedError,
        ),
        (functions.contacts.ResolveUsernameRequest("no"), errors.UsernameInvalidError),
    ):
        with pytest.raises(error):
            await client(request)


async def test_formatting_survives_the_way_there_and_back(
    client: Client, world: World, alice: User, bob: User
) -> None:
    sent = await client.send_message(
        "bobby", "<b>bold</b> <a href='https://x.org'>link</a>", parse_mode="html"
    )
    copy = world.messages.get(alice.id, sent.id)
    assert copy is not None
    kinds = [(e.kind, e.offset, e.length, e.extra) for e in copy.content.entities]
    assert kinds == [("bold", 0, 4, {}), ("text_link", 5, 4, {"url": "https://x.org"})]
    (read,) = await client.get_messages("bobby", ids=[sent.id])
    assert [type(e).__name__ for e in read.entities] == [
        "MessageEntityBold",
        "MessageEntityTextUrl",
    ]
    beyond = [types.MessageEntityBold(0, 99)]
    with pytest.raises(errors.EntityBoundsInvalidError):
        await client(send_to(bob, "short", 9, entities=beyond))


async def test_a_reply_names_the_message_that_it_answers_in_each_box(
    client: Client, world: World, alice: User, bob: User
) -> None:
    world.say(bob.id, world.people.by_id[777000].id, Content("so that the ids differ"))
    asked = await client.send_message("bobby", "Really?")
    await client.send_message("bobby", "Well?", reply_to=asked.id)
    mine = world.messages.history(alice.id, bob.id)[-1]
    theirs = world.messages.twin(mine)
    assert theirs is not None
    assert (mine.reply_to_id, theirs.reply_to_id) == (asked.id, asked.id + 1)
    (read,) = await client.get_messages("bobby", limit=1)
    assert read.reply_to_msg_id == asked.id


@pytest.mark.parametrize(
    "entity",
    [
        Entity("pre", 0, 4, {"language": "python"}),
        Entity("pre", 0, 4),
        Entity("text_link", 0, 4, {"url": "https://x.org"}),
        Entity("text_mention", 0, 4, {"user_id": 777000}),
        Entity("custom_emoji", 0, 4, {"custom_emoji_id": "77"}),
        Entity("blockquote", 0, 4),
        Entity("expandable_blockquote", 0, 4),
        *(Entity(k, 0, 4) for k in ("italic", "underline", "strikethrough", "spoiler", "code")),
    ],
)
async def test_every_kind_of_entity_has_its_tl_form(entity: Entity) -> None:
    made = entities.to_tl([entity])
    assert made is not None
    assert entities.from_tl(made, "text") == (entity,)


async def test_an_edit_and_a_deletion_reach_the_other_side(
    client: Client, new_client: NewClient, bob: User
) -> None:
    other = new_client(bob)
    got: asyncio.Queue[Any] = asyncio.Queue()
    for kind in (events.NewMessage, events.MessageEdited, events.MessageDeleted):
        other.add_event_handler(got.put, kind())
    async with asyncio.timeout(limit(30)):
        await other.connect()
        sent = await client.send_message("bobby", "frist")
        arrived = await got.get()
        edited = await client.edit_message("bobby", sent.id, "first")
        assert edited.edit_date is not None
        assert (await got.get()).raw_text == "first"
        with pytest.raises(errors.MessageNotModifiedError):
            await client.edit_message("bobby", sent.id, "first")
        with pytest.raises(errors.MessageAuthorRequiredError):
            await other.edit_message("alice", arrived.id, "mine now")
        affected = (await client.delete_messages("bobby", [sent.id]))[0]
        assert affected.pts_count == 1
        assert (await got.get()).deleted_ids == [arrived.id]
    assert await client.get_messages("bobby") == []


async def test_an_answer_that_cannot_be_written_fails_that_call_alone(
    dial: Dial, world: World, alice: User
) -> None:
    client = await dial(alice)
    half = world.people.create("half a pair: \ud83d")
    for person, answer in ((half, "INTERNAL_SERVER_ERROR"), (alice, None)):
        asked = types.InputUser(person.id, person.access_hash)
        found = await client.init(functions.users.GetUsersRequest([asked]))
        assert getattr(found, "error_message", None) == answer


async def test_history_is_read_in_pages(
    client: Client, world: World, alice: User, bob: User
) -> None:
    for number in range(230):
        world.say(bob.id, alice.id, Content(str(number)))
    everything = await client.get_messages("bobby", limit=500)
    assert [m.raw_text for m in everything] == [str(n) for n in range(229, -1, -1)]
    assert everything.total == 230
    oldest = await client.get_messages("bobby", limit=3, reverse=True)
    assert [m.raw_text for m in oldest] == ["0", "1", "2"]
    between = await client.get_messages(
        "bobby", limit=9, min_id=everything[3].id, max_id=everything[0].id
    )
    assert [m.raw_text for m in between] == ["228", "227"]
    gap = await client.get_messages("bobby", ids=[everything[0].id, 99_999])
    assert gap[1] is None


async def test_dialogs_show_what_is_unread_until_it_is_read(
    client: Client, world: World, alice: User, bob: User
) -> None:
    for text in ("one", "two"):
        world.say(bob.id, alice.id, Content(text))
    (dialog,) = await client.get_dialogs()
    assert (dialog.name, dialog.unread_count, dialog.message.raw_text) == ("Bob", 2, "two")
    await client.send_read_acknowledge(dialog.entity)
    (dialog,) = await client.get_dialogs()
    assert dialog.unread_count == 0


async def test_what_was_missed_is_caught_up(
    client: Client, world: World, alice: User, bob: User
) -> None:
    state = await client(functions.updates.GetStateRequest())
    kept, _ = world.say(bob.id, alice.id, Content("kept"))
    gone, _ = world.say(bob.id, alice.id, Content("gone"))
    world.messages.edit(kept, Content("kept, edited"))
    world.messages.delete(bob.id, [gone.id], revoke=True)
    ask = functions.updates.GetDifferenceRequest
    missed = await client(ask(pts=state.pts, date=state.date, qts=0))
    assert isinstance(missed, types.updates.Difference)
    assert [m.message for m in missed.new_messages] == ["kept, edited"]
    kinds = [type(u) for u in missed.other_updates]
    assert kinds == [types.UpdateEditMessage, types.UpdateDeleteMessages]
    assert missed.state.pts == state.pts + 4
    nothing = await client(ask(pts=missed.state.pts, date=state.date, qts=0))
    assert isinstance(nothing, types.updates.DifferenceEmpty)
    part = await client(ask(pts=state.pts, date=state.date, qts=0, pts_limit=1))
    assert isinstance(part, types.updates.DifferenceSlice)
    assert part.intermediate_state.pts == state.pts + 1
    much = await client(ask(pts=state.pts, date=state.date, qts=0, pts_total_limit=2))
    assert isinstance(much, types.updates.DifferenceTooLong)


async def test_a_bots_button_is_pressed_and_answered(
    client: Client, world: World, alice: User, bot: User
) -> None:
    presses: list[Press] = []

    def answer(press: Press) -> None:
        presses.append(press)
        world.presses.answer(bot.id, press.id, Answer("Saved", show_alert=True))

    world.presses.listen(bot.id, answer)
    world.say(bot.id, alice.id, Content("Sure?", markup=BUTTONS))
    (message,) = await client.get_messages("helper_bot", limit=1)
    yes, site = message.buttons[0]
    assert (yes.text, site.url) == ("Yes", "https://example.org")
    async with asyncio.timeout(limit(30)):
        said = await message.click(0)
    assert (said.message, said.alert) == ("Saved", True)
    assert [(p.data, p.user_id) for p in presses] == [("yes", alice.id)]
    request = functions.messages.GetBotCallbackAnswerRequest("helper_bot", message.id, data=b"no")
    with pytest.raises(errors.DataInvalidError):
        await client(request)
