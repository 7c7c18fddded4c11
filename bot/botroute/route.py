"""The loop that sends as the bot: each target in order, none behind another's wait."""

import asyncio
import html
from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta

from aiogram import Bot
from aiogram.exceptions import TelegramRetryAfter
from loguru import logger

from bot.botroute.address import chat_of, is_numbered_for_all
from bot.botroute.contents import Item, Sent, items_of, send
from bot.botroute.verdicts import Verdict, judge, refusal
from bot.texts import Texts
from storage import deliveries, due, preferences
from storage.database import Database
from storage.deliveries import Move
from storage.delivery import Delivery, DeliveryState, Step
from storage.items import ItemsSent
from userbot.nursery import Nursery
from userbot.sending.outbox import nowhere
from userbot.workload import Workload

POLL_S = 1.0
AT_ONCE = 10
REPEATS_S = (10, 20, 40, 80, 120)
"""While the Bot API can't be reached (S2.8): nothing was sent, so a repeat is safe."""
_PENDING, _SENDING = DeliveryState.BOT_PENDING, DeliveryState.BOT_SENDING


class BotRoute:
    """Takes deliveries that wait for the bot. One worker per target that has something.

    `reached` is told the name of each point that a send passes, as of the `Outbox`.
    """

    def __init__(
        self,
        database: Database,
        bot: Bot,
        t: Texts,
        nursery: Nursery,
        *,
        repeats_s: Sequence[float] = REPEATS_S,
        reached: Callable[[str], None] = nowhere,
    ) -> None:
        self._database = database
        self._bot = bot
        self._t = t
        self._nursery = nursery
        self._repeats_s = repeats_s
        self._reached = reached
        self._busy: set[str] = set()
        self._under_way: set[int] = set()
        self._places = asyncio.Semaphore(AT_ONCE)
        self._held_until: datetime | None = None
        """A 429 holds for all that the bot sends."""
        self.workload = Workload("bot route")

    async def run(self) -> None:
        """Send until cancelled. What a crash left in BOT_SENDING is UNKNOWN, never repeated."""
        async with self._database.read() as tx:
            left_over = await due.in_state(tx, _SENDING)
        for delivery in left_over:
            if delivery.id not in self._under_way:  # where only this loop was begun anew
                await self._lost(delivery)
        topics = deliveries.CHANGED, preferences.CHANGED
        with self._database.wakeups.subscribe(*topics) as woken:
            while True:
                for target, queue in (await self._due()).items():
                    self._busy.add(target)
                    self._nursery.start(self._drain(target, queue), name="bot route to a target")
                await woken.wait(POLL_S)

    async def _due(self) -> dict[str, list[Delivery]]:
        """What can go out now, by target."""
        if not await self._may_send():
            return {}
        async with self._database.read() as tx:
            waiting = await due.in_state(tx, _PENDING)
            queues = queues_of(waiting, tx.now)
        return {target: queue for target, queue in queues.items() if target not in self._busy}

    async def _may_send(self) -> bool:
        """Whether anything new may go out."""
        is_held = self._held_until is not None and self._database.now() < self._held_until
        if is_held or self.workload.is_closing:
            return False
        async with self._database.read() as tx:
            paused = await preferences.get(tx, preferences.PAUSED)
        return not (paused and paused.value)

    async def _drain(self, target: str, queue: Sequence[Delivery]) -> None:
        """Send in order; what has to wait holds up the rest."""
        try:
            for delivery in queue:
                async with self._places:
                    if not await self._may_send():
                        return
                    with self.workload.piece():
                        self._under_way.add(delivery.id)
                        if not await self._send(delivery) or delivery.has_parts:
                            return  # the next part comes before what follows
        finally:
            self._under_way -= {delivery.id for delivery in queue}
            self._busy.discard(target)
            # What came to this target meanwhile was left to this worker.
            self._database.wakeups.wake_here(deliveries.CHANGED)

    async def _send(self, delivery: Delivery) -> bool:
        """Take one delivery as far as it goes now; False where it still waits."""
        async with self._database.read() as tx:
            chat_id = await chat_of(tx, delivery)
        if chat_id is None:
            return await self._fail(delivery, "bot-error-unknown-chat", target=delivery.target)
        try:
            chat = await self._bot.get_chat(chat_id)
        except Exception as exc:  # noqa: BLE001 - every outcome of a look has its answer
            return await self._not_reached(delivery, chat_id, exc)
        steps = [*delivery.steps, Step("chat", self._database.now())]
        self._reached("chat")
        async with self._database.read() as tx:
            items = await items_of(tx, delivery)
        if items is None:
            return await self._fail(delivery, "bot-error-no-file")
        return await self._hand_over(delivery, chat.id, items, steps)

    async def _hand_over(
        self, delivery: Delivery, chat_id: int, items: Sequence[Item], steps: Sequence[Step]
    ) -> bool:
        """Committed before the call: a crash from here on is UNKNOWN."""
        if not await self._move(delivery, {_PENDING}, _SENDING, steps=steps, error=""):
            return True  # cancelled meanwhile
        self._reached("handed over")
        reply_to = delivery.reply_to if is_numbered_for_all(chat_id) else None
        try:
            sent = await send(self._bot, chat_id, delivery, items, reply_to=reply_to)
        except Exception as exc:  # noqa: BLE001 - every outcome of a send has its answer
            return await self._not_sent(delivery, chat_id, exc)
        self._reached("answered")
        await self._sent(delivery, sent, steps)
        self._reached("stored")
        return True

    async def _sent(self, delivery: Delivery, sent: Sent, steps: Sequence[Step]) -> None:
        now = self._database.now()
        if len(sent.items) > 1:
            await self._database.writer.write(ItemsSent(delivery.id, sent.items))
        lost_reply = delivery.reply_to is not None and not sent.is_answer
        more = [Step("no-reply", now)] if lost_reply else []
        await self._move(
            delivery,
            {_SENDING},
            DeliveryState.SENT_BY_BOT,
            message_id=sent.message_id,
            link=sent.link,
            steps=[*steps, *more, Step("send", now)],
            error="",
        )
        log = logger.bind(delivery=delivery.id, account=delivery.account_id, event="send.sent")
        log.info("sent as the bot")

    async def _not_reached(self, delivery: Delivery, chat_id: int | str, error: Exception) -> bool:
        """Nothing was handed over: whatever is not a refusal is tried again."""
        if isinstance(error, TelegramRetryAfter):
            return await self._throttled(delivery, error.retry_after)
        if judge(error) is Verdict.REFUSED:
            return await self._refused(delivery, chat_id, error)
        return await self._again(delivery)

    async def _not_sent(self, delivery: Delivery, chat_id: int, error: Exception) -> bool:
        if isinstance(error, TelegramRetryAfter):
            return await self._throttled(delivery, error.retry_after)
        match judge(error):
            case Verdict.REFUSED:
                return await self._refused(delivery, chat_id, error)
            case Verdict.NEVER_LEFT:
                return await self._again(delivery)
            case Verdict.OPEN:
                log = logger.bind(
                    delivery=delivery.id, account=delivery.account_id, event="send.open"
                )
                log.warning("may have been sent as the bot: {}", type(error).__name__)
                await self._lost(delivery)
                return True

    async def _refused(self, delivery: Delivery, chat_id: int | str, error: Exception) -> bool:
        words = refusal(self._t, error, delivery.target, chat_id)
        await self._end(delivery, DeliveryState.FAILED, words)
        return True

    async def _fail(self, delivery: Delivery, key: str, **args: str) -> bool:
        await self._end(delivery, DeliveryState.FAILED, html.unescape(self._t(key, **args)))
        return True

    async def _lost(self, delivery: Delivery) -> None:
        words = html.unescape(self._t("bot-error-lost"))
        await self._end(delivery, DeliveryState.UNKNOWN, words)

    async def _throttled(self, delivery: Delivery, seconds: int) -> bool:
        """429 is a definite no, with a time, and it holds for all that the bot sends."""
        until = self._database.now() + timedelta(seconds=seconds)
        self._held_until = max(until, self._held_until or until)
        await self._wait(delivery, until, self._t("bot-error-throttled"))
        return False

    async def _again(self, delivery: Delivery) -> bool:
        """The Bot API can't be reached: again by the schedule, then FAILED with a retry."""
        if delivery.faults >= len(self._repeats_s):
            return await self._fail(delivery, "bot-error-unreachable")
        pause = timedelta(seconds=self._repeats_s[delivery.faults])
        until = self._database.now() + pause
        words = self._t("bot-error-unreachable")
        await self._wait(delivery, until, words, faults=delivery.faults + 1)
        return False

    async def _wait(
        self, delivery: Delivery, until: datetime, words: str, **values: object
    ) -> None:
        await self._move(
            delivery,
            {_PENDING, _SENDING},
            _PENDING,
            not_before=until,
            handed_at=delivery.handed_at or self._database.now(),  # it keeps its place
            error=html.unescape(words),
            **values,
        )

    async def _end(self, delivery: Delivery, to: DeliveryState, error: str) -> None:
        await self._move(delivery, {_PENDING, _SENDING}, to, error=error)

    async def _move(
        self,
        delivery: Delivery,
        allowed: Collection[DeliveryState],
        to: DeliveryState,
        **values: object,
    ) -> bool:
        """Through the writer: where the database is locked, the move waits and is not lost."""
        move = Move(delivery.id, frozenset(allowed), to, values)
        return await self._database.writer.write(move)


def queues_of(waiting: Sequence[Delivery], now: datetime) -> dict[str, list[Delivery]]:
    """What is due, by target, in order.

    What waits because of an error holds up what follows it to the same target; what an operator
    wants to be sent later does not.
    """
    held: set[str] = set()
    queues: dict[str, list[Delivery]] = {}
    for delivery in waiting:
        target = delivery.target.lower()
        if delivery.not_before is not None and delivery.not_before > now:
            if delivery.error:
                held.add(target)
        elif target not in held:
            queues.setdefault(target, []).append(delivery)
    return queues
