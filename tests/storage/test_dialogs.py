from storage import dialogs
from storage.database import Database, open_database
from storage.vault import Vault


async def test_a_dialog_survives_a_restart(db: Database, database_url: str, vault: Vault) -> None:
    data = {"step": 2, "proxies": ["a", "b"], "nothing": None, "text": "ünï"}
    async with db.transaction() as tx:
        await dialogs.save(tx, "1:2", "adding proxies", data)
    await db.close()

    again = await open_database(database_url, vault)
    async with again.read() as tx:
        assert await dialogs.load(tx, "1:2") == ("adding proxies", data)
    await again.close()


async def test_a_dialog_nobody_began_is_empty(db: Database) -> None:
    async with db.read() as tx:
        assert await dialogs.load(tx, "1:2") == (None, {})


async def test_the_last_step_replaces_the_one_before_and_other_dialogs_stay(db: Database) -> None:
    async with db.transaction() as tx:
        await dialogs.save(tx, "1", "first", {"a": 1})
        await dialogs.save(tx, "2", "other", {})
        await dialogs.save(tx, "1", "second", {"b": 2})

        assert await dialogs.load(tx, "1") == ("second", {"b": 2})
        assert await dialogs.load(tx, "2") == ("other", {})


async def test_a_finished_dialog_leaves_nothing(db: Database) -> None:
    async with db.transaction() as tx:
        await dialogs.save(tx, "1", "first", {"a": 1})
        await dialogs.save(tx, "1", None, {"a": 1})
        assert await dialogs.load(tx, "1") == (None, {"a": 1})
        await dialogs.save(tx, "1", None, {})
        await dialogs.save(tx, "2", None, {})

        assert await dialogs.load(tx, "1") == (None, {})
