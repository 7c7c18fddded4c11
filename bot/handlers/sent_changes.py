"""Changing what was sent: another text, or away for everyone; and the chat's latest messages."""

from aiogram import Bot, F, Router
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, Message

from bot.callbacks import DeliveryAct, OnDelivery
from bot.handlers.context import Context, chat_of
from bot.handlers.deliveries import is_its_card, presser
from bot.handlers.sending.arriving import words_of
from bot.show import acknowledge, edit, replace, reply
from bot.stories import Story
from bot.views import deliveries as views
from bot.views import sent_changes as words
from bot.views.view import View
from storage.delivery import Delivery, Media

MOST = {True: 4096, False: 1024}
"""So many characters a text has, or a caption: Telegram's limits, in UTF-16 units."""
LAST = 5


class SentChange(StatesGroup):
    """What was asked about something that was sent."""

    text = State()


def router() -> Router:
    changes = Router(name="changes of what was sent")
    on = OnDelivery.filter
    changes.callback_query.register(ask_text, on(F.act == DeliveryAct.EDIT))
    changes.callback_query.register(ask_delete, on(F.act == DeliveryAct.DELETE))
    changes.callback_query.register(delete, on(F.act == DeliveryAct.DELETE_NOW))
    changes.callback_query.register(last, on(F.act == DeliveryAct.LAST))
    plain = F.text & ~F.text.startswith("/")
    changes.message.register(take_text, SentChange.text, plain)
    changes.message.register(not_text, SentChange.text, ~F.text)
    return changes


async def ask_text(
    query: CallbackQuery, callback_data: OnDelivery, state: FSMContext, ctx: Context
) -> None:
    """Ask below the card, which stays as it is."""
    story = await _sent_or_stale(query, callback_data.id, ctx)
    if story is None or not isinstance(query.message, Message):
        return
    await acknowledge(query)
    await state.set_state(SentChange.text)
    await state.set_data({"delivery": callback_data.id})
    is_group = query.message.chat.type != "private"
    await reply(query.message, words.ask_text(ctx.t, story, is_group=is_group))


async def take_text(message: Message, state: FSMContext, ctx: Context, bot: Bot) -> None:
    part = await _part_of(state, ctx, message.chat.id)
    if part is None:
        await state.clear()
        await reply(message, views.gone(ctx.t))
        return
    text, most = words_of(message), MOST[part.media is Media.NONE]
    if text.length > most:
        await reply(message, words.too_long(ctx.t, text.length, most))
        return
    await state.clear()
    told = await reply(message, View(ctx.t("edit-under-way")))
    by = presser(message)

    async def work() -> None:
        why_not = await ctx.deliveries.edit(part.id, text.text, text.entities, by=by)
        view = words.edited(ctx.t, part, why_not)
        await edit(bot, told.chat.id, told.message_id, view)

    ctx.in_background(work, f"edit of delivery {part.id}")


async def not_text(message: Message, ctx: Context) -> None:
    await reply(message, View(ctx.t("edit-text-only")))


async def ask_delete(query: CallbackQuery, callback_data: OnDelivery, ctx: Context) -> None:
    story = await _sent_or_stale(query, callback_data.id, ctx)
    if story is not None:
        await acknowledge(query)
        await replace(query, words.ask_delete(ctx.t, story))


async def delete(query: CallbackQuery, callback_data: OnDelivery, ctx: Context) -> None:
    """The second press."""
    story = await _sent_or_stale(query, callback_data.id, ctx)
    if story is None:
        return
    await acknowledge(query)
    await replace(query, View(ctx.t("deleting")))
    by = presser(query)

    async def work() -> None:
        why_not = await ctx.deliveries.delete(story.head.id, by=by)
        now = await ctx.deliveries.story(story.head.id, seen_in=chat_of(query))
        if now is None:
            await replace(query, views.gone(ctx.t))
        elif why_not:
            await replace(query, words.not_deleted(ctx.t, now, why_not))
        elif not is_its_card(query, now):  # that one is edited by `bot.cards`
            await replace(query, views.of(ctx.t, now))

    ctx.in_background(work, f"deletion of delivery {story.head.id}")


async def last(query: CallbackQuery, callback_data: OnDelivery, ctx: Context, bot: Bot) -> None:
    """The latest messages of its chat, below the card."""
    story = await ctx.deliveries.story(callback_data.id, seen_in=chat_of(query))
    if story is None or not isinstance(query.message, Message):
        await acknowledge(query, ctx.t("stale"))
        return
    await acknowledge(query)
    told = await reply(query.message, words.fetching(ctx.t, story.head))
    by = presser(query)

    async def work() -> None:
        found = await ctx.deliveries.last_messages(story.head, limit=LAST, by=by.id)
        view = words.last(ctx.t, story, found)
        await edit(bot, told.chat.id, told.message_id, view)

    ctx.in_background(work, f"latest messages for delivery {story.head.id}")


async def _sent_or_stale(query: CallbackQuery, delivery_id: int, ctx: Context) -> Story | None:
    """Its story, if there is something to change; else the operator sees how it is."""
    story = await ctx.deliveries.story(delivery_id, seen_in=chat_of(query))
    if story is not None and story.standing:
        return story
    await acknowledge(query, ctx.t("stale"))
    await replace(query, views.of(ctx.t, story) if story else views.gone(ctx.t))
    return None


async def _part_of(state: FSMContext, ctx: Context, chat_id: int) -> Delivery | None:
    """The message that is to have another text; None where it is gone."""
    number = int((await state.get_data()).get("delivery", 0))
    story = await ctx.deliveries.story(number, seen_in=chat_id)
    return next((p for p in story.standing if p.id == number), None) if story else None
