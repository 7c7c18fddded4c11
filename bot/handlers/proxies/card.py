"""A proxy's card, and what a press on it does at once."""

from aiogram import F, Router
from aiogram.filters import CommandObject, CommandStart
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from bot.callbacks import OnProxy, ProxyAct
from bot.following import Glance
from bot.handlers.context import Context, operator
from bot.handlers.proxies.dialogs import leave
from bot.handlers.proxies.showing import (
    answer_with_card,
    card,
    card_of,
    proxy_or_gone,
    show_card,
)
from bot.roles import LOOKING
from bot.show import acknowledge, put, replace
from bot.views.proxies import acts
from storage.proxies import Kind

DEEP_LINK = r"^proxy_(\d{1,18})$"
CHECK_LIMIT_S = 40.0
_KINDS = {ProxyAct.STATIC: Kind.STATIC, ProxyAct.ROTATING: Kind.ROTATING}


def router() -> Router:
    cards = Router(name="proxy cards")
    cards.message.register(from_link, CommandStart(deep_link=True, magic=F.args.regexp(DEEP_LINK)))
    press = cards.callback_query.register
    press(show, OnProxy.filter(F.act == ProxyAct.SHOW), flags=LOOKING)
    press(open_below, OnProxy.filter(F.act == ProxyAct.OPEN), flags=LOOKING)
    press(check, OnProxy.filter(F.act == ProxyAct.CHECK))
    press(ask_kind, OnProxy.filter(F.act == ProxyAct.KIND))
    press(set_kind, OnProxy.filter(F.act.in_(set(_KINDS))))
    press(settle, OnProxy.filter(F.act.in_({ProxyAct.SOCKS5, ProxyAct.HTTP})))
    press(ask_remove, OnProxy.filter(F.act == ProxyAct.REMOVE))
    press(remove, OnProxy.filter(F.act == ProxyAct.REMOVE_NOW))
    press(use, OnProxy.filter(F.act == ProxyAct.USE))
    press(ask_release, OnProxy.filter(F.act == ProxyAct.RELEASE))
    press(release, OnProxy.filter(F.act == ProxyAct.RELEASE_NOW))
    press(keep, OnProxy.filter(F.act == ProxyAct.KEEP))
    return cards


async def from_link(message: Message, command: CommandObject, ctx: Context) -> None:
    """A group's link to the private chat."""
    await answer_with_card(message, ctx, int((command.args or "").removeprefix("proxy_")))


async def show(
    query: CallbackQuery, callback_data: OnProxy, state: FSMContext, ctx: Context
) -> None:
    """Its card; a dialog about it that is open is left."""
    await leave(state, callback_data.id)
    await show_card(query, ctx, callback_data.id)


async def open_below(query: CallbackQuery, callback_data: OnProxy, ctx: Context) -> None:
    """From an alert, which is edited when it is over and must not become a card."""
    await acknowledge(query)
    if isinstance(query.message, Message):
        await answer_with_card(query.message, ctx, callback_data.id)


async def check(query: CallbackQuery, callback_data: OnProxy, ctx: Context) -> None:
    await acknowledge(query)
    await _check(query, callback_data.id, ctx)


async def ask_kind(query: CallbackQuery, callback_data: OnProxy, ctx: Context) -> None:
    if proxy := await proxy_or_gone(query, ctx, callback_data.id):
        await acknowledge(query)
        await replace(query, acts.kinds(ctx.t, proxy))


async def set_kind(query: CallbackQuery, callback_data: OnProxy, ctx: Context) -> None:
    kind = _KINDS[callback_data.act]
    is_set = await ctx.proxies.set_kind(callback_data.id, kind, by=operator(query))
    await show_card(query, ctx, callback_data.id, ctx.t("saved") if is_set else "")


async def settle(query: CallbackQuery, callback_data: OnProxy, ctx: Context) -> None:
    """An operator knows what it is; a check as that follows."""
    scheme = str(callback_data.act)
    if not await ctx.proxies.settle_scheme(callback_data.id, scheme, by=operator(query)):
        await show_card(query, ctx, callback_data.id, ctx.t("settled-not"))
        return
    await acknowledge(query, ctx.t("settled", scheme=ctx.t(f"scheme-{scheme}")))
    await _check(query, callback_data.id, ctx)


async def ask_remove(query: CallbackQuery, callback_data: OnProxy, ctx: Context) -> None:
    if proxy := await proxy_or_gone(query, ctx, callback_data.id):
        await acknowledge(query)
        await replace(query, acts.remove(ctx.t, proxy))


async def remove(query: CallbackQuery, callback_data: OnProxy, ctx: Context) -> None:
    """For new accounts only; a press on one that is removed already shows its card."""
    if proxy := await proxy_or_gone(query, ctx, callback_data.id):
        is_removed = await ctx.proxies.remove(proxy.id, by=operator(query))
        told = ctx.t("proxy-removed", proxy=proxy.endpoint.name) if is_removed else ""
        await show_card(query, ctx, proxy.id, told)


async def use(query: CallbackQuery, callback_data: OnProxy, ctx: Context) -> None:
    is_used = await ctx.proxies.use_again(callback_data.id, by=operator(query))
    await show_card(query, ctx, callback_data.id, ctx.t("proxy-used") if is_used else "")


async def ask_release(query: CallbackQuery, callback_data: OnProxy, ctx: Context) -> None:
    if proxy := await proxy_or_gone(query, ctx, callback_data.id):
        await acknowledge(query)
        needed_by = await ctx.proxies.needed_by(proxy.id)
        await replace(query, acts.release(ctx.t, proxy, needed_by))


async def release(query: CallbackQuery, callback_data: OnProxy, ctx: Context) -> None:
    """Accounts that came meanwhile are told of before anything is given away."""
    proxy = await proxy_or_gone(query, ctx, callback_data.id)
    if proxy is None:
        return
    if await ctx.proxies.release(proxy.id, by=operator(query)):
        await show_card(query, ctx, proxy.id, ctx.t("release-ordered"))
    elif needed_by := await ctx.proxies.needed_by(proxy.id):
        await acknowledge(query)
        await replace(query, acts.release(ctx.t, proxy, needed_by))
    else:
        await show_card(query, ctx, proxy.id, ctx.t("release-late"))


async def keep(query: CallbackQuery, callback_data: OnProxy, ctx: Context) -> None:
    is_kept = await ctx.proxies.keep(callback_data.id, by=operator(query))
    told = ctx.t("release-kept" if is_kept else "release-late")
    await show_card(query, ctx, callback_data.id, told)


async def _check(query: CallbackQuery, proxy_id: int, ctx: Context) -> None:
    """Have it checked now; its card shows what comes out."""
    began = ctx.proxies.now()
    await ctx.proxies.order_check({proxy_id}, by=operator(query))
    message = query.message
    if not isinstance(message, Message):
        return

    async def look() -> Glance:
        dossier = await ctx.proxies.dossier(proxy_id)
        if dossier is None:
            return Glance(acts.gone(ctx.t), is_over=True)
        health = dossier.proxy.health
        is_over = health is not None and health.checked_at >= began
        told = "" if is_over else ctx.t("proxy-checking")
        return Glance(card_of(ctx, dossier, told), is_over)

    async def work() -> None:
        if not await ctx.following.follow(
            message, look, ctx.proxies.changes, limit_s=CHECK_LIMIT_S
        ):
            await put(message, await card(ctx, proxy_id, ctx.t("proxy-check-late")))

    ctx.in_background(work, f"check of proxy {proxy_id}")
