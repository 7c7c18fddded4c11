"""/events: what the journal tells, the newest first."""

from aiogram import Router
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, Message

from bot.callbacks import OnEvents
from bot.chronicle import Chronicle
from bot.events_filter import PAGE, edges, parse, wanted
from bot.handlers.context import Context, chat_of
from bot.roles import LOOKING
from bot.show import acknowledge, replace, reply
from bot.views import events as views
from bot.views.view import View, back, rows

LONGEST_WORD = 40


def router() -> Router:
    events = Router(name="events")
    events.message.register(asked, Command("events"), flags=LOOKING)
    events.callback_query.register(turn, OnEvents.filter(), flags=LOOKING)
    return events


async def asked(
    message: Message, command: CommandObject, ctx: Context, chronicle: Chronicle
) -> None:
    """`/events`, `/events 17`, `/events proxies`, `/events 17 login`."""
    order = parse(command.args or "")
    account = 0
    if order.who:
        facts = await ctx.desk.find(order.who)
        if facts is None:
            word = order.who[:LONGEST_WORD]
            is_number = word.removeprefix("#").isdecimal() or word.startswith("+")
            words = ctx.t("events-no-account" if is_number else "events-usage", word=word)
            await reply(message, View(words, rows([back(ctx.t)])))
            return
        account = facts.account.id
    page = OnEvents(group=order.group, account=account)
    await reply(message, await _view(ctx, chronicle, page, message.chat.id))


async def turn(
    query: CallbackQuery, callback_data: OnEvents, ctx: Context, chronicle: Chronicle
) -> None:
    await acknowledge(query)
    await replace(query, await _view(ctx, chronicle, callback_data, chat_of(query)))


async def _view(ctx: Context, chronicle: Chronicle, page: OnEvents, chat_id: int) -> View:
    older, newer = edges(page)
    zone = await ctx.zones.of(chat_id)
    told = await chronicle.events(wanted(page), older=older, newer=newer, limit=PAGE, zone=zone)
    return views.listing(ctx.t, told, page)
