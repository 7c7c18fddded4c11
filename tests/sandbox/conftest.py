"""A data centre on a free port, people in its world, and clients that are closed at the end."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any, TypeAlias

import pytest
from telethon import TelegramClient
from telethon.crypto import AuthKey, rsa
from telethon.network import ConnectionTcpFull
from telethon.sessions import MemorySession

from sandbox.datacentre import DataCentre
from sandbox.datacentre.server_key import ServerKey
from sandbox.world import World
from sandbox.world.people import User
from tests.sandbox.control_fixtures import Caller, running_sandbox
from tests.sandbox.raw_client import RawClient

Client: TypeAlias = Any
"""An unmodified Telethon client; Telethon ships no types."""
NewClient = Callable[..., Client]
"""Makes an unmodified Telethon client; keyword arguments go to it."""
Dial = Callable[..., Awaitable[RawClient]]


@pytest.fixture(scope="session")
def server_key() -> ServerKey:
    key = ServerKey()
    rsa.add_key(key.public_pem, old=False)
    return key


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def alice(world: World) -> User:
    return world.people.create("Alice", phone="+15550001", username="alice")


@pytest.fixture
def bob(world: World) -> User:
    return world.people.create("Bob", phone="+15550002", username="bobby", password="hunter2")


@pytest.fixture
async def datacentre(world: World, server_key: ServerKey) -> AsyncIterator[DataCentre]:
    dc = DataCentre(world, server_key=server_key)
    await dc.start()
    yield dc
    await dc.stop()


@pytest.fixture
async def closing() -> AsyncIterator[AsyncExitStack]:
    async with AsyncExitStack() as stack:
        yield stack


@pytest.fixture
def new_client(datacentre: DataCentre, closing: AsyncExitStack) -> NewClient:
    """`new_client(user)` has a key that is logged in; without a user, `key` or none at all."""

    def make(user: User | None = None, *, key: bytes | None = None, **options: object) -> Client:
        session = MemorySession()
        session.set_dc(datacentre.dc_id, datacentre.host, datacentre.port)
        if user is not None:
            key = datacentre.world.logins.ready_key(user.id).key
        if key is not None:
            session.auth_key = AuthKey(key)
        kept: dict[str, Any] = {
            "connection": ConnectionTcpFull,
            "device_model": "Test bench",
            **options,
        }
        client = TelegramClient(session, 12345, "0123456789abcdef", **kept)
        closing.push_async_callback(client.disconnect)
        return client

    return make


@pytest.fixture
def dial(datacentre: DataCentre, closing: AsyncExitStack) -> Dial:
    """Awaited, `dial(user)` is a raw client with a key that is logged in; without one, it has none."""

    async def make(user: User | None = None) -> RawClient:
        client = await RawClient.dial(datacentre.port)
        closing.push_async_callback(client.close)
        if user is not None:
            client.key = datacentre.world.logins.ready_key(user.id).key
            client.salt = datacentre.salts.current(client.key_id)
        return client

    return make


@pytest.fixture
async def caller() -> AsyncIterator[Caller]:
    """The control API of a sandbox of its own."""
    async with running_sandbox() as running:
        yield running
