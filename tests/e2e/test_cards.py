"""Cards that wait for an operator are heard of: an edit alone makes no sound."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest

from bot.cards import Cards
from bot.texts import Texts
from storage import cards, deliveries
from storage.delivery import DeliveryState, Fallback
from tests.e2e.test_bot_route import Bots, bots
from tests.timing import limit, seconds
from userbot.nursery import Nursery

__all__ = ["bots"]

S = DeliveryState


@asynccontextmanager
async def card_loop(bots: Bots, remind_after_s: float = 0) -> AsyncIterator[None]:
    async with Nursery() as nursery:
        loop = Cards(bots.db, bots.bot, Texts(), remind_after_s=remind_after_s)
        nursery.start(loop.run(), name="cards")
        yield


async def put(bots: Bots, operator: dict[str, Any], **values: object) -> int:
    """A draft with a card in the operator's chat, approved a minute ago."""
    shown = await bots.bot.send_message(operator["id"], "card")
    async with bots.db.transaction() as tx:
        delivery_id = await deliveries.draft(
            tx,
            account_id=bots.account,
            target="@somebody",
            text="hello",
            fallback=Fallback.ASK,
        )
        await cards.set_place(tx, delivery_id, operator["id"], shown.message_id, 0)
        approved = {"approved_at": tx.now - timedelta(minutes=1)}
        await deliveries.move(tx, delivery_id, [S.DRAFT], S.PENDING, **approved, **values)
    return delivery_id


async def shows(bots: Bots, operator: dict[str, Any], words: str) -> dict[str, Any]:
    async with asyncio.timeout(limit(20)):
        while True:
            for message in await bots.read(operator):
                if words in message["text"]:
                    return message
            await asyncio.sleep(seconds(0.05))


@pytest.mark.parametrize(
    ("to", "values", "words"),
    [
        (S.UNKNOWN, {"error": "lost"}, "tell whether the message to @somebody arrived"),
        (S.FAILED, {"error": "no"}, "The message to @somebody was not sent"),
        (S.FAILED, {"error": "no answer", "attempts": 1}, "it may have gone out. Press “Retry"),
        (S.PENDING, {"detour": "it is away"}, "Shall the bot send it?"),
    ],
)
async def test_what_waits_for_an_operator_is_said_once_below_its_card(
    bots: Bots, to: DeliveryState, values: dict[str, object], words: str
):
    olga = await bots.reader("Olga")
    async with card_loop(bots):
        delivery_id = await put(bots, olga)
        card = await shows(bots, olga, "Waiting to go out")
        async with bots.db.transaction() as tx:
            await deliveries.move(tx, delivery_id, [S.PENDING], to, **values)
        reminder = await shows(bots, olga, words)
        async with bots.db.transaction() as tx:
            await deliveries.change(tx, delivery_id, text="another version")
        await shows(bots, olga, "another version")
    said = [m for m in await bots.read(olga) if m["reply_to"] == card["id"]]
    assert len(said) == 1
    assert words in said[0]["text"] or words in reminder["text"]


async def test_who_has_just_pressed_is_looking_and_needs_no_sound(bots: Bots):
    olga = await bots.reader("Olga")
    async with card_loop(bots, remind_after_s=120):
        delivery_id = await put(bots, olga)
        async with bots.db.transaction() as tx:
            await deliveries.move(tx, delivery_id, [S.PENDING], S.FAILED, error="no")
        await shows(bots, olga, "Not sent: no.")
        other = await put(bots, olga)
        assert other != delivery_id
        await shows(bots, olga, "Waiting to go out")
    assert [m for m in await bots.read(olga) if m["reply_to"]] == []
