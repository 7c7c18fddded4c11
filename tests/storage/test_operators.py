import asyncio

from storage import operators
from storage.database import Database
from tests.timing import limit


async def test_an_operator_who_set_nothing_has_no_settings(db: Database) -> None:
    async with db.read() as tx:
        assert await operators.settings_of(tx, 7) == {}


async def test_settings_are_kept_apart_and_changed_one_by_one(db: Database) -> None:
    async with db.transaction() as tx:
        await operators.change_settings(tx, 7, {"language": "de", "zone": "Europe/Berlin"})
        await operators.change_settings(tx, 8, {"language": "en"})
        assert await operators.change_settings(tx, 7, {"language": None, "page": 5}) == {
            "zone": "Europe/Berlin",
            "page": 5,
        }
    async with db.read() as tx:
        assert await operators.settings_of(tx, 7) == {"zone": "Europe/Berlin", "page": 5}
        assert await operators.settings_of(tx, 8) == {"language": "en"}


async def test_two_changes_at_once_are_both_kept(db: Database) -> None:
    async def change(name: str) -> None:
        async with db.transaction() as tx:
            await operators.change_settings(tx, 7, {name: True})

    async with asyncio.timeout(limit(30)), asyncio.TaskGroup() as group:
        for number in range(10):
            group.create_task(change(f"s{number}"))

    async with db.read() as tx:
        assert len(await operators.settings_of(tx, 7)) == 10
