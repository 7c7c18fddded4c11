"""What an operator sets of an account: label, tags, country, importance, and two rules."""

from collections.abc import Awaitable, Callable

from aiogram import F, Router
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, Message

from bot.callbacks import AccountAct, OnAccount, OnTrait, Trait
from bot.handlers.asked import leave
from bot.handlers.context import Context, account_or_gone, operator
from bot.roles import LOOKING, OWNING
from bot.show import acknowledge, replace, reply
from bot.texts import Html
from bot.traits import TooManyTags
from bot.views import account_settings as views
from bot.views.view import View
from storage.accounts import Account
from storage.labels import LONGEST_LABEL, LONGEST_TAG, MOST_TAGS, BadLabel, BadTag
from userbot.providers.countries import NoSuchCountry, country_code

_ASKED = {Trait.LABEL, Trait.TAGS, Trait.COUNTRY, Trait.IMPORTANCE}


class Setting(StatesGroup):
    """What was asked of which account."""

    label = State()
    tags = State()
    country = State()


_STEPS = {
    Trait.LABEL: Setting.label,
    Trait.TAGS: Setting.tags,
    Trait.COUNTRY: Setting.country,
}


def router() -> Router:
    settings = Router(name="account settings")
    at, on = OnAccount.filter, OnTrait.filter
    settings.callback_query.register(show, at(F.act == AccountAct.SETTINGS), flags=LOOKING)
    settings.callback_query.register(ask, on(F.trait.in_(_ASKED) & (F.to == "")))
    settings.callback_query.register(choose, on(F.trait.in_(_ASKED)))
    settings.callback_query.register(always_online, on(F.trait == Trait.ALWAYS_ONLINE))
    settings.callback_query.register(one_time, on(F.trait == Trait.ONE_TIME), flags=OWNING)
    steps = tuple(_STEPS.values())
    for step in steps:
        settings.message.register(take, step, F.text, ~F.text.startswith("/"))
        settings.message.register(not_text, step, ~F.text)
    return settings


async def show(
    query: CallbackQuery, callback_data: OnAccount, state: FSMContext, ctx: Context
) -> None:
    if account := await account_or_gone(query, ctx, callback_data.id):
        await acknowledge(query)
        await leave(state, account.id, Setting)
        await replace(query, views.shown(ctx.t, account, await ctx.name(account.id)))


async def ask(
    query: CallbackQuery, callback_data: OnTrait, state: FSMContext, ctx: Context
) -> None:
    """Ask what it is to be, by text or by a button."""
    account = await account_or_gone(query, ctx, callback_data.id)
    if account is None:
        return
    await acknowledge(query)
    if step := _STEPS.get(callback_data.trait):
        await state.set_state(step)
        await state.set_data({"account": account.id})
    countries = await ctx.traits.countries(account)
    name = await ctx.name(account.id)
    await replace(query, views.ask(ctx.t, account, name, callback_data.trait, countries))


async def choose(
    query: CallbackQuery, callback_data: OnTrait, state: FSMContext, ctx: Context
) -> None:
    """A button said it. What no button of ours says is refused like any text."""
    await leave(state, callback_data.id, Setting)
    await acknowledge(query)
    by = operator(query)
    set_ = _setter(ctx, callback_data.trait, callback_data.id, callback_data.to, by)
    view, _ = await _after(ctx, set_)
    await replace(query, view)


async def always_online(query: CallbackQuery, callback_data: OnTrait, ctx: Context) -> None:
    await acknowledge(query)
    is_on = callback_data.to == "yes"
    account = await ctx.traits.set_always_online(callback_data.id, is_on=is_on, by=operator(query))
    await replace(query, await _shown(ctx, account))


async def one_time(query: CallbackQuery, callback_data: OnTrait, ctx: Context) -> None:
    """Whether the number is good for one login only: that protects the account, so owners say."""
    await acknowledge(query)
    is_on = callback_data.to == "yes"
    account = await ctx.traits.set_one_time(callback_data.id, is_on=is_on, by=operator(query))
    await replace(query, await _shown(ctx, account))


async def take(message: Message, state: FSMContext, ctx: Context) -> None:
    """A text said it; one that will not do leaves the dialog where it was."""
    step = await state.get_state()
    trait = next(each for each, its in _STEPS.items() if its.state == step)
    account_id = int((await state.get_data())["account"])
    text, by = (message.text or "").strip(), operator(message)
    view, is_done = await _after(ctx, _setter(ctx, trait, account_id, text, by))
    if is_done:
        await state.clear()
    await reply(message, view)


async def not_text(message: Message, ctx: Context) -> None:
    await reply(message, View(ctx.t("text-expected")))


def _setter(
    ctx: Context, trait: Trait, account_id: int, text: str, by: int
) -> Callable[[], Awaitable[Account | None]]:
    """How that text is set; `-` is nothing."""
    text = "" if text == views.NOTHING else text
    traits = ctx.traits

    async def set_it() -> Account | None:
        match trait:
            case Trait.LABEL:
                return await traits.set_label(account_id, text, by=by)
            case Trait.TAGS:
                return await traits.set_tags(account_id, text, by=by)
            case Trait.COUNTRY:
                country = country_code(text) if text else None
                return await traits.set_country(account_id, country, by=by)
            case _:
                if text not in {str(each) for each in views.IMPORTANCES}:
                    return await ctx.desk.account(account_id)
                return await traits.set_importance(account_id, int(text), by=by)

    return set_it


async def _after(ctx: Context, set_: Callable[[], Awaitable[Account | None]]) -> tuple[View, bool]:
    """What is set now, or why that can't be; and whether it is done."""
    t = ctx.t
    try:
        return await _shown(ctx, await set_(), told=t("saved")), True
    except BadLabel as exc:
        return View(t("traits-bad-label", length=exc.length, most=LONGEST_LABEL)), False
    except BadTag as exc:
        return View(t(f"traits-bad-tag-{exc.flaw}", most=LONGEST_TAG)), False
    except TooManyTags:
        return View(t("traits-too-many-tags", most=MOST_TAGS)), False
    except NoSuchCountry:
        return View(t("country-bad")), False


async def _shown(ctx: Context, account: Account | None, *, told: Html | None = None) -> View:
    if account is None:
        return View(ctx.t("account-unknown"))
    return views.shown(ctx.t, account, await ctx.name(account.id), told=told)
