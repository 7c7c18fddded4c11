"""How well recoveries went, summed up."""

from datetime import timedelta

import pytest

from storage import journal, purchases, recoveries
from storage.database import Database
from storage.purchases import PurchaseState
from storage.recoveries import After, Outcome, Recovered, Totals
from storage.recovery_rates import rates
from tests.storage.fleet import Clock, add_account


@pytest.mark.req("S1.9")
async def test_recoveries_are_summed_up_and_what_was_spent_and_saved(
    db: Database, clock: Clock
) -> None:
    async with db.transaction() as tx:
        one, two, three = [await add_account(tx, n) for n in range(3)]
        old = await recoveries.begin(tx, instance="here", after=After.CRASH, total=1)
        back = Recovered(one, Outcome.BACK, "", attempts=1, seconds=100.0)
        await recoveries.finish(tx, old, Totals(1, back=1), [back], is_news=False)
    since = clock.forward(60)
    async with db.transaction() as tx:
        number = await recoveries.begin(tx, instance="here", after=After.CRASH, total=3)
        found = [
            Recovered(one, Outcome.BACK, "", attempts=1, seconds=2.0),
            Recovered(two, Outcome.BACK, "", 1, 4.0, recoveries.REACTIVATED),
            Recovered(three, Outcome.NOT_YET, "down", 3, 9.0, recoveries.FALLBACK),
        ]
        await recoveries.finish(tx, number, Totals(3, back=2, not_yet=1), found, is_news=False)
        bought = await purchases.begin(
            tx,
            account_id=three,
            provider="shop",
            wanted_country="be",
            country="nl",
            held_before=[],
            price_cents=300,
        )
        await purchases.settle(tx, bought, PurchaseState.BOUGHT)
        for kind in ("proxy.reactivated", "proxy.reused", "proxy.bought"):
            await journal.note(tx, kind, actor="mooring", data={"cents": 300})
        got = await rates(tx, since)
        later = await rates(tx, since + timedelta(days=1))
    assert (got.accounts, got.back, got.seconds) == (3, 2, 3.0)
    assert got.success == pytest.approx(2 / 3)
    assert (got.reactivation, got.fallback) == (0.5, 0.5)
    assert (got.spent_cents, got.saved_cents, got.cents_per_recovered) == (300, 600, 150.0)
    assert (later.success, later.reactivation, later.seconds, later.saved_cents) == (
        None,
        None,
        None,
        0,
    )
