import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from storage import cards, deliveries, due, ownership
from storage.database import Database
from storage.delivery import Delivery, DeliveryState, Step, TargetPeer
from storage.schema import deliveries as deliveries_table
from storage.tx import Tx
from tests.storage.fleet import Clock, add_account
from tests.storage.test_proxies import in_one_database
from tests.storage.undo import undone
from tests.timing import limit

DRAFT, PENDING, SENDING = DeliveryState.DRAFT, DeliveryState.PENDING, DeliveryState.SENDING
SENT, CANCELLED = DeliveryState.SENT, DeliveryState.CANCELLED


async def draft(tx: Tx, account: int, text: str = "hello") -> int:
    return await deliveries.draft(tx, account_id=account, target="@ann", text=text, ordered_by=7)


async def approve(tx: Tx, delivery_id: int, **values: object) -> None:
    assert await deliveries.move(
        tx, delivery_id, [DRAFT], PENDING, **{"approved_at": tx.now, **values}
    )


async def to_send(tx: Tx, account: int) -> list[Delivery]:
    return (await due.to_send(tx, [account]))[account]


async def stored(db: Database, delivery_id: int) -> Delivery:
    async with db.read() as tx:
        found = await deliveries.get(tx, delivery_id)
    assert found is not None
    return found


async def test_a_draft_holds_what_was_ordered(db: Database, account: int, clock: Clock) -> None:
    async with db.transaction() as tx:
        delivery_id = await draft(tx, account)
    found = await stored(db, delivery_id)

    assert (found.state, found.target, found.text) == (DRAFT, "@ann", "hello")
    assert (found.created_at, found.ordered_by, found.account_id) == (clock.now, 7, account)
    assert (found.peer, found.steps, found.attempts, found.version) == (None, (), 0, 0)
    assert found.may_fall_back
    async with db.read() as tx:
        assert await deliveries.get(tx, 4711) is None


async def test_a_draft_needs_an_account(db: Database) -> None:
    async def draft_for_nobody() -> None:
        async with db.transaction() as tx:
            await draft(tx, 4711)

    with pytest.raises(IntegrityError):
        await draft_for_nobody()


async def test_each_delivery_has_a_random_id_of_its_own_that_telegram_takes(
    db: Database, account: int
) -> None:
    async with undone(db) as tx:
        ids = [await draft(tx, account) for _ in range(200)]
        found = [await deliveries.get(tx, delivery_id) for delivery_id in ids]
    random_ids = {d.random_id for d in found if d}

    assert len(random_ids) == 200
    assert all(0 < random_id < 2**63 for random_id in random_ids)


async def test_the_random_id_stays_the_same_on_every_way(db: Database, account: int) -> None:
    seen = set()
    async with db.transaction() as tx:
        delivery_id = await draft(tx, account)
        for before, after in ((DRAFT, PENDING), (PENDING, SENDING), (SENDING, SENT)):
            assert await deliveries.move(tx, delivery_id, [before], after, attempts=1)
            found = await deliveries.get(tx, delivery_id)
            assert found is not None
            seen.add(found.random_id)

    assert len(seen) == 1


async def test_of_many_moves_at_once_exactly_one_wins(db: Database, account: int) -> None:
    async with db.transaction() as tx:
        delivery_id = await draft(tx, account)

    async def press(button: int) -> bool:
        async with db.transaction() as tx:
            return await deliveries.move(tx, delivery_id, [DRAFT], PENDING, ordered_by=button)

    async with asyncio.timeout(limit(30)), asyncio.TaskGroup() as group:
        presses = [group.create_task(press(n)) for n in range(25)]

    winners = [n for n, task in enumerate(presses) if task.result()]
    found = await stored(db, delivery_id)
    assert winners == [found.ordered_by]
    assert found.version == 1


async def test_a_move_from_another_state_changes_nothing_and_wakes_nobody(
    db: Database, account: int
) -> None:
    async with db.transaction() as tx:
        delivery_id = await draft(tx, account)
    before = await stored(db, delivery_id)
    with db.wakeups.subscribe(deliveries.CHANGED) as woken:
        async with db.transaction() as tx:
            assert not await deliveries.move(tx, delivery_id, [PENDING, SENDING], SENT, error="x")
            assert not await deliveries.move(tx, delivery_id, [], SENT)
            assert not await deliveries.move(tx, 4711, list(DeliveryState), SENT)

        assert not await woken.wait(0)
    assert await stored(db, delivery_id) == before


async def test_a_delivery_that_moved_back_can_be_won_again(db: Database, account: int) -> None:
    async with db.transaction() as tx:
        delivery_id = await draft(tx, account)
        await approve(tx, delivery_id)
        assert await deliveries.move(tx, delivery_id, [PENDING], SENDING)
        assert await deliveries.move(tx, delivery_id, [SENDING], PENDING)
        assert await deliveries.move(tx, delivery_id, [PENDING], SENDING)
    assert (await stored(db, delivery_id)).version == 4


@pytest.mark.parametrize("to", list(DeliveryState))
async def test_a_delivery_has_an_end_exactly_in_its_final_states(
    db: Database, account: int, clock: Clock, to: DeliveryState
) -> None:
    async with db.transaction() as tx:
        delivery_id = await draft(tx, account)
    ended_at = clock.forward(5)
    async with db.transaction() as tx:
        await deliveries.move(tx, delivery_id, [DRAFT], to)

    assert (await stored(db, delivery_id)).finished_at == (ended_at if to.is_final else None)
    assert to.is_final == (to.name in {"SENT", "SENT_BY_BOT", "FAILED", "CANCELLED"})


@in_one_database
@given(
    peer=st.builds(
        TargetPeer,
        st.sampled_from(["user", "chat", "channel", "self"]),
        st.integers(-(2**63), 2**63 - 1),
        st.integers(-(2**63), 2**63 - 1),
    ),
    steps=st.lists(
        st.builds(
            Step,
            st.text(st.characters(exclude_categories=["Cs"]), max_size=10),
            st.datetimes(
                datetime(2000, 1, 1),  # noqa: DTZ001 - Hypothesis adds the zone
                datetime(2100, 1, 1),  # noqa: DTZ001 - Hypothesis adds the zone
                timezones=st.just(UTC),
            ),
        ),
        max_size=5,
    ),
)
async def test_peer_and_steps_come_back_as_they_were(
    db: Database, account: int, peer: TargetPeer, steps: list[Step]
) -> None:
    async with undone(db) as tx:
        delivery_id = await draft(tx, account)
        await deliveries.move(tx, delivery_id, [DRAFT], SENDING, peer=peer, steps=steps)
        found = await deliveries.get(tx, delivery_id)

    assert found is not None
    assert (found.peer, found.steps) == (peer, tuple(steps))


async def test_a_later_move_keeps_peer_and_steps(db: Database, account: int, clock: Clock) -> None:
    peer, steps = TargetPeer("user", 1001, 5), (Step("entity", clock.now),)
    async with db.transaction() as tx:
        delivery_id = await draft(tx, account)
        await deliveries.move(tx, delivery_id, [DRAFT], SENDING, peer=peer, steps=steps)
        await deliveries.move(tx, delivery_id, [SENDING], SENT, message_id=99)
    found = await stored(db, delivery_id)

    assert (found.peer, found.steps, found.message_id) == (peer, steps, 99)


async def test_a_card_is_stale_from_each_move_until_it_is_shown(
    db: Database, account: int
) -> None:
    async def stale() -> list[int]:
        async with db.read() as tx:
            return [d.id for d in await cards.stale(tx)]

    async with db.transaction() as tx:
        delivery_id = await draft(tx, account)
        await approve(tx, delivery_id)
    assert await stale() == [], "without a card there is nothing to show"

    async with db.transaction() as tx:
        await cards.set_place(tx, delivery_id, 1, 2, 0)
    assert await stale() == [delivery_id]

    async with db.transaction() as tx:
        await cards.set_place(tx, delivery_id, 1, 2, 1)
    assert await stale() == []

    async with db.transaction() as tx:
        await deliveries.move(tx, delivery_id, [PENDING], SENDING)
    assert await stale() == [delivery_id]
    found = await stored(db, delivery_id)
    assert (found.card_chat_id, found.card_message_id) == (1, 2)


async def test_what_was_begun_comes_first_and_the_rest_in_the_order_of_approval(
    db: Database, account: int, clock: Clock
) -> None:
    async with db.transaction() as tx:
        await ownership.claim(tx, [account], "me")
        first, second, third, fourth, unapproved = [await draft(tx, account) for _ in range(5)]
        await approve(tx, third)
    clock.forward(1)
    async with db.transaction() as tx:
        await approve(tx, second)
        await approve(tx, first)
    clock.forward(1)
    async with db.transaction() as tx:
        await approve(tx, fourth)
        await deliveries.move(tx, second, [PENDING], SENDING)
    async with db.read() as tx:
        waiting = await to_send(tx, account)

    assert [d.id for d in waiting] == [second, third, first, fourth]
    assert unapproved not in {d.id for d in waiting}


async def test_what_is_to_be_tried_again_later_says_so_and_keeps_its_place(
    db: Database, account: int, clock: Clock
) -> None:
    later = clock.now + timedelta(hours=1)
    async with db.transaction() as tx:
        await ownership.claim(tx, [account], "me")
        again, after = await draft(tx, account), await draft(tx, account)
        await approve(tx, again, not_before=later, faults=1)
        await approve(tx, after)
        waiting = await to_send(tx, account)

    assert [(d.id, d.not_before) for d in waiting] == [(again, later), (after, None)]


async def test_what_is_ordered_for_later_is_there_when_it_is_due_and_holds_up_nothing(
    db: Database, account: int, clock: Clock
) -> None:
    async with db.transaction() as tx:
        await ownership.claim(tx, [account], "me")
        scheduled = await draft(tx, account)
        await approve(tx, scheduled, not_before=clock.now + timedelta(hours=1))
        assert await to_send(tx, account) == []
        assert await due.accounts_to_send(tx, "me") == {}
    clock.forward(3600)
    async with db.read() as tx:
        assert [d.id for d in await to_send(tx, account)] == [scheduled]
        assert list(await due.accounts_to_send(tx, "me")) == [account]


async def test_a_later_part_of_a_text_waits_until_all_before_it_have_gone_out(
    db: Database, account: int
) -> None:
    async with db.transaction() as tx:
        head = await draft(tx, account)
        others = [
            await deliveries.draft(
                tx, account_id=account, target="@ann", text="more", head_id=head
            )
            for _ in range(2)
        ]
        for part in (head, *others):
            await approve(tx, part)
    sent: list[int] = []
    for _ in range(3):
        async with db.transaction() as tx:
            (waiting,) = await to_send(tx, account)
            version = (await deliveries.parts(tx, head))[0].version
            await deliveries.move(tx, waiting.id, [PENDING], SENT)
            sent.append(waiting.id)
            assert (await deliveries.parts(tx, head))[0].version > version, "its card is stale"
    assert sent == [head, *others]
    async with db.transaction() as tx:
        assert [d.state for d in await deliveries.parts(tx, head)] == [SENT] * 3


async def test_a_part_that_failed_holds_the_rest(db: Database, account: int) -> None:
    async with db.transaction() as tx:
        head = await draft(tx, account)
        rest = await deliveries.draft(
            tx, account_id=account, target="@ann", text="more", head_id=head
        )
        for part in (head, rest):
            await approve(tx, part)
        await deliveries.move(tx, head, [PENDING], DeliveryState.FAILED)
        assert await to_send(tx, account) == []
        await deliveries.move(tx, head, [DeliveryState.FAILED], DeliveryState.SENT_BY_BOT)
        assert [d.id for d in await to_send(tx, account)] == [rest]


async def test_only_the_accounts_of_an_instance_send_there(db: Database, account: int) -> None:
    async with db.transaction() as tx:
        other = await add_account(tx, 2)
        await ownership.claim(tx, [account], "me")
        await ownership.claim(tx, [other], "you")
        mine, theirs = await draft(tx, account), await draft(tx, other)
        for delivery_id in (mine, theirs):
            await approve(tx, delivery_id)

        assert list(await due.accounts_to_send(tx, "me")) == [account]
        assert list(await due.accounts_to_send(tx, "you")) == [other]
        assert await due.accounts_to_send(tx, "nobody") == {}
        assert [d.id for d in await to_send(tx, account)] == [mine]
        assert [d.id for d in await to_send(tx, other)] == [theirs]


async def test_deliveries_are_listed_by_state(db: Database, account: int) -> None:
    async with db.transaction() as tx:
        ids = [await draft(tx, account) for _ in range(3)]
        await deliveries.move(tx, ids[1], [DRAFT], CANCELLED)

        assert [d.id for d in await due.in_state(tx, DRAFT)] == [ids[0], ids[2]]
        assert [d.id for d in await due.in_state(tx, CANCELLED)] == [ids[1]]


async def test_a_naive_time_is_refused(db: Database, account: int) -> None:
    async with undone(db) as tx:
        delivery_id = await draft(tx, account)
        with pytest.raises(Exception, match="must be aware"):
            await tx.execute(
                update(deliveries_table)
                .where(deliveries_table.c.id == delivery_id)
                .values(not_before=datetime(2026, 1, 1))  # noqa: DTZ001 - the point of the test
            )
