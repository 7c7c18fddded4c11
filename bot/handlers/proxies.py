"""/proxies and adding one."""

from aiogram import F, Router
from aiogram.exceptions import TelegramBadRequest
from aiogram.filters import Command
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, Message

from bot.callbacks import Go, OnProxy, ProxyAct, Room
from bot.handlers.context import Context, operator
from bot.show import acknowledge, replace, reply
from bot.views import proxies as views
from bot.views.view import View, rows
from userbot.proxies import BadProxyLine


class AddProxy(StatesGroup):
    """Adding a proxy."""

    line = State()


def router() -> Router:
    proxies = Router(name="proxies")
    proxies.message.register(show_all, Command("proxies"))
    proxies.message.register(ask, Command("add_proxy"))
    proxies.callback_query.register(go_all, Go.filter(F.room == Room.PROXIES))
    proxies.callback_query.register(remove, OnProxy.filter(F.act == ProxyAct.REMOVE))
    proxies.callback_query.register(go_ask, Go.filter(F.room == Room.ADD_PROXY))
    proxies.message.register(add, AddProxy.line, F.text, ~F.text.startswith("/"))
    proxies.message.register(not_text, AddProxy.line, ~F.text)
    return proxies


async def show_all(message: Message, ctx: Context) -> None:
    await reply(message, await _listing(ctx))


async def go_all(query: CallbackQuery, ctx: Context) -> None:
    await acknowledge(query)
    await replace(query, await _listing(ctx))


async def ask(message: Message, state: FSMContext, ctx: Context) -> None:
    await state.set_state(AddProxy.line)
    await reply(message, _question(ctx))


async def go_ask(query: CallbackQuery, state: FSMContext, ctx: Context) -> None:
    await acknowledge(query)
    await state.set_state(AddProxy.line)
    await replace(query, _question(ctx))


async def add(message: Message, state: FSMContext, ctx: Context) -> None:
    """Add the proxy; a line that is none leaves the dialog where it was."""
    t = ctx.t
    try:
        endpoint, is_new = await ctx.desk.add_proxy(message.text or "", by=operator(message))
    except BadProxyLine as exc:
        await reply(message, View(t("proxy-bad", reason=exc.reason)))
        return
    await state.clear()
    words = [t("proxy-added" if is_new else "proxy-known", proxy=endpoint.name)]
    if endpoint.password and not await _delete(message):
        words.append(t("proxy-message-kept"))
    listing = await _listing(ctx)
    await reply(message, View("\n\n".join([*words, listing.text]), listing.keyboard))


async def remove(query: CallbackQuery, callback_data: OnProxy, ctx: Context) -> None:
    """For new accounts only; a press on one that is gone shows the list as it is."""
    name = await ctx.desk.remove_proxy(callback_data.id, by=operator(query))
    await acknowledge(query, None if name else ctx.t("stale"))
    listing = await _listing(ctx)
    told = f"{ctx.t('proxy-removed', proxy=name)}\n\n" if name else ""
    await replace(query, View(told + listing.text, listing.keyboard))


async def not_text(message: Message, ctx: Context) -> None:
    await reply(message, View(ctx.t("text-expected")))


async def _delete(message: Message) -> bool:
    """Delete a message that held a secret; False where Telegram does not let us."""
    try:
        return await message.delete()
    except TelegramBadRequest:
        return False


async def _listing(ctx: Context) -> View:
    seen = await ctx.desk.overview()
    return views.listing(ctx.t, seen.proxies)


def _question(ctx: Context) -> View:
    cancel = (ctx.t("button-cancel"), Go(room=Room.CANCEL))
    return View(ctx.t("proxy-ask"), rows([cancel]))
