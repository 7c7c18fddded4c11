"""The options of a draft: its text, sound, answer, time and fallback, by buttons of its card.

The card itself is edited by `bot.cards`, as the row changes.
"""

from dataclasses import replace

from aiogram import Bot, F, Router
from aiogram.filters import StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, Message, ReplyParameters

from bot.callbacks import DraftAct, OnDraft
from bot.drafting import LinkFlaw, texts
from bot.handlers.context import Context
from bot.handlers.sending.arriving import words_of
from bot.handlers.sending.asking import LONG, is_no_command
from bot.handlers.sending.steps import Turn, pressed, said, told
from bot.show import acknowledge, reply
from bot.splitting import Piece
from bot.texts import Html
from bot.times import BadTime, parse_time, shown
from bot.views import sending as views
from bot.views.view import View
from storage.delivery import Delivery, Media


class Change(StatesGroup):
    """What was asked of a draft."""

    text = State()
    link = State()
    time = State()


_ASKED = {DraftAct.EDIT: Change.text, DraftAct.REPLY: Change.link, DraftAct.AT: Change.time}
_SET = {DraftAct.SILENT, DraftAct.LOUD, DraftAct.NO_REPLY, DraftAct.NOW, *views.FALLBACK_OF}


def router() -> Router:
    options = Router(name="options of drafts")
    on = OnDraft.filter
    options.callback_query.register(set_, on(F.act.in_(_SET)), on(F.id != 0))
    options.callback_query.register(ask, on(F.act.in_(_ASKED)))
    options.message.register(no_new_text, Change.text, ~F.text)
    options.message.register(no_words, StateFilter(Change.link, Change.time), ~F.text)
    options.message.register(take_text, Change.text, is_no_command)
    options.message.register(take_link, Change.link, is_no_command)
    options.message.register(take_time, Change.time, is_no_command)
    return options


async def set_(query: CallbackQuery, callback_data: OnDraft, ctx: Context) -> None:
    """What needs no further word. Pressed twice it is the same."""
    act, delivery_id, drafting = callback_data.act, callback_data.id, ctx.drafting
    match act:
        case DraftAct.SILENT | DraftAct.LOUD:
            is_silent = act is DraftAct.SILENT
            is_done = await drafting.set_silent(delivery_id, is_silent=is_silent)
        case DraftAct.NO_REPLY:
            is_done = await drafting.answer_nothing(delivery_id)
        case DraftAct.NOW:
            is_done = await drafting.set_time(delivery_id, None)
        case _:
            is_done = await drafting.set_fallback(delivery_id, views.FALLBACK_OF[act])
    await acknowledge(query, None if is_done else ctx.t("draft-late"))


async def ask(
    query: CallbackQuery, callback_data: OnDraft, state: FSMContext, ctx: Context, bot: Bot
) -> None:
    """Ask for the text, the link or the time, below: the card stays as it is."""
    draft = await ctx.drafting.draft(callback_data.id)
    if draft is None:
        await acknowledge(query, ctx.t("draft-late"))
        return
    await acknowledge(query)
    await state.set_state(_ASKED[callback_data.act])
    await state.set_data({"draft": draft.id})
    turn = replace(pressed(query, state, ctx, bot), pressed=None)
    now, zone = ctx.drafting.now(), await turn.zone()
    await turn.show(turn.asked(views.ask_option(ctx.t, callback_data.act, now=now, zone=zone)))


async def no_new_text(message: Message, ctx: Context) -> None:
    await reply(message, views.asking(ctx.t, ctx.t("draft-only-text")))


async def no_words(message: Message, ctx: Context) -> None:
    """A photo, say, in answer to the question for a link or a time."""
    await reply(message, views.asking(ctx.t, ctx.t("text-expected")))


async def take_text(message: Message, state: FSMContext, ctx: Context, bot: Bot) -> None:
    """The new text; one that the operator's app has cut comes in several messages."""
    turn, words = said(message, state, ctx, bot), words_of(message)
    if words.length < LONG and not ctx.gathering.is_open(turn.key):
        await _rewrite(turn, [words])
        return

    async def done(found: list[Piece]) -> None:
        async def work() -> None:
            await _rewrite(turn, found)

        await told(turn, work, turn.show, "taking a new text")

    ctx.gathering.add(turn.key, words, done)


async def _rewrite(turn: Turn, found: list[Piece]) -> None:
    if await turn.state.get_state() != Change.text.state:
        return  # left meanwhile
    draft = await _draft(turn)
    if draft is None:
        return
    parts = texts(found, has_files=draft.media is not Media.NONE)
    is_done = await turn.ctx.drafting.rewrite(draft.id, parts, by=turn.by)
    await _done(turn, draft, turn.ctx.t("draft-edited" if is_done else "draft-late"))


async def take_link(message: Message, state: FSMContext, ctx: Context, bot: Bot) -> None:
    turn = said(message, state, ctx, bot)
    draft = await _draft(turn)
    if draft is None:
        return
    match await ctx.drafting.answer(draft, message.text or ""):
        case LinkFlaw.FORM:
            await reply(message, views.asking(ctx.t, ctx.t("link-form")))
        case LinkFlaw.ELSEWHERE:
            words = ctx.t("link-elsewhere", target=draft.target)
            await reply(message, views.asking(ctx.t, words))
        case LinkFlaw.LATE:
            await _done(turn, draft, ctx.t("draft-late"))
        case None:
            await _done(turn, draft, ctx.t("draft-answers"))


async def take_time(message: Message, state: FSMContext, ctx: Context, bot: Bot) -> None:
    turn, drafting = said(message, state, ctx, bot), ctx.drafting
    zone = await turn.zone()
    draft = await _draft(turn)
    if draft is None:
        return
    try:
        at = parse_time(message.text or "", now=drafting.now(), zone=zone)
    except BadTime as exc:
        words = views.bad_time(ctx.t, exc, now=drafting.now(), zone=zone)
        await reply(message, views.asking(ctx.t, words))
        return
    is_done = await drafting.set_time(draft.id, at)
    words = ctx.t("draft-at", at=shown(at, zone)) if is_done else ctx.t("draft-late")
    await _done(turn, draft, words)


async def _draft(turn: Turn) -> Delivery | None:
    """The draft that the dialog is about; where it is none any more that is said."""
    data = await turn.state.get_data()
    draft = await turn.ctx.drafting.draft(int(data.get("draft", 0)))
    if draft is None:
        await turn.state.clear()
        await turn.show(View(turn.ctx.t("draft-late")))
    return draft


async def _done(turn: Turn, draft: Delivery, words: Html) -> None:
    """Leave the dialog, and point to the card: a tap leads there."""
    await turn.state.clear()
    card = None
    if draft.card_chat_id == turn.chat_id and draft.card_message_id is not None:
        card = ReplyParameters(message_id=draft.card_message_id, allow_sending_without_reply=True)
    await turn.bot.send_message(turn.chat_id, words, reply_parameters=card)
