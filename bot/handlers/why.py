"""/why: what happened to an account, and what comes next."""

from aiogram import F, Router
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, Message

from bot.callbacks import AccountAct, OnAccount
from bot.handlers.context import Context, chat_of, facts_or_gone
from bot.roles import LOOKING
from bot.show import acknowledge, replace, reply
from bot.views import why as views
from bot.views.view import View
from userbot.facts import Facts

READ = 5 * views.MOST
"""Some entries are not told: more are read than shown."""


def router() -> Router:
    why = Router(name="why")
    why.message.register(asked, Command("why"), flags=LOOKING)
    why.callback_query.register(pressed, OnAccount.filter(F.act == AccountAct.WHY), flags=LOOKING)
    return why


async def asked(message: Message, command: CommandObject, ctx: Context) -> None:
    """`/why 7`, `/why #7` or `/why +442079460000`."""
    who = (command.args or "").strip()
    if not who:
        await reply(message, View(ctx.t("why-usage")))
        return
    facts = await ctx.desk.find(who)
    await reply(
        message, await _view(ctx, facts, message.chat.id) if facts else View(ctx.t("why-unknown"))
    )


async def pressed(query: CallbackQuery, callback_data: OnAccount, ctx: Context) -> None:
    if facts := await facts_or_gone(query, ctx, callback_data.id):
        await acknowledge(query)
        await replace(query, await _view(ctx, facts, chat_of(query)))


async def _view(ctx: Context, facts: Facts, chat_id: int) -> View:
    happened = await ctx.desk.history(facts.account.id, READ)
    zone, now = await ctx.zones.of(chat_id), ctx.desk.now()
    return views.why(ctx.t, facts, happened, now=now, attempts=ctx.attempts, zone=zone)
