"""The key exchange, by a client of our own that follows the specification or breaks it."""

import os
from collections.abc import Awaitable
from typing import Any

import pytest
from telethon.tl import functions, types

from sandbox.datacentre import DataCentre
from sandbox.datacentre.tl import TL
from tests.sandbox.conftest import Dial
from tests.sandbox.exchange import Exchange
from tests.sandbox.raw_client import TransportError


@pytest.fixture
async def exchange(dial: Dial, datacentre: DataCentre) -> Exchange:
    return Exchange(await dial(), datacentre)


async def agreed(exchange: Exchange) -> int:
    """Go on until set_client_DH_params; return b."""
    await exchange.agree()
    return int.from_bytes(os.urandom(256))


@pytest.mark.parametrize("request_pq", [functions.ReqPqMultiRequest, functions.ReqPqRequest])
@pytest.mark.parametrize("kind", [types.PQInnerDataDc, types.PQInnerData])
async def test_a_key_made_by_todays_specification_is_taken_and_used(
    exchange: Exchange, datacentre: DataCentre, request_pq: TL, kind: TL
) -> None:
    await exchange.request_pq(request_pq)
    exchange.open_dh(await exchange.request_dh(kind))
    await exchange.finish()
    assert exchange.client.key_id in datacentre.world.logins.keys
    assert isinstance(await exchange.client.init(), types.Config)


async def test_a_key_that_begins_with_a_zero_is_a_key_of_256_bytes_too(exchange: Exchange) -> None:
    await exchange.agree()
    await exchange.finish(begins_with_zero=True)
    assert exchange.client.key[0] == 0
    assert isinstance(await exchange.client.init(), types.Config)


async def refused(step: Awaitable[TL], exchange: Exchange) -> None:
    with pytest.raises(TransportError, match="-404"):
        await step
    assert await exchange.client.is_closed()


@pytest.mark.parametrize(
    "changes",
    [
        {"nonce": 1},
        {"server_nonce": 1},
        {"inner_nonce": 1},
        {"inner_server_nonce": 1},
        {"public_key_fingerprint": 1},
        {"p": b"\x03"},
        {"inner_q": b"\x05"},
        {"encrypted_data": b"\x07" * 256},
        {"encrypted_data": b"\xff" * 256},
        {"encrypted_data": b""},
    ],
)
async def test_a_wrong_nonce_or_proof_ends_the_exchange(
    exchange: Exchange, changes: dict[str, Any]
) -> None:
    await exchange.request_pq()
    await refused(exchange.request_dh(**changes), exchange)


async def test_the_steps_can_not_be_taken_out_of_order(exchange: Exchange) -> None:
    exchange.pq = types.ResPQ(exchange.nonce, 5, (15).to_bytes(8), [1])
    exchange.aes = (bytes(32), bytes(32))
    await refused(exchange.set_dh(4), exchange)


@pytest.mark.parametrize("changes", [{"nonce": 1}, {"server_nonce": 1}])
async def test_a_wrong_nonce_in_the_last_step_ends_the_exchange(
    exchange: Exchange, datacentre: DataCentre, changes: dict[str, Any]
) -> None:
    b = await agreed(exchange)
    g_b = pow(exchange.dh.g, b, int.from_bytes(exchange.dh.dh_prime))
    await refused(exchange.set_dh(g_b, **changes), exchange)
    assert not datacentre.world.logins.keys


@pytest.mark.parametrize("g_b", [0, 1, 2**1983, -1])
async def test_a_g_b_near_the_ends_of_its_range_fails(
    exchange: Exchange, datacentre: DataCentre, g_b: int
) -> None:
    await agreed(exchange)
    prime = int.from_bytes(exchange.dh.dh_prime)
    answer = await exchange.set_dh(g_b % prime)
    assert isinstance(answer, types.DhGenFail)
    assert not datacentre.world.logins.keys
