"""Garbage, below every layer: it ends its own connection at most.

`MOORING_FUZZ=20000` tries so many examples a test instead of a few, and new ones each time.
"""

import asyncio
import contextlib
import gzip
import os
import struct
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from loguru import logger
from telethon.tl import functions, types

from sandbox.datacentre import DataCentre
from sandbox.datacentre.authorizations import MOST_SESSIONS
from sandbox.datacentre.session import KEPT_BYTES, Outgoing
from sandbox.datacentre.tl import TL, tl_bytes
from sandbox.datacentre.transports import MAX_PACKET, Abridged, Full, Intermediate
from sandbox.world.people import User
from tests.sandbox.conftest import Dial
from tests.sandbox.exchange import Exchange
from tests.sandbox.raw_client import CONTAINER, GZIP, RawClient, TransportError, initialised
from tests.sandbox.tl_values import ANY_CONSTRUCTOR, instances, serialised
from tests.timing import limit

EXAMPLES = int(os.environ.get("MOORING_FUZZ", "0"))
Draw = Callable[[Any], Any]


def fuzz(usual: int) -> settings:
    return settings(
        max_examples=EXAMPLES or usual,
        derandomize=not EXAMPLES,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )


@pytest.fixture(autouse=True)
def _no_failure_is_logged() -> Iterator[None]:
    """What garbage does is expected: no error, no traceback."""
    found: list[str] = []
    sink = logger.add(found.append, level="ERROR")
    yield
    logger.remove(sink)
    assert found == []


@pytest.fixture(autouse=True)
async def _others_go_on(dial: Dial, alice: User, bob: User) -> AsyncIterator[None]:
    """A good client that was there before is answered as before."""
    client = await dial(bob)
    assert isinstance(await client.init(), types.Config)
    yield
    peer = types.InputPeerUser(alice.id, alice.access_hash)
    sent = await client.call(
        functions.messages.SendMessageRequest(peer, "still there", random_id=1)
    )
    assert isinstance(sent, types.UpdateShortSentMessage)


async def answered(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Everything until the other end closes, after this one has."""
    with contextlib.suppress(OSError):
        await writer.drain()
        writer.write_eof()
    async with asyncio.timeout(limit(20)):
        with contextlib.suppress(OSError):
            while await reader.read(1 << 16):
                pass
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()


LENGTHS = st.one_of(
    st.sampled_from(
        [0, 1, 3, 4, 11, 12, 16, MAX_PACKET, MAX_PACKET + 1, 2**31 - 1, 2**31, 2**32 - 1]
    ),
    st.integers(0, 2**32 - 1),
)
TAGS = st.sampled_from(
    [b"", b"\xef", b"\xee" * 4, b"\xdd" * 4, b"\x7f", b"GET ", b"\x16\x03\x01\x02"]
)


@st.composite
def streams(draw: Draw) -> bytes:
    """A first tag, then frames: whole ones, ones that lie about their length, cut ones."""
    parts = [draw(TAGS)]
    for _ in range(draw(st.integers(0, 4))):
        payload = draw(st.binary(max_size=120)) * draw(st.sampled_from([1, 1, 1, 50]))
        kind = draw(st.sampled_from([Abridged, Intermediate, Full, None]))
        if kind is None:
            parts.append(draw(LENGTHS).to_bytes(4, "little") + payload)
        else:
            parts.append(kind().encode(payload[: len(payload) // 4 * 4]))
    stream = bytearray(b"".join(parts))
    for at in draw(st.lists(st.integers(0, max(len(stream) - 1, 0)), max_size=3)):
        if stream:
            stream[at] ^= 1 << draw(st.integers(0, 7))
    return bytes(stream[: draw(st.integers(0, 3000))])


@fuzz(60)
@given(stream=st.one_of(streams(), st.binary(min_size=64, max_size=200)))
async def test_any_bytes_end_their_own_connection_at_most(
    stream: bytes, datacentre: DataCentre
) -> None:
    reader, writer = await asyncio.open_connection(datacentre.host, datacentre.port)
    writer.write(stream)
    await answered(reader, writer)


HEADS = st.tuples(
    st.sampled_from([0, 0, 0, 1, -1]),
    st.one_of(st.just(1 << 62), st.integers(-(2**63), 2**63 - 1)),
    st.one_of(st.none(), st.integers(-(2**31), 2**31 - 1)),
)
STEPS = [
    functions.ReqPqMultiRequest,
    functions.ReqDHParamsRequest,
    functions.SetClientDHParamsRequest,
]


@st.composite
def plain_bodies(draw: Draw) -> bytes:
    nonces = {name: st.just(1) for name in ("nonce", "server_nonce", "public_key_fingerprint")}
    sealed = {"encrypted_data": st.one_of(st.binary(max_size=80), st.just(bytes(256)))}
    step = instances(draw(st.sampled_from(STEPS)), nonces | sealed)
    body: bytes = draw(st.one_of(st.binary(max_size=60), step.map(serialised)))
    constructor = draw(st.one_of(st.none(), ANY_CONSTRUCTOR))
    return body if constructor is None else struct.pack("<I", constructor) + body[4:]


@fuzz(40)
@given(messages=st.lists(st.tuples(HEADS, plain_bodies()), max_size=4))
async def test_a_key_exchange_of_garbage_makes_no_key(
    messages: list[tuple[tuple[int, int, int | None], bytes]], dial: Dial, datacentre: DataCentre
) -> None:
    before, client = dict(datacentre.world.logins.keys), await dial()
    for (key_id, msg_id, length), body in messages:
        stated = len(body) if length is None else length
        client.frame(struct.pack("<qqi", key_id, msg_id, stated) + body)
    await answered(client.reader, client.writer)
    assert datacentre.world.logins.keys == before


@fuzz(8)
@given(data=st.data())
async def test_a_key_exchange_with_garbage_inside_makes_no_key(
    data: st.DataObject, dial: Dial, datacentre: DataCentre
) -> None:
    """As far as the data centre's g_a all is right; then something is not."""
    before, exchange = dict(datacentre.world.logins.keys), Exchange(await dial(), datacentre)
    await exchange.agree()
    inner = data.draw(st.one_of(st.binary(max_size=300), plain_bodies()), label="inner")
    with contextlib.suppress(TransportError, asyncio.IncompleteReadError, OSError):
        await exchange.set_raw(inner, is_proved=data.draw(st.booleans(), label="proved"))
    assert datacentre.world.logins.keys == before


NAMED = (
    functions.PingRequest,
    functions.PingDelayDisconnectRequest,
    functions.GetFutureSaltsRequest,
    functions.DestroySessionRequest,
    functions.RpcDropAnswerRequest,
    types.MsgsAck,
    types.MsgsStateReq,
    types.MsgResendReq,
    types.MsgsStateInfo,
    types.HttpWait,
)
HARMLESS = {"disconnect_delay": st.just(3600), "layer": st.integers(-1, 300)}


def methods(dc: DataCentre) -> list[TL]:
    """Everything that it answers, but for what ends the session that asks."""
    gone = {functions.auth.LogOutRequest, functions.DestroyAuthKeyRequest}
    return [*NAMED, *(kind for kind in dc.dispatcher._methods if kind not in gone)]


@st.composite
def bodies(draw: Draw, known: list[TL], special: dict[str, Any]) -> bytes:
    """A message's content: of a known class, of any, or of none; wrapped, packed, or cut."""
    kind = draw(st.sampled_from(known))
    body: bytes = serialised(draw(instances(kind, special)))
    for _ in range(draw(st.integers(0, 2))):
        body = draw(st.sampled_from(CHANGES))(draw, body)
    return body + bytes(-len(body) % 4)


def _in_container(draw: Draw, body: bytes) -> bytes:
    count = draw(st.sampled_from([0, 1, 2, 1021, -1, 2**31 - 1]))
    return struct.pack("<Iiqii", CONTAINER, count, draw(IDS), 1, len(body)) + body


CHANGES: list[Callable[[Draw, bytes], bytes]] = [
    lambda _draw, body: packed(body),
    lambda _draw, body: bytes(functions.InvokeWithoutUpdatesRequest(_Bytes(body))),
    lambda _draw, body: bytes(initialised(_Bytes(body))),
    lambda draw, body: body[: draw(st.integers(0, len(body)))],
    lambda draw, body: struct.pack("<I", draw(ANY_CONSTRUCTOR)) + body[4:],
    lambda draw, body: body + draw(st.binary(max_size=20)),
    lambda draw, _body: draw(st.binary(max_size=60)),
    _in_container,
]


def packed(content: bytes, times: int = 1) -> bytes:
    for _ in range(times):
        content = struct.pack("<I", GZIP) + tl_bytes(gzip.compress(content))
    return content


class _Bytes:
    """Stands where a request is wrapped; its bytes are what they are."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def _bytes(self) -> bytes:
        return self._body

    __bytes__ = _bytes


IDS = st.one_of(st.integers(-(2**63), 2**63 - 1), st.sampled_from([0, 4, 1 << 62]))


@fuzz(50)
@given(data=st.data())
async def test_garbage_that_is_encrypted_right_harms_nobody(
    data: st.DataObject, datacentre: DataCentre, alice: User, bob: User
) -> None:
    special = {
        **HARMLESS,
        "peer": st.sampled_from(
            [types.InputPeerSelf(), types.InputPeerUser(bob.id, bob.access_hash)]
        ),
        "id": st.lists(st.integers(0, 9), max_size=3),
    }
    if data.draw(st.booleans(), label="any arguments"):
        special = HARMLESS
    client = await RawClient.dial(datacentre.port)
    client.key = datacentre.world.logins.ready_key(alice.id).key
    client.salt = datacentre.salts.current(client.key_id)
    try:
        client.send(initialised(functions.updates.GetStateRequest()))
        for body in data.draw(
            st.lists(bodies(methods(datacentre), special), max_size=3), label="bodies"
        ):
            chosen = data.draw(st.integers(0, 9), label="numbers")
            client.send(
                body,
                msg_id=data.draw(IDS, label="msg_id") if chosen == 0 else None,
                seqno=data.draw(st.integers(-3, 9), label="seqno") if chosen == 1 else None,
                tamper=chosen == 2,
            )
        await answered(client.reader, client.writer)
    finally:
        client.writer.close()
        datacentre.forget_key(client.key_id)


BOMBS: list[Callable[[], bytes]] = [
    lambda: packed(bytes(200 << 20)),
    lambda: packed(packed(bytes(100 << 20))),
    lambda: packed(b"\x26\xca\x8d\x32" * (10 << 20), 2),
    lambda: packed(bytes(4), 300),
    lambda: bytes(initialised(_Bytes(packed(bytes(100 << 20))))),
    lambda: functions.InvokeWithoutUpdatesRequest(_Bytes(b"")).__bytes__() * 100_000,
    lambda: struct.pack("<Ii", 0x1CB5C415, 1) * 50_000,
    lambda: struct.pack("<Ii", 0x1CB5C415, 2**31 - 1) + bytes(64),
    lambda: bytes(initialised(_Bytes(struct.pack("<Iiqii", CONTAINER, 2**31 - 1, 0, 0, -16)))),
    lambda: bytes(initialised(_Bytes(struct.pack("<Iiqii", CONTAINER, 2**31 - 1, 0, 0, 0)))),
]
"""Made by the test that throws one: to make them takes longer than all else on collection."""


@pytest.mark.parametrize("bomb", BOMBS, ids=range(len(BOMBS)))
async def test_a_small_request_can_not_be_made_a_large_one(
    bomb: Callable[[], bytes], dial: Dial, alice: User
) -> None:
    client = await dial(alice)
    client.send(bomb())
    client.send(functions.PingRequest(5))
    assert (await client.receive_kind(types.Pong)).ping_id == 5


async def test_a_container_full_of_bombs_is_refused_as_a_whole(dial: Dial, alice: User) -> None:
    client, bomb = await dial(alice), packed(bytes(1 << 20))
    inner = b"".join(
        struct.pack("<qii", client.new_id(), 2 * n + 1, len(bomb)) + bomb for n in range(500)
    )
    container = client.send(struct.pack("<Ii", CONTAINER, 500) + inner, is_content=False)
    notice = await client.receive_kind(types.BadMsgNotification)
    assert (notice.bad_msg_id, notice.error_code) == (container, 64)


async def test_a_key_can_not_make_sessions_without_end(
    dial: Dial, datacentre: DataCentre, alice: User
) -> None:
    client = await dial(alice)
    for number in range(3 * MOST_SESSIONS):
        client.session_id, client.sent = number + 1, 0
        client.send(functions.PingRequest(number))
        await client.packet()
    known = datacentre.authorization(client.key_id)
    assert known is not None
    assert len(known.sessions) <= MOST_SESSIONS
    (line,) = (c for c in datacentre.open_connections() if c.user_id == alice.id)
    assert len(line.sessions) <= MOST_SESSIONS


async def test_answers_that_are_never_acknowledged_do_not_pile_up(
    dial: Dial, datacentre: DataCentre, alice: User
) -> None:
    client = await dial(alice)
    await client.init()
    known = datacentre.authorization(client.key_id)
    assert known is not None
    (session,) = known.sessions.values()
    for number in range(20):
        answer = Outgoing(datacentre.message_ids.next(is_answer=True), 1, bytes(1 << 20))
        session.keep_answer(number, answer)
    assert sum(len(answer.body) for answer in session.answers.values()) == KEPT_BYTES
    session.acknowledge([answer.msg_id])
    assert sum(len(answer.body) for answer in session.answers.values()) == KEPT_BYTES - (1 << 20)


async def test_a_refused_packet_is_not_kept(
    dial: Dial, datacentre: DataCentre, alice: User
) -> None:
    client = await dial(alice)
    client.send(bytes(100_000), tamper=True)
    assert await client.is_closed()
    (violation,) = datacentre.violations
    assert violation.__traceback__ is None
    assert violation.__context__ is None
