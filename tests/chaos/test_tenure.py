"""A tenure on a real PostgreSQL that goes down, fails over and loses commits, and under odd clocks."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import select, update

from storage import instances, lease, ownership
from storage.database import Database, open_database
from storage.engines import READERS, SERVER_CONNECTIONS, URGENT
from storage.schema import leases, timelines
from storage.vault import Vault
from tests.postgres import Postgres
from tests.storage.fleet import add_account
from tests.timing import limit
from userbot.lease import Lease, boot_clock
from userbot.owned import Owned
from userbot.tenure import Tenure


@dataclass
class Clocks:
    """The machine's own, and what is added to them."""

    wall_ahead: float = 0.0
    boot_ahead: float = 0.0

    def boot(self) -> float:
        return boot_clock() + self.boot_ahead

    def wall(self) -> float:
        return boot_clock() + self.boot_ahead + self.wall_ahead


@dataclass
class Holder:
    """An instance without userbots: its lease, and what it owns."""

    database: Database
    owned: Owned
    tenure: Tenure
    clocks: Clocks
    cut: asyncio.Event = field(default_factory=asyncio.Event)
    """Set at the moment at which every line is to be aborted."""

    async def claim(self, *numbers: int) -> set[int]:
        async with self.owned.lock:
            async with self.database.transaction() as tx:
                claimed = await self.owned.claim(tx, numbers)
            self.owned.keep(claimed)
        return set(claimed)

    async def fenced(self) -> str:
        async with asyncio.timeout(limit(20)):
            await self.cut.wait()
        assert not self.tenure.may_write()
        return self.tenure.why_lost


@pytest.fixture
async def server(postgres: Postgres, vault: Vault) -> AsyncIterator[Database]:
    database = await open_database(postgres.new(), vault)
    yield database
    await database.close()


@asynccontextmanager
async def holding(database: Database, vault: Vault, name: str) -> AsyncIterator[Holder]:
    """A life of an instance, with its own connections, renewed every half second."""
    mine = await open_database(database.url, vault)
    async with mine.transaction() as tx:
        await instances.start(tx, name, host="here", pid=1, version="1")
    clocks, cut = Clocks(), asyncio.Event()
    owned = Owned(mine, name, is_alone=False)
    tenure = Tenure(mine, Lease(clocks.boot, clocks.wall), owned, on_lost=cut.set, every_s=0.5)
    await tenure.begin(runs_userbots=True)
    assert tenure.may_write()
    async with asyncio.TaskGroup() as running:
        task = running.create_task(tenure.run(), name="tenure")
        yield Holder(mine, owned, tenure, clocks, cut)
        task.cancel()
    await tenure.end()
    await mine.close()


async def new_accounts(database: Database, count: int) -> list[int]:
    async with database.transaction() as tx:
        return [await add_account(tx, n) for n in range(count)]


async def settle(database: Database) -> None:
    """As if the time had passed in which all notice the new timeline."""
    async with database.transaction() as tx:
        then = timelines.c.seen_at - lease.SETTLING
        await tx.execute(update(timelines).values(seen_at=then))


@pytest.mark.req("S1.8")
async def test_after_a_fail_over_all_are_fenced_and_nothing_is_taken_before_it_settled(
    server: Database, postgres: Postgres, vault: Vault, tmp_path: Path
) -> None:
    first, second, third = await new_accounts(server, 3)
    async with holding(server, vault, "a") as a, holding(server, vault, "b") as b:
        assert await a.claim(first) == {first}
        story = await asyncio.to_thread(postgres.story, tmp_path / "story")
        # Committed, and yet unknown to the standby: there `second` will be free.
        assert await b.claim(second) == {second}

        await asyncio.to_thread(postgres.fail_over, story)

        for each in (a, b):
            why = await each.fenced()
            assert (
                "timeline" in why or "in time" in why
            )  # a server that is away for long fences too
        async with holding(server, vault, "c") as c:
            assert await c.claim(first, second, third) == set()
            await settle(server)
            assert await c.claim(second, third) == {second, third}
            assert not c.cut.is_set()


async def test_a_claim_that_the_database_has_lost_ends_the_tenure_on_any_timeline(
    server: Database, vault: Vault
) -> None:
    (number,) = await new_accounts(server, 1)
    async with holding(server, vault, "a") as a:
        await a.claim(number)
        async with server.transaction() as tx:
            await ownership.release(tx, [number], "a")
        assert "not its own" in await a.fenced()


@pytest.mark.parametrize("jump_s", [-3600, -4, 4, 3600])
async def test_a_jump_of_the_wall_clock_fences(
    server: Database, vault: Vault, jump_s: float
) -> None:
    async with holding(server, vault, "a") as a:
        a.clocks.wall_ahead += jump_s
        assert await a.fenced() == "the clock jumped"


async def test_a_machine_that_slept_is_fenced_before_anything_is_written(
    server: Database, vault: Vault
) -> None:
    """Both clocks of the machine went on; nothing of the process did."""
    async with holding(server, vault, "a") as a:
        a.clocks.boot_ahead += lease.TTL.total_seconds()
        assert not a.tenure.may_write()
        await a.fenced()


async def test_a_restart_of_the_server_costs_nothing(
    server: Database, postgres: Postgres, vault: Vault
) -> None:
    (number,) = await new_accounts(server, 1)
    async with holding(server, vault, "a") as a:
        await a.claim(number)
        await asyncio.to_thread(postgres.restart)
        before = await renewed_at(server)
        async with asyncio.timeout(limit(10)):
            while await renewed_at(server) == before:  # noqa: ASYNC110 - nobody is told
                await asyncio.sleep(0.1)
        assert a.tenure.may_write()
        assert await a.claim(number) == {number}


@pytest.mark.req("S1.8")
async def test_a_renewal_that_has_to_look_closer_waits_for_no_connection_of_a_busy_process(
    server: Database, vault: Vault
) -> None:
    """It looks closer where the rows say more than it knows, as after a claim in doubt."""
    (number,) = await new_accounts(server, 1)
    async with holding(server, vault, "a") as a, AsyncExitStack() as busy:
        for _ in range(READERS):
            await busy.enter_async_context(a.database.read())
        async with asyncio.TaskGroup() as others:
            ended = asyncio.Event()
            for _ in range(SERVER_CONNECTIONS - READERS - URGENT):
                others.create_task(_write_on(a.database, ended), name="busy")
            await asyncio.sleep(0.1)
            async with server.transaction() as tx:
                await ownership.claim(tx, [number], "a", is_alone=False)
            async with asyncio.timeout(limit(6)):
                while number not in a.owned:  # noqa: ASYNC110 - nobody is told
                    await asyncio.sleep(0.05)
            ended.set()
        assert a.tenure.may_write()


async def _write_on(database: Database, until: asyncio.Event) -> None:
    async with database.transaction() as tx:
        await tx.one(select(leases.c.until))
        await until.wait()


async def test_what_can_not_be_looked_at_before_the_deadline_is_left_and_asked_again(
    server: Database, vault: Vault
) -> None:
    """Somebody changes hands and holds the lock all the while: the renewal is not in doubt for ever."""
    (number,) = await new_accounts(server, 1)
    async with holding(server, vault, "a") as a:
        async with a.owned.lock:
            async with server.transaction() as tx:
                await ownership.claim(tx, [number], "a", is_alone=False)
            a.clocks.boot_ahead += lease.TTL.total_seconds() - 3 - 1  # a second is left
            assert "in time" in await a.fenced()
        assert number not in a.owned


async def renewed_at(database: Database) -> datetime | None:
    async with database.read() as tx:
        row = await tx.one(select(leases.c.until))
    return row.until if row else None


@pytest.mark.req("S1.8")
async def test_what_was_lost_is_left_until_telegram_has_closed_its_lines(
    server: Database, vault: Vault
) -> None:
    """An abort may go unheard: what cuts an instance off may lie between it and Telegram too."""
    (number,) = await new_accounts(server, 1)
    async with holding(server, vault, "a") as a:
        await a.claim(number)
        a.tenure.lose("a test")
    async with server.transaction() as tx:
        assert [each.instance for each in await lease.page(tx)] == ["a"]
        assert await lease.bury(tx) == []
    async with holding(server, vault, "b") as b:
        assert await b.claim(number) == set()
        b.tenure.lose("it owns nothing")
    async with server.read() as tx:
        assert [each.instance for each in await lease.page(tx)] == ["a"]
