"""/send and /draft step by step: from whom, to whom, what."""

from dataclasses import replace

from aiogram import Bot, F, Router
from aiogram.filters import Command, StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from bot.callbacks import AccountAct, By, DraftAct, Go, OnAccount, OnCalled, OnDraft, OnList, Room
from bot.drafting import has_logged_in
from bot.handlers.context import Context, account_or_gone, operator
from bot.handlers.sending.arriving import (
    HiddenAuthor,
    NotSendable,
    check,
    content_of,
    target_of,
    words_of,
)
from bot.handlers.sending.plan import Content, Plan, together
from bot.handlers.sending.steps import Send, Turn, advance, pressed, said, told
from bot.oneline import parse_order
from bot.show import acknowledge, reply
from bot.show import replace as show_instead
from bot.splitting import Piece
from bot.texts import Html
from bot.times import BadTime
from bot.views import sending as views
from bot.views.listing import veiled
from bot.views.view import View, lines
from storage.accounts import Account
from userbot.targets import BadTarget

LONG = 3000
"""From here on a text may be the first part of one that the operator's app has cut."""


def router() -> Router:
    asking = Router(name="writing a message")
    asking.message.register(begin, Command("send", "draft"))
    asking.callback_query.register(go_choose, Go.filter(F.room.in_({Room.SEND, Room.DRAFT})))
    on = OnDraft.filter
    asking.callback_query.register(turn_page, on(F.act == DraftAct.SENDERS))
    asking.callback_query.register(turn_called, OnCalled.filter())
    asking.callback_query.register(named, OnAccount.filter(F.act == AccountAct.SEND))
    asking.callback_query.register(chosen, on(F.act == DraftAct.SENDER))
    asking.callback_query.register(automatic, on(F.act == DraftAct.AUTOMATIC))
    asking.callback_query.register(split, on(F.act == DraftAct.SPLIT))
    # Who names the target at once, without a sender, means the account that suits best.
    asking.message.register(take_target, StateFilter(Send.sender, Send.target), is_no_command)
    asking.message.register(take_content, StateFilter(Send.content, Send.split), is_no_command)
    return asking


async def is_no_command(message: Message) -> bool:
    """Whether a message may be an answer: commands hold in every dialog."""
    return not (message.text or "").startswith("/")


async def begin(message: Message, state: FSMContext, ctx: Context, bot: Bot) -> None:
    """Take what stands behind the command, and ask for the rest."""
    turn = said(message, state, ctx, bot)
    ctx.gathering.drop(turn.key)
    await state.clear()
    line, drafting, zone = words_of(message), ctx.drafting, await turn.zone()
    order = parse_order(line, now=drafting.now(), zone=zone)
    is_for_admins = line.text.startswith("/draft")
    plan = Plan(order.account_id, target=order.target, at=order.at, for_admins=is_for_admins)
    if order.account_id is not None and not await drafting.can_send(order.account_id):
        content = Content((order.content,)) if order.content.text and message.text else None
        words = ctx.t("send-unknown-account", number=str(order.account_id))
        await _offer(turn, replace(plan, account_id=None, content=content), words)
    elif isinstance(order.error, BadTarget):
        known = replace(plan, is_automatic=plan.account_id is None)
        await turn.ask(Send.target, known, views.misread(ctx.t, order.error.reason))
    elif isinstance(order.error, BadTime):
        words = views.bad_time(ctx.t, order.error, now=drafting.now(), zone=zone)
        await turn.show(View(lines([words, ctx.t("time-left-out")])))
        await advance(turn, plan)
    elif plan.account_id is None and not plan.target:
        await _offer(turn, plan)
    elif order.content.text or message.text is None:
        await state.set_state(Send.content)
        await state.set_data(plan.stored())
        await _take(turn, plan, message, order.content)
    else:
        await advance(turn, plan)


async def _offer(turn: Turn, plan: Plan, words: Html | None = None) -> None:
    """Ask who is to send."""
    found = await turn.ctx.drafting.candidates(turn.by)
    view = views.senders(turn.ctx.t, found, words=words)
    if found:
        await turn.ask(Send.sender, plan, view)
    else:
        await turn.state.clear()
        await turn.show(view)


async def go_choose(
    query: CallbackQuery, callback_data: Go, state: FSMContext, ctx: Context, bot: Bot
) -> None:
    """A new message, so that a receipt whose button this was stays readable."""
    await acknowledge(query)
    plan = Plan(for_admins=callback_data.room is Room.DRAFT)
    await _offer(replace(pressed(query, state, ctx, bot), pressed=None), plan)


async def turn_page(query: CallbackQuery, callback_data: OnDraft, ctx: Context) -> None:
    await acknowledge(query)
    found = await ctx.drafting.candidates(operator(query))
    await show_instead(query, views.senders(ctx.t, found, page=callback_data.id))


async def named(
    query: CallbackQuery, callback_data: OnAccount, state: FSMContext, ctx: Context, bot: Bot
) -> None:
    """[Send] on an account's card: a new message."""
    if account := await account_or_gone(query, ctx, callback_data.id):
        await acknowledge(query)
        await advance(pressed(query, state, ctx, bot), Plan(account.id))


async def chosen(
    query: CallbackQuery, callback_data: OnDraft, state: FSMContext, ctx: Context, bot: Bot
) -> None:
    """An account of the list: what is known already stays."""
    if account := await account_or_gone(query, ctx, callback_data.id):
        await acknowledge(query)
        plan = await _open_plan(state)
        await advance(pressed(query, state, ctx, bot), replace(plan, account_id=account.id))


async def automatic(query: CallbackQuery, state: FSMContext, ctx: Context, bot: Bot) -> None:
    await acknowledge(query)
    plan = replace(await _open_plan(state), account_id=None, is_automatic=True)
    await advance(pressed(query, state, ctx, bot), plan)


async def split(query: CallbackQuery, state: FSMContext, ctx: Context, bot: Bot) -> None:
    """Send what is too long as several messages."""
    await acknowledge(query)
    turn = pressed(query, state, ctx, bot)
    plan = Plan.of(await state.get_data())
    if await state.get_state() != Send.split.state or plan.content is None:
        await turn.show(View(ctx.t("send-parts-gone")))
        return
    await advance(turn, replace(plan, is_split=True))


async def take_target(message: Message, state: FSMContext, ctx: Context, bot: Bot) -> None:
    try:
        target = target_of(message)
    except BadTarget as exc:
        if await state.get_state() == Send.sender.state and await _offer_called(message, ctx):
            return
        words = ctx.t("send-bad-target", reason=exc.reason)
        await reply(message, views.asking(ctx.t, words))
        return
    except HiddenAuthor:
        await reply(message, views.asking(ctx.t, ctx.t("send-hidden-author")))
        return
    plan = replace(Plan.of(await state.get_data()), target=target)
    await advance(said(message, state, ctx, bot), plan)


async def _offer_called(message: Message, ctx: Context) -> bool:
    """Where a sender was asked for, what names no target may name some of them; False: it does not."""
    text = message.text or ""
    found = await _called(ctx, text)
    if found:
        key = await ctx.finding.remember(text, by=operator(message))
        words = ctx.t("send-called", text=veiled(text))
        await reply(message, views.senders(ctx.t, found, words=words, key=key))
    return bool(found)


async def turn_called(query: CallbackQuery, callback_data: OnCalled, ctx: Context) -> None:
    """Another page of those; of all accounts where nobody remembers what was searched for."""
    await acknowledge(query)
    text = await ctx.finding.named(OnList(by=By.SEARCH, key=callback_data.key))
    found = await _called(ctx, text) if text else []
    if text and found:
        words = ctx.t("send-called", text=veiled(text))
        page, key = callback_data.page, callback_data.key
        await show_instead(query, views.senders(ctx.t, found, page=page, words=words, key=key))
    else:
        all_of_them = await ctx.drafting.candidates(operator(query))
        await show_instead(query, views.senders(ctx.t, all_of_them))


async def _called(ctx: Context, text: str) -> list[Account]:
    return [account for account in await ctx.finding.matches(text) if has_logged_in(account)]


async def take_content(message: Message, state: FSMContext, ctx: Context, bot: Bot) -> None:
    plan = Plan.of(await state.get_data())
    await _take(said(message, state, ctx, bot), plan, message, words_of(message))


async def _take(turn: Turn, plan: Plan, message: Message, words: Piece) -> None:
    """Take a message as what is to be sent; what may have more to it waits for that."""
    gathering = turn.ctx.gathering
    found: Content | NotSendable
    try:
        found = content_of(message, words)
    except NotSendable as exc:
        found = exc
    may_go_on = message.media_group_id is not None or words.length >= LONG
    if not may_go_on and not gathering.is_open(turn.key):
        await _settle(turn, plan, [found])
        return

    async def done(all_found: list[Content | NotSendable]) -> None:
        async def work() -> None:
            # The operator may have left the dialog meanwhile.
            if await turn.state.get_state() in {Send.content.state, Send.split.state}:
                await _settle(turn, plan, all_found)

        await told(turn, work, turn.show, "taking what came in several messages")

    gathering.add(turn.key, found, done)


async def _settle(turn: Turn, plan: Plan, found: list[Content | NotSendable]) -> None:
    """Go on with all that came, or with nothing of it: half an album is none."""
    t = turn.ctx.t
    try:
        content = together(_sendable(found))
        check(content)
    except NotSendable as exc:
        await turn.show(views.asking(t, t(exc.key, **exc.words)))
        return
    await advance(turn, replace(plan, content=content, is_split=False))


def _sendable(found: list[Content | NotSendable]) -> list[Content]:
    contents = []
    for each in found:
        if isinstance(each, NotSendable):
            raise each
        contents.append(each)
    return contents


async def _open_plan(state: FSMContext) -> Plan:
    """What is known already where a sender was asked for; else a new plan."""
    is_open = await state.get_state() == Send.sender.state
    return Plan.of(await state.get_data()) if is_open else Plan()
