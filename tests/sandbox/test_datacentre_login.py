"""Logging in, being refused, and logging out, as an unmodified Telethon client sees it."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from telethon import errors, functions, types
from telethon.errors import AuthKeyNotFound
from telethon.password import compute_check

from sandbox.datacentre import DataCentre
from sandbox.world import World
from sandbox.world.people import User
from tests.sandbox.conftest import Client, Dial, NewClient
from tests.timing import limit


async def connected(client: Client) -> Client:
    async with asyncio.timeout(limit(30)):
        await client.connect()
    return client


async def test_a_wrong_code_is_refused_and_the_right_one_still_serves(
    new_client: NewClient, world: World, alice: User
) -> None:
    client = await connected(new_client())
    await client.send_code_request(alice.phone)
    code = world.logins.code_of("15550001")
    assert code is not None
    wrong = "00000"
    with pytest.raises(errors.PhoneCodeInvalidError):
        await client.sign_in(alice.phone, wrong)
    with pytest.raises(errors.PhoneCodeEmptyError):
        await client(functions.auth.SignInRequest(alice.phone, code.hash, ""))
    with pytest.raises(errors.PhoneCodeExpiredError):
        await client(functions.auth.SignInRequest(alice.phone, "no such hash", code.code))
    with pytest.raises(errors.PhoneCodeHashEmptyError):
        await client(functions.auth.SignInRequest(alice.phone, "", code.code))
    assert (await client.sign_in(alice.phone, code.code)).id == alice.id


async def test_a_code_expires(new_client: NewClient, world: World, alice: User) -> None:
    client = await connected(new_client())
    await client.send_code_request(alice.phone)
    code = world.logins.code_of("15550001")
    assert code is not None
    code.expires_at = datetime.now(UTC) - timedelta(seconds=1)
    with pytest.raises(errors.PhoneCodeExpiredError):
        await client.sign_in(alice.phone, code.code)


async def test_a_resent_code_replaces_the_first_and_a_cancelled_one_is_void(
    new_client: NewClient, world: World, alice: User
) -> None:
    client = await connected(new_client())
    first = await client.send_code_request(alice.phone)
    assert isinstance(first.type, types.auth.SentCodeTypeApp)
    request = functions.auth.ResendCodeRequest(alice.phone, first.phone_code_hash)
    second = await client(request)
    assert isinstance(second.type, types.auth.SentCodeTypeSms)
    with pytest.raises(errors.PhoneCodeExpiredError):
        await client(request)
    cancel = functions.auth.CancelCodeRequest(alice.phone, second.phone_code_hash)
    assert await client(cancel) is True
    assert world.logins.code_of("15550001") is None


async def test_a_number_without_an_account_gets_a_code_but_no_login(
    new_client: NewClient, world: World
) -> None:
    client = await connected(new_client())
    await client.send_code_request("+15559999")
    code = world.logins.code_of("15559999")
    assert code is not None
    with pytest.raises(errors.PhoneNumberUnoccupiedError):
        await client.sign_in("+15559999", code.code)


@pytest.mark.parametrize("phone", ["123", "not a number"])
async def test_what_is_no_phone_number_is_refused(new_client: NewClient, phone: str) -> None:
    client = await connected(new_client())
    request = functions.auth.SendCodeRequest(phone, 1, "hash", types.CodeSettings())
    with pytest.raises(errors.PhoneNumberInvalidError):
        await client(request)


async def test_a_wrong_password_is_refused_and_the_right_one_still_serves(
    new_client: NewClient, world: World, bob: User
) -> None:
    client = await connected(new_client())
    await client.send_code_request(bob.phone)
    code = world.logins.code_of("15550002")
    assert code is not None
    with pytest.raises(errors.SessionPasswordNeededError):
        await client.sign_in(bob.phone, code.code)
    assert not await client.is_user_authorized()
    with pytest.raises(errors.PasswordHashInvalidError):
        await client.sign_in(password="not it")
    assert (await client.sign_in(password="hunter2")).id == bob.id


async def test_a_password_proof_serves_once(new_client: NewClient, bob: User) -> None:
    client = await connected(new_client(bob))
    state = await client(functions.account.GetPasswordRequest())
    proof = compute_check(state, "hunter2")
    await client(functions.auth.CheckPasswordRequest(proof))
    with pytest.raises(errors.SrpIdInvalidError):
        await client(functions.auth.CheckPasswordRequest(proof))


async def test_the_code_arrives_in_the_chat_of_another_session(
    new_client: NewClient, alice: User, world: World
) -> None:
    there = await connected(new_client(alice))
    await (await connected(new_client())).send_code_request(alice.phone)
    code = world.logins.code_of("15550001")
    assert code is not None
    (dialog,) = await there.get_dialogs()
    (message,) = await there.get_messages(dialog.entity, limit=1)
    assert dialog.id == 777000
    assert code.code in message.raw_text
    bold = message.entities[0]
    assert message.raw_text[bold.offset : bold.offset + bold.length] == code.code


@pytest.mark.usefixtures("alice")
async def test_without_a_login_only_the_way_to_it_is_open(new_client: NewClient) -> None:
    client = await connected(new_client())
    assert (await client(functions.help.GetNearestDcRequest())).country == "NL"
    with pytest.raises(errors.AuthKeyUnregisteredError):
        await client(functions.updates.GetStateRequest())
    with pytest.raises(errors.AuthKeyUnregisteredError):
        await client.get_entity("alice")
    assert await client.get_me() is None


async def test_a_log_out_ends_the_login_and_is_on_record(
    new_client: NewClient, datacentre: DataCentre, alice: User
) -> None:
    client = await connected(new_client(alice))
    assert await client.log_out() is True
    (record,) = datacentre.log_outs
    assert record.user_id == alice.id
    assert datacentre.world.logins.keys[record.key_id].user_id is None


async def test_a_revoked_session_is_told_so_at_once_and_later_finds_its_key_unregistered(
    new_client: NewClient, datacentre: DataCentre, alice: User
) -> None:
    client = await connected(new_client(alice))
    assert datacentre.revoke(alice.id) == 1
    with pytest.raises(errors.SessionRevokedError):
        await client(functions.updates.GetStateRequest())
    await client.disconnect()
    await connected(client)
    with pytest.raises(errors.AuthKeyUnregisteredError):
        await client(functions.updates.GetStateRequest())
    assert datacentre.revoke(alice.id) == 0


async def test_an_unknown_key_is_not_found(new_client: NewClient) -> None:
    client = new_client(key=bytes(range(256)))
    with pytest.raises(AuthKeyNotFound):
        await connected(client)


async def test_the_account_lists_where_it_is_logged_in(new_client: NewClient, alice: User) -> None:
    one = await connected(new_client(alice, device_model="Here"))
    two = await connected(new_client(alice, device_model="There"))
    await two.get_me()
    listed = (await one(functions.account.GetAuthorizationsRequest())).authorizations
    assert {(a.device_model, bool(a.current)) for a in listed} == {
        ("Here", True),
        ("There", False),
    }


async def test_a_call_before_init_connection_is_refused(dial: Dial, alice: User) -> None:
    client = await dial(alice)
    answer = await client.call(functions.help.GetConfigRequest())
    assert answer.error_message == "CONNECTION_NOT_INITED"
    query = functions.help.GetConfigRequest()
    answer = await client.call(functions.InvokeWithLayerRequest(0, query))
    assert answer.error_message == "CONNECTION_LAYER_INVALID"
    assert isinstance(await client.init(), types.Config)
    assert isinstance(await client.call(query), types.Config)
