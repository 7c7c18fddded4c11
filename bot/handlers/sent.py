"""/sent: what was sent, waits or failed, the newest first."""

from aiogram import F, Router
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, Message

from bot.callbacks import OnSent, SentBy
from bot.handlers.context import Context, chat_of
from bot.roles import LOOKING
from bot.sent_filter import BadFilter, Filter, parse
from bot.show import acknowledge, replace, reply
from bot.views import sent as views


def router() -> Router:
    sent = Router(name="sent")
    sent.message.register(asked, Command("sent"), flags=LOOKING)
    sent.callback_query.register(turn, OnSent.filter(F.by == SentBy.NOTHING), flags=LOOKING)
    sent.callback_query.register(choose, OnSent.filter(), flags=LOOKING)
    return sent


async def asked(message: Message, command: CommandObject, ctx: Context) -> None:
    """`/sent`, `/sent failed`, `/sent @bob`, `/sent #7`, or several of these."""
    try:
        wanted = parse(command.args or "")
    except BadFilter as exc:
        await reply(message, views.misread(ctx.t, exc.word))
        return
    like = await ctx.deliveries.newest_to(wanted.target) if wanted.target else 0
    if like is None:
        await reply(message, views.nothing_to(ctx.t, wanted.target))
        return
    page = OnSent(which=wanted.which, account=wanted.account_id or 0, like=like)
    await reply(message, views.listing(ctx.t, await _listed(ctx, page, message.chat.id), page))


async def turn(query: CallbackQuery, callback_data: OnSent, ctx: Context) -> None:
    await acknowledge(query)
    listed = await _listed(ctx, callback_data, chat_of(query))
    await replace(query, views.listing(ctx.t, listed, callback_data))


async def choose(query: CallbackQuery, callback_data: OnSent, ctx: Context) -> None:
    """What to narrow the list by."""
    await acknowledge(query)
    if callback_data.by is SentBy.ACCOUNT:
        accounts = (await ctx.desk.overview()).accounts
        await replace(query, views.choose_account(ctx.t, accounts, callback_data))
    else:
        listed = await _listed(ctx, callback_data, chat_of(query))
        await replace(query, views.choose_target(ctx.t, listed, callback_data))


async def _listed(ctx: Context, page: OnSent, chat_id: int) -> views.Listed:
    """The deliveries of a page, and one more where there are more."""
    target = await ctx.deliveries.target_of(page.like) if page.like else ""
    wanted = Filter(page.which, page.account or None, target).wanted
    found = await ctx.deliveries.sent(
        wanted, limit=views.PAGE + 1, offset=max(0, page.page) * views.PAGE
    )
    names = {
        account_id: await ctx.name(account_id) for account_id in {d.account_id for d in found}
    }
    return views.Listed(found, names, target, await ctx.zones.of(chat_id))
