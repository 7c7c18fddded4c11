"""An unmodified Telethon client, over each transport that it has."""

import asyncio
from typing import Any

import pytest
from telethon import errors, events
from telethon.network import (
    ConnectionTcpAbridged,
    ConnectionTcpFull,
    ConnectionTcpIntermediate,
    ConnectionTcpObfuscated,
)
from telethon.network.connection import Connection, ConnectionTcpMTProxyRandomizedIntermediate
from telethon.network.connection.tcpintermediate import RandomizedIntermediatePacketCodec

from sandbox.datacentre import DataCentre
from sandbox.datacentre.server_key import ServerKey
from sandbox.datacentre.tl import TL
from sandbox.world import World
from sandbox.world.people import User
from tests.sandbox.conftest import Client, NewClient
from tests.timing import limit


class PaddedCodec(RandomizedIntermediatePacketCodec):  # type: ignore[misc]  # Telethon is untyped
    """Telethon knows this codec inside obfuscation only; its tag makes it a transport."""

    tag = b"\xdd\xdd\xdd\xdd"


class ConnectionTcpPadded(Connection):  # type: ignore[misc]  # Telethon is untyped
    packet_codec = PaddedCodec


TRANSPORTS = [
    ConnectionTcpFull,
    ConnectionTcpAbridged,
    ConnectionTcpIntermediate,
    ConnectionTcpPadded,
    ConnectionTcpObfuscated,
]


async def log_in(client: Client, world: World, user: User) -> TL:
    await client.connect()
    await client.send_code_request(user.phone)
    code = world.logins.code_of(user.phone or "")
    assert code is not None
    try:
        return await client.sign_in(user.phone, code.code)
    except errors.SessionPasswordNeededError:
        return await client.sign_in(password=user.password)


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_a_client_logs_in_sends_and_receives_over_every_transport(
    transport: type[Connection], new_client: NewClient, world: World, alice: User, bob: User
) -> None:
    sender, receiver = new_client(connection=transport), new_client(connection=transport)
    got: asyncio.Queue[Any] = asyncio.Queue()
    receiver.add_event_handler(got.put, events.NewMessage(incoming=True, from_users=alice.id))
    async with asyncio.timeout(limit(60)):
        await log_in(sender, world, alice)
        logged_in = await log_in(receiver, world, bob)
        sent = await sender.send_message("bobby", "hello there")
        arrived = await got.get()
        assert (await sender.get_me()).phone == alice.phone
        assert logged_in.id == bob.id
        assert arrived.raw_text == "hello there"
        assert (await arrived.get_sender()).username == "alice"
        history = await receiver.get_messages("alice", limit=5)
    assert [m.raw_text for m in history] == ["hello there"]
    copy = world.messages.get(alice.id, sent.id)
    assert copy is not None
    assert copy.twin_id == arrived.id


async def test_a_client_reaches_a_port_that_has_an_mtproto_proxys_secret(
    world: World, alice: User, datacentre: DataCentre, server_key: ServerKey, new_client: NewClient
) -> None:
    secret = bytes(range(16))
    behind = DataCentre(world, server_key=server_key, proxy_secret=secret)
    await behind.start()
    client = new_client(
        alice,
        connection=ConnectionTcpMTProxyRandomizedIntermediate,
        proxy=(behind.host, behind.port, secret.hex()),
    )
    async with asyncio.timeout(limit(30)):
        await client.connect()
        me = await client.get_me()
        await client.disconnect()
    await behind.stop()
    assert me.id == alice.id
    assert datacentre.connections() == []


async def test_a_connection_is_described_with_what_its_client_said(
    new_client: NewClient, datacentre: DataCentre, alice: User
) -> None:
    client = new_client(alice, device_model="Phone of Alice", app_version="7.7")
    async with asyncio.timeout(limit(30)):
        await client.connect()
        await client.get_me()
    (info,) = datacentre.connections()
    assert (info.user_id, info.api_id) == (alice.id, 12345)
    assert (info.device_model, info.app_version) == ("Phone of Alice", "7.7")
    assert info.peer[0] == "127.0.0.1"
    assert info.requests > 0
