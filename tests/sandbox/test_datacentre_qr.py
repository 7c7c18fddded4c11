"""Logging in by a picture that another app scans, as an unmodified Telethon client sees it."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from telethon import errors, functions, types

from sandbox.datacentre import DataCentre
from sandbox.world import World
from sandbox.world.people import User
from tests.sandbox.conftest import NewClient
from tests.sandbox.control_fixtures import running_sandbox
from tests.sandbox.test_datacentre_login import connected
from tests.timing import limit, seconds

EXPORT = functions.auth.ExportLoginTokenRequest(12345, "0123456789abcdef", [])


async def test_telethons_own_qr_login_is_logged_in_by_another_client(
    new_client: NewClient, alice: User
) -> None:
    phone, new = await connected(new_client(alice)), await connected(new_client())
    async with asyncio.timeout(limit(30)), asyncio.TaskGroup() as group:
        qr = await new.qr_login()
        waiting = group.create_task(qr.wait(seconds(20)), name="waiting")
        await asyncio.sleep(0)
        made = await phone(functions.auth.AcceptLoginTokenRequest(qr.token))
        assert made.device_model == "Test bench"
        assert (await waiting).id == alice.id
        assert (await new.get_me()).id == alice.id


async def test_who_has_a_password_owes_it_after_the_scan(
    new_client: NewClient, world: World, bob: User
) -> None:
    new = await connected(new_client())
    token = await new(EXPORT)
    world.logins.tokens.accept(token.token, bob.id)
    with pytest.raises(errors.SessionPasswordNeededError):
        await new(EXPORT)
    await new.sign_in(password="hunter2")
    assert (await new.get_me()).id == bob.id


async def test_a_token_is_accepted_once_and_not_after_its_time(
    new_client: NewClient, world: World, alice: User
) -> None:
    phone, new = await connected(new_client(alice)), await connected(new_client())

    async def accept(token: bytes) -> None:
        await phone(functions.auth.AcceptLoginTokenRequest(token))

    with pytest.raises(errors.AuthTokenInvalidError):
        await accept(b"none of ours")
    token = await new(EXPORT)
    world.logins.tokens.out()[0].expires_at = datetime.now(UTC) - timedelta(seconds=1)
    with pytest.raises(errors.AuthTokenExpiredError):
        await accept(token.token)
    token = await new(EXPORT)
    await accept(token.token)
    with pytest.raises(errors.AuthTokenAlreadyAcceptedError):
        await accept(token.token)


async def test_who_lives_elsewhere_is_sent_there(
    new_client: NewClient, world: World, alice: User, datacentre: DataCentre
) -> None:
    alice.dc_id = 4
    new = await connected(new_client())
    token = await new(EXPORT)
    world.logins.tokens.accept(token.token, alice.id)
    answer = await new(EXPORT)
    assert isinstance(answer, types.auth.LoginTokenMigrateTo)
    assert (answer.dc_id, answer.token) == (4, token.token)
    alice.dc_id = datacentre.dc_id
    done = await new(functions.auth.ImportLoginTokenRequest(answer.token))
    assert done.authorization.user.id == alice.id


async def test_the_control_api_scans_what_is_out() -> None:
    async with running_sandbox() as caller:
        world = caller.sandbox.world
        user = await caller.post("/users", first_name="Ann", phone="+99966777")
        token = world.logins.tokens.issue(7, lambda: None)
        (shown,) = await caller.get("/login_tokens")
        assert await caller.post(f"/users/{user['id']}/scan", url=shown["url"]) == {"key": "7"}
        assert token.accepted_by == user["id"]
        assert await caller.get("/login_tokens") == []
        pace = await caller.post("/logins/pace", resend_after_s=3, token_lifetime_s=1.5)
        assert pace == {"resend_after_s": 3, "token_lifetime_s": 1.5}
