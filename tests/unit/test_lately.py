"""How one account fared lately, for its card."""

import pytest

from bot.lately import Lately, lately
from storage import instances, journal
from storage.database import Database
from storage.liveness import Beat
from tests.storage.fleet import Clock, add_account
from tests.storage.test_history import move, see

HOUR = 3600.0


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def number(db: Database) -> int:
    """An account, and a process that runs it."""
    async with db.transaction() as tx:
        await instances.start(tx, "here", host="here", pid=1, version="1")
        return await add_account(tx)


async def test_a_card_tells_how_long_it_was_connected_and_the_last_three_events(
    db: Database, clock: Clock, number: int
) -> None:
    async with db.transaction() as tx:
        await move(tx, number, clock.now, "ONLINE", "CONNECTING")
        await move(tx, number, clock.forward(72 * HOUR), "RETRYING", "ONLINE")
        await move(tx, number, clock.forward(6 * HOUR), "CONNECTING", "RETRYING")
        await move(tx, number, clock.forward(6 * HOUR), "ONLINE", "CONNECTING")
        await see(tx, number, "ONLINE", clock.now)
        await journal.note(tx, "account.set", actor="operator 1", account_id=number)
    clock.forward(12 * HOUR)
    await db.writer.write(Beat("here", clock.now))
    async with db.read() as tx:
        seen = await lately(tx, number)
    assert seen.day == 0.5
    assert seen.week == pytest.approx((72 + 12) / 96)
    assert [e.kind for e in seen.events] == ["account.set", "state.online", "state.retrying"]


async def test_of_a_new_account_nothing_is_claimed(
    db: Database, clock: Clock, number: int
) -> None:
    clock.forward(60)
    async with db.read() as tx:
        assert await lately(tx, number) == Lately(events=[])
        assert await lately(tx, number + 1) == Lately(events=[])
