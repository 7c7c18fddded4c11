"""Tags for all accounts of a list: which, whether that is meant, and what came of it."""

from aiogram import F, Router
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, Message

from bot.callbacks import GroupAct, GroupStep, OnGroup, OnList
from bot.handlers.accounts.pages import page
from bot.handlers.accounts.picking import whom, whom_or_gone
from bot.handlers.context import Context, operator
from bot.show import acknowledge, replace, reply
from bot.texts import Html
from bot.views import group as views
from bot.views import sending
from bot.views.group import Tags
from storage.labels import LONGEST_TAG, MOST_TAGS, BadTag, TagFlaw, parse_tag

_FLAWS = {TagFlaw.LONG: "group-tag-long", TagFlaw.FORM: "group-tag-form"}
_SHOWN = LONGEST_TAG + 8


class Tagging(StatesGroup):
    """What was asked."""

    tags = State()


def router() -> Router:
    tagging = Router(name="tagging many")
    is_tag = OnGroup.filter(F.act == GroupAct.TAG)
    on = OnGroup.filter
    tagging.callback_query.register(ask, on(F.step == GroupStep.ASK), is_tag)
    tagging.callback_query.register(now, on(F.step == GroupStep.NOW), is_tag)
    tagging.message.register(take, Tagging.tags, F.text & ~F.text.startswith("/"))
    tagging.message.register(not_text, Tagging.tags, ~F.text)
    return tagging


async def ask(
    query: CallbackQuery, callback_data: OnGroup, state: FSMContext, ctx: Context
) -> None:
    if of := await whom_or_gone(query, callback_data, ctx):
        await acknowledge(query)
        await state.set_state(Tagging.tags)
        await state.set_data({"list": of.asked.pack()})
        await replace(query, views.ask_tags(ctx.t, of.picked, await ctx.finding.tags()))


async def take(message: Message, state: FSMContext, ctx: Context) -> None:
    """Ask whether that is meant; what is no tag leaves the dialog where it was."""
    read = _read(ctx, message.text or "")
    if not isinstance(read, Tags):
        await reply(message, sending.asking(ctx.t, read))
        return
    asked = OnList.unpack((await state.get_data())["list"])
    of = await whom(ctx, GroupAct.TAG, asked)
    if of is None:
        await state.clear()
        await reply(message, await page(ctx, asked))
        return
    data = {"list": asked.pack(), "add": list(read.add), "remove": list(read.remove)}
    await state.set_data(data)
    await reply(message, views.confirm_tags(ctx.t, of.picked, of.asked, read))


async def not_text(message: Message, ctx: Context) -> None:
    await reply(message, sending.asking(ctx.t, ctx.t("text-expected")))


async def now(
    query: CallbackQuery, callback_data: OnGroup, state: FSMContext, ctx: Context
) -> None:
    """The second press; the tags stand in the dialog."""
    of = await whom_or_gone(query, callback_data, ctx)
    if of is None:
        return
    await acknowledge(query)
    data = await state.get_data() if await state.get_state() == Tagging.tags.state else {}
    add, remove = data.get("add", []), data.get("remove", [])
    if data.get("list") != of.asked.pack() or not add + remove:
        told = ctx.t("group-tag-lost")
        await replace(query, await page(ctx, of.asked, told))
        return
    await state.clear()
    by = operator(query)
    done = await ctx.finding.tag(of.picked.numbers, add=add, remove=remove, by=by)
    await replace(query, views.tagged(ctx.t, done, of.asked))


def _read(ctx: Context, text: str) -> Tags | Html:
    """The tags of a message; else what is wrong with it."""
    words = text.replace(",", " ").split()
    if len(words) > MOST_TAGS:
        return ctx.t("group-tag-many", most=MOST_TAGS)
    add: list[str] = []
    remove: list[str] = []
    for word in words:
        try:
            tag = parse_tag(word.removeprefix("-").removeprefix("#"))
        except BadTag as exc:
            if exc.flaw is TagFlaw.EMPTY:
                break
            return ctx.t(_FLAWS[exc.flaw], tag=word[:_SHOWN])
        (remove if word.startswith("-") else add).append(tag)
    else:
        if words:
            return Tags(tuple(dict.fromkeys(add)), tuple(dict.fromkeys(remove)))
    return ctx.t("group-tag-empty")
