"""The hazard log: what gets into it, and what does not."""

import asyncio
from contextlib import AsyncExitStack
from datetime import timedelta

import pytest
from telethon.tl import functions, types

from sandbox.datacentre import DataCentre
from sandbox.datacentre.hazards import HazardKind
from sandbox.proxies.socks5 import Socks5Proxy
from sandbox.world.people import User
from tests.sandbox.conftest import Dial, NewClient
from tests.sandbox.hazards import assert_no_hazards
from tests.timing import limit

STATE = functions.updates.GetStateRequest()


def message(to: User, text: str, random_id: int) -> functions.messages.SendMessageRequest:
    peer = types.InputPeerUser(to.id, to.access_hash)
    return functions.messages.SendMessageRequest(peer, text, random_id=random_id)


def kinds(datacentre: DataCentre) -> list[HazardKind]:
    return [entry.kind for entry in datacentre.hazards.entries]


async def test_an_entry_says_when_who_and_what_and_fails_the_test(
    dial: Dial, datacentre: DataCentre, alice: User
) -> None:
    client = await dial(alice)
    await client.init(functions.auth.LogOutRequest())
    (entry,) = datacentre.hazards.entries
    assert (entry.kind, entry.user_id, entry.words) == ("log_out", alice.id, "auth.logOut")
    with pytest.raises(AssertionError, match=r"log_out, user \d+: auth.logOut"):
        assert_no_hazards(datacentre)
    assert_no_hazards(datacentre, but={HazardKind.LOG_OUT})
    datacentre.hazards.clear()
    assert_no_hazards(datacentre)


async def test_ending_the_other_logins_is_noted_though_it_is_not_served(
    dial: Dial, datacentre: DataCentre, alice: User
) -> None:
    client = await dial(alice)
    await client.init(functions.auth.ResetAuthorizationsRequest())
    assert kinds(datacentre) == [HazardKind.LOG_OUT]


async def test_a_dial_past_the_proxy_is_noted(
    new_client: NewClient,
    datacentre: DataCentre,
    closing: AsyncExitStack,
    alice: User,
    bob: User,
) -> None:
    proxy = Socks5Proxy()
    await proxy.start()
    closing.push_async_callback(proxy.stop)
    datacentre.hazards.only_through(alice.id, proxy.carries)
    async with asyncio.timeout(limit(30)):
        behind = new_client(alice, proxy=("socks5", proxy.host, proxy.port))
        await behind.connect()
        assert (await behind.get_me()).id == alice.id
        await new_client(bob).connect()
        assert_no_hazards(datacentre)
        await behind.disconnect()
        await new_client(alice).connect()
    assert kinds(datacentre) == [HazardKind.PROXY_BYPASSED]


async def test_another_device_with_the_same_key_is_noted(
    new_client: NewClient, datacentre: DataCentre, alice: User
) -> None:
    key = datacentre.world.logins.ready_key(alice.id).key
    async with asyncio.timeout(limit(30)):
        for model in ("Phone", "Phone", "Tablet"):
            client = new_client(key=key, device_model=model)
            await client.connect()
            await client.disconnect()
    (entry,) = datacentre.hazards.entries
    assert entry.kind is HazardKind.DEVICE_CHANGED
    assert entry.words == "device_model: 'Phone', then 'Tablet'"


async def test_more_connects_than_the_policy_allows_are_noted(
    dial: Dial, datacentre: DataCentre, alice: User
) -> None:
    datacentre.hazards.connects_per_minute = 2
    first = await dial(alice)
    await first.init()
    await first.close()
    for _ in range(2):
        assert_no_hazards(datacentre)
        client = await dial()
        client.key, client.salt = first.key, first.salt
        await client.init()
        await client.close()
    assert kinds(datacentre) == [HazardKind.CONNECTS]


async def test_the_same_words_twice_are_noted_and_a_repeated_random_id_is_not(
    dial: Dial, datacentre: DataCentre, alice: User, bob: User
) -> None:
    client = await dial(alice)
    await client.init()
    for text, random_id in (("one", 1), ("one", 1), ("two", 2)):
        await client.call(message(bob, text, random_id))
    assert_no_hazards(datacentre)
    await client.call(message(bob, "one", 3))
    (entry,) = datacentre.hazards.entries
    assert entry.kind is HazardKind.DOUBLED
    datacentre.hazards.clear()
    datacentre.hazards.doubled_within = timedelta(0)
    await client.call(message(bob, "one", 4))
    assert_no_hazards(datacentre)


async def test_one_random_id_delivered_to_two_people_is_noted(
    dial: Dial, datacentre: DataCentre, alice: User, bob: User
) -> None:
    client = await dial(alice)
    await client.init()
    await client.call(message(bob, "one", 1))
    await client.call(message(alice, "one", 1))
    assert kinds(datacentre) == [HazardKind.DOUBLED]
    assert "random_id 1" in datacentre.hazards.entries[0].words


async def test_a_revoked_login_is_dead_until_it_logs_in_anew(
    dial: Dial, datacentre: DataCentre, alice: User
) -> None:
    client = await dial(alice)
    await client.init()
    datacentre.revoke(alice.id)
    assert isinstance(await client.call(STATE), types.RpcError)
    await client.close()
    back = await dial()
    back.key, back.salt = client.key, client.salt
    await back.init()
    assert kinds(datacentre) == [HazardKind.DEAD_KEY]


async def test_a_key_that_never_was_logged_in_is_not_dead(
    new_client: NewClient, datacentre: DataCentre
) -> None:
    client = new_client()
    async with asyncio.timeout(limit(30)):
        await client.connect()
        for _ in range(2):
            assert not await client.is_user_authorized()
        await client.disconnect()
        await client.connect()
    assert_no_hazards(datacentre)
