"""/alerts and what is pressed on alerts: switches, mutes, and reconnecting all that wait."""

from aiogram import F, Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

from bot.alert_desk import AlertDesk
from bot.callbacks import AlertAct, Go, OnAlert, OnMute, OnSwitch, Room
from bot.handlers.context import Context, account_or_gone, chat_of, operator
from bot.handlers.proxies.showing import follow_return
from bot.roles import LOOKING, OWNING
from bot.show import acknowledge, replace, reply
from bot.views import muting as views
from bot.views.view import View, back, rows
from storage.accounts import Account


def router() -> Router:
    alerts = Router(name="alerts")
    alerts.message.register(show, Command("alerts"), flags=LOOKING)
    press = alerts.callback_query.register
    press(go, OnAlert.filter(F.act == AlertAct.SWITCHES), flags=LOOKING)
    press(switch, OnSwitch.filter(), flags=OWNING)
    press(mutes, OnAlert.filter(F.act == AlertAct.MUTES), flags=LOOKING)
    press(mute, OnMute.filter())
    press(reconnect_all, OnAlert.filter(F.act == AlertAct.RECONNECT_ALL))
    return alerts


async def show(message: Message, ctx: Context, alerts: AlertDesk) -> None:
    await reply(message, views.switches(ctx.t, await alerts.off()))


async def go(query: CallbackQuery, ctx: Context, alerts: AlertDesk) -> None:
    await acknowledge(query)
    await replace(query, views.switches(ctx.t, await alerts.off()))


async def switch(
    query: CallbackQuery, callback_data: OnSwitch, ctx: Context, alerts: AlertDesk
) -> None:
    """Switch a kind; one that can't be switched off says so."""
    kind, t = callback_data.kind, ctx.t
    is_set = await alerts.switch(kind, is_on=callback_data.is_on, by=operator(query))
    if is_set:
        state = "on" if callback_data.is_on else "off"
        told = t("alerts-set", kind=t(f"alerts-kind-{kind}"), state=state)
    else:
        told = t("alerts-set-fixed" if kind.is_fixed else "alerts-set-already")
    await acknowledge(query)
    await replace(query, views.switches(t, await alerts.off(), told))


async def mutes(
    query: CallbackQuery, callback_data: OnAlert, ctx: Context, alerts: AlertDesk
) -> None:
    """Until when the account is muted, and for how long it can be."""
    if account := await account_or_gone(query, ctx, callback_data.id):
        await acknowledge(query)
        await _show_mute(query, ctx, alerts, account)


async def mute(
    query: CallbackQuery, callback_data: OnMute, ctx: Context, alerts: AlertDesk
) -> None:
    """Mute the account, or end that."""
    if account := await account_or_gone(query, ctx, callback_data.id):
        await alerts.mute(account.id, callback_data.hours, by=operator(query))
        await acknowledge(query)
        await _show_mute(query, ctx, alerts, account)


async def reconnect_all(
    query: CallbackQuery, callback_data: OnAlert, ctx: Context, alerts: AlertDesk
) -> None:
    """Have all dial anew that still wait, and follow them as they come back."""
    since = ctx.desk.now()
    numbers = await alerts.reconnect_all(callback_data.id, by=operator(query))
    await acknowledge(query, await ctx.while_recovering())
    message = query.message
    if not numbers or not isinstance(message, Message):
        await replace(query, View(ctx.t("reconnect-all-none"), rows([back(ctx.t)])))
        return
    button = (ctx.t("button-accounts"), Go(room=Room.ACCOUNTS))

    async def work() -> None:
        told = ctx.t("reconnect-all", count=len(numbers))
        await follow_return(message, ctx, told, numbers, since=since, button=button)

    ctx.in_background(work, "reconnect of all that wait")


async def _show_mute(
    query: CallbackQuery, ctx: Context, alerts: AlertDesk, account: Account
) -> None:
    until = await alerts.muted_until(account.id)
    zone = await ctx.zones.of(chat_of(query))
    await replace(query, views.muting(ctx.t, account, until, now=alerts.now(), zone=zone))
