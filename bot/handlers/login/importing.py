"""Taking over a session that was made elsewhere: a file or a text, in the private chat only."""

from aiogram import Bot, F, Router
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, Document, Message
from loguru import logger

from bot.callbacks import LoginAct, OnLogin
from bot.handlers.context import Context, account_or_gone, operator
from bot.handlers.login.pictures import DEEP_LINK
from bot.handlers.ordering import order_and_show
from bot.handlers.private import delete, is_private, to_private
from bot.handlers.sending.fetching import download
from bot.program_drafts import MAX_BYTES
from bot.show import acknowledge, replace, reply
from bot.views import importing as views
from bot.views import login_errors
from bot.views.view import View
from userbot.foreign import ImportRefused, NoProxy
from userbot.targets import BadPhone, parse_phone


class Importing(StatesGroup):
    """The number comes first: a session that was sent is used at once, and kept nowhere."""

    phone = State()
    session = State()


def router() -> Router:
    importing = Router(name="importing")
    on = OnLogin.filter
    importing.callback_query.register(ask, on(F.act == LoginAct.IMPORT))
    importing.callback_query.register(start, on(F.act == LoginAct.START))
    importing.callback_query.register(keep, on(F.act == LoginAct.KEEP))
    importing.message.register(take_phone, Importing.phone, F.text, ~F.text.startswith("/"))
    importing.message.register(take_file, Importing.session, F.document)
    importing.message.register(take_text, Importing.session, F.text, ~F.text.startswith("/"))
    importing.message.register(not_text, Importing.phone, ~F.text)
    importing.message.register(not_a_session, Importing.session, ~F.text)
    return importing


async def ask(query: CallbackQuery, state: FSMContext, ctx: Context, bot: Bot) -> None:
    await acknowledge(query)
    if isinstance(query.message, Message) and not is_private(query.message):
        await to_private(query.message, ctx, bot, DEEP_LINK, ctx.t("login-in-private"))
        return
    await state.set_state(Importing.phone)
    await state.set_data({})
    await replace(query, views.ask_phone(ctx.t))


async def take_phone(message: Message, state: FSMContext, ctx: Context) -> None:
    """A number that is here already needs no session."""
    try:
        phone = parse_phone(message.text or "")
    except BadPhone as exc:
        await reply(message, views.refused(ctx.t, exc.reason))
        return
    if known := await ctx.importer.known(phone):
        await state.clear()
        await reply(message, views.known(ctx.t, known.id, await ctx.name(known.id)))
        return
    await state.set_state(Importing.session)
    await state.set_data({"phone": phone})
    await reply(message, views.ask_session(ctx.t))


async def take_file(message: Message, state: FSMContext, ctx: Context, bot: Bot) -> None:
    document = message.document
    if document is None:
        return
    content = await _content(bot, document)
    await _forget(message, ctx)
    if content is None:
        is_large = (document.file_size or 0) > MAX_BYTES
        why = views.too_big(ctx.t) if is_large else View(ctx.t("import-not-fetched"))
        await reply(message, why)
        return
    await _take(message, content, state, ctx)


async def take_text(message: Message, state: FSMContext, ctx: Context) -> None:
    await _forget(message, ctx)
    await _take(message, (message.text or "").encode(), state, ctx)


async def start(query: CallbackQuery, callback_data: OnLogin, ctx: Context) -> None:
    """An operator says that it is the only copy."""
    if account := await account_or_gone(query, ctx, callback_data.id):
        await acknowledge(query, await ctx.while_recovering())
        args = {"nothing_else_uses_it": True}
        order_and_show(query, ctx, "start", account.id, args=args)


async def keep(query: CallbackQuery, callback_data: OnLogin, ctx: Context) -> None:
    if account := await account_or_gone(query, ctx, callback_data.id):
        await acknowledge(query)
        await replace(query, views.kept(ctx.t, account, await ctx.name(account.id)))


async def not_text(message: Message, ctx: Context) -> None:
    await reply(message, View(ctx.t("text-expected")))


async def not_a_session(message: Message, ctx: Context) -> None:
    await reply(message, View(ctx.t("import-expected")))


async def _content(bot: Bot, document: Document) -> bytes | None:
    """None where it is too large, empty, or not to be had."""
    if (document.file_size or 0) > MAX_BYTES:
        return None
    return await download(bot, document.file_id)


async def _forget(message: Message, ctx: Context) -> None:
    """The message held a session: whoever has that is logged in."""
    if not await delete(message):
        await reply(message, View(ctx.t("import-message-kept")))


async def _take(message: Message, content: bytes, state: FSMContext, ctx: Context) -> None:
    """What is no session leaves the dialog where it was."""
    phone = str((await state.get_data())["phone"])
    try:
        made = await ctx.importer.take(content, phone=phone, by=operator(message))
    except NoProxy:
        await state.clear()
        await reply(message, login_errors.error(ctx.t, {"error": "no_proxy"}, ""))
        return
    except ImportRefused as exc:
        await reply(message, views.refused(ctx.t, str(exc)))
        return
    await state.clear()
    logger.bind(account=made.number, event="account.imported").info("imported, and stopped")
    called = await ctx.name(made.number)
    await reply(message, views.imported(ctx.t, made.number, called, made.proxy_name))
