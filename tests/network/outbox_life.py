"""The life of a Mooring that sends: accounts, a bot, whom they write to, and what goes wrong."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from aiogram import Bot

from bot.control import make_bot
from sandbox.botapi import BotApi
from sandbox.datacentre import DataCentre
from sandbox.datacentre.faults.waits import WaitFault
from sandbox.world import World
from sandbox.world.chats import Chat, ChatKind
from sandbox.world.images import blank
from sandbox.world.messages import Content
from sandbox.world.people import User
from storage import attachments, contacts, deliveries, floods, preferences
from storage.attachments import File
from storage.database import Database
from storage.delivery import Delivery, DeliveryState, Fallback, Media
from tests.network.outbox_process import Process
from tests.network.sending import account_of
from userbot.sending.attempt import SEND

TOKEN = "7000000001:AAH-sandbox_token_of_35_characters_x"
OPEN = (
    DeliveryState.PENDING,
    DeliveryState.SENDING,
    DeliveryState.BOT_PENDING,
    DeliveryState.BOT_SENDING,
)
STEPS = 12
POINTS = 25
"""A process passes about so many points of its attempts."""


@dataclass(frozen=True, slots=True)
class Ordered:
    """What an operator approved."""

    number: int
    sender: User
    place: User | Chat
    approved_at: datetime
    not_before: datetime | None
    head_id: int | None
    files: tuple[File, ...]
    is_for_bot: bool
    """Whether an operator wanted the bot to send it."""


class Life:
    """Processes one after the other on one database, and everything that goes wrong meanwhile."""

    def __init__(
        self,
        database: Database,
        datacentre: DataCentre,
        bot_api: BotApi,
        bot: Bot,
        *,
        random: Random,
        break_something: Callable[["Life"], None],
    ) -> None:
        self.database = database
        self.datacentre = datacentre
        self.world: World = datacentre.world
        self.bot_api = bot_api
        self.bot = bot
        self.random = random
        self._break_something = break_something
        self.accounts: dict[int, User] = {}
        self.places: dict[str, User | Chat] = {}
        self.ordered: list[Ordered] = []
        self.story: list[str] = []
        """What happened, to be read where it ended badly."""
        self._began = asyncio.get_running_loop().time()

    def tell(self, what: str) -> None:
        at = asyncio.get_running_loop().time() - self._began
        self.story.append(f"{at:6.2f} {what}")

    @property
    def harbour(self) -> User:
        return self.world.people.by_id[self.bot.id]

    async def begin(self, stack: AsyncExitStack) -> None:
        """Two accounts, two people who know the bot, and a supergroup where all of them are."""
        people = self.world.people
        people.create_bot(TOKEN, "harbour_bot", "Harbour")
        for name, phone in (("Alice", "15550001"), ("Amy", "15550002")):
            person = people.create(name, phone=f"+{phone}", username=name.lower())
            account = account_of(self.database, self.datacentre, self.world, person)
            self.accounts[await stack.enter_async_context(account)] = person
        for name in ("bobby", "carol"):
            person = people.create(name.title(), username=name)
            self.world.say(person.id, self.harbour.id, Content("/start"))
            self.places[f"@{name}"] = person
        members = [*(person.id for person in self.accounts.values()), self.harbour.id]
        docks = self.world.chats.create(
            ChatKind.SUPERGROUP, "Docks", person.id, username="dockside", members=members
        )
        self.places["@dockside"] = docks
        async with self.database.transaction() as tx:
            for place in self.places.values():
                if isinstance(place, User):
                    await contacts.seen(tx, place.id, place.username)

    async def go_on(self) -> None:
        """One process, until it crashes or is stopped; and what happens meanwhile."""
        crashes = self.random.random() < 0.7
        dies_after = self.random.randint(1, POINTS) if crashes else None
        process = self._process(dies_after)
        self.tell(f"a process starts; dies after {dies_after} points")
        async with process.running():
            for _ in range(STEPS):
                await self.happen()
                if await self._is_over(process, self.random.uniform(0, 0.4)):
                    break
            if crashes:
                await self._is_over(process, self.random.uniform(0, 1.5))
                self.tell("it crashes")
            else:
                await process.end_well()
                self.tell("it was stopped")
        if crashes:
            await self._forget_unheard_waits()

    async def _is_over(self, process: Process, pause_s: float) -> bool:
        try:
            async with asyncio.timeout(pause_s):
                await process.is_dead.wait()
        except TimeoutError:
            return False
        return True

    async def _forget_unheard_waits(self) -> None:
        """Who crashes before it reads that it is to wait can't know of it."""
        async with self.database.read() as tx:
            known = [await floods.active(tx, number, SEND) for number in self.accounts]
        for fault in self.datacentre.faults.matching(WaitFault):
            if fault.struck and (fault.peer_id is not None or not all(known)):
                fault.lift()

    async def happen(self) -> None:
        """One thing, or two."""
        if self.random.random() < 0.35:
            self._break_something(self)
        choice = self.random.random()
        if choice < 0.08:
            await self._pause(is_paused=self.random.random() < 0.5)
        elif choice < 0.14:
            await self._cancel_one()
        elif choice < 0.24:
            await self._order_parts()
        else:
            await self._order_some()

    async def _order_some(self) -> None:
        """One message or several, one behind the other."""
        account = self.random.choice(list(self.accounts))
        target = self.random.choice(list(self.places))
        for _ in range(self.random.choice([1, 1, 2, 4])):
            await self._order_one(account, target)

    async def _order_one(self, account: int, target: str) -> None:
        media = self.random.choice([Media.NONE] * 4 + [Media.PHOTO, Media.ALBUM])
        count = {Media.NONE: 0, Media.PHOTO: 1}.get(media, 3)
        not_before = None
        if self.random.random() < 0.2:
            not_before = self.database.now() + timedelta(seconds=self.random.uniform(0, 2))
        await self._order(
            account,
            target,
            media=media,
            files=self._photos(count),
            not_before=not_before,
            fallback=self._fallback(),
            is_for_bot=self.random.random() < 0.15,
        )

    async def _order_parts(self) -> None:
        """A text that was split."""
        account = self.random.choice(list(self.accounts))
        target, fallback = self.random.choice(list(self.places)), self._fallback()
        head = await self._order(account, target, fallback=fallback)
        for _ in range(self.random.randint(1, 3)):
            await self._order(account, target, fallback=fallback, head_id=head)

    def _photos(self, count: int) -> tuple[File, ...]:
        """Each is like no other: one that comes twice is one that was doubled."""
        first = len(self.ordered) * 3
        return tuple(
            File(Media.PHOTO, blank(20 + number % 20, 20 + number // 20), name="a.png")
            for number in range(first, first + count)
        )

    def _fallback(self) -> Fallback:
        choices: list[Fallback] = [*Fallback, Fallback.AUTOMATIC]
        return choices[self.random.randrange(len(choices))]

    async def _order(
        self,
        account: int,
        target: str,
        *,
        files: tuple[File, ...] = (),
        is_for_bot: bool = False,
        **more: Any,  # noqa: ANN401 - columns
    ) -> int:
        text = f"message {len(self.ordered)}"
        async with self.database.transaction() as tx:
            number = await deliveries.draft(
                tx, account_id=account, target=target, text=text, **more
            )
            await attachments.add(tx, number, files)
            to = DeliveryState.BOT_PENDING if is_for_bot else DeliveryState.PENDING
            await deliveries.move(tx, number, {DeliveryState.DRAFT}, to, approved_at=tx.now)
            approved_at = tx.now
        not_before = more.get("not_before")
        sender, place = self.accounts[account], self.places[target]
        head = more.get("head_id")
        self.ordered.append(
            Ordered(number, sender, place, approved_at, not_before, head, files, is_for_bot)
        )
        after = f" after {(not_before - approved_at).total_seconds():.2f} s" if not_before else ""
        kind, who = more.get("media", Media.NONE), "the bot" if is_for_bot else account
        part = f", a part of {head}" if head else ""
        self.tell(f"#{number} {text} by {who} to {target} {kind}{after}{part}")
        return number

    async def _cancel_one(self) -> None:
        if self.ordered:
            number = self.random.choice(self.ordered).number
            async with self.database.transaction() as tx:
                if await deliveries.move(
                    tx, number, {DeliveryState.PENDING}, DeliveryState.CANCELLED
                ):
                    self.tell(f"#{number} is cancelled")

    async def _pause(self, *, is_paused: bool) -> None:
        self.tell("paused" if is_paused else "not paused")
        async with self.database.transaction() as tx:
            await preferences.put(tx, preferences.PAUSED, value=is_paused, by=1)

    def _process(self, dies_after: int | None) -> Process:
        return Process(self.database, self.bot, self.accounts, dies_after=dies_after)

    async def settle(self, limit_s: float) -> None:
        """All is mended: wait until nothing waits that can go on."""
        self.tell("all is mended")
        await self.datacentre.faults.lift_all()
        await self.bot_api.faults.lift_all()
        await self._pause(is_paused=False)
        process = self._process(None)
        async with process.running():
            try:
                async with asyncio.timeout(limit_s):
                    with self.database.wakeups.subscribe(deliveries.CHANGED) as changed:
                        while await self.waiting():
                            await changed.wait(1)
            except TimeoutError:
                stuck = [f"{d.id} {d.state} {d.error!r}" for d in await self.waiting()]
                raise AssertionError(f"these go no further: {stuck}") from None
            await process.end_well()

    async def waiting(self) -> list[Delivery]:
        """What has not come to an end; a part behind one that may not have gone out never does."""
        rows = await self.rows()
        over = {d.id: d.state for d in rows}
        stopped = (DeliveryState.UNKNOWN, DeliveryState.CANCELLED, DeliveryState.FAILED)
        blocked: set[int] = set()
        for row in rows:
            head = row.head_id
            earlier = [d for d in rows if head in {d.id, d.head_id} and d.id < row.id]
            if head and any(over[d.id] in stopped or d.id in blocked for d in earlier):
                blocked.add(row.id)
        return [d for d in rows if d.state in OPEN and d.id not in blocked]

    async def rows(self) -> list[Delivery]:
        """All that was ordered, in the order of approval."""
        async with self.database.read() as tx:
            found = [await deliveries.get(tx, ordered.number) for ordered in self.ordered]
        return [row for row in found if row is not None]


@asynccontextmanager
async def life_of(
    database: Database,
    datacentre: DataCentre,
    random: Random,
    break_something: Callable[[Life], None],
) -> AsyncIterator[Life]:
    async with AsyncExitStack() as stack:
        bot_api = BotApi(datacentre.world)
        await bot_api.start()
        stack.push_async_callback(bot_api.stop)
        bot = make_bot(TOKEN, api_url=f"http://127.0.0.1:{bot_api.port}", proxy=None)
        stack.push_async_callback(bot.session.close)
        life = Life(
            database, datacentre, bot_api, bot, random=random, break_something=break_something
        )
        await life.begin(stack)
        yield life
