"""What an instance that died left behind, and when all of it is seen to."""

import itertools
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from storage import accounts, deaths, incidents, instances, journal, lease, ownership, team
from storage.accounts import Desired, Observed
from storage.database import Database, open_database
from storage.instances import Role
from storage.schema import instances as instances_table
from storage.schema import leases
from storage.team import Condition
from storage.vault import Vault
from tests.postgres import Postgres
from tests.storage.fleet import add_account
from userbot.owned import Owned

_PIDS = itertools.count(1)


@pytest.fixture
async def server(postgres: Postgres, vault: Vault) -> AsyncIterator[Database]:
    database = await open_database(postgres.shared(), vault)
    yield database
    await database.close()


async def begin(
    database: Database,
    name: str,
    role: Role = Role.WORKER,
    *,
    pid: int | None = None,
    place: str = "",
) -> None:
    async with database.transaction() as tx:
        pid = next(_PIDS) if pid is None else pid
        await instances.start(
            tx, name, host="harbour", pid=pid, version="1", role=role, place=place
        )
        await lease.take(tx, name, runs_userbots=role.runs_userbots)


async def owned(database: Database, owner: str, count: int) -> list[int]:
    """So many accounts that are to run, online with that instance."""
    async with database.transaction() as tx:
        numbers = [await add_account(tx, number) for number in range(1, count + 1)]
        for number in numbers:
            await accounts.set_desired(tx, number, Desired.RUN)
            seen = Observed("ONLINE", "", 0, None, tx.now)
            await accounts.set_observed(tx, number, seen, is_online=True)
        await ownership.claim(tx, numbers, owner, is_alone=False)
    return numbers


async def kill(database: Database, name: str) -> None:
    """Its lease has run out, and others bury it."""
    async with database.transaction() as tx:
        past = lease.TTL + lease.TAKEOVER_AFTER + timedelta(seconds=1)
        mine = leases.c.instance == name
        await tx.execute(update(leases).where(mine).values(until=leases.c.until - past))
        assert [each for each, _ in await deaths.bury_silent(tx)] == [name]


async def see(database: Database, number: int, state: str, *, incident: str = "") -> None:
    async with database.transaction() as tx:
        seen = Observed(state, "", 0, None, tx.now)
        await accounts.set_observed(tx, number, seen, is_online=state == "ONLINE")
        if incident:
            await incidents.open_one(tx, account_id=number, kind=incident, cause="why")


@pytest.mark.req("S1.2")
async def test_each_account_counts_until_it_is_online_or_told_of_by_itself(
    server: Database,
) -> None:
    await begin(server, "heir")
    await begin(server, "control", Role.CONTROL)
    await begin(server, "dead", pid=4711)
    back, retrying, lost, stopped, waiting = await owned(server, "dead", 5)
    await kill(server, "dead")

    async def death() -> deaths.Death:
        async with server.read() as tx:
            (found,) = (await deaths.open_ones(tx)).values()
        assert found is not None
        return found

    first = await death()
    assert (first.instance, first.host, first.pid) == ("dead", "harbour", 4711)
    assert (first.accounts, first.waiting, first.heirs) == (5, 5, 1)
    await see(server, back, "CONNECTING")
    await see(server, retrying, "RETRYING")
    assert (await death()).waiting == 5  # at its first attempt
    await see(server, back, "ONLINE")
    await see(server, retrying, "RETRYING", incident="offline")
    await see(server, lost, "NEEDS_LOGIN", incident="needs_login")
    async with server.transaction() as tx:
        await accounts.set_desired(tx, stopped, Desired.STOP)
    now = await death()
    assert (now.waiting, now.troubled, now.back) == (1, 2, 2)
    await see(server, waiting, "ONLINE")
    assert (await death()).waiting == 0


async def test_a_death_is_recorded_once_and_told_where_others_are_left(server: Database) -> None:
    await begin(server, "last")
    await kill(server, "last")
    await begin(server, "dead")
    await begin(server, "heir")
    await kill(server, "dead")
    async with server.transaction() as tx:
        assert await deaths.bury_gone(tx, ["dead"]) == []
        noted = [e.data["instance"] for e in await journal.latest(tx, kind="instance.died")]
        assert noted == ["dead", "last"]
        assert await incidents.open_subjects(tx, incidents.About.INSTANCE_DIED) == {
            deaths.subject("dead")
        }
        dead = select(instances_table.c.died_at).where(instances_table.c.id == "dead")
        row = await tx.one(dead)
    assert row is not None
    assert timedelta(0) < server.now() - row.died_at < timedelta(minutes=2)


async def test_of_one_that_is_gone_others_wait_and_only_who_is_alone_goes_on_at_once(
    server: Database,
) -> None:
    """Others may be where Telegram is reached, and what the kernel hung up was not heard."""
    await begin(server, "gone")
    await begin(server, "bot", Role.CONTROL)
    await begin(server, "other")
    async with server.transaction() as tx:
        number = await add_account(tx, 1)
        await ownership.claim(tx, [number], "gone", is_alone=False)
        assert await deaths.bury_gone(tx, ["gone"]) == []
        assert await deaths.bury_gone(tx, ["gone", "bot"]) == [("bot", 0)]  # it had no lines
        assert await deaths.bury_gone(tx, ["gone", "other"]) == [("gone", 1), ("other", 0)]
        assert await deaths.bury_gone(tx, []) == []


async def test_who_runs_no_userbots_frees_none_of_the_gone_that_had_lines(
    server: Database,
) -> None:
    """It would not know of those who take them that they have to be in doubt."""
    await begin(server, "gone")
    await begin(server, "bot", Role.CONTROL)
    async with server.transaction() as tx:
        buried = await deaths.bury_gone(tx, ["gone", "bot"], goes_on=False)
        assert buried == [("bot", 0)]
        assert await deaths.bury_gone(tx, ["gone"]) == [("gone", 0)]


@pytest.mark.req("S1.8")
async def test_what_was_freed_at_once_is_for_the_same_machine_and_whoever_takes_it_is_in_doubt(
    server: Database,
) -> None:
    await begin(server, "gone", place="here")
    first, second, third = await owned(server, "gone", 3)
    async with server.transaction() as tx:
        await ownership.release(tx, [third], "gone")  # that line was heard to be closed
        assert await deaths.bury_gone(tx, ["gone"]) == [("gone", 2)]
    holders = {}
    for name, place in {"one": "here", "two": "here", "far": "there", "none": ""}.items():
        await begin(server, name, place=place)
        holders[name] = Owned(server, name, is_alone=False)

    async def claimed(name: str, *numbers: int) -> set[int]:
        async with server.transaction() as tx:
            return set(await holders[name].claim(tx, numbers))

    assert await claimed("far", first, second, third) == {third}
    assert await claimed("none", first, second) == set()
    assert await claimed("one", first) == {first}
    assert await claimed("two", second) == {second}
    assert {name for name, each in holders.items() if each.is_in_doubt} == {"one", "two"}

    async with server.transaction() as tx:
        await ownership.release(tx, [first], "one")
        past = instances_table.c.died_at - lease.SETTLING
        await tx.execute(update(instances_table).values(died_at=past))
    assert await claimed("far", first) == {first}
    assert not holders["far"].is_in_doubt


async def test_a_process_that_goes_on_as_another_instance_is_not_told_as_dead(
    server: Database,
) -> None:
    await begin(server, "cut off", pid=4711)
    await begin(server, "reborn", pid=4711)
    await kill(server, "cut off")
    async with server.read() as tx:
        assert len(await journal.latest(tx, kind="instance.died")) == 1
        assert await incidents.open_subjects(tx, incidents.About.INSTANCE_DIED) == set()


async def test_who_could_take_over_from_one_that_is_to_go(server: Database) -> None:
    await begin(server, "a", Role.RUN)
    await begin(server, "b", Role.CONTROL)

    async def leaving(name: str) -> team.Leaving | None:
        async with server.read() as tx:
            return team.leaving(await team.members(tx), name)

    seen = await leaving("a")
    assert seen is not None
    assert (seen.leaves_offline, seen.leaves_silent) == (True, False)
    await begin(server, "c")
    seen = await leaving("a")
    assert seen is not None
    assert not seen.is_grave

    async with server.transaction() as tx:
        assert await team.drain(tx, "c", actor="command line")
        found = {m.id: m for m in await team.members(tx)}
    assert found["c"].state is Condition.DRAINING
    assert found["a"].heard < timedelta(seconds=15)
    assert await leaving("c") is None  # it goes already
    seen = await leaving("a")
    assert seen is not None
    assert seen.leaves_offline  # one that goes takes nothing over
