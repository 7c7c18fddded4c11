"""Faults of keys: exchanges that fail, messages that prove nothing, keys on two lines."""

import asyncio
import socket

import pytest
from telethon.tl import functions, types

from sandbox.datacentre import DataCentre
from sandbox.datacentre.faults.keys import ExchangeEnd, Forgery
from sandbox.datacentre.hazards import HazardKind
from sandbox.datacentre.sockets import is_left
from sandbox.world.people import User
from tests.sandbox.conftest import Dial, NewClient
from tests.sandbox.hazards import assert_no_hazards
from tests.timing import limit

FAILED = (ConnectionError, asyncio.IncompleteReadError)
"""What a client raises whose key exchange fails, one way or the other."""

CONFIG = functions.help.GetConfigRequest()
STATE = functions.updates.GetStateRequest()


@pytest.mark.parametrize("end", ExchangeEnd)
async def test_a_key_exchange_fails_once_and_then_succeeds(
    new_client: NewClient, datacentre: DataCentre, end: ExchangeEnd
) -> None:
    fault = datacentre.faults.fail_exchange(end)
    async with asyncio.timeout(limit(60)):
        client = new_client(connection_retries=0)
        with pytest.raises(FAILED):
            await client.connect()
        assert fault.struck == 1
        await new_client().connect()
    assert not fault.is_active


async def test_key_exchanges_fail_until_it_is_lifted(
    new_client: NewClient, datacentre: DataCentre
) -> None:
    fault = datacentre.faults.fail_exchange(ExchangeEnd.CLOSE, times=None)
    async with asyncio.timeout(limit(60)):
        for _ in range(2):
            with pytest.raises(FAILED):
                await new_client(connection_retries=0).connect()
        fault.lift()
        await new_client().connect()


@pytest.mark.parametrize("wrong", Forgery)
async def test_a_client_passes_over_messages_that_prove_nothing(
    new_client: NewClient,
    datacentre: DataCentre,
    alice: User,
    caplog: pytest.LogCaptureFixture,
    wrong: Forgery,
) -> None:
    client = new_client(alice)
    async with asyncio.timeout(limit(20)):
        await client.connect()
        assert datacentre.faults.forge(3, alice.id, wrong=wrong) == 1
        assert (await client.get_me()).id == alice.id
    complaints = [r.getMessage() for r in caplog.records if "Security error" in r.getMessage()]
    assert len(complaints) == 3
    assert datacentre.faults.forge(1, alice.id + 1) == 0
    assert_no_hazards(datacentre)


async def test_a_key_on_two_lines_is_dead_for_good(
    dial: Dial, datacentre: DataCentre, alice: User
) -> None:
    first, second = await dial(alice), await dial()
    second.key, second.salt = first.key, first.salt
    await first.init()
    answer = await second.init()
    assert (answer.error_code, answer.error_message) == (406, "AUTH_KEY_DUPLICATED")
    assert (await first.call(CONFIG)).error_message == "AUTH_KEY_DUPLICATED"
    await first.close()
    await second.close()
    third = await dial()
    third.key, third.salt = first.key, first.salt
    assert (await third.init()).error_code == 406
    assert datacentre.hazards.counts()[HazardKind.TWO_LINES] == 1
    assert datacentre.hazards.entries[0].user_id == alice.id
    assert not isinstance(await (await dial(alice)).init(), types.RpcError)


async def test_a_key_that_moves_to_a_new_line_lives(
    dial: Dial, datacentre: DataCentre, alice: User
) -> None:
    first = await dial(alice)
    for _ in range(20):
        await first.init()
        await first.close()
        following = await dial()
        following.key, following.salt = first.key, first.salt
        first = following
    assert not isinstance(await first.init(), types.RpcError)
    assert_no_hazards(datacentre)


async def test_a_line_that_its_client_has_closed_is_told_from_one_in_use() -> None:
    ours, theirs = socket.socketpair()
    _, writer = await asyncio.open_connection(sock=ours)
    writer.transport.pause_reading()  # type: ignore[attr-defined]  # a stream's is a full one
    assert not is_left(writer.transport)  # type: ignore[arg-type]  # as above
    theirs.close()
    assert is_left(writer.transport)  # type: ignore[arg-type]  # as above
    writer.close()
    await writer.wait_closed()


async def test_an_end_that_is_not_read_yet_makes_no_second_line(
    dial: Dial, datacentre: DataCentre, alice: User
) -> None:
    first = await dial(alice)
    await first.init()
    (line,) = datacentre.open_connections()
    assert line._transport is not None
    line._transport.pause_reading()
    await first.close()
    second = await dial()
    second.key, second.salt = first.key, first.salt
    assert not isinstance(await second.init(), types.RpcError)
    assert line.is_open
    assert_no_hazards(datacentre)


async def test_the_rule_of_two_lines_can_be_switched_off_and_is_noted_still(
    dial: Dial, datacentre: DataCentre, alice: User
) -> None:
    datacentre.hazards.kills_duplicated_keys = False
    first, second = await dial(alice), await dial()
    second.key, second.salt = first.key, first.salt
    for client in (first, second, first):
        assert not isinstance(await client.init(STATE), types.RpcError)
    assert set(datacentre.hazards.counts()) == {HazardKind.TWO_LINES}
