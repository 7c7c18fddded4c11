"""An unmodified Kurigram client against the data centre, over everything that it can dial by."""

import asyncio
import io
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from sandbox.datacentre import DataCentre
from sandbox.datacentre.hazards import HazardKind
from sandbox.datacentre.server_key import ServerKey
from sandbox.proxies.kinds import Kind
from sandbox.proxies.mtproto import MtprotoProxy
from sandbox.world import World
from sandbox.world.messages import Content
from sandbox.world.people import User
from tests.sandbox.hazards import assert_no_hazards
from tests.sandbox.kurigram import Kurigram, new_kurigram, part, trust
from tests.sandbox.pictures import PHOTO, noise
from tests.sandbox.proxy_kinds import PASSWORD, USERNAME, new_proxy
from tests.timing import limit

NewKurigram = Callable[..., Kurigram]
TRANSPORTS = [
    "TCPAbridged",
    "TCPAbridgedO",
    "TCPFull",
    "TCPIntermediate",
    "TCPIntermediateO",
]


@pytest.fixture
async def new_client(
    datacentre: DataCentre,
    server_key: ServerKey,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[NewKurigram]:
    monkeypatch.chdir(tmp_path)  # where it writes down errors that it does not know
    trust(server_key)
    made: list[Kurigram] = []

    def make(**options: Any) -> Kurigram:  # noqa: ANN401 - passed on
        client = new_kurigram(datacentre, **options)
        made.append(client)
        return client

    async with asyncio.timeout(limit(90)):
        yield make
        for client in made:
            if client.is_initialized:
                await client.stop()
            elif client.is_connected:
                await client.disconnect()
            client.executor.shutdown()


async def log_in(client: Kurigram, world: World, user: User) -> Any:  # noqa: ANN401 - its user
    """Connect, sign in, and start taking updates."""
    errors = part("errors")
    assert user.phone is not None
    assert not await client.connect()
    sent = await client.send_code(user.phone)
    code = world.logins.code_of(user.phone)
    assert code is not None
    try:
        me = await client.sign_in(user.phone, sent.phone_code_hash, code.code)
    except errors.SessionPasswordNeeded:
        me = await client.check_password(user.password)
    await client.invoke(part("raw").functions.updates.GetState())
    client.me = await client.get_me()
    await client.initialize()
    return me


def inbox(client: Kurigram) -> "asyncio.Queue[Any]":
    """New messages as the client's own handlers get them."""
    got: asyncio.Queue[Any] = asyncio.Queue()

    async def take(_client: Kurigram, message: Any) -> None:  # noqa: ANN401 - its message
        got.put_nowait(message)

    client.add_handler(part("handlers").MessageHandler(take))
    return got


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_it_logs_in_sends_and_receives_over_every_transport(
    transport: str, new_client: NewKurigram, datacentre: DataCentre, alice: User, bob: User
) -> None:
    world = datacentre.world
    client = new_client(transport=transport)
    assert (await log_in(client, world, alice)).id == alice.id
    got = inbox(client)
    sent = await client.send_message("bobby", "hello **there**")
    (copy,) = world.messages.history(bob.id, alice.id)
    assert copy.content.text == "hello there"
    world.say(bob.id, alice.id, Content("hello yourself"))
    arrived = await got.get()
    assert (arrived.text, arrived.from_user.username) == ("hello yourself", "bobby")
    history = [message async for message in client.get_chat_history("bobby")]
    assert [(m.id, m.text) for m in history] == [(arrived.id, arrived.text), (sent.id, sent.text)]
    assert list(datacentre.violations) == []
    assert_no_hazards(datacentre)


@pytest.mark.parametrize("kind", [Kind.SOCKS5, Kind.HTTP, Kind.SOCKS4, Kind.MTPROTO])
async def test_it_comes_through_every_kind_of_proxy(
    kind: Kind, new_client: NewKurigram, datacentre: DataCentre, closing: AsyncExitStack
) -> None:
    proxy = new_proxy(kind, datacentre, is_guarded=kind is not Kind.SOCKS4)
    await proxy.start()
    closing.push_async_callback(proxy.stop)
    way: dict[str, Any] = {"scheme": kind.value, "hostname": proxy.host, "port": proxy.port}
    if isinstance(proxy, MtprotoProxy):
        way |= {"scheme": "mtproxy", "secret": proxy.secret}
    elif kind is not Kind.SOCKS4:
        way |= {"username": USERNAME, "password": PASSWORD}
    client = new_client(proxy=way)
    assert not await client.connect()
    raw = part("raw").functions
    assert (await client.invoke(raw.help.GetNearestDc())).this_dc == datacentre.dc_id
    (line,) = datacentre.connections()
    assert proxy.carries(line.peer[1])


async def test_a_wrong_code_and_a_wrong_password_are_told_apart(
    new_client: NewKurigram, world: World, bob: User
) -> None:
    errors, client = part("errors"), new_client()
    assert bob.phone is not None
    await client.connect()
    sent = await client.send_code(bob.phone)
    with pytest.raises(errors.PhoneCodeInvalid):
        await client.sign_in(bob.phone, sent.phone_code_hash, "1")
    code = world.logins.code_of(bob.phone)
    assert code is not None
    with pytest.raises(errors.SessionPasswordNeeded):
        await client.sign_in(bob.phone, sent.phone_code_hash, code.code)
    with pytest.raises(errors.PasswordHashInvalid):
        await client.check_password("hunter3")
    assert (await client.check_password("hunter2")).id == bob.id
    with pytest.raises(errors.PhoneNumberInvalid):
        await client.send_code("12")


async def test_messages_are_edited_and_deleted_and_others_see_it(
    new_client: NewKurigram, world: World, alice: User, bob: User
) -> None:
    sender, receiver = new_client(), new_client(name="receiver")
    await log_in(sender, world, alice)
    await log_in(receiver, world, bob)
    got = inbox(receiver)
    seen: asyncio.Queue[Any] = asyncio.Queue()
    handlers = part("handlers")

    async def take(_client: Kurigram, what: Any) -> None:  # noqa: ANN401 - messages, one or many
        seen.put_nowait(what)

    receiver.add_handler(handlers.EditedMessageHandler(take))
    receiver.add_handler(handlers.DeletedMessagesHandler(take))
    sent = await sender.send_message("bobby", "first")
    arrived = await got.get()
    assert (arrived.text, arrived.from_user.id) == ("first", alice.id)
    edited = await sender.edit_message_text("bobby", sent.id, "second")
    assert edited.text == (await seen.get()).text == "second"
    to = part("types").ReplyParameters(message_id=arrived.id)
    answer = await receiver.send_message("alice", "third", reply_parameters=to)
    assert (await receiver.get_messages("alice", answer.id)).reply_to_message_id == arrived.id
    assert await sender.delete_messages("bobby", sent.id) == 1
    assert [message.id for message in await seen.get()] == [arrived.id]
    dialogs = [dialog async for dialog in sender.get_dialogs()]
    assert [dialog.chat.id for dialog in dialogs] == [bob.id, 777000]
    assert dialogs[0].top_message.text == "third"
    world.people.add_contact(alice.id, bob.id)
    assert [contact.id for contact in await sender.get_contacts()] == [bob.id]
    assert (await sender.get_users("bobby")).id == bob.id
    assert (await sender.get_chat("bobby")).first_name == "Bob"
    with pytest.raises(part("errors").UsernameNotOccupied):
        await sender.get_users("nobody_at_all")


async def test_photos_and_files_go_up_and_come_down(
    new_client: NewKurigram, datacentre: DataCentre, alice: User, bob: User
) -> None:
    client = new_client()
    await log_in(client, datacentre.world, alice)
    photo, file = io.BytesIO(PHOTO), io.BytesIO(noise(5000))
    photo.name, file.name = "blank.png", "noise.bin"
    sent = await client.send_photo("bobby", photo, caption="a photo")
    assert sent.caption == "a photo"
    down = await client.download_media(sent, in_memory=True)
    copy, *_ = datacentre.world.messages.history(bob.id, alice.id)
    assert copy.content.attachment is not None
    assert bytes(down.getbuffer()) == copy.content.attachment.data
    sent = await client.send_document("bobby", file)
    assert sent.document.file_name == "noise.bin"
    down = await client.download_media(sent, in_memory=True)
    assert bytes(down.getbuffer()) == noise(5000)
    assert_no_hazards(datacentre)


async def test_a_session_comes_back_with_its_key_and_ends_with_a_log_out(
    new_client: NewKurigram, datacentre: DataCentre, alice: User
) -> None:
    client = new_client()
    await log_in(client, datacentre.world, alice)
    kept = await client.export_session_string()
    first = datacentre.connections()
    got = inbox(client)
    datacentre.cut()
    assert (await client.get_me()).id == alice.id
    datacentre.world.say(777000, alice.id, Content("still there?"))
    assert (await got.get()).text == "still there?"
    (again,) = datacentre.connections()
    assert again.key_id == first[0].key_id
    await client.stop()
    back = new_client(name="back", session_string=kept)
    await back.storage.open()
    assert await back.connect()
    assert (await back.get_me()).id == alice.id
    await back.invoke(part("raw").functions.auth.LogOut())
    with pytest.raises(part("errors").AuthKeyUnregistered):
        await back.get_me()
    assert_no_hazards(datacentre, but={HazardKind.LOG_OUT})
