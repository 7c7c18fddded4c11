from storage import contacts
from storage.database import Database
from tests.storage.fleet import Clock


async def test_who_wrote_to_the_bot_is_found_by_username(db: Database) -> None:
    async with db.transaction() as tx:
        await contacts.seen(tx, 1001, "Ann")
        await contacts.seen(tx, 1002, None)

        assert await contacts.id_of(tx, "aNN") == 1001
        assert await contacts.id_of(tx, "bob") is None


async def test_a_changed_username_no_longer_leads_to_its_old_holder(db: Database) -> None:
    async with db.transaction() as tx:
        await contacts.seen(tx, 1001, "ann")
        await contacts.seen(tx, 1001, "anna")

        assert await contacts.id_of(tx, "ann") is None
        assert await contacts.id_of(tx, "anna") == 1001


async def test_a_username_that_changed_hands_leads_to_who_was_seen_with_it_last(
    db: Database, clock: Clock
) -> None:
    for user_id in (1001, 1003, 1002):
        clock.forward(60)
        async with db.transaction() as tx:
            await contacts.seen(tx, user_id, "ann")
    async with db.read() as tx:
        assert await contacts.id_of(tx, "ann") == 1002
