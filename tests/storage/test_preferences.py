"""What operators set in the chat."""

from storage import preferences
from storage.database import Database
from tests.storage.fleet import Clock


async def test_the_newest_word_counts_and_whose_it_was_is_kept(db: Database, clock: Clock) -> None:
    async with db.transaction() as tx:
        assert await preferences.get(tx, preferences.PAUSED) is None
        await preferences.put(tx, preferences.PAUSED, "yes", by=7)
    clock.forward(60)
    with db.wakeups.subscribe(preferences.CHANGED) as woken:
        async with db.transaction() as tx:
            await preferences.put(tx, preferences.PAUSED, {"deep": [1]}, by=None)
        assert await woken.wait(0)
    async with db.transaction() as tx:
        found = await preferences.get(tx, preferences.PAUSED)
        assert found == preferences.Preference({"deep": [1]}, None, clock.now)
        assert await preferences.get(tx, preferences.FALLBACK) is None
        assert await preferences.clear(tx, preferences.PAUSED)
        assert not await preferences.clear(tx, preferences.PAUSED)
        assert await preferences.get(tx, preferences.PAUSED) is None
