"""Logging in by a picture that another phone scans; it is replaced as its token expires."""

import secrets
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from aiogram import Bot, F, Router
from aiogram.exceptions import TelegramBadRequest, TelegramNotFound
from aiogram.fsm.context import FSMContext
from aiogram.types import BufferedInputFile, CallbackQuery, InputMediaPhoto, Message
from loguru import logger

from bot.callbacks import LoginAct, OnLogin
from bot.errors import BOT_API_ERRORS
from bot.handlers.context import Context, account_or_gone, operator
from bot.handlers.login.dialog import Login
from bot.handlers.login.ordering import connecting, connecting_again, show
from bot.handlers.login.outcomes import done, left_meanwhile, next_step
from bot.handlers.private import delete, to_private
from bot.qr_picture import png
from bot.show import acknowledge, reply
from bot.views import login as views
from bot.views.view import View, back, rows
from storage.accounts import Account

DEEP_LINK = "add_account"
DEEP_LINK_AGAIN = "login_"
"""With the account's number behind it."""
NOBODY = ""
"""The number of a new account, until somebody has scanned the picture."""


def router() -> Router:
    pictures = Router(name="logins by picture")
    pictures.callback_query.register(go, OnLogin.filter(F.act == LoginAct.QR))
    pictures.message.register(waits, Login.picture, F.text, ~F.text.startswith("/"))
    pictures.message.register(waits, Login.picture, ~F.text)
    return pictures


async def go(
    query: CallbackQuery, callback_data: OnLogin, state: FSMContext, ctx: Context, bot: Bot
) -> None:
    """Show a picture for a new account (`id` 0), or for one whose login is under way."""
    account = None
    if callback_data.id:
        account = await account_or_gone(query, ctx, callback_data.id, is_forgotten=True)
        if account is None:
            return
    await acknowledge(query)
    if not isinstance(query.message, Message):
        return
    if query.message.chat.type != "private":
        await offer_private(query.message, account, ctx, bot)
        return
    if query.message.photo:
        await delete(query.message)
    await begin(query.message, operator(query), account, state, ctx)


async def offer_private(message: Message, account: Account | None, ctx: Context, bot: Bot) -> None:
    """In a group: a link that goes on with that account, or with a new one."""
    if account is None:
        await to_private(message, ctx, bot, DEEP_LINK, ctx.t("login-in-private"))
        return
    words = ctx.t("login-account-in-private", account=await ctx.name(account.id))
    await to_private(message, ctx, bot, f"{DEEP_LINK_AGAIN}{account.id}", words)


async def waits(message: Message, ctx: Context) -> None:
    """There is nothing to type: the picture is above."""
    await reply(message, View(ctx.t("login-picture-waits")))


async def begin(
    message: Message, by: int, account: Account | None, state: FSMContext, ctx: Context
) -> None:
    """Show the proxy before anything dials, then the picture."""
    if account is None:
        waiting = await connecting(message, NOBODY, ctx)
    else:
        waiting = await connecting_again(message, account, ctx)
    login = secrets.token_hex(4)
    account_id = account.id if account else None
    await state.set_state(Login.connecting)
    await state.set_data({"login": login, "account": account_id})

    async def work() -> None:
        try:
            await _follow(waiting, by, account_id, login, state, ctx)
        except TimeoutError:
            await show(waiting, View(ctx.t("press-again-later"), rows([back(ctx.t)])))

    ctx.in_background(work, "enrol.qr")


async def _follow(
    waiting: Message,
    by: int,
    account_id: int | None,
    login: str,
    state: FSMContext,
    ctx: Context,
) -> None:
    """Show each picture in the place of the one before, then what came of it."""
    outcome = await ctx.desk.order("enrol.qr", by=by, account_id=account_id)
    if outcome.get("step") != "qr":
        await show(waiting, await _shown(outcome, by, login, state, ctx))
        return
    photo = await _send(waiting, outcome, ctx)
    await delete(waiting)
    if not await _is_open(state, login):
        await delete(photo)
        await reply(waiting, await left_meanwhile(outcome, by, ctx))
        return
    number = int(outcome["account"])
    await state.set_state(Login.picture)
    await state.update_data(account=number, picture=photo.message_id)
    while outcome.get("step") == "qr":
        seen = str(outcome["url"])
        args = {"seen": seen}
        outcome = await ctx.desk.order("enrol.qr_next", by=by, account_id=number, args=args)
        is_another = outcome.get("step") == "qr" and outcome["url"] != seen
        if is_another and await _is_open(state, login):
            await _turn(photo, outcome, ctx)
    await delete(photo)
    await _tell(photo, outcome, by, login, state, ctx)


async def _tell(
    photo: Message,
    outcome: Mapping[str, Any],
    by: int,
    login: str,
    state: FSMContext,
    ctx: Context,
) -> None:
    """How it ended. Who left hears of it only where it came through all the same."""
    if await _is_open(state, login):
        await reply(photo, await next_step(outcome, state, ctx))
        return
    is_shown_elsewhere = (await state.get_data()).get("account") == outcome.get("account")
    if outcome.get("step") == "done" and not is_shown_elsewhere:
        await reply(photo, await done(ctx, int(outcome["account"])))
    elif outcome.get("step") == "password" and not is_shown_elsewhere:
        await ctx.desk.order("enrol.cancel", by=by, account_id=int(outcome["account"]))


async def _shown(
    outcome: Mapping[str, Any], by: int, login: str, state: FSMContext, ctx: Context
) -> View:
    if await _is_open(state, login):
        return await next_step(outcome, state, ctx)
    return await left_meanwhile(outcome, by, ctx)


async def _is_open(state: FSMContext, login: str) -> bool:
    """Whether the operator is still at this login, and at no other dialog."""
    return (await state.get_data()).get("login") == login


async def _send(message: Message, outcome: Mapping[str, Any], ctx: Context) -> Message:
    view = views.picture(ctx.t, int(outcome["account"]))
    file = BufferedInputFile(png(str(outcome["url"])), "login.png")
    return await message.answer_photo(file, caption=view.text, reply_markup=view.keyboard)


async def _turn(photo: Message, outcome: Mapping[str, Any], ctx: Context) -> None:
    """Another picture in its place. One that could not be shown is followed by the next."""
    view = views.picture(ctx.t, int(outcome["account"]))
    file = BufferedInputFile(png(str(outcome["url"])), "login.png")
    media = InputMediaPhoto(media=file, caption=view.text)
    try:
        with suppress(TelegramBadRequest, TelegramNotFound):  # it was deleted meanwhile
            await photo.edit_media(media, reply_markup=view.keyboard)
    except BOT_API_ERRORS as exc:
        logger.bind(event="picture.late").debug("a picture was not replaced: {}", exc)
