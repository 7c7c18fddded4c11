"""Taking an account's session out: stopped first, sealed with a passphrase, shown for a minute."""

from datetime import timedelta

from aiogram import Bot, F, Router
from aiogram.filters import CommandObject
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import BufferedInputFile, CallbackQuery, Message

from bot.callbacks import AccountAct, OnAccount
from bot.exporter import SHORTEST_PASSPHRASE, SHOWN_FOR_S
from bot.handlers.context import Context, account_or_gone, operator
from bot.handlers.private import delete, is_private, number_of, numbered, to_private
from bot.roles import OWNING
from bot.show import acknowledge, put, replace, reply
from bot.views import accounts as account_views
from bot.views import exporting as views
from bot.views.view import View, age, back, rows
from storage.accounts import Account, Desired
from userbot.exporting import ExportRefused, NotStopped

DEEP_LINK = "export_"
"""With the account's number behind it."""


class Exporting(StatesGroup):
    """The passphrase was asked for."""

    passphrase = State()


def router() -> Router:
    """With a deep link of its own, so it comes before the menu's /start."""
    exporting = Router(name="exporting")
    on = OnAccount.filter
    exporting.callback_query.register(ask, on(F.act == AccountAct.EXPORT), flags=OWNING)
    exporting.message.register(linked, numbered(DEEP_LINK), flags=OWNING)
    plain = F.text & ~F.text.startswith("/")
    exporting.message.register(take, Exporting.passphrase, plain, flags=OWNING)
    exporting.message.register(not_text, Exporting.passphrase, ~F.text, flags=OWNING)
    return exporting


async def ask(
    query: CallbackQuery, callback_data: OnAccount, state: FSMContext, ctx: Context, bot: Bot
) -> None:
    """Say what happens to the account, and ask for the passphrase."""
    account = await account_or_gone(query, ctx, callback_data.id)
    if account is None or not isinstance(query.message, Message):
        return
    await acknowledge(query)
    if not is_private(query.message):
        await _offer_private(query.message, account, ctx, bot)
        return
    await replace(query, await _asked(account, state, ctx))


async def linked(
    message: Message, command: CommandObject, state: FSMContext, ctx: Context, bot: Bot
) -> None:
    """From a group, by the link."""
    account = await ctx.desk.account(number_of(command, DEEP_LINK))
    if account is None:
        await reply(message, View(ctx.t("account-unknown"), rows([back(ctx.t)])))
    elif is_private(message):
        await reply(message, await _asked(account, state, ctx))
    else:
        await _offer_private(message, account, ctx, bot)


async def _offer_private(message: Message, account: Account, ctx: Context, bot: Bot) -> None:
    link, words = f"{DEEP_LINK}{account.id}", ctx.t("export-in-private")
    await to_private(message, ctx, bot, link, words)


async def _asked(account: Account, state: FSMContext, ctx: Context) -> View:
    """The question for the passphrase; or at once why it would be for nothing."""
    name = await ctx.name(account.id)
    await state.clear()  # the question about another account is over
    if why := views.why_worthless(ctx.t, account_views.state_of(account), name):
        return views.refused(ctx.t, account.id, why)
    await state.set_state(Exporting.passphrase)
    await state.set_data({"account": account.id})
    return views.ask(ctx.t, account, name, SHORTEST_PASSPHRASE)


async def take(message: Message, state: FSMContext, ctx: Context) -> None:
    """Use the passphrase once; the message that held it is deleted first."""
    account_id = int((await state.get_data())["account"])
    if not await delete(message):
        await reply(message, View(ctx.t("export-passphrase-kept")))
    passphrase = message.text or ""
    if len(passphrase) < SHORTEST_PASSPHRASE:
        words = ctx.t("export-passphrase-short", shortest=SHORTEST_PASSPHRASE)
        await reply(message, views.again(ctx.t, account_id, words))
        return
    await state.clear()
    account = await ctx.desk.account(account_id)
    if account is None:
        await reply(message, views.refused(ctx.t, account_id, ctx.t("account-unknown")))
        return
    told = await reply(message, View(ctx.t("export-working")))
    by = operator(message)

    async def work() -> None:
        await _export(told, account, passphrase, ctx, by)

    ctx.in_background(work, f"export of account {account_id}")


async def not_text(message: Message, ctx: Context) -> None:
    await reply(message, View(ctx.t("text-expected")))


async def _export(told: Message, account: Account, passphrase: str, ctx: Context, by: int) -> None:
    """Stop it where it runs, seal its session, and send that; the file goes after a minute."""
    t, name = ctx.t, await ctx.name(account.id)
    if account.desired is not Desired.STOP and not await _stop(account.id, ctx, by):
        await put(told, views.refused(t, account.id, t("export-not-stopped")))
        return
    try:
        sealed = await ctx.exporter.sealed(account.id, passphrase, by=by)
    except NotStopped as exc:
        why = views.why_worthless(t, exc.state, name) or t("export-not-stopped-yet")
        await put(told, views.refused(t, account.id, why))
        return
    except ExportRefused as exc:
        await put(told, views.refused(t, account.id, str(exc)))
        return
    shown_for = age(t, timedelta(seconds=SHOWN_FOR_S))
    file = BufferedInputFile(sealed.encode(), f"mooring-{account.id}.session.txt")
    caption = t("export-file", account=name, shown=shown_for)
    sent = await told.answer_document(file, caption=caption)
    await ctx.exporter.delete_later(sent.chat.id, sent.message_id)
    await put(told, views.done(t, account.id, name))


async def _stop(account_id: int, ctx: Context, by: int) -> bool:
    try:
        outcome = await ctx.desk.order("stop", by=by, account_id=account_id, args={"force": True})
    except TimeoutError:
        return False
    return "error" not in outcome
