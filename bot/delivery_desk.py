"""The use cases about deliveries once they are written: approve, settle, change, delete, read."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.botroute import BotChanges
from bot.callbacks import DeliveryAct
from bot.presses import Turn, turns
from bot.stories import GONE, Story, story_of
from bot.zones import Zones
from storage import deliveries, journal, names, sent
from storage.database import Database
from storage.delivery import Delivery, DeliveryState
from storage.sent import Wanted
from storage.tx import Tx
from storage.wakeups import Subscription

LOOKED_BACK = 200
"""So many entries of the journal are looked through for the press before this one."""
NOT_ANSWERED = "no answer"
"""Why not, where nobody carried an order out in time: it stands, and may be done yet."""
_KINDS = {
    DeliveryAct.AS_ACCOUNT: "approved",
    DeliveryAct.AS_BOT: "approved",
    DeliveryAct.DISCARD: "discarded",
    DeliveryAct.CANCEL: "discarded",
    DeliveryAct.WAIT: "waits",
    DeliveryAct.ARRIVED: "settled",
    DeliveryAct.AGAIN: "settled",
}
"""What the journal calls a press."""
Order = Callable[..., Awaitable[dict[str, Any]]]
"""`Desk.order`."""


@dataclass(frozen=True, slots=True)
class Presser:
    """Who presses, and what that person is called."""

    id: int
    name: str = ""


@dataclass(frozen=True, slots=True)
class First:
    """Who was first, where a press came too late."""

    act: str
    by: int
    name: str
    ago: timedelta | None
    """None where nobody knows any more."""


class DeliveryDesk:
    """An operator's acts on deliveries."""

    def __init__(
        self, database: Database, changes: BotChanges, order: Order, *, zones: Zones
    ) -> None:
        """`order` orders something of a userbot."""
        self._database = database
        self._changes = changes
        self._order = order
        self._zones = zones

    async def story(self, delivery_id: int, *, seen_in: int) -> Story | None:
        """All that its card tells in that chat; None where it is gone."""
        zone = await self._zones.of(seen_in)
        async with self._database.read() as tx:
            return await story_of(tx, delivery_id, zone)

    async def show_anew(self, delivery_id: int) -> None:
        """Have its card edited by the loop that keeps it: two who edit overtake each other."""
        async with self._database.transaction() as tx:
            await deliveries.change(tx, delivery_id)

    def changes(self) -> AbstractContextManager[Subscription]:
        """Wakes whenever a delivery has changed."""
        return self._database.wakeups.subscribe(deliveries.CHANGED)

    async def press(self, act: DeliveryAct, delivery_id: int, *, by: Presser) -> bool:
        """Do what a button of the card says; False where it is too late for that."""
        async with self._database.transaction() as tx:
            await names.remember(tx, by.id, by.name)
            parts = await deliveries.parts(tx, delivery_id)
            moved = [t for t in turns(act, parts, tx.now) if await _move(tx, t)]
            if moved:
                data = {"delivery": delivery_id, "to": str(moved[0].to), "act": str(act)}
                await _note(tx, delivery_id, act, _KINDS[act], by.id, data)
        return bool(moved)

    async def first(self, delivery_id: int) -> First | None:
        """Whose press was the latest; None where nobody has pressed yet."""
        async with self._database.read() as tx:
            delivery = await deliveries.get(tx, delivery_id)
            if delivery is None or delivery.acted_by is None or not delivery.act:
                return None
            name = (await names.of(tx, [delivery.acted_by]))[delivery.acted_by]
            at = await _pressed_at(tx, delivery_id)
            return First(delivery.act, delivery.acted_by, name, tx.now - at if at else None)

    async def edit(
        self, delivery_id: int, text: str, entities: Sequence[Mapping[str, Any]], *, by: Presser
    ) -> str:
        """Give what was sent another text; why that was not done, or nothing."""
        delivery = await self._get(delivery_id)
        if delivery is None or delivery.state not in GONE:
            return ""
        if delivery.state is DeliveryState.SENT:
            args = {"delivery": delivery_id, "text": text, "entities": list(entities)}
            why_not = await self._ordered("delivery.edit", delivery, by.id, args)
        else:
            why_not = await self._changes.edit(delivery, text, entities)
        if not why_not:
            new = {"text": text, "entities": list(entities)}
            await self._changed(delivery, DeliveryAct.EDIT, "edited", by, new)
        return why_not

    async def delete(self, delivery_id: int, *, by: Presser) -> str:
        """Delete for everyone what was sent, with all its parts; why not, or nothing."""
        async with self._database.read() as tx:
            parts = await deliveries.parts(tx, delivery_id)
        for part in parts:
            if part.state not in GONE or part.deleted_at is not None:
                continue
            if why_not := await self._delete(part, by):
                return why_not
        return ""

    async def last_messages(self, delivery: Delivery, *, limit: int, by: int) -> dict[str, Any]:
        """The latest messages of its chat, as the account sees them, or `error`."""
        args = {"target": delivery.target, "limit": limit}
        try:
            return await self._order("chat.last", by=by, account_id=delivery.account_id, args=args)
        except TimeoutError:
            return {"error": NOT_ANSWERED}

    async def sent(self, wanted: Wanted, *, limit: int, offset: int = 0) -> list[Delivery]:
        """A page of deliveries, the newest first."""
        async with self._database.read() as tx:
            return await sent.page(tx, wanted, limit=limit, offset=offset)

    async def newest_to(self, target: str) -> int | None:
        """The newest delivery to a target; None where there is none."""
        async with self._database.read() as tx:
            return await sent.newest_to(tx, target)

    async def target_of(self, delivery_id: int) -> str:
        """Whom a delivery is to; empty where it is gone."""
        delivery = await self._get(delivery_id)
        return delivery.target if delivery else ""

    async def _delete(self, part: Delivery, by: Presser) -> str:
        if part.state is DeliveryState.SENT:
            why_not = await self._ordered("delivery.delete", part, by.id, {"delivery": part.id})
        else:
            why_not = await self._changes.delete(part)
        if not why_not:
            await self._changed(part, DeliveryAct.DELETE, "deleted", by, {})
        return why_not

    async def _ordered(
        self, kind: str, delivery: Delivery, by: int, args: Mapping[str, Any]
    ) -> str:
        try:
            outcome = await self._order(kind, by=by, account_id=delivery.account_id, args=args)
        except TimeoutError:
            return NOT_ANSWERED
        return str(outcome.get("error", ""))

    async def _changed(
        self,
        delivery: Delivery,
        act: DeliveryAct,
        word: str,
        by: Presser,
        values: Mapping[str, object],
    ) -> None:
        """Keep what became of it, and who wanted that."""
        async with self._database.transaction() as tx:
            await names.remember(tx, by.id, by.name)
            when = {DeliveryAct.EDIT: "edited_at"}.get(act, "deleted_at")
            await deliveries.change(tx, delivery.id, **{when: tx.now, **values})
            head_id = delivery.head_id or delivery.id
            await _note(tx, head_id, act, word, by.id, {"delivery": head_id, "act": str(act)})

    async def _get(self, delivery_id: int) -> Delivery | None:
        async with self._database.read() as tx:
            return await deliveries.get(tx, delivery_id)


async def _move(tx: Tx, turn: Turn) -> bool:
    return await deliveries.move(tx, turn.part.id, {turn.part.state}, turn.to, **turn.values)


async def _note(
    tx: Tx, head_id: int, act: DeliveryAct, word: str, by: int, data: Mapping[str, Any]
) -> None:
    await deliveries.change(tx, head_id, act=str(act), acted_by=by)
    await journal.note(tx, f"delivery.{word}", actor=f"operator {by}", data=data)


async def _pressed_at(tx: Tx, delivery_id: int) -> datetime | None:
    latest = await journal.latest(tx, kind="delivery.", limit=LOOKED_BACK)
    return next((e.at for e in latest if e.data.get("delivery") == delivery_id), None)
