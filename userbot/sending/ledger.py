"""Writes down what becomes of deliveries, each step before whoever waits may see it."""

import re
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from loguru import logger

from storage.database import Database
from storage.deliveries import Move
from storage.delivery import Delivery, DeliveryState, Fallback
from storage.floods import FloodWait
from userbot.sending.repeats import Repeats

_NUMBER = re.compile(r"[0-9]+")


class Ledger:
    """The moves of deliveries that the account is to send. Each answers whether the next may go.

    All go through the writer: where the database is locked, a move waits and is not lost.
    """

    def __init__(self, database: Database, repeats: Repeats, *, fallback_after_s: float) -> None:
        self._database = database
        self._fallback_after = timedelta(seconds=fallback_after_s)
        self._began_at = database.now()
        self.repeats = repeats

    def now(self) -> datetime:
        return self._database.now()

    def after(self, seconds: float) -> datetime:
        return self.now() + timedelta(seconds=seconds)

    async def move(
        self,
        delivery: Delivery,
        to: DeliveryState,
        allowed: Collection[DeliveryState] = (DeliveryState.PENDING, DeliveryState.SENDING),
        so_far: int | None = None,
        **values: Any,  # noqa: ANN401 - columns
    ) -> bool:
        """Compare and set; False where somebody was first. `so_far`: the attempts there are."""
        move = Move(delivery.id, frozenset(allowed), to, values, so_far)
        return await self._database.writer.write(move)

    async def wait(self, delivery: Delivery, why: str) -> bool:
        """It waits on, and its card says what for; always False.

        A reason that differs in its numbers only is no news: seconds go by.
        """
        if _stem(delivery.error) != _stem(why):
            await self.move(delivery, delivery.state, {delivery.state}, error=why)
        return False

    async def wait_or_detour(self, delivery: Delivery, why: str) -> bool:
        """To the bot with what certainly was not sent, once it has waited long enough."""
        # While this process did not run, no account had its chance.
        since = max(delivery.approved_at or delivery.created_at, self._began_at)
        waited = self.now() - since
        if waited >= self._fallback_after and not delivery.is_possibly_sent:
            if delivery.may_fall_back:
                return await self.detour(delivery, why)
            if delivery.fallback is Fallback.ASK and not delivery.detour:
                asked = {DeliveryState.PENDING}
                await self.move(delivery, DeliveryState.PENDING, asked, detour=why, error=why)
                return False
        return await self.wait(delivery, why)

    async def detour(self, delivery: Delivery, why: str) -> bool:
        """To the bot; False where an attempt as the account may have gone through."""
        if delivery.is_possibly_sent:
            return False
        pending = {DeliveryState.PENDING}
        moved = await self.move(
            delivery, DeliveryState.BOT_PENDING, pending, detour=why, error="", not_before=None
        )
        if moved:
            account = delivery.account_id
            log = logger.bind(delivery=delivery.id, account=account, event="send.detour")
            log.info("as the bot: {}", why)
        return True

    async def fail(self, delivery: Delivery, why: str, **values: Any) -> bool:  # noqa: ANN401 - columns
        """It is over, until an operator retries it; always True."""
        await self.move(delivery, DeliveryState.FAILED, error=why, **values)
        log = logger.bind(delivery=delivery.id, account=delivery.account_id, event="send.failed")
        log.info("not sent: {}", why)
        return True

    async def doubt(self, delivery: Delivery, why: str, **values: Any) -> bool:  # noqa: ANN401 - columns
        """An operator has to look whether it is there; always True."""
        await self.move(delivery, DeliveryState.UNKNOWN, error=why, **values)
        log = logger.bind(delivery=delivery.id, account=delivery.account_id, event="send.open")
        log.warning("may have been sent as the account: {}", why)
        return True

    async def fault(self, delivery: Delivery, why: str) -> bool:
        """Telegram's own fault: again by the schedule, then FAILED with a retry (S2.8)."""
        pauses = self.repeats.faults_s
        if delivery.faults >= len(pauses):
            return await self.fail(delivery, why)
        due = self.after(pauses[delivery.faults])
        await self.back(delivery, not_before=due, faults=delivery.faults + 1, error=why)
        return False

    async def keep_flood(self, delivery: Delivery, method: str, until: datetime) -> bool:
        """Store the wait with the delivery that met it; from now on it holds for all."""
        wait = FloodWait(delivery.account_id, method, until)
        await self._database.writer.write(wait)
        await self.back(delivery)
        return False

    async def back(self, delivery: Delivery, **values: Any) -> None:  # noqa: ANN401 - columns
        """Wait on: as PENDING where certainly nothing was sent, else as SENDING."""
        to = DeliveryState.SENDING if delivery.attempts else DeliveryState.PENDING
        await self.move(delivery, to, attempts=delivery.attempts, **values)

    async def hand_over(self, delivery: Delivery, **values: Any) -> Delivery | None:  # noqa: ANN401 - columns
        """Commit SENDING: from here on it is possibly sent.

        None where it was cancelled, or was handed over since it was read.
        """
        values |= {
            "attempts": delivery.attempts + 1,
            "handed_at": delivery.handed_at or self.now(),
        }
        if not await self.move(
            delivery,
            DeliveryState.SENDING,
            so_far=delivery.attempts,
            error="",
            detour="",
            not_before=None,
            **values,
        ):
            return None
        return replace(
            delivery,
            state=DeliveryState.SENDING,
            **{name: values[name] for name in ("attempts", "handed_at", "peer", "steps")},
        )


def _stem(why: str) -> str:
    return _NUMBER.sub("", why)
