"""Another address or password for a proxy: tried out first, then its accounts dial anew."""

from collections.abc import Mapping
from typing import Any

from aiogram import Bot, F, Router
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from bot.callbacks import OnProxy, ProxyAct
from bot.handlers.context import Context, operator
from bot.handlers.private import delete, is_private, to_private
from bot.handlers.proxies.dialogs import ProxyDialog, enter, proxy_of
from bot.handlers.proxies.showing import follow_return, proxy_or_gone
from bot.proxy_adding import may_hold_password
from bot.show import acknowledge, put, replace, reply
from bot.texts import Html
from bot.views.proxies import acts
from bot.views.proxies.card import to_card
from bot.views.view import View, rows
from storage.proxies import Proxy
from userbot.proxies import Parsing, TooManyLines, parse, parse_many, to_uri

_WORDS = {"known_already": "change-known-already", "unknown_proxy": "proxy-unknown"}


class Lines:
    """The last line of each operator that did not work: in memory only, and used once."""

    def __init__(self) -> None:
        self._kept: dict[int, tuple[int, str]] = {}

    def keep(self, operator_id: int, proxy_id: int, line: str) -> None:
        self._kept[operator_id] = (proxy_id, line)

    def take(self, operator_id: int, proxy_id: int) -> str | None:
        """None where there is none for that proxy."""
        kept_for, line = self._kept.pop(operator_id, (None, ""))
        return line if kept_for == proxy_id else None


def router() -> Router:
    changing = Router(name="changing proxies")
    changing.callback_query.register(ask, OnProxy.filter(F.act == ProxyAct.CHANGE))
    changing.callback_query.register(force, OnProxy.filter(F.act == ProxyAct.FORCE))
    changing.message.register(take, ProxyDialog.change, F.text, ~F.text.startswith("/"))
    changing.message.register(not_text, ProxyDialog.change, ~F.text)
    return changing


async def ask(
    query: CallbackQuery, callback_data: OnProxy, state: FSMContext, ctx: Context, bot: Bot
) -> None:
    proxy = await proxy_or_gone(query, ctx, callback_data.id)
    if proxy is None:
        return
    await acknowledge(query)
    if isinstance(query.message, Message) and not is_private(query.message):
        words = ctx.t("proxy-in-private")
        await to_private(query.message, ctx, bot, f"proxy_{proxy.id}", words)
        return
    await enter(state, ProxyDialog.change, proxy.id)
    await replace(query, acts.ask(ctx.t, proxy, ProxyAct.CHANGE))


async def take(message: Message, state: FSMContext, ctx: Context, lines: Lines) -> None:
    """What is not one line that names a proxy leaves the dialog where it was."""
    text = message.text or ""
    try:
        parsing = parse_many(text)
    except TooManyLines:
        parsing = Parsing()
    proxy_id = await proxy_of(state)
    if may_hold_password(text, parsing) and not await delete(message):
        await reply(message, View(ctx.t("proxy-message-kept")))
    if len(parsing.good) != 1 or parsing.bad or parsing.duplicates:
        button = to_card(ctx.t, proxy_id)
        await reply(message, View(_why_not(ctx, parsing), rows([button])))
        return
    is_forced = bool((await state.get_data()).get("force"))
    await state.clear()
    parsed = parsing.good[0].parsed
    told = await reply(message, acts.trying(ctx.t, parsed.endpoint.name))
    line = text if parsed.is_guess else to_uri(parsed.endpoint)
    _order(told, operator(message), proxy_id, line, ctx, lines, is_forced=is_forced)


async def force(
    query: CallbackQuery, callback_data: OnProxy, state: FSMContext, ctx: Context, lines: Lines
) -> None:
    """Take the line that did not work; where it is no longer there, ask for it again."""
    proxy = await proxy_or_gone(query, ctx, callback_data.id)
    if proxy is None or not isinstance(query.message, Message):
        return
    await acknowledge(query)
    line = lines.take(operator(query), proxy.id)
    if line is None:
        await enter(state, ProxyDialog.change, proxy.id, force=True)
        lost = ctx.t("change-lost")
        await replace(query, acts.ask(ctx.t, proxy, ProxyAct.CHANGE, told=lost))
        return
    await replace(query, acts.trying(ctx.t, parse(line).name))
    _order(query.message, operator(query), proxy.id, line, ctx, lines, is_forced=True)


async def not_text(message: Message, ctx: Context) -> None:
    await reply(message, View(ctx.t("text-expected")))


def _why_not(ctx: Context, parsing: Parsing) -> Html:
    if not parsing.good and len(parsing.bad) == 1:
        return ctx.t("change-bad-line", reason=parsing.bad[0].reason)
    return ctx.t("change-one-line")


def _order(
    told: Message,
    by: int,
    proxy_id: int,
    line: str,
    ctx: Context,
    lines: Lines,
    *,
    is_forced: bool,
) -> None:
    """Have it tried out and taken, and show in `told` what came of it."""

    async def work() -> None:
        proxy = await ctx.proxies.get(proxy_id)
        if proxy is None:
            await put(told, acts.gone(ctx.t))
            return
        since = ctx.proxies.now()
        args = {"proxy": proxy_id, "line": line, "force": is_forced}
        try:
            outcome = await ctx.desk.order("proxies.change", by=by, args=args)
        except TimeoutError:
            late = View(ctx.t("press-again-later"), rows([to_card(ctx.t, proxy_id)]))
            await put(told, late)
            return
        if outcome.get("error") == "does_not_work":
            lines.keep(by, proxy_id, line)
            name = parse(line).name
            await put(told, acts.does_not_work(ctx.t, proxy, name, str(outcome["words"])))
        elif "error" in outcome:
            words = _error(ctx, outcome)
            await put(told, View(words, rows([to_card(ctx.t, proxy_id)])))
        else:
            await follow_return(
                told,
                ctx,
                await _done(ctx, proxy),
                outcome["accounts"],
                since=since,
                button=to_card(ctx.t, proxy_id),
            )

    ctx.in_background(work, f"change of proxy {proxy_id}")


async def _done(ctx: Context, before: Proxy) -> Html:
    now = await ctx.proxies.get(before.id)
    name = now.endpoint.name if now else before.endpoint.name
    if name == before.endpoint.name:
        return ctx.t("change-done-login", proxy=name)
    return ctx.t("change-done", before=before.endpoint.name, after=name)


def _error(ctx: Context, outcome: Mapping[str, Any]) -> Html:
    if outcome["error"] == "bad_line":
        return ctx.t("change-bad-line", reason=str(outcome["words"]))
    return ctx.t(_WORDS.get(str(outcome["error"]), "change-failed"))
