"""/operators: who may use the bot. All of it is for owners."""

from aiogram import Bot, F, Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

from bot.callbacks import Go, Invite, OnPerson, PersonAct, Room
from bot.handlers.context import Context, operator
from bot.people import Person
from bot.roles import OWNING
from bot.show import acknowledge, replace, reply
from bot.views import people as views
from storage.invites import LIFETIME


def router() -> Router:
    people = Router(name="people")
    people.message.register(show_all, Command("operators"), flags=OWNING)
    people.callback_query.register(go_all, Go.filter(F.room == Room.PEOPLE), flags=OWNING)
    people.callback_query.register(invite, Invite.filter(), flags=OWNING)
    people.callback_query.register(act, OnPerson.filter(), flags=OWNING)
    return people


async def show_all(message: Message, ctx: Context) -> None:
    await reply(message, views.listing(ctx.t, await ctx.people.all()))


async def go_all(query: CallbackQuery, ctx: Context) -> None:
    await acknowledge(query)
    await replace(query, views.listing(ctx.t, await ctx.people.all()))


async def invite(query: CallbackQuery, callback_data: Invite, ctx: Context, bot: Bot) -> None:
    await acknowledge(query)
    code = await ctx.people.invite(callback_data.role, by=operator(query))
    link = f"https://t.me/{(await bot.me()).username}?start={code}"
    minutes = round(LIFETIME.total_seconds() / 60)
    await replace(query, views.invited(ctx.t, callback_data.role, link, minutes))


async def act(query: CallbackQuery, callback_data: OnPerson, ctx: Context) -> None:
    """Show somebody, give them another role, or put them out after a second press."""
    await acknowledge(query)
    person = await _person(ctx, callback_data.id)
    if person is None:
        await replace(query, views.listing(ctx.t, await ctx.people.all()))
        return
    match callback_data.act:
        case PersonAct.SHOW:
            await replace(query, views.card(ctx.t, person))
        case PersonAct.PUT_OUT:
            await replace(query, views.ask(ctx.t, person))
        case PersonAct.ROLE:
            await _set(query, ctx, person, callback_data)
        case PersonAct.PUT_OUT_NOW:
            await _set(query, ctx, person, callback_data)


async def _set(query: CallbackQuery, ctx: Context, person: Person, pressed: OnPerson) -> None:
    role = pressed.role if pressed.act is PersonAct.ROLE else None
    why_not = await ctx.people.set_role(person.user_id, role, by=operator(query))
    now = await _person(ctx, person.user_id)
    if now is None:
        await replace(query, views.listing(ctx.t, await ctx.people.all()))
        return
    said = ctx.t("person-not", why=why_not) if why_not else ctx.t("person-set")
    await replace(query, views.card(ctx.t, now, said=said))


async def _person(ctx: Context, user_id: int) -> Person | None:
    return next((p for p in await ctx.people.all() if p.user_id == user_id), None)
