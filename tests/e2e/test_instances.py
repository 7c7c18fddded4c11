"""Several instances on one PostgreSQL: who has which account, and who speaks with the operators."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from pydantic import SecretStr
from sqlalchemy import update

from bot.app import App, running
from bot.instance import Part
from bot.vault import open_vault
from storage import incidents, instances, journal, lease, ownership
from storage.database import Database, open_database
from storage.instances import Role
from storage.schema import accounts, leases
from storage.schema import incidents as incidents_table
from tests import program
from tests.e2e.harness import Mooring
from tests.e2e.telegram import Telegram
from tests.postgres import Postgres
from tests.storage.fleet import add_account, add_proxy
from tests.timing import limit
from userbot.proxies.causes import Cause


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
    async with asyncio.timeout(limit(40)):
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


async def incidents_of(database: Database) -> list[str]:
    """All that were ever opened about accounts."""
    async with database.read() as tx:
        rows = await tx.all(incidents_table.select())
    return [row.kind for row in rows if row.account_id is not None]


@pytest.mark.req("S1.2")
async def test_an_instance_is_drained_from_the_chat_and_nothing_is_alerted(
    fleet: Mooring, telegram: Telegram
) -> None:
    names = ("Ann", "Bob", "Cid", "Dan")
    await fleet.start_with(*[await telegram.person(name) for name in names])
    app, chat = fleet.app, fleet.chat
    assert app is not None
    async with beside(fleet, Role.WORKER) as other:
        await until(lambda: len(other.registry) == len(app.registry) == 2)
        name = other.registry.instance
        await chat.say("/status")
        await chat.shows("🖥 2 processes")
        await chat.press("Instances")
        await chat.shows(name[:8], "well: userbots", "talks with you now")
        await chat.press(f"Drain {name[:8]}")
        await chat.shows(f"Let {name[:8]}", "Its 2 accounts go to the other instance")
        await chat.press("Drain it")
        await chat.shows(f"{name[:8]} hands over and ends now")
        await until(lambda: len(app.registry) == 4)
        await until(lambda: all(u.line for u in app.registry))
    await chat.press("Refresh")
    await chat.shows("Instances: one process")
    assert await incidents_of(app.database) == []
    async with app.database.read() as tx:
        noted = {e.kind: e.actor for e in await journal.latest(tx, kind="instance.")}
    assert noted["instance.drain_ordered"] == f"operator {fleet.operator['id']}"
    assert noted["instance.drained"] == "mooring"


async def test_the_only_instance_is_drained_after_a_second_question(fleet: Mooring) -> None:
    drained = asyncio.Event()
    fleet.settings.data_dir.mkdir()
    async with running(fleet.settings, on_drained=drained.set) as app:
        chat = fleet.chat
        await chat.say("/instances")
        await chat.shows("Instances: one process", "userbots and the bot")
        where, env = fleet.settings.data_dir.parent, fleet.environment()
        drain = ["drain", app.registry.instance[:6]]
        refused = await asyncio.to_thread(program.run, drain, cwd=where, env=env)
        assert (refused.returncode, refused.stdout) == (1, b"")
        assert b"Nothing was done: No other instance can take over" in refused.stderr
        await chat.press("Drain ")
        await chat.shows("offline until another instance starts", "nobody answers here")
        await chat.press("Drain it")
        await chat.shows("Are you sure?", "offline until another instance starts")
        assert not drained.is_set()
        await chat.press("Drain it all the same")
        await chat.shows("hands over and ends now")
        async with asyncio.timeout(limit(20)):
            await drained.wait()


@pytest.mark.req("S1.2")
async def test_a_dead_instance_is_told_once_and_again_when_its_accounts_are_back(
    fleet: Mooring, telegram: Telegram
) -> None:
    people = [await telegram.person(name) for name in ("Ann", "Bob")]
    numbers = await fleet.start_with(*people)
    await fleet.stop()
    vault = open_vault(fleet.settings)
    database = await open_database(fleet.settings.database, vault)
    async with database.transaction() as tx:
        await instances.start(tx, "0a1b2c3d", host="pier", pid=4711, version="1")
        await lease.take(tx, "0a1b2c3d", runs_userbots=True)
        await ownership.claim(tx, numbers, "0a1b2c3d", is_alone=False)
        long_ago = leases.c.until - lease.TTL - lease.TAKEOVER_AFTER
        await tx.execute(update(leases).values(until=long_ago))
    await database.close()

    app = await fleet.start()
    told = await fleet.chat.shows(
        "The instance on pier (process 4711) died", "All of its 2 accounts are"
    )
    await until(lambda: all(u.line for u in app.registry) and len(app.registry) == 2)
    async with app.database.read() as tx:
        died = await journal.latest(tx, kind="instance.died")
    assert [entry.cause for entry in died] == ["process 4711 on pier, with 2 accounts"]
    about_it = [m.id for m in await fleet.chat.read() if "4711" in m.text]
    assert about_it == [told.id]


async def test_an_instance_that_reaches_the_database_alone_is_named(
    fleet: Mooring, telegram: Telegram
) -> None:
    cid = await telegram.person("Cid")
    await fleet.start_with(cid)
    assert fleet.app is not None
    async with fleet.app.database.transaction() as tx:
        await instances.start(tx, "0a1b2c3d", host="pier", pid=4711, version="1")
        await lease.take(tx, "0a1b2c3d", runs_userbots=True)
        ways = [await add_proxy(tx, number) for number in (1, 2, 3)]
        cut_off = [await add_account(tx, n, proxy_id=way) for n, way in enumerate(ways)]
        await ownership.claim(tx, cut_off, "0a1b2c3d", is_alone=False)
        for number in cut_off:
            cause = Cause.TIMED_OUT.words
            await incidents.open_one(tx, account_id=number, kind="offline", cause=cause)
    told = await fleet.chat.shows("The instance on pier (process 4711)", "3 accounts wait")
    assert "not Telegram" in told.text


async def test_one_that_was_told_to_end_and_lost_its_lease_ends_all_the_same(
    fleet: Mooring,
) -> None:
    fleet.settings.data_dir.mkdir()
    ended = asyncio.Event()
    async with running(fleet.settings, Part(Role.WORKER), on_drained=ended.set) as app:
        async with app.database.transaction() as tx:
            (mine,) = await lease.page(tx)
            await lease.drain(tx, mine.instance)
            assert await lease.bury_one(tx, mine.instance) == 0
        async with asyncio.timeout(limit(20)):
            await ended.wait()
        async with app.database.read() as tx:
            assert await lease.page(tx) == []


@pytest.mark.req("S1.8")
async def test_an_account_whose_line_does_not_answer_is_handed_over_only_when_telegram_closed_it(
    fleet: Mooring, telegram: Telegram
) -> None:
    """Telegram hears no hanging up: another line would be the second one with the same key."""
    people = [await telegram.person(name) for name in ("Ann", "Bob")]
    silent, heard = await fleet.start_with(*people)
    app = fleet.app
    assert app is not None
    await until(lambda: all(u.line for u in app.registry))
    mine = app.registry.instance
    fault = await telegram.post("faults/freeze", user=people[0]["id"])
    await fleet.stop()
    await telegram.delete(f"faults/{fault['id']}")
    database = await open_database(fleet.settings.database, open_vault(fleet.settings))
    assert await owners(database) == {silent: mine, heard: None}

    async with beside(fleet, Role.WORKER) as other:
        await until(lambda: all(u.line for u in other.registry) and len(other.registry) == 1)
        assert await owners(database) == {silent: mine, heard: other.registry.instance}
        async with database.transaction() as tx:  # as if the time had passed
            long_ago = leases.c.until - lease.TTL - lease.TAKEOVER_AFTER
            is_left = leases.c.instance == mine
            await tx.execute(update(leases).where(is_left).values(until=long_ago))
        await until(lambda: len(other.registry) == 2 and all(u.line for u in other.registry))
    assert await incidents_of(database) == []
    async with database.read() as tx:
        assert await journal.latest(tx, kind="instance.died") == []
    await database.close()
