"""Encrypted messages, by a client of our own that follows the rules or breaks one."""

import asyncio
import struct
from typing import Any

import pytest
from telethon import events, functions, types
from telethon.tl.alltlobjects import LAYER

from sandbox.datacentre import DataCentre
from sandbox.datacentre.tl import TL
from sandbox.world import World
from sandbox.world.messages import Content
from sandbox.world.people import User
from tests.sandbox.conftest import Dial, NewClient
from tests.sandbox.raw_client import (
    RawClient,
    TransportError,
    gzipped,
    initialised,
)
from tests.timing import limit

PING = functions.PingRequest(7)
STATE = functions.updates.GetStateRequest()


@pytest.fixture
async def client(dial: Dial, alice: User) -> RawClient:
    return await dial(alice)


async def test_a_new_session_is_greeted_and_a_ping_answered(client: RawClient) -> None:
    ping_id = client.send(PING)
    greeting, pong = await client.receive(), await client.receive()
    assert isinstance(greeting.content, types.NewSessionCreated)
    assert greeting.content.first_msg_id == ping_id
    assert greeting.seqno % 2 == 1
    assert (pong.content.msg_id, pong.content.ping_id) == (ping_id, 7)
    assert pong.msg_id > greeting.msg_id


async def test_a_tampered_message_is_refused(client: RawClient, datacentre: DataCentre) -> None:
    client.send(PING, tamper=True)
    assert await client.is_closed()
    assert [type(v).__name__ for v in datacentre.violations] == ["Forged"]


async def test_a_key_that_nobody_knows_is_a_transport_error(dial: Dial) -> None:
    client = await dial()
    client.key = bytes(256)
    client.send(PING)
    with pytest.raises(TransportError, match="-404"):
        await client.receive()
    assert await client.is_closed()


async def test_a_wrong_salt_is_corrected_and_the_message_not_done(
    client: RawClient, datacentre: DataCentre
) -> None:
    right, client.salt = client.salt, 1
    bad_id = client.send(initialised(STATE))
    answer = (await client.receive()).content
    assert isinstance(answer, types.BadServerSalt)
    assert (answer.bad_msg_id, answer.error_code) == (bad_id, 48)
    assert answer.new_server_salt == right
    assert not datacentre.dispatcher.calls


@pytest.mark.parametrize(("offset_s", "code"), [(-400, 16), (60, 17)])
async def test_a_message_from_another_time_is_refused(
    client: RawClient, offset_s: float, code: int
) -> None:
    await refused(client, code, msg_id=RawClient.new_id(client, offset_s))


async def test_a_message_id_must_divide_by_four(client: RawClient) -> None:
    await refused(client, 18, msg_id=client.new_id() + 1)


async def test_a_call_needs_an_odd_seqno_and_an_acknowledgement_an_even_one(
    client: RawClient,
) -> None:
    await refused(client, 35, seqno=0, body=STATE)
    await refused(client, 34, seqno=1, body=types.MsgsAck([]))


async def test_a_seqno_that_contradicts_an_earlier_one_is_refused(client: RawClient) -> None:
    early, first = client.new_id(), client.new_id()
    client.send(PING, msg_id=first, seqno=5)
    await client.receive_kind(types.Pong)
    await refused(client, 32, seqno=5)
    await refused(client, 33, seqno=7, msg_id=early)


async def refused(client: RawClient, code: int, *, body: TL = PING, **sent: Any) -> None:  # noqa: ANN401 - passed on
    bad_id = client.send(body, **sent)
    notice = await client.receive_kind(types.BadMsgNotification)
    assert (notice.bad_msg_id, notice.error_code) == (bad_id, code)


async def test_a_container_is_taken_apart_and_its_id_serves_once(client: RawClient) -> None:
    ids = client.send_container(PING, initialised(STATE), PING)
    pongs = [await client.receive_kind(types.Pong) for _ in range(2)]
    assert {pong.msg_id for pong in pongs} == {ids[0], ids[2]}
    body = struct.pack("<Ii", 0x73F1F8DC, 1) + struct.pack("<qii", ids[0], 1, 12) + bytes(PING)
    container = client.send(body, is_content=False)
    client.send(body, is_content=False, msg_id=container)
    notice = await client.receive_kind(types.BadMsgNotification)
    assert (notice.bad_msg_id, notice.error_code) == (container, 19)


@pytest.mark.parametrize("count", [0, 2, 5000])
async def test_a_container_that_does_not_add_up_is_refused_as_a_whole(
    client: RawClient, count: int
) -> None:
    inner = struct.pack("<qii", client.new_id(), 1, 12) + bytes(PING)
    body = struct.pack("<Ii", 0x73F1F8DC, count) + inner
    await refused(client, 64, body=body, is_content=False)


async def test_gzip_is_understood_and_large_answers_come_in_it(
    client: RawClient, world: World, alice: User, bob: User
) -> None:
    for number in range(30):
        world.say(bob.id, alice.id, Content(f"message {number} with the same words as ever"))
    request = functions.messages.GetHistoryRequest(
        types.InputPeerUser(bob.id, bob.access_hash), 0, None, 0, 100, 0, 0, 0
    )
    answer = await client.result(client.send(gzipped(initialised(request))))
    assert len(answer.messages) == 30


async def test_a_call_that_comes_twice_is_done_once_and_answered_twice(
    client: RawClient, world: World, alice: User, bob: User
) -> None:
    await client.init()
    request = functions.messages.SendMessageRequest(
        types.InputPeerUser(bob.id, bob.access_hash), "once", random_id=5
    )
    request_id = client.send(request)
    first = await client.result(request_id)
    client.send(request, msg_id=request_id, seqno=2 * client.sent - 1)
    assert (await client.result(request_id)).id == first.id
    client.send(functions.PingRequest(9), seqno=client.seqno())
    await client.receive_kind(types.Pong)
    assert len(world.messages.history(alice.id, bob.id)) == 1


async def test_an_answer_that_was_not_acknowledged_comes_again_on_the_next_connection(
    client: RawClient, dial: Dial
) -> None:
    request_id = client.send(initialised(STATE))
    await client.result(request_id)
    await client.close()
    back = await dial()
    back.key, back.salt, back.session_id = client.key, client.salt, client.session_id
    back.last_id, back.sent = client.last_id, client.sent
    back.send(PING)
    assert isinstance(await back.result(request_id), types.updates.State)


async def test_an_acknowledged_answer_is_forgotten_and_a_lost_one_sent_again(
    client: RawClient,
) -> None:
    client.send(initialised(STATE))
    answer = await client.receive()
    while not isinstance(answer.content, tuple):
        answer = await client.receive()
    client.send(types.MsgResendReq([answer.msg_id]), is_content=False)
    assert (await client.receive()).msg_id == answer.msg_id
    client.send(types.MsgsAck([answer.msg_id]), is_content=False)
    request = client.send(types.MsgResendReq([answer.msg_id]), is_content=False)
    state = await client.receive_kind(types.MsgsStateInfo)
    assert state.req_msg_id == request


async def test_a_state_request_and_a_dropped_answer_are_answered(client: RawClient) -> None:
    known = client.send(initialised(STATE))
    await client.result(known)
    ping = client.send(PING)
    stated = [known, known + 4, ping + (1 << 40), 4]
    client.send(types.MsgsStateReq(stated), is_content=False)
    info = (await client.receive_kind(types.MsgsStateInfo)).info
    assert info == "\x04\x02\x03\x02"  # here; never came; not yet; none has been forgotten so far
    dropped = await client.call(functions.RpcDropAnswerRequest(known))
    assert isinstance(dropped, types.RpcAnswerDropped)
    unknown = await client.call(functions.RpcDropAnswerRequest(known + 4))
    assert isinstance(unknown, types.RpcAnswerUnknown)


async def test_future_salts_are_given_and_accepted(client: RawClient) -> None:
    client.send(functions.GetFutureSaltsRequest(3))
    salts = (await client.receive_kind(types.FutureSalts)).salts
    assert len(salts) == 3
    assert salts[0].salt == client.salt
    assert salts[0].valid_since < salts[1].valid_since < salts[0].valid_until


async def test_a_session_can_be_destroyed_by_another(client: RawClient) -> None:
    client.send(PING)
    await client.receive_kind(types.Pong)
    first, client.session_id, client.sent = client.session_id, client.session_id + 1, 0
    client.send(functions.DestroySessionRequest(first))
    assert (await client.receive_kind(types.DestroySessionOk)).session_id == first
    client.send(functions.DestroySessionRequest(first))
    assert (await client.receive_kind(types.DestroySessionNone)).session_id == first


async def test_http_wait_and_bytes_that_are_no_object_do_no_harm(client: RawClient) -> None:
    client.send(types.HttpWait(0, 0, 0), is_content=False)
    answer = await client.call(b"\x01\x02\x03\x04")
    assert answer.error_message == "INPUT_METHOD_INVALID_04030201"
    cut_short = bytes(functions.messages.SendMessageRequest(types.InputPeerSelf(), "x"))[:-8]
    answer = await client.call(cut_short)
    assert (answer.error_code, answer.error_message) == (400, "INPUT_FETCH_ERROR")


async def test_what_the_schema_has_not_there_is_named_in_the_error(client: RawClient) -> None:
    await client.init()
    peer = types.InputPeerSelf()
    right = bytes(functions.messages.SendMessageRequest(peer, "x", random_id=1))
    no_type = right.replace(bytes(peer), b"\x01\x02\x03\x04")
    assert (await client.call(no_type)).error_message == "INPUT_CONSTRUCTOR_INVALID_04030201"
    no_peer = right.replace(bytes(peer), bytes(types.InputMediaEmpty()))
    assert (await client.call(no_peer)).error_message == "INPUT_CONSTRUCTOR_INVALID_9664f57f"
    no_method = await client.call(bytes(peer))
    assert no_method.error_message == "INPUT_METHOD_INVALID_7da07ec9"
    wrapped = bytes(functions.InvokeWithoutUpdatesRequest(PING)).replace(bytes(PING), b"abcd")
    assert (await client.call(wrapped)).error_message == "INPUT_METHOD_INVALID_64636261"


@pytest.mark.parametrize("layer", [1, 158, LAYER + 1])
async def test_a_client_of_another_layer_is_let_in(client: RawClient, layer: int) -> None:
    request = initialised(STATE)
    request.layer = layer
    assert isinstance(await client.call(request), types.updates.State)


async def test_a_quick_ack_is_sent_to_who_wants_one(client: RawClient) -> None:
    client.send(PING, wants_quick_ack=True)
    token = int.from_bytes(await client.reader.readexactly(4), "little")
    assert token == client.quick_ack
    await client.receive_kind(types.Pong)


async def test_media_has_a_port_where_a_key_may_be_on_several_connections(
    dial: Dial, datacentre: DataCentre, alice: User
) -> None:
    main = await dial(alice)
    options = (await main.init()).dc_options
    assert [(o.port, bool(o.media_only)) for o in options] == [
        (datacentre.port, False),
        (datacentre.media_port, True),
    ]
    for _ in range(2):
        beside = await RawClient.dial(datacentre.media_port)
        beside.key, beside.salt = main.key, main.salt
        assert isinstance(await beside.init(STATE), types.updates.State)
        assert isinstance(await main.call(STATE), types.updates.State)
        await beside.close()
    assert datacentre.hazards.entries == []
    again = await dial()
    again.key, again.salt = main.key, main.salt
    assert (await again.init(STATE)).error_message == "AUTH_KEY_DUPLICATED"


async def test_an_unknown_method_is_named_in_the_error_and_in_the_log(
    new_client: NewClient, datacentre: DataCentre, alice: User
) -> None:
    telethon = new_client(alice)
    async with asyncio.timeout(limit(30)):
        await telethon.connect()
        with pytest.raises(Exception, match=r"METHOD_NOT_IMPLEMENTED_messages\.getStickers"):
            await telethon(functions.messages.GetStickersRequest("x", 0))
    assert datacentre.unknown_methods == ["messages.getStickers"]


async def test_the_data_centre_closes_when_no_ping_came_within_the_delay(
    client: RawClient,
) -> None:
    client.send(functions.PingDelayDisconnectRequest(1, 1))
    await client.receive_kind(types.Pong)
    assert await client.is_closed()


async def test_a_further_ping_puts_the_closing_off(client: RawClient) -> None:
    ping = functions.PingDelayDisconnectRequest
    client.send_container(ping(1, 0), ping(2, 3600))
    for _ in range(2):
        await client.receive_kind(types.Pong)
    client.send(PING)
    await client.receive_kind(types.Pong)


async def test_a_session_that_wants_no_updates_gets_none(
    dial: Dial, world: World, alice: User, bob: User
) -> None:
    quiet, listening = await dial(alice), await dial(alice)
    await quiet.init(functions.InvokeWithoutUpdatesRequest(functions.help.GetConfigRequest()))
    await listening.init()
    world.say(bob.id, alice.id, Content("hello"))
    update = await listening.receive_kind(types.Updates)
    assert update.updates[0].message.message == "hello"
    assert {user.first_name for user in update.users} == {"Alice", "Bob"}
    ping_id = quiet.send(PING)
    assert (await quiet.receive()).content.msg_id == ping_id


@pytest.mark.usefixtures("bob")
async def test_updates_reach_the_other_sessions_of_the_sender_too(
    new_client: NewClient, alice: User
) -> None:
    here, there = new_client(alice), new_client(alice)
    got: asyncio.Queue[Any] = asyncio.Queue()
    there.add_event_handler(got.put, events.NewMessage(outgoing=True))
    async with asyncio.timeout(limit(30)):
        await here.connect()
        await there.connect()
        sent = await here.send_message("bobby", "from here")
        seen = await got.get()
    assert (seen.id, seen.raw_text) == (sent.id, "from here")
