"""Cutting, stopping and starting the data centre."""

import asyncio

import pytest

from sandbox.datacentre import DataCentre
from sandbox.world.people import User
from tests.sandbox.conftest import Client, Dial, NewClient
from tests.timing import limit


async def lost(client: Client) -> None:
    """Wait until the client has noticed that its line is gone, with an error or without."""
    async with asyncio.timeout(limit(30)):
        await asyncio.wait([client.disconnected])
    client.disconnected.exception()


@pytest.fixture
def one_line(new_client: NewClient) -> NewClient:
    def make(user: User) -> Client:
        return new_client(user, auto_reconnect=False, connection_retries=0)

    return make


@pytest.mark.parametrize("reset", [False, True])
async def test_the_connections_of_one_user_are_cut_and_no_others(
    one_line: NewClient, datacentre: DataCentre, alice: User, bob: User, *, reset: bool
) -> None:
    hers, his = one_line(alice), one_line(bob)
    async with asyncio.timeout(limit(30)):
        await hers.connect()
        await his.connect()
        await hers.get_me()
    assert datacentre.cut(alice.id, reset=reset) == 1
    await lost(hers)
    assert [c.user_id for c in datacentre.connections()] == [bob.id]
    assert (await his.get_me()).id == bob.id
    assert datacentre.cut() == 1
    await lost(his)


async def test_a_reset_is_seen_as_one(dial: Dial, datacentre: DataCentre, alice: User) -> None:
    client = await dial(alice)
    await client.init()
    datacentre.cut(reset=True)
    async with asyncio.timeout(limit(30)):
        with pytest.raises(ConnectionResetError):
            await client.reader.read()


async def test_after_a_stop_it_starts_on_the_same_port_with_the_same_keys(
    one_line: NewClient, datacentre: DataCentre, alice: User
) -> None:
    client = one_line(alice)
    async with asyncio.timeout(limit(30)):
        await client.connect()
        port = datacentre.port
        await datacentre.stop()
        await lost(client)
        assert datacentre.connections() == []
        with pytest.raises(ConnectionError):
            await one_line(alice).connect()
        await datacentre.start(port)
        assert datacentre.port == port
        back = one_line(alice)
        await back.connect()
        assert (await back.get_me()).id == alice.id


async def test_garbage_ends_its_own_connection_only(
    dial: Dial, datacentre: DataCentre, alice: User
) -> None:
    client = await dial(alice)
    await client.init()
    reader, writer = await asyncio.open_connection(datacentre.host, datacentre.port)
    writer.write(b"GET / HTTP/1.1\r\n\r\n")
    async with asyncio.timeout(limit(30)):
        assert await reader.read() == b""
    writer.close()
    await writer.wait_closed()
    await client.init()
