"""Several instances on one PostgreSQL: who has which account, and who speaks with the operators."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from pydantic import SecretStr

from bot.app import App, running
from bot.instance import Part
from storage.database import Database
from storage.instances import Role
from storage.schema import accounts
from tests.e2e.harness import Mooring
from tests.e2e.telegram import Telegram
from tests.postgres import Postgres
from tests.timing import seconds


@pytest.fixture
def fleet(mooring: Mooring, postgres: Postgres) -> Mooring:
    url = SecretStr(postgres.new())
    mooring.settings = mooring.settings.model_copy(update={"database_url": url})
    return mooring


@asynccontextmanager
async def beside(mooring: Mooring, role: Role) -> AsyncIterator[App]:
    """Another instance on the same database."""
    async with running(mooring.settings, Part(role)) as app:
        yield app


async def until(wanted: Callable[[], bool]) -> None:
    async with asyncio.timeout(seconds(40)):
        while not wanted():  # noqa: ASYNC110 - two processes' memory, no event is for both
            await asyncio.sleep(0.05)


async def online(app: App) -> set[int]:
    return {userbot.account_id for userbot in app.registry if userbot.line is not None}


async def owners(database: Database) -> dict[int, str | None]:
    async with database.read() as tx:
        rows = await tx.all(accounts.select())
    return {row.id: row.owner for row in rows}


@pytest.mark.req("S1.2")
async def test_a_second_instance_takes_its_share_and_leaves_it_when_it_goes(
    fleet: Mooring, telegram: Telegram
) -> None:
    people = [await telegram.person(name) for name in ("Ann", "Bob", "Cid", "Dan", "Eve", "Fay")]
    numbers = set(await fleet.start_with(*people))
    app = fleet.app
    assert app is not None
    async with beside(fleet, Role.WORKER) as other:
        await until(lambda: len(other.registry) == 3)
        await until(lambda: len(app.registry) == 3)
        ours = {u.account_id for u in app.registry}
        theirs = {u.account_id for u in other.registry}
        assert ours | theirs == numbers
        assert not ours & theirs
        await until(lambda: all(u.line for each in (app, other) for u in each.registry))
        with pytest.raises(LookupError):
            _ = other.poller  # one instance speaks with the operators

    await until(lambda: len(app.registry) == 6)
    await until(lambda: all(u.line for u in app.registry))
    mine = {person["id"] for person in people}
    assert [h for h in await telegram.get("hazards") if h["user"] in mine] == []
