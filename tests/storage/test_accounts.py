from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from storage import accounts, ownership, proxies, sessions
from storage.accounts import Desired, Observed
from storage.database import Database
from storage.proxies import Endpoint
from storage.schema import accounts as accounts_table
from storage.schema import proxy_assignments
from tests.storage.fleet import IDENTITY, Clock, add_account, add_proxy, log_in, only_on_postgres


@pytest.mark.req("S0.1")
async def test_a_new_account_keeps_its_one_proxy_and_when_it_got_it(
    db: Database, clock: Clock
) -> None:
    async with db.transaction() as tx:
        proxy_id = await add_proxy(tx)
        account_id = await add_account(tx, proxy_id=proxy_id)
    async with db.read() as tx:
        account = await accounts.get(tx, account_id)
        assignments = await tx.all(select(proxy_assignments))

    assert account is not None
    assert (account.proxy_id, account.proxy_name) == (proxy_id, "10.0.0.1:1080")
    (one,) = assignments
    assert (one.account_id, one.proxy_id) == (account_id, proxy_id)
    assert (one.assigned_at, one.ended_at, one.is_permanent) == (clock.now, None, True)


@pytest.mark.req("S0.1")
async def test_an_account_whose_proxy_is_unknown_is_not_stored_at_all(db: Database) -> None:
    async def add_without_proxy() -> None:
        async with db.transaction() as tx:
            await add_account(tx, proxy_id=4711)

    with pytest.raises(IntegrityError):
        await add_without_proxy()
    async with db.read() as tx:
        for table in (accounts_table, proxy_assignments):
            row = await tx.one(select(func.count().label("n")).select_from(table))
            assert row is not None
            assert row.n == 0


async def test_a_new_account_is_careful_by_default(db: Database, account: int) -> None:
    async with db.read() as tx:
        found = await accounts.get(tx, account)

    assert found is not None
    assert (found.always_online, found.one_time_phone) == (True, True)
    assert (found.desired, found.observed.state) == (Desired.STOP, "NEW")
    assert (found.proxy_id, found.proxy_name, found.user_id) == (None, "", None)


async def test_an_ipv6_proxy_is_named_as_elsewhere(db: Database) -> None:
    endpoint = Endpoint("socks5", "2001:db8::1", 1080)
    async with db.transaction() as tx:
        proxy_id = await proxies.add(tx, endpoint)
        account_id = await add_account(tx, proxy_id=proxy_id)
        account = await accounts.get(tx, account_id)

    assert account is not None
    assert account.proxy_name == endpoint.name == "[2001:db8::1]:1080"


async def test_a_phone_number_has_one_account(db: Database, account: int) -> None:
    async def add_again() -> None:
        async with db.transaction() as tx:
            await add_account(tx)

    with pytest.raises(IntegrityError):
        await add_again()
    async with db.read() as tx:
        assert [a.id for a in await accounts.page(tx)] == [account]


async def test_the_number_of_a_removed_account_is_never_given_again(db: Database) -> None:
    async with db.transaction() as tx:
        first = await add_account(tx, 1)
        second = await add_account(tx, 2)
        assert await accounts.remove_unfinished(tx, second, state="NEW")
    async with db.transaction() as tx:
        third = await add_account(tx, 2)
        assert await accounts.remove_unfinished(tx, third, state="NEW")
        fourth = await add_account(tx, 3)

    assert len({first, second, third, fourth}) == 4


async def test_removing_an_unfinished_account_frees_its_proxy_and_its_phone(db: Database) -> None:
    async with db.transaction() as tx:
        proxy_id = await add_proxy(tx)
        account_id = await add_account(tx, proxy_id=proxy_id)
        await accounts.remove_unfinished(tx, account_id, state="NEW")
        await add_account(tx)
        proxy = await proxies.get(tx, proxy_id)

        assert proxy is not None
        assert proxy.accounts == 0
        assert not await tx.all(select(proxy_assignments))


async def test_an_account_that_logged_in_is_not_removed_as_unfinished(
    db: Database, account: int
) -> None:
    async with db.transaction() as tx:
        await accounts.describe(tx, account, user_id=1001, username="ann", name="Ann")

        assert not await accounts.remove_unfinished(tx, account, state="NEW")
        assert await accounts.get(tx, account) is not None


async def test_an_account_in_another_state_is_not_removed_as_unfinished(
    db: Database, account: int, clock: Clock
) -> None:
    async with db.transaction() as tx:
        seen = Observed("ONLINE", "", 0, None, clock.now)
        await accounts.set_observed(tx, account, seen, is_online=True)

        assert not await accounts.remove_unfinished(tx, account, state="NEW")
        assert not await accounts.remove_unfinished(tx, 4711, state="NEW")


async def test_an_account_with_a_session_is_not_removed_as_unfinished(
    db: Database, account: int
) -> None:
    async with db.transaction() as tx:
        stored = await log_in(tx, account)

        assert not await accounts.remove_unfinished(tx, account, state="NEW")
        assert await sessions.load(tx, account, sessions.SessionStatus.CURRENT) == stored


async def test_one_telegram_user_is_one_account(db: Database, account: int) -> None:
    async with db.transaction() as tx:
        other = await add_account(tx, 2)
        first = await accounts.describe(tx, account, user_id=1001, username="ann", name="Ann")
        again = await accounts.describe(tx, account, user_id=1001, username=None, name="Anna")
        second = await accounts.describe(tx, other, user_id=1001, username="ann", name="Ann")
        found = await accounts.with_user_id(tx, 1001)
        unchanged = await accounts.get(tx, other)

    assert (first, again, second) == (None, None, account)
    assert found is not None
    assert (found.id, found.username, found.name) == (account, None, "Anna")
    assert unchanged is not None
    assert (unchanged.user_id, unchanged.name) == (None, "")


async def test_an_account_is_found_by_number_phone_and_user(db: Database, account: int) -> None:
    async with db.transaction() as tx:
        await accounts.describe(tx, account, user_id=1001, username="ann", name="Ann")
        by_id = await accounts.get(tx, account)
        by_phone = await accounts.with_phone(tx, "+15550000001")
        by_user = await accounts.with_user_id(tx, 1001)

        assert by_id == by_phone == by_user
        assert by_id is not None
        assert await accounts.get(tx, 4711) is None
        assert await accounts.with_phone(tx, "+15550009999") is None
        assert await accounts.with_user_id(tx, 4711) is None


async def test_the_identity_of_an_account_is_the_one_it_enrolled_with(
    db: Database, account: int
) -> None:
    async with db.read() as tx:
        assert await accounts.identity_of(tx, account) == IDENTITY
        with pytest.raises(LookupError):
            await accounts.identity_of(tx, 4711)


async def test_what_is_observed_comes_back_and_leaves_the_wish_alone(
    db: Database, account: int, clock: Clock
) -> None:
    seen = Observed("RETRYING", "proxy refused", 3, clock.now + timedelta(seconds=15), clock.now)
    async with db.transaction() as tx:
        await accounts.set_desired(tx, account, Desired.RUN)
        await accounts.set_observed(tx, account, seen, is_online=False)
        found = await accounts.get(tx, account)

    assert found is not None
    assert (found.observed, found.desired) == (seen, Desired.RUN)
    assert found.last_online_at is None


async def test_the_last_time_online_is_kept_through_a_drop(
    db: Database, account: int, clock: Clock
) -> None:
    online_at = clock.now
    async with db.transaction() as tx:
        online = Observed("ONLINE", "", 0, None, online_at)
        await accounts.set_observed(tx, account, online, is_online=True)
        dropped = Observed("RETRYING", "cut", 1, None, clock.forward(60))
        await accounts.set_observed(tx, account, dropped, is_online=False)
        found = await accounts.get(tx, account)

    assert found is not None
    assert found.last_online_at == online_at


async def test_changes_of_an_account_wake_who_watches(
    db: Database, account: int, clock: Clock
) -> None:
    seen = Observed("ONLINE", "", 0, None, clock.now)
    with db.wakeups.subscribe(accounts.CHANGED) as woken:
        async with db.transaction() as tx:
            await accounts.set_desired(tx, account, Desired.RUN)
        assert await woken.wait(0)
        async with db.transaction() as tx:
            await accounts.set_observed(tx, account, seen, is_online=True)
        assert await woken.wait(0)


async def test_pages_and_counts_cover_every_account_once(db: Database) -> None:
    async with db.transaction() as tx:
        ids = [await add_account(tx, n) for n in range(5)]
        seen = Observed("ONLINE", "", 0, None, tx.now)
        await accounts.set_observed(tx, ids[0], seen, is_online=True)
        pages = [await accounts.page(tx, offset=n, limit=2) for n in (0, 2, 4, 6)]

        assert [a.id for page in pages for a in page] == ids
        assert [a.id for a in await accounts.page(tx)] == ids
        assert await accounts.count_by_state(tx) == {"NEW": 4, "ONLINE": 1}


async def test_each_claim_is_a_new_epoch(db: Database, account: int) -> None:
    async with db.transaction() as tx:
        epochs = [await ownership.claim(tx, [account], owner) for owner in ("a", "b", "a")]

        assert epochs == [{account: 1}, {account: 2}, {account: 3}]
        assert await ownership.claim(tx, [4711], "a") == {}


@only_on_postgres  # on SQLite there are no others
async def test_beside_others_only_what_nobody_has_can_be_claimed(
    db: Database, account: int
) -> None:
    async with db.transaction() as tx:
        assert await ownership.claim(tx, [account], "a", is_alone=False) == {account: 1}
        assert await ownership.claim(tx, [account], "b", is_alone=False) == {}
        assert await accounts.to_be_had(tx, 10) == []

        await ownership.release(tx, [account], "b")  # not b's to release
        assert await ownership.epochs_of(tx, "a") == {account: 1}
        await ownership.release(tx, [account], "a")
        assert [a.id for a in await accounts.to_be_had(tx, 10)] == [account]
        assert await ownership.claim(tx, [account], "b", is_alone=False) == {account: 3}
