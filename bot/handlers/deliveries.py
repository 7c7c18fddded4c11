"""The buttons of a delivery's card. The first press wins; the others learn whose that was."""

import html

from aiogram import F, Router
from aiogram.types import CallbackQuery, Message

from bot.callbacks import DeliveryAct, OnDelivery
from bot.delivery_desk import First, Presser
from bot.following import Glance
from bot.handlers.context import Context, chat_of, operator
from bot.roles import LOOKING
from bot.show import acknowledge, replace, reply
from bot.stories import Story
from bot.views import deliveries as views
from bot.views.view import age

_MOVES = (
    DeliveryAct.AS_ACCOUNT,
    DeliveryAct.AS_BOT,
    DeliveryAct.DISCARD,
    DeliveryAct.CANCEL,
    DeliveryAct.WAIT,
    DeliveryAct.ARRIVED,
    DeliveryAct.AGAIN,
)
FOLLOWED_S = 60.0


def router() -> Router:
    on_cards = Router(name="deliveries")
    on = OnDelivery.filter
    on_cards.callback_query.register(move, on(F.act.in_(_MOVES)))
    on_cards.callback_query.register(
        show, on(F.act.in_({DeliveryAct.SHOW, DeliveryAct.DETAILS})), flags=LOOKING
    )
    on_cards.callback_query.register(open_, on(F.act == DeliveryAct.OPEN), flags=LOOKING)
    return on_cards


async def move(query: CallbackQuery, callback_data: OnDelivery, ctx: Context) -> None:
    """A press that lets the delivery go on; its card is edited by `bot.cards`."""
    by, delivery_id = presser(query), callback_data.id
    is_first = await ctx.deliveries.press(callback_data.act, delivery_id, by=by)
    story = await ctx.deliveries.story(delivery_id, seen_in=chat_of(query))
    if is_first:
        await acknowledge(query, await ctx.while_recovering())
    else:
        first = await ctx.deliveries.first(delivery_id)
        await acknowledge(query, _too_late(ctx, first, by))
    if story is None:
        await replace(query, views.gone(ctx.t))
    elif not is_its_card(query, story):
        _follow(query, ctx, delivery_id)
    elif not is_first:
        await ctx.deliveries.show_anew(delivery_id)


async def show(query: CallbackQuery, callback_data: OnDelivery, ctx: Context) -> None:
    """The card as it is now, with its details or without."""
    await acknowledge(query)
    story = await ctx.deliveries.story(callback_data.id, seen_in=chat_of(query))
    is_detailed = callback_data.act is DeliveryAct.DETAILS
    view = views.of(ctx.t, story, is_detailed=is_detailed) if story else views.gone(ctx.t)
    await replace(query, view)
    now = await ctx.deliveries.story(callback_data.id, seen_in=chat_of(query))
    if story and now and now.head.version != story.head.version:
        # The card was edited meanwhile, and what is there now is older than that.
        await ctx.deliveries.show_anew(callback_data.id)


async def open_(query: CallbackQuery, callback_data: OnDelivery, ctx: Context) -> None:
    """The card as a message of its own; it is kept true where it is the only one."""
    await acknowledge(query)
    story = await ctx.deliveries.story(callback_data.id, seen_in=chat_of(query))
    if not isinstance(query.message, Message):
        return
    shown = await reply(query.message, views.of(ctx.t, story) if story else views.gone(ctx.t))
    if story is not None and story.head.card_message_id is None:
        await ctx.desk.put_card(story.head, shown.chat.id, shown.message_id)


def presser(event: CallbackQuery | Message) -> Presser:
    """Who acts, by the name that Telegram tells."""
    name = event.from_user.full_name if event.from_user else ""
    return Presser(operator(event), name)


def is_its_card(query: CallbackQuery, story: Story) -> bool:
    """Whether the message that was pressed is the one that is kept true."""
    head, message = story.head, query.message
    place = (message.chat.id, message.message_id) if message else None
    return place == (head.card_chat_id, head.card_message_id)


def _too_late(ctx: Context, first: First | None, by: Presser) -> str:
    """Who was first, in words for a notice, which is no HTML."""
    t = ctx.t
    act = views.act_in_words(t, first.act) if first else None
    if first is None or act is None:
        return t("stale")
    if first.by == by.id:
        return html.unescape(t("press-first-own", act=act))
    if first.ago is None:
        return html.unescape(t("press-first-once", name=first.name, act=act))
    ago = age(t, first.ago)
    return html.unescape(t("press-first", name=first.name, act=act, age=ago))


def _follow(query: CallbackQuery, ctx: Context, delivery_id: int) -> None:
    """Keep a copy of the card true for a while: it is in front of whoever pressed."""
    message = query.message
    if not isinstance(message, Message):
        return

    async def look() -> Glance:
        story = await ctx.deliveries.story(delivery_id, seen_in=message.chat.id)
        if story is None:
            return Glance(views.gone(ctx.t), is_over=True)
        return Glance(views.of(ctx.t, story), is_over=story.current.state.is_final)

    async def work() -> None:
        await ctx.following.follow(message, look, ctx.deliveries.changes, limit_s=FOLLOWED_S)

    ctx.in_background(work, f"card of delivery {delivery_id}")
