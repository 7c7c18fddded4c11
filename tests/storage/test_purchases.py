"""Purchases: a row before each call, one open at a time, and what was spent."""

import pytest
from sqlalchemy.exc import IntegrityError

from storage import purchases
from storage.database import Database
from storage.purchases import PurchaseState
from storage.tx import Tx
from tests.storage.fleet import Clock, add_account, add_proxy


async def begin(tx: Tx, account: int, *, price_cents: int = 250) -> int:
    return await purchases.begin(
        tx,
        account_id=account,
        provider="shop",
        wanted_country="be",
        country="nl",
        held_before=["10.0.0.1", "10.0.0.2"],
        price_cents=price_cents,
    )


async def test_a_purchase_is_open_until_it_is_known_what_came_of_it(
    db: Database, clock: Clock
) -> None:
    async with db.transaction() as tx:
        account, proxy = await add_account(tx), await add_proxy(tx)
        number = await begin(tx, account)
        (found,) = await purchases.open_ones(tx, "shop")
        assert await purchases.open_ones(tx, "another shop") == []
    assert (found.id, found.account_id, found.state) == (number, account, PurchaseState.OPEN)
    assert (found.wanted_country, found.country) == ("be", "nl")
    assert found.held_before == ("10.0.0.1", "10.0.0.2")
    clock.forward(60)
    async with db.transaction() as tx:
        assert await purchases.settle(tx, number, PurchaseState.BOUGHT, proxy_id=proxy)
        assert not await purchases.settle(tx, number, PurchaseState.REFUSED, error="late")
        assert await purchases.open_ones(tx, "shop") == []
        (settled,) = await purchases.of_account(tx, account)
    assert (settled.state, settled.proxy_id, settled.error) == (PurchaseState.BOUGHT, proxy, "")
    assert settled.settled_at == clock.now


@pytest.mark.req("S1.7")
async def test_no_second_purchase_is_begun_while_one_is_open(db: Database) -> None:
    async with db.transaction() as tx:
        account, other = await add_account(tx, 1), await add_account(tx, 2)
        first = await begin(tx, account)
        await begin(tx, other)
    with pytest.raises(IntegrityError):
        async with db.transaction() as tx:
            await begin(tx, account)
    async with db.transaction() as tx:
        await purchases.settle(tx, first, PurchaseState.ABANDONED)
        await begin(tx, account)


async def test_what_may_have_been_bought_counts_as_spent(db: Database, clock: Clock) -> None:
    async with db.transaction() as tx:
        account = await add_account(tx)
        for cents, state in ((100, PurchaseState.BOUGHT), (20, PurchaseState.REFUSED)):
            await purchases.settle(tx, await begin(tx, account, price_cents=cents), state)
    since = clock.forward(1)
    async with db.transaction() as tx:
        for cents, state in ((7, PurchaseState.BOUGHT), (50, PurchaseState.ABANDONED)):
            await purchases.settle(tx, await begin(tx, account, price_cents=cents), state)
        await begin(tx, account, price_cents=3)
        assert await purchases.spent_since(tx, since) == 10
        assert len(await purchases.page(tx, since=since)) == 3
        clock.forward(60)
        assert await purchases.spent_since(tx, clock.now) == 0
