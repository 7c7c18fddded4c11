"""Faults of every kind of proxy, each seen by a client and lifted."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack
from typing import Any

import pytest
from telethon.tl import functions

from sandbox.datacentre import DataCentre
from sandbox.faults import Fault
from sandbox.proxies.kinds import Kind
from sandbox.proxies.relay import RelayProxy
from sandbox.world.people import User
from tests.sandbox.conftest import Client, NewClient
from tests.sandbox.proxy_kinds import TURNED_AWAY, new_proxy, through
from tests.timing import limit, seconds

PAUSE_S = 0.3
STATE = functions.updates.GetStateRequest()

Connect = Callable[[], Coroutine[Any, Any, Client]]


@pytest.fixture(params=list(Kind))
async def proxy(
    request: pytest.FixtureRequest, closing: AsyncExitStack, datacentre: DataCentre
) -> AsyncIterator[RelayProxy]:
    made = new_proxy(request.param, datacentre)
    await made.start()
    yield made
    await closing.aclose()
    await made.stop()


@pytest.fixture
def connect(proxy: RelayProxy, new_client: NewClient, alice: User) -> Connect:
    async def make() -> Client:
        client = new_client(
            alice,
            connection_retries=0,
            auto_reconnect=False,
            **through(proxy),
        )
        async with asyncio.timeout(limit(20)):
            await client.connect()
        return client

    return make


async def lost(client: Client) -> None:
    async with asyncio.timeout(limit(20)):
        await asyncio.wait([client.disconnected])
    client.disconnected.exception()


async def test_it_rejects_the_right_login(proxy: RelayProxy, connect: Connect) -> None:
    with proxy.faults.reject_login() as fault:
        if proxy.kind == Kind.MTPROTO:
            await no_answer(connect, fault)
            assert proxy.dials[-1].outcome == "wrong secret"
        else:
            with pytest.raises(TURNED_AWAY):
                await connect()
            assert proxy.dials[-1].outcome == "login rejected"
    assert await (await connect()).get_me()


async def no_answer(connect: Connect, fault: Fault) -> None:
    """It is struck, and then nothing comes."""
    async with asyncio.TaskGroup() as tasks:
        dialling = tasks.create_task(connect())
        await fault.has_struck()
        await asyncio.sleep(PAUSE_S)
        assert not dialling.done()
        dialling.cancel()


async def test_it_dials_for_nobody(
    proxy: RelayProxy, connect: Connect, datacentre: DataCentre
) -> None:
    with proxy.faults.forbid():
        with pytest.raises((*TURNED_AWAY, asyncio.IncompleteReadError)):
            await connect()
        assert proxy.dials[-1].outcome == "forbidden"
        assert datacentre.connections() == []
    assert await (await connect()).get_me()


async def test_it_accepts_and_closes_so_many_times(proxy: RelayProxy, connect: Connect) -> None:
    proxy.faults.close_at_once(times=1)
    with pytest.raises((*TURNED_AWAY, asyncio.IncompleteReadError)):
        await connect()
    assert proxy.dials[-1].outcome == "closed at once"
    assert await (await connect()).get_me()


async def test_it_accepts_and_never_answers_the_greeting(
    proxy: RelayProxy, connect: Connect
) -> None:
    fault = proxy.faults.say_nothing()
    async with asyncio.TaskGroup() as tasks:
        dialling = tasks.create_task(connect())
        await fault.has_struck()
        await asyncio.sleep(PAUSE_S)
        assert not dialling.done()
        fault.lift()
    assert await dialling.result().get_me()


async def test_it_is_slow_to_dial(proxy: RelayProxy, connect: Connect) -> None:
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
    proxy: RelayProxy, connect: Connect, datacentre: DataCentre
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
    proxy: RelayProxy, connect: Connect, *, reset: bool
) -> None:
    client = await connect()
    proxy.cut(reset=reset)
    await lost(client)
    assert await (await connect()).get_me()


async def test_it_refuses_and_keeps_its_port_and_its_relays(
    proxy: RelayProxy, connect: Connect
) -> None:
    client, port = await connect(), proxy.port
    async with await proxy.faults.refuse():
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection(proxy.host, port)
        assert await client.get_me()
    assert proxy.port == port
    assert await (await connect()).get_me()


async def test_it_goes_down_with_all_that_runs_through_it(
    proxy: RelayProxy, connect: Connect
) -> None:
    client = await connect()
    await proxy.faults.go_down()
    await lost(client)
    with pytest.raises(TURNED_AWAY):
        await connect()
    await proxy.faults.lift_all()
    assert await (await connect()).get_me()


async def test_it_stops_in_the_middle_of_every_fault(proxy: RelayProxy, connect: Connect) -> None:
    client, port = await connect(), proxy.port
    silence, freeze = proxy.faults.say_nothing(), proxy.faults.freeze()
    _, writer = await asyncio.open_connection(proxy.host, port)
    await silence.has_struck()
    client._sender.send(STATE)
    await freeze.has_struck()
    async with asyncio.timeout(limit(20)):
        await proxy.stop()
    writer.close()
    await lost(client)
    await proxy.faults.lift_all()
    await proxy.start(port)
    assert await (await connect()).get_me()
