"""Real Telethon clients for whoever looks at the page of a sandbox."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from telethon import TelegramClient
from telethon.crypto import AuthKey, rsa
from telethon.network import ConnectionTcpFull
from telethon.sessions import MemorySession

from tests.sandbox.control_fixtures import Caller

Client = Any
"""Telethon ships no types."""
Connect = Callable[..., Awaitable[Client]]


@asynccontextmanager
async def connecting(caller: Caller) -> AsyncIterator[Connect]:
    """`connect(name)` makes an account and connects it; its client dials again by itself."""
    world, centre = caller.sandbox.world, caller.sandbox.data_centre
    rsa.add_key(centre.public_key_pem, old=False)
    async with AsyncExitStack() as stack:

        async def make(name: str, *, proxy: tuple[str, str, int] | None = None) -> Client:
            user = world.people.create(name, phone=f"+3197010{len(world.people.by_id):04}")
            session = MemorySession()
            session.set_dc(centre.dc_id, centre.host, centre.port)
            session.auth_key = AuthKey(world.logins.ready_key(user.id).key)
            client: Client = TelegramClient(
                session,
                12345,
                "0123456789abcdef",
                connection=ConnectionTcpFull,
                device_model="Bench",
                proxy=proxy,
                retry_delay=0.1,
                connection_retries=100,
                flood_sleep_threshold=0,
            )
            stack.push_async_callback(client.disconnect)
            await client.connect()
            await client.get_me()
            client.user_id = user.id
            return client

        yield make
