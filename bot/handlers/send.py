"""/send: choose an account, say to whom and what, then approve the card."""

from aiogram import F, Router
from aiogram.filters import Command
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, Message

from bot.callbacks import AccountAct, DeliveryAct, Go, OnAccount, OnDelivery, Room
from bot.desk import TextTooLong
from bot.handlers.context import Context, account_or_gone, operator
from bot.show import acknowledge, replace, reply
from bot.views import accounts as account_views
from bot.views import deliveries as views
from bot.views.view import Button, View, back, in_columns, rows
from userbot.states import State as Userbot
from userbot.targets import BadTarget, parse_target

MOST_SENDERS = 60


class Send(StatesGroup):
    """Writing a message."""

    target = State()
    text = State()


def router() -> Router:
    send = Router(name="send")
    send.message.register(choose, Command("send"))
    send.callback_query.register(go_choose, Go.filter(F.room == Room.SEND))
    send.callback_query.register(chosen, OnAccount.filter(F.act == AccountAct.SEND))
    send.callback_query.register(act, OnDelivery.filter())
    plain = F.text & ~F.text.startswith("/")
    send.message.register(take_target, Send.target, plain)
    send.message.register(take_text, Send.text, plain)
    send.message.register(not_text, Send.target, ~F.text)
    send.message.register(not_text, Send.text, ~F.text)
    return send


async def choose(message: Message, ctx: Context) -> None:
    await reply(message, await _senders(ctx))


async def go_choose(query: CallbackQuery, ctx: Context) -> None:
    """A new message, so that a receipt whose button this was stays readable."""
    await acknowledge(query)
    if isinstance(query.message, Message):
        await reply(query.message, await _senders(ctx))


async def chosen(
    query: CallbackQuery, callback_data: OnAccount, state: FSMContext, ctx: Context
) -> None:
    account = await account_or_gone(query, ctx, callback_data.id)
    if account is None:
        return
    await acknowledge(query)
    await state.set_state(Send.target)
    await state.set_data({"account": account.id})
    question = ctx.t("send-ask-target", account=account_views.name(account))
    await replace(query, View(question, rows([_cancel(ctx)])))


async def take_target(message: Message, state: FSMContext, ctx: Context) -> None:
    try:
        target = parse_target(message.text or "")
    except BadTarget as exc:
        await reply(message, View(ctx.t("send-bad-target", reason=exc.reason)))
        return
    await state.update_data(target=target)
    await state.set_state(Send.text)
    await reply(message, View(ctx.t("send-ask-text", target=target), rows([_cancel(ctx)])))


async def take_text(message: Message, state: FSMContext, ctx: Context) -> None:
    """Write the draft and show its card."""
    dialog = await state.get_data()
    try:
        draft = await ctx.desk.draft(
            account_id=int(dialog["account"]),
            target=str(dialog["target"]),
            text=message.text or "",
            by=operator(message),
        )
    except TextTooLong as exc:
        await reply(message, View(ctx.t("send-too-long", length=exc.length)))
        return
    await state.clear()
    card = views.card(ctx.t, draft, await ctx.name(draft.account_id))
    sent = await reply(message, card)
    await ctx.desk.put_card(draft, sent.chat.id, sent.message_id)


async def act(query: CallbackQuery, callback_data: OnDelivery, ctx: Context) -> None:
    """A button of a card. The first press wins; the card itself is edited by `bot.cards`."""
    by, delivery_id = operator(query), callback_data.id
    match callback_data.act:
        case DeliveryAct.AS_ACCOUNT:
            done = await ctx.desk.send_as_account(delivery_id, by=by)
        case DeliveryAct.AS_BOT:
            done = await ctx.desk.send_as_bot(delivery_id, by=by)
        case DeliveryAct.DISCARD:
            done = await ctx.desk.discard(delivery_id, by=by)
        case _:
            has_arrived = callback_data.act is DeliveryAct.ARRIVED
            done = await ctx.desk.settle_unknown(delivery_id, has_arrived=has_arrived, by=by)
    await acknowledge(query, await ctx.while_recovering() if done else ctx.t("stale"))
    if not done and (delivery := await ctx.desk.delivery(delivery_id)):
        card = views.card(ctx.t, delivery, await ctx.name(delivery.account_id))
        await replace(query, card)


async def not_text(message: Message, ctx: Context) -> None:
    await reply(message, View(ctx.t("send-only-text")))


def _cancel(ctx: Context) -> Button:
    return (ctx.t("button-cancel"), Go(room=Room.CANCEL))


async def _senders(ctx: Context) -> View:
    """The accounts to choose from, connected ones first."""
    seen = await ctx.desk.overview()
    usable = [a for a in seen.accounts if account_views.state_of(a) is not Userbot.NEW]
    if not usable:
        add: Button = (ctx.t("button-add-account"), Go(room=Room.ADD_ACCOUNT))
        return View(ctx.t("send-no-account"), rows([add], [back(ctx.t)]))
    usable.sort(key=lambda a: account_views.state_of(a) is not Userbot.ONLINE)
    buttons = [
        (
            f"{account_views.light(a)} {account_views.name(a)}",
            OnAccount(act=AccountAct.SEND, id=a.id),
        )
        for a in usable[:MOST_SENDERS]
    ]
    return View(ctx.t("send-choose"), rows(*in_columns(buttons, 2), [back(ctx.t)]))
