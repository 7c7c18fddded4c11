"""A process that sends, as accounts and as the bot, until it dies in the middle of it."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from random import Random

from aiogram import Bot

from bot.botroute import BotRoute
from bot.texts import Texts
from storage.database import Database
from tests.timing import seconds
from userbot.budget import Budget
from userbot.limits import Limits, always
from userbot.nursery import Nursery
from userbot.owned import Owned
from userbot.registry import Registry
from userbot.schedule import Patience, Schedule
from userbot.sending.outbox import Outbox
from userbot.sending.repeats import Repeats
from userbot.terms import Terms

LIMITS = Limits(
    ping_every_s=0.3,
    ping_answer_s=seconds(0.6),
    ping_retry_s=seconds(0.3),
    check_every_s=seconds(2),
)
# A fault of Telegram's own takes Telethon 2 s to tell: the limit of a request lies above that.
PATIENCE = Patience((seconds(2.5), seconds(4)), (seconds(2.7), seconds(5)))


class Process:
    """One process, from its start to a crash or a graceful end."""

    def __init__(
        self,
        database: Database,
        bot: Bot,
        accounts: Iterable[int],
        *,
        dies_after: int | None = None,
    ) -> None:
        """`dies_after`: so many points of its attempts; None: it lives until it is stopped."""
        self.is_dead = asyncio.Event()
        self._database = database
        self._bot = bot
        self._accounts = accounts
        self._points_left = dies_after

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        terms = Terms(
            database=self._database,
            limits=LIMITS,
            patience=PATIENCE,
            schedule=Schedule.starting_with(0.05, 10),
            may_write=always,
            budget=Budget(per_second=1000, per_proxy=50),
            random=Random(1),  # noqa: S311 - jitter
        )
        async with Nursery() as nursery:
            registry = Registry(terms, nursery, Owned(terms.database, "here"))
            for number in self._accounts:
                await registry.adopt(number)
            self._outbox = Outbox(
                self._database,
                registry,
                nursery,
                fallback_after_s=seconds(0.3),
                repeats=Repeats(faults_s=[0.1] * 50, still_running_s=0.2),
                reached=self._reached,
            )
            self._route = BotRoute(
                self._database,
                self._bot,
                Texts(),
                nursery,
                repeats_s=[0.1] * 50,
                reached=self._reached,
            )
            nursery.start(self._outbox.run(), name="outbox")
            nursery.start(self._route.run(), name="bot route")
            yield

    async def end_well(self) -> None:
        async with asyncio.TaskGroup() as both:
            for workload in (self._outbox.workload, self._route.workload):
                both.create_task(workload.finish(seconds(5)), name="finish")

    def _reached(self, _point: str) -> None:
        """Die here, if it is here that this process dies: what was under way goes no further."""
        if self._points_left is None:
            return
        self._points_left -= 1
        if self._points_left <= 0:
            self.is_dead.set()
            if task := asyncio.current_task():
                task.cancel()
            raise asyncio.CancelledError
