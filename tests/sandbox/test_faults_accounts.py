"""Faults of accounts: banned, frozen, no longer logged in."""

import asyncio

import pytest
from telethon import errors
from telethon.tl import functions, types

from sandbox.datacentre import DataCentre
from sandbox.datacentre.hazards import HazardKind
from sandbox.world import World
from sandbox.world.people import User
from tests.sandbox.conftest import Dial, NewClient
from tests.sandbox.hazards import assert_no_hazards
from tests.timing import limit

STATE = functions.updates.GetStateRequest()


async def test_a_banned_user_is_told_so_on_everything_and_others_are_not(
    new_client: NewClient, datacentre: DataCentre, alice: User, bob: User
) -> None:
    hers, his = new_client(alice), new_client(bob)
    async with asyncio.timeout(limit(30)):
        await hers.connect()
        await his.connect()
        with datacentre.faults.ban(alice.id):
            for request in (STATE, functions.help.GetConfigRequest()):
                with pytest.raises(errors.UserDeactivatedBanError):
                    await hers(request)
            with pytest.raises(errors.UserDeactivatedBanError):
                await new_client(alice).connect()
            assert (await his.get_me()).id == bob.id
            stranger = new_client()
            await stranger.connect()
            with pytest.raises(errors.PhoneNumberBannedError):
                await stranger.send_code_request(alice.phone)
            await stranger.send_code_request(bob.phone)
        assert (await hers.get_me()).id == alice.id


async def test_a_banned_user_gets_no_updates(
    dial: Dial, datacentre: DataCentre, world: World, alice: User
) -> None:
    client = await dial(alice)
    await client.init(STATE)
    with datacentre.faults.ban(alice.id):
        world.send_login_code(alice.phone or "")
        asked = client.send(STATE)
        assert (await client.receive()).content[0] == asked
    assert isinstance(await client.call(STATE), types.updates.State)


@pytest.mark.parametrize("text", ["SESSION_REVOKED", "AUTH_KEY_UNREGISTERED"])
async def test_a_login_is_denied_until_it_is_lifted(
    dial: Dial, datacentre: DataCentre, alice: User, bob: User, text: str
) -> None:
    hers, his = await dial(alice), await dial(bob)
    with datacentre.faults.deny(alice.id, text):
        assert isinstance(await hers.init(), types.Config)
        answer = await hers.call(STATE)
        assert (answer.error_code, answer.error_message) == (401, text)
        assert isinstance(await his.init(STATE), types.updates.State)
    assert isinstance(await hers.call(STATE), types.updates.State)
    assert_no_hazards(datacentre)


async def test_one_key_of_a_user_is_denied(
    dial: Dial, datacentre: DataCentre, alice: User
) -> None:
    one, other = await dial(alice), await dial(alice)
    datacentre.faults.deny(key_id=one.key_id)
    assert isinstance(await one.init(STATE), types.RpcError)
    assert isinstance(await other.init(STATE), types.updates.State)


async def test_a_frozen_account_reads_and_does_not_write(
    new_client: NewClient, datacentre: DataCentre, alice: User, bob: User
) -> None:
    client = new_client(alice)
    async with asyncio.timeout(limit(30)):
        await client.connect()
        plain = await client(functions.help.GetAppConfigRequest(0))
        assert plain.config.value == []
        with datacentre.faults.freeze_account(alice.id) as fault:
            with pytest.raises(errors.FrozenMethodInvalidError):
                await client.send_message(bob.username, "hello")
            assert (await client.get_me()).id == alice.id
            assert await client(STATE)
            assert await client(functions.help.GetConfigRequest())
            assert await client.get_messages(bob.username) == []
            config = await client(functions.help.GetAppConfigRequest(plain.hash))
            told = {each.key: each.value.value for each in config.config.value}
            assert told["freeze_appeal_url"] == "https://t.me/spambot"
            assert told["freeze_since_date"] < told["freeze_until_date"]
            same = await client(functions.help.GetAppConfigRequest(config.hash))
            assert isinstance(same, types.help.AppConfigNotModified)
        assert fault.struck == 1
        assert await client.send_message(bob.username, "hello")


async def test_a_request_after_the_key_was_declared_dead_is_a_hazard(
    dial: Dial, datacentre: DataCentre, alice: User
) -> None:
    client = await dial(alice)
    await client.init()
    fault = datacentre.faults.deny(alice.id)
    assert isinstance(await client.call(STATE), types.RpcError)
    assert isinstance(await client.call(STATE), types.RpcError)
    assert_no_hazards(datacentre)
    await client.close()
    back = await dial()
    back.key, back.salt = client.key, client.salt
    await back.init()
    (hazard,) = datacentre.hazards.entries
    assert (hazard.kind, hazard.user_id) == (HazardKind.DEAD_KEY, alice.id)
    await back.close()
    fault.lift()
    datacentre.hazards.clear()
    again = await dial()
    again.key, again.salt = client.key, client.salt
    assert isinstance(await again.init(STATE), types.updates.State)
    assert_no_hazards(datacentre)
