"""Accounts shared by workers on several machines, what they send, and whether all is well."""

import asyncio
import secrets
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from random import Random
from typing import Any

from sqlalchemy import select

from storage import commands, deliveries, drafting
from storage import schema as tables
from storage.delivery import DeliveryState, Fallback
from storage.errors import StorageError
from storage.proxies import Endpoint
from storage.team import Condition, Member, members
from tests.chaos.machines import Machine, Site, machines_of
from tests.e2e.harness import API_HASH
from tests.e2e.team import Team, shared
from tests.e2e.telegram import Telegram
from tests.postgres import Postgres
from tests.timing import limit
from userbot.importing import import_string
from userbot.telegram import identity

RECEIVERS = 3


@dataclass(frozen=True)
class Ordered:
    """A message that was ordered, from whom and to whom."""

    sender: int
    receiver: int
    text: str


@dataclass
class Crew:
    """The machines, the accounts by number, and what was ordered by delivery."""

    team: Team
    postgres: Postgres
    telegram: Telegram
    site: Site
    people: dict[int, dict[str, Any]] = field(default_factory=dict)
    receivers: list[dict[str, Any]] = field(default_factory=list)
    ordered: dict[int, Ordered] = field(default_factory=dict)

    @property
    def machines(self) -> list[Machine]:
        return list(self.site.machines)

    @property
    def controls(self) -> list[Machine]:
        return list(self.site.controls)

    async def enlist(self, count: int) -> None:
        """So many accounts, spread over the proxies; no worker has looked for them yet."""
        mooring, ports = self.team.mooring, [relay.port for relay in self.site.proxies]
        for n in range(RECEIVERS):
            name = f"receiver_{n}_{secrets.token_hex(4)}"
            self.receivers.append(await self.telegram.person(f"Receiver {n}", username=name))
        for n in range(count):
            person = await self.telegram.person(f"Account {n}")
            number = await import_string(
                self.team.database,
                await mooring.string_session(person),
                phone=f"+{person['phone'].lstrip('+')}",
                identity=identity(mooring.settings.api_id, API_HASH),
                endpoint=Endpoint("socks5", "127.0.0.1", ports[n % len(ports)], "", ""),
                is_only_copy=True,
            )
            self.people[number] = person

    async def order(self, random: Random) -> None:
        """An operator's word: one message from some account, or now and then a reconnect."""
        account, receiver = random.choice(list(self.people)), random.choice(self.receivers)
        text = f"message {len(self.ordered)}"
        async with self.team.database.transaction() as tx:
            if random.random() < 0.1:
                await commands.order(tx, "reconnect", account_id=account)
            number = await deliveries.draft(
                tx,
                account_id=account,
                target=f"@{receiver['username']}",
                text=text,
                fallback=Fallback.NEVER,
            )
            await drafting.approve(tx, number)
        self.ordered[number] = Ordered(self.people[account]["id"], receiver["id"], text)

    async def order_on(self, random: Random, per_s: float) -> None:
        """Again and again, until cancelled; not while the database is away."""
        while True:
            try:
                await self.order(random)
            except StorageError:
                await asyncio.sleep(1)
            await asyncio.sleep(random.expovariate(per_s))

    async def until(self, is_so: Callable[[], Any], what: str, limit_s: float) -> None:
        """Wait until what is awaited says nothing any more that is against it."""
        against: object = None
        try:
            async with asyncio.timeout(limit(limit_s)):
                # Other processes come to it, and tell nobody here.
                while against := await is_so():  # noqa: ASYNC110
                    await asyncio.sleep(0.5)
        except TimeoutError:
            raise AssertionError(f"{what}: {against}") from None

    async def all_is_well(self, limit_s: float) -> None:
        """Wait until everything is as if nothing had happened, and see that nothing bad did."""
        assert await self.hazards() == []
        if self.controls:
            await self._bot_answers()
        await self.until(self._not_online, "not online", limit_s)
        await self.until(self._not_sent, "not sent", limit_s)
        await self.until(self._not_carried_out, "not carried out", limit_s)
        assert await self.hazards() == []
        lines = Counter(c["user_id"] for c in await self.telegram.get("connections"))
        assert {p["id"]: lines[p["id"]] for p in self.people.values() if lines[p["id"]] != 1} == {}
        assert await self._came_otherwise() == []

    async def _bot_answers(self) -> None:
        """One of the controls speaks; who writes while another takes its place waits for that."""
        chat = self.team.mooring.chat
        before = max((message.id for message in await chat.read()), default=0)
        await chat.say("/instances")
        await chat.until(lambda m: m.id > before and "Instances:" in m.text, 60)

    async def hazards(self) -> list[dict[str, Any]]:
        mine = {person["id"] for person in self.people.values()}
        return [h for h in await self.telegram.get("hazards") if h["user"] in mine]

    async def _not_online(self) -> object:
        """Accounts that are not ONLINE with one of the members, as the rows have it."""
        found = await self.team.owners()
        alive = {m.id for m in await self._members() if m.state is Condition.WELL}
        return {
            n: each for n, each in found.items() if each[0] not in alive or each[1] != "ONLINE"
        }

    async def _not_sent(self) -> object:
        table = tables.deliveries
        async with self.team.database.read() as tx:
            rows = await tx.all(
                select(table.c.id, table.c.account_id, table.c.state, table.c.error).where(
                    table.c.state != DeliveryState.SENT
                )
            )
        return [tuple(row) for row in rows]

    async def _not_carried_out(self) -> object:
        table = tables.commands
        async with self.team.database.read() as tx:
            rows = await tx.all(
                select(table.c.id, table.c.state, table.c.taken_by).where(table.c.state != "DONE")
            )
        return [tuple(row) for row in rows]

    async def _came_otherwise(self) -> list[tuple[Ordered, int]]:
        """What did not come exactly once, and how often it came."""
        wrong = []
        chats: dict[tuple[int, int], Counter[str]] = {}
        for each in self.ordered.values():
            pair = each.receiver, each.sender
            if pair not in chats:
                path = f"users/{each.receiver}/chats/{each.sender}/messages"
                came = (await self.telegram.get(path))["messages"]
                chats[pair] = Counter(message["text"] for message in came)
            if chats[pair][each.text] != 1:
                wrong.append((each, chats[pair][each.text]))
        return wrong

    async def id_of(self, machine: Machine) -> str:
        """The instance that its worker is now: the newest, where it began anew; empty if none."""
        ids = [m.id for m in await self._members() if m.pid == machine.worker.pid]
        return ids[-1] if ids else ""

    async def _members(self) -> list[Member]:
        async with self.team.database.read() as tx:
            return await members(tx)


@asynccontextmanager
async def crew_of(
    team: Team,
    postgres: Postgres,
    telegram: Telegram,
    *,
    machines: int,
    accounts: int,
    proxies: int,
    controls: int = 0,
) -> AsyncIterator[Crew]:
    """So many machines with a worker each, others with a bot, and the accounts online."""
    ports = [(await telegram.post("proxies"))["port"] for _ in range(proxies)]
    async with machines_of(team, postgres, machines, controls, ports) as site:
        crew = Crew(team, postgres, telegram, site)
        await crew.enlist(accounts)
        for machine in [*crew.machines, *crew.controls]:
            await machine.start()
        await team.until(lambda found: len(shared(found)) == machines, 60 + accounts)
        yield crew
