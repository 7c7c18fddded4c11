from datetime import timedelta

from sqlalchemy import select

from storage import invites, operators
from storage.database import Database
from storage.operators import Role
from storage.schema import invites as table
from tests.storage.fleet import Clock


async def test_a_code_lets_one_person_in_once(db: Database) -> None:
    async with db.transaction() as tx:
        code = await invites.make(tx, Role.OWNER, by=None)
    async with db.transaction() as tx:
        assert await invites.redeem(tx, code, 7) is Role.OWNER
        assert await invites.redeem(tx, code, 8) is None
        assert await invites.redeem(tx, "another", 8) is None


async def test_a_code_is_worth_nothing_after_its_time(db: Database, clock: Clock) -> None:
    async with db.transaction() as tx:
        code = await invites.make(tx, Role.VIEWER, by=7, lifetime=timedelta(minutes=10))
    clock.forward(600)
    async with db.transaction() as tx:
        assert await invites.redeem(tx, code, 8) is None


async def test_the_code_itself_is_not_stored(db: Database) -> None:
    async with db.transaction() as tx:
        code = await invites.make(tx, Role.VIEWER, by=7)
        (row,) = await tx.all(select(table))
    assert code not in str(tuple(row))


async def test_who_is_let_in_has_a_role_until_they_are_put_out(db: Database) -> None:
    async with db.transaction() as tx:
        assert await operators.role_of(tx, 7) is None
        await operators.change_settings(tx, 7, {"zone": "Europe/Berlin"})
        assert await operators.role_of(tx, 7) is None  # settings alone let nobody in
        await operators.admit(tx, 7, Role.VIEWER, name="Ann", by=1)
        await operators.admit(tx, 7, Role.OWNER, name="Ann", by=1)
        assert await operators.role_of(tx, 7) is Role.OWNER
        assert [(o.user_id, o.role, o.name) for o in await operators.page(tx)] == [
            (7, Role.OWNER, "Ann")
        ]
        assert await operators.dismiss(tx, 7)
        assert not await operators.dismiss(tx, 7)
        assert await operators.role_of(tx, 7) is None
        assert await operators.page(tx) == []
        assert await operators.settings_of(tx, 7) == {"zone": "Europe/Berlin"}


def test_each_role_covers_those_before_it() -> None:
    assert Role.OWNER.covers(Role.OPERATOR)
    assert Role.OPERATOR.covers(Role.OPERATOR)
    assert not Role.VIEWER.covers(Role.OPERATOR)
