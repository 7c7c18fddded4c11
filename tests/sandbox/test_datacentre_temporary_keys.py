"""Temporary keys, by a client of our own (core.telegram.org/api/pfs)."""

import hashlib
import os
import struct
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from telethon.crypto import AES
from telethon.tl import functions, types

from sandbox.datacentre import DataCentre
from sandbox.datacentre.tl import TL
from sandbox.world import World
from sandbox.world.logins import AuthKey
from sandbox.world.messages import Content
from sandbox.world.people import User
from tests.sandbox.conftest import Dial
from tests.sandbox.exchange import Exchange
from tests.sandbox.raw_client import RawClient, TransportError, initialised

STATE = functions.updates.GetStateRequest()
KINDS = [types.PQInnerDataTemp, types.PQInnerDataTempDc]


async def temporary(
    dial: Dial, datacentre: DataCentre, kind: TL = types.PQInnerDataTempDc, **changes: object
) -> RawClient:
    """A client with a temporary key of its own."""
    exchange = Exchange(await dial(), datacentre)
    await exchange.agree(kind, **changes)
    await exchange.finish()
    return exchange.client


def binding(client: RawClient, permanent: AuthKey, msg_id: int, **changes: object) -> TL:
    """The request that binds the client's key, with fields of the inner message changed."""
    until = datetime.fromtimestamp(int(time.time()) + 3600, UTC)
    inner: dict[str, Any] = {
        "nonce": 7,
        "temp_auth_key_id": client.key_id,
        "perm_auth_key_id": permanent.id,
        "temp_session_id": client.session_id,
        "expires_at": until,
        **changes,
    }
    body = bytes(types.BindAuthKeyInner(**inner))
    plain = os.urandom(16) + struct.pack("<qii", msg_id, 0, len(body)) + body
    msg_key = sha(plain)[4:]
    encrypted = AES.encrypt_ige(plain + os.urandom(-len(plain) % 16), *old_aes(permanent, msg_key))
    sealed = struct.pack("<q", permanent.id) + msg_key + bytes(encrypted)
    return functions.auth.BindTempAuthKeyRequest(permanent.id, 7, until, sealed)


async def bind(client: RawClient, permanent: AuthKey, **changes: object) -> TL:
    msg_id = client.new_id()
    return await client.result(
        client.send(binding(client, permanent, msg_id, **changes), msg_id=msg_id)
    )


def old_aes(permanent: AuthKey, msg_key: bytes) -> tuple[bytes, bytes]:
    key = permanent.key
    a, b = sha(msg_key + key[:32]), sha(key[32:48] + msg_key + key[48:64])
    c, d = sha(key[64:96] + msg_key), sha(msg_key + key[96:128])
    return a[:8] + b[8:20] + c[4:16], a[8:20] + b[:8] + c[16:20] + d[:8]


def sha(data: bytes) -> bytes:
    return hashlib.sha1(data).digest()  # noqa: S324 - the protocol's own hash


@pytest.mark.parametrize("kind", KINDS)
async def test_a_temporary_key_stands_for_the_permanent_one_that_it_is_bound_to(
    dial: Dial, datacentre: DataCentre, world: World, alice: User, bob: User, kind: TL
) -> None:
    client, permanent = await temporary(dial, datacentre, kind), world.logins.ready_key(alice.id)
    assert client.key_id not in world.logins.keys
    assert (await client.init(STATE)).error_message == "AUTH_KEY_PERM_EMPTY"
    assert isinstance(await client.init(), types.Config)
    assert await bind(client, permanent) is True
    assert (await client.call(STATE)).error_message == "CONNECTION_NOT_INITED"
    assert isinstance(await client.init(STATE), types.updates.State)
    world.say(bob.id, alice.id, Content("hello"))
    assert (await client.receive_kind(types.Updates)).updates[0].message.message == "hello"
    listed = await client.call(functions.account.GetAuthorizationsRequest())
    assert [entry.current for entry in listed.authorizations] == [True]


async def test_a_login_by_a_temporary_key_is_the_permanent_ones(
    dial: Dial, datacentre: DataCentre, world: World, alice: User
) -> None:
    client, permanent = await temporary(dial, datacentre), world.logins.add_key(os.urandom(256))
    await bind(client, permanent)
    ask = functions.auth.SendCodeRequest(alice.phone, 1, "x", types.CodeSettings())
    sent = await client.init(ask)
    code = world.logins.code_of(alice.phone or "")
    assert code is not None
    await client.call(functions.auth.SignInRequest(alice.phone, sent.phone_code_hash, code.code))
    assert permanent.user_id == alice.id


@pytest.mark.parametrize(
    "changes",
    [
        {"nonce": 8},
        {"temp_auth_key_id": 1},
        {"perm_auth_key_id": 1},
        {"temp_session_id": 1},
        {"expires_at": datetime.fromtimestamp(5, UTC)},
    ],
)
async def test_a_binding_message_that_says_something_else_is_refused(
    dial: Dial, datacentre: DataCentre, world: World, alice: User, changes: dict[str, Any]
) -> None:
    client, permanent = await temporary(dial, datacentre), world.logins.ready_key(alice.id)
    answer = await bind(client, permanent, **changes)
    assert answer.error_message == "ENCRYPTED_MESSAGE_INVALID"
    request = binding(client, permanent, client.new_id())
    assert (await client.call(request)).error_message == "ENCRYPTED_MESSAGE_INVALID"
    request.encrypted_message = b"x" * 104
    assert (await client.call(request)).error_message == "ENCRYPTED_MESSAGE_INVALID"


async def test_only_one_temporary_key_stands_for_a_permanent_one_at_a_time(
    dial: Dial, datacentre: DataCentre, world: World, alice: User, bob: User
) -> None:
    permanent, other = world.logins.ready_key(alice.id), world.logins.ready_key(bob.id)
    first, second = await temporary(dial, datacentre), await temporary(dial, datacentre)
    await bind(first, permanent)
    assert (await bind(first, other)).error_message == "TEMP_AUTH_KEY_ALREADY_BOUND"
    await bind(second, permanent)
    assert (await first.init(STATE)).error_message == "AUTH_KEY_PERM_EMPTY"
    assert isinstance(await second.init(STATE), types.updates.State)
    plain = await dial(alice)
    assert (await bind(plain, permanent)).error_message == "TEMP_AUTH_KEY_EMPTY"


async def test_a_temporary_key_is_unknown_when_its_time_is_over_or_the_permanent_one_is_gone(
    dial: Dial, datacentre: DataCentre, world: World, alice: User
) -> None:
    short, permanent = await temporary(dial, datacentre, inner_expires_in=60), world.logins
    long, key = await temporary(dial, datacentre), permanent.ready_key(alice.id)
    await bind(long, key)
    del permanent.keys[key.id]
    with pytest.raises(TransportError, match="-404"):
        await long.init(initialised(STATE))
    now = datacentre.now()
    datacentre.temporary_keys._now = lambda: now + timedelta(seconds=61)
    with pytest.raises(TransportError, match="-404"):
        await short.init()
