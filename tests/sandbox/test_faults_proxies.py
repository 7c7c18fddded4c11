"""Faults of a SOCKS5 proxy, each seen by a client and lifted."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack
from typing import Any

import pytest
from telethon.tl import functions

from sandbox.datacentre import DataCentre
from sandbox.proxies.socks5 import Socks5Proxy
from sandbox.world.people import User
from tests.sandbox.conftest import Client, NewClient
from tests.timing import seconds

PAUSE_S = 0.3
STATE = functions.updates.GetStateRequest()

Connect = Callable[[], Coroutine[Any, Any, Client]]


@pytest.fixture
async def proxy(closing: AsyncExitStack) -> AsyncIterator[Socks5Proxy]:
    made = Socks5Proxy(username="user", password="pass")
    await made.start()
    yield made
    await closing.aclose()
    await made.stop()


@pytest.fixture
def connect(proxy: Socks5Proxy, new_client: NewClient, alice: User) -> Connect:
    async def make() -> Client:
        client = new_client(
            alice,
            proxy=("socks5", proxy.host, proxy.port, True, "user", "pass"),
            connection_retries=0,
            auto_reconnect=False,
        )
        async with asyncio.timeout(seconds(20)):
            await client.connect()
        return client

    return make


async def lost(client: Client) -> None:
    async with asyncio.timeout(seconds(20)):
        await asyncio.wait([client.disconnected])
    client.disconnected.exception()


async def test_it_rejects_the_right_login(proxy: Socks5Proxy, connect: Connect) -> None:
    with proxy.faults.reject_login():
        with pytest.raises(ConnectionError):
            await connect()
        assert proxy.dials[-1].outcome == "login rejected"
    assert await (await connect()).get_me()


async def test_it_accepts_and_closes_so_many_times(proxy: Socks5Proxy, connect: Connect) -> None:
    proxy.faults.close_at_once(times=1)
    with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
        await connect()
    assert proxy.dials[-1].outcome == "closed at once"
    assert await (await connect()).get_me()


async def test_it_accepts_and_never_answers_the_greeting(
    proxy: Socks5Proxy, connect: Connect
) -> None:
    fault = proxy.faults.say_nothing()
    async with asyncio.TaskGroup() as tasks:
        dialling = tasks.create_task(connect())
        await fault.has_struck()
        await asyncio.sleep(PAUSE_S)
        assert not dialling.done()
        fault.lift()
    assert await dialling.result().get_me()


async def test_it_is_slow_to_dial(proxy: Socks5Proxy, connect: Connect) -> None:
    start = time.monotonic()
    with proxy.faults.slow(PAUSE_S):
        await connect()
    assert time.monotonic() - start >= PAUSE_S
    fault = proxy.faults.slow(seconds(60))
    async with asyncio.TaskGroup() as tasks:
        dialling = tasks.create_task(connect())
        await fault.has_struck()
        fault.lift()
    assert await dialling.result().get_me()


async def test_it_freezes_what_runs_through_it_and_lets_it_go_on(
    proxy: Socks5Proxy, connect: Connect, datacentre: DataCentre
) -> None:
    client = await connect()
    fault = proxy.faults.freeze()
    async with asyncio.TaskGroup() as tasks:
        asking = tasks.create_task(client(STATE))
        await fault.has_struck()
        await asyncio.sleep(PAUSE_S)
        assert not asking.done()
        fault.lift()
    assert asking.result()
    with proxy.faults.freeze():
        await client.disconnect()
        await asyncio.sleep(PAUSE_S)
        assert len(datacentre.connections()) == 1


@pytest.mark.parametrize("reset", [False, True])
async def test_it_cuts_what_runs_through_it(
    proxy: Socks5Proxy, connect: Connect, *, reset: bool
) -> None:
    client = await connect()
    proxy.cut(reset=reset)
    await lost(client)
    assert await (await connect()).get_me()


async def test_it_refuses_and_keeps_its_port_and_its_relays(
    proxy: Socks5Proxy, connect: Connect
) -> None:
    client, port = await connect(), proxy.port
    async with await proxy.faults.refuse():
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection(proxy.host, port)
        assert await client.get_me()
    assert proxy.port == port
    assert await (await connect()).get_me()


async def test_it_goes_down_with_all_that_runs_through_it(
    proxy: Socks5Proxy, connect: Connect
) -> None:
    client = await connect()
    await proxy.faults.go_down()
    await lost(client)
    with pytest.raises(ConnectionError):
        await connect()
    await proxy.faults.lift_all()
    assert await (await connect()).get_me()


async def test_it_stops_in_the_middle_of_every_fault(proxy: Socks5Proxy, connect: Connect) -> None:
    client, port = await connect(), proxy.port
    silence, freeze = proxy.faults.say_nothing(), proxy.faults.freeze()
    _, writer = await asyncio.open_connection(proxy.host, port)
    await silence.has_struck()
    client._sender.send(STATE)
    await freeze.has_struck()
    async with asyncio.timeout(seconds(20)):
        await proxy.stop()
    writer.close()
    await lost(client)
    await proxy.faults.lift_all()
    await proxy.start(port)
    assert await (await connect()).get_me()
