"""The counts that are exported: of the rows, on both databases."""

from datetime import timedelta

from sqlalchemy import update

from storage import deliveries, drafting, figures, floods, incidents
from storage.database import Database
from storage.delivery import DeliveryState
from storage.drafting import NewDraft, Words
from storage.incidents import About
from storage.schema import accounts
from tests.storage.fleet import Clock, add_account


async def test_an_empty_database_answers_and_counts_nothing(db: Database) -> None:
    async with db.read() as tx:
        await figures.answers(tx)
        assert await figures.deliveries_by_state(tx) == {}
        assert await figures.due_since(tx) is None
        assert await figures.open_incidents(tx) == {}
        assert await figures.flood_waits_now(tx) == figures.Waits(0, 0, None)
        assert await figures.without_instance(tx) == 0


async def test_a_message_waits_from_its_approval_or_from_the_time_it_was_ordered_for(
    db: Database, account: int, clock: Clock
) -> None:
    approved_at = clock.now
    async with db.transaction() as tx:
        later, sent, waits = [
            await drafting.write(tx, NewDraft(account, "@bob", [Words("Hello")])) for _ in range(3)
        ]
        for number in (later, sent):
            await drafting.approve(tx, number)
        await deliveries.change(tx, later, not_before=clock.now + timedelta(hours=1))
        await deliveries.move(tx, sent, [DeliveryState.PENDING], DeliveryState.SENT)
        assert await figures.due_since(tx) is None
    clock.now += timedelta(minutes=1)
    async with db.transaction() as tx:
        await drafting.approve(tx, waits)
        assert await figures.due_since(tx) == clock.now
    clock.now += timedelta(hours=2)
    async with db.read() as tx:
        assert await figures.due_since(tx) == approved_at + timedelta(minutes=1)
        counted = await figures.deliveries_by_state(tx)
    assert counted == {DeliveryState.PENDING: 2, DeliveryState.SENT: 1}


async def test_only_what_is_open_and_not_over_is_counted(
    db: Database, account: int, clock: Clock
) -> None:
    until = clock.now + timedelta(seconds=30)
    async with db.transaction() as tx:
        other = await add_account(tx, 2)
        await incidents.open_one(tx, account_id=account, kind="banned", cause="x")
        await incidents.open_one(tx, account_id=other, kind="offline", cause="x")
        await incidents.open_about(tx, "spending", About.SPENDING, cause="x")
        await incidents.close_open(tx, other)
        await floods.store(tx, account, floods.CONNECTING, until)
        await floods.store(tx, account, "messages.SendMessage", until - timedelta(seconds=1))
        await floods.store(tx, other, "messages.SendMessage", clock.now)
        assert await figures.open_incidents(tx) == {"banned": 1, "spending": 1}
        assert await figures.flood_waits_now(tx) == figures.Waits(1, 1, until)


async def test_an_account_that_is_to_run_and_that_nobody_has_is_counted(
    db: Database, account: int
) -> None:
    for desired, state, owner, expected in [
        ("RUN", "RETRYING", None, 1),
        ("RUN", "RETRYING", "here", 0),
        ("RUN", "NEEDS_LOGIN", None, 0),
        ("STOP", "STOPPED", None, 0),
    ]:
        async with db.transaction() as tx:
            await tx.execute(
                update(accounts)
                .where(accounts.c.id == account)
                .values(desired=desired, state=state, owner=owner)
            )
            assert await figures.without_instance(tx) == expected
