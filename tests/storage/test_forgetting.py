from dataclasses import replace

import pytest

from storage import accounts, forgetting, sessions
from storage.accounts import Desired
from storage.database import Database
from tests.storage.fleet import IDENTITY, Clock, add_account, add_proxy, log_in


async def test_a_forgotten_account_is_in_no_list_and_keeps_session_proxy_and_number(
    db: Database, clock: Clock
) -> None:
    async with db.transaction() as tx:
        proxy_id = await add_proxy(tx)
        account = await add_account(tx, proxy_id=proxy_id)
        stored = await log_in(tx, account)
        await accounts.set_desired(tx, account, Desired.RUN)
        await forgetting.forget(tx, account)

        assert await accounts.page(tx) == []
        assert await accounts.count_by_state(tx) == {}
        found = await accounts.with_phone(tx, "+15550000001")
        assert found is not None
        assert (found.id, found.removed_at, found.desired) == (account, clock.now, Desired.STOP)
        assert found.proxy_id == proxy_id
        assert await accounts.page(tx, is_forgotten=True) == [found]
        assert await sessions.load(tx, account, sessions.SessionStatus.CURRENT) == stored


async def test_a_forgotten_account_is_deleted_after_its_time_and_never_before(
    db: Database, account: int, clock: Clock
) -> None:
    async with db.transaction() as tx:
        other = await add_account(tx, 2)
        await log_in(tx, account)
        await forgetting.forget(tx, account)
        assert await forgetting.purge(tx, clock.now) == []
    clock.forward(1)
    async with db.transaction() as tx:
        assert await forgetting.purge(tx, clock.now) == [account]
        assert [a.id for a in await accounts.page(tx)] == [other]
        assert await accounts.page(tx, is_forgotten=True) == []
        assert await sessions.load(tx, account, sessions.SessionStatus.CURRENT) is None


@pytest.mark.parametrize("taken_up", ["restored", "wanted", "begun anew"])
async def test_an_account_that_was_taken_up_again_is_never_deleted(
    db: Database, account: int, clock: Clock, taken_up: str
) -> None:
    async with db.transaction() as tx:
        await forgetting.forget(tx, account)
    clock.forward(60)
    async with db.transaction() as tx:
        match taken_up:
            case "restored":
                assert await forgetting.restore(tx, account)
                assert not await forgetting.restore(tx, account)
            case "wanted":
                await accounts.set_desired(tx, account, Desired.RUN)
            case _:
                await forgetting.forget(tx, account)

        assert await forgetting.purge(tx, clock.now) == []
        assert await accounts.get(tx, account) is not None


async def test_only_a_forgotten_account_may_get_another_identity(
    db: Database, account: int
) -> None:
    other = replace(IDENTITY, api_id=777, api_hash="another-api-hash", device_model="Pixel")
    async with db.transaction() as tx:
        with pytest.raises(LookupError):
            await forgetting.set_identity(tx, account, other)
        assert await accounts.identity_of(tx, account) == IDENTITY
        await forgetting.forget(tx, account)
        await forgetting.set_identity(tx, account, other)
        assert await accounts.identity_of(tx, account) == other


async def test_somebody_forgotten_under_an_old_number_may_come_back_under_a_new_one(
    db: Database, account: int
) -> None:
    async with db.transaction() as tx:
        new = await add_account(tx, 2)
        await accounts.describe(tx, account, user_id=1001, username="ann", name="Ann")
        await forgetting.forget(tx, account)

        assert await accounts.describe(tx, new, user_id=1001, username="ann", name="Ann") is None
        found = await accounts.with_user_id(tx, 1001)
        assert found is not None
        assert found.id == new
