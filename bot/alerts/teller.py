"""Says one thing in the admin chat, and keeps in the rows what was said."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, tzinfo

from aiogram import Bot
from loguru import logger

from bot.admin_chat import AdminChat
from bot.alerts.plan import Act, Remind, Tell, TellTogether
from bot.alerts.post import Place, Post, Trouble
from bot.alerts.rules import LONG, Rules
from bot.alerts.subjects import Subjects
from bot.texts import Texts
from bot.views import about, outages
from bot.views import alerts as views
from bot.views.alerts import Setting
from bot.views.outages import Outage
from bot.views.view import View
from storage import accounts, alerts, lease, proxies
from storage import instances as instance_rows
from storage.accounts import Account
from storage.alert_switches import AlertKind
from storage.database import Database
from storage.engines import is_sqlite
from storage.incidents import NETWORK, Ending, Incident, instance_cut_off
from storage.tx import Tx


class Teller:
    """Renders what the plan names and puts it into the chat. Raises `Trouble`."""

    def __init__(
        self,
        database: Database,
        bot: Bot,
        t: Texts,
        admin_chat: AdminChat,
        *,
        zone: tzinfo,
        attempts: int,
    ) -> None:
        self._database = database
        self._post = Post(bot, admin_chat)
        self._subjects = Subjects(database)
        self._t = t
        self._zone = zone
        self._attempts = attempts
        self._shown: dict[Place, View] = {}

    async def carry_out(self, act: Act, rules: Rules) -> None:
        """Say it."""
        on = Setting(self._t, rules.now, self._zone, self._attempts)
        match act:
            case Tell():
                await self._tell(act, on, rules)
            case TellTogether():
                await self._tell_together(act, on, rules)
            case Remind():
                await self._remind(act.alert.incident, on)

    async def _tell(self, act: Tell, on: Setting, rules: Rules) -> None:
        incident = act.alert.incident
        view, aloud = await self._views(incident, on)
        place = await self._post.put(_place(incident), view)
        if incident.closed_at is None:
            await self._mark(incident, "open", place)
            return
        is_news = incident.message_id is None  # then the message itself was heard
        if rules.wants_reply(act.alert) and incident.ending is Ending.RECOVERED and not is_news:
            await self._reply_once([incident.id], [incident.replied_at], place, aloud)
        await self._mark(incident, "closed", place)

    async def _views(self, incident: Incident, on: Setting) -> tuple[View, View]:
        """Its message as of now, and the line that tells its end aloud."""
        if incident.subject is not None:
            view = await self._subjects.view(on, incident)
            return view, View(view.text)
        account = await self._account(incident)
        is_open = incident.closed_at is None
        view = (views.opened if is_open else views.over)(on, incident, account)
        return view, views.is_back(on, incident, account)

    async def _tell_together(self, act: TellTogether, on: Setting, rules: Rules) -> None:
        outage = await self._outage(act)
        if not act.is_over:
            await self._show_outage(act, outage, on)
            return
        is_news = act.place is None
        place = await self._post.put(act.place, outages.over(on, outage))
        is_long = outage.until - outage.since > LONG
        if is_long and outage.back and not is_news and AlertKind.OUTAGE not in rules.off:
            said = [a.incident.replied_at for a in act.members]
            await self._reply_once(act.numbers, said, place, outages.is_over(on, outage))
        self._shown.pop(place, None)
        async with self._database.transaction() as tx:
            await alerts.settle(tx, act.numbers)

    async def _show_outage(self, act: TellTogether, outage: Outage, on: Setting) -> None:
        """Only where it says something else now. After a start nobody knows what it says."""
        numbers = [i.account_id or 0 for i in outage.waiting[: outages.NAMED]]
        view = outages.opened(on, outage, await self._accounts(numbers))
        if act.place is not None and self._shown.get(act.place) == view:
            return
        place = await self._post.put(act.place, view)
        if place != act.place:
            chat_id, message_id = place
            async with self._database.transaction() as tx:
                await alerts.set_told_together(
                    tx, act.numbers, act.cause_key, chat_id=chat_id, message_id=message_id
                )
        self._shown[place] = view

    async def _remind(self, incident: Incident, on: Setting) -> None:
        place = _place(incident)
        if place is None:
            return
        view = views.reminder(on, incident, await self._account(incident))

        async def give_back() -> None:
            await self._set_reminded(incident, incident.reminded_at)

        await self._set_reminded(incident, on.now)
        await self._once(place, view, give_back)

    async def _set_reminded(self, incident: Incident, at: datetime | None) -> None:
        async with self._database.transaction() as tx:
            await alerts.set_reminded(tx, incident.id, at)

    async def _reply_once(
        self, numbers: list[int], said: Sequence[datetime | None], place: Place, view: View
    ) -> None:
        if all(said):
            return

        async def give_back() -> None:
            async with self._database.transaction() as tx:
                await alerts.give_reply_back(tx, numbers)

        async with self._database.transaction() as tx:
            await alerts.take_reply(tx, numbers)
        await self._once(place, view, give_back)

    async def _once(
        self, place: Place, view: View, give_back: Callable[[], Awaitable[None]]
    ) -> None:
        """Reply with what is counted as said already, in a row.

        The Bot API has no key against doubles: a crash, or an answer that was lost, may cost the
        reply, and never makes it come twice. The message itself is edited in any case.
        """
        try:
            await self._post.reply(place, view)
        except Trouble as exc:
            if exc.may_have_arrived:
                logger.bind(event="alert.lost").warning("a reply may not have arrived: {}", exc)
                return
            await give_back()
            raise

    async def _mark(self, incident: Incident, told: str, place: Place) -> None:
        chat_id, message_id = place
        async with self._database.transaction() as tx:
            await alerts.set_told(tx, incident, told, chat_id=chat_id, message_id=message_id)

    async def _outage(self, act: TellTogether) -> Outage:
        proxy_id = about.proxy_of(act.cause_key)
        async with self._database.read() as tx:
            proxy = await proxies.get(tx, proxy_id) if proxy_id is not None else None
            places = await self._places(tx, act)
        return Outage(act.cause_key, proxy, [a.incident for a in act.members], places)

    async def _places(self, tx: Tx, act: TellTogether) -> Sequence[tuple[str, int]]:
        """Where the instances run that it is about; empty where there is one instance only."""
        if is_sqlite(self._database.url):
            return []
        cut_off = instance_cut_off(act.cause_key)
        if not cut_off and (
            act.cause_key != NETWORK or len(await lease.page(tx, with_counts=False)) < 2
        ):
            return []
        owners = {a.owner for a in act.members if a.owner and a.incident.closed_at is None}
        known = await instance_rows.places(tx, [cut_off] if cut_off else owners)
        return sorted(known.values())

    async def _account(self, incident: Incident) -> Account | None:
        number = incident.account_id or 0
        return (await self._accounts([number])).get(number)

    async def _accounts(self, numbers: Sequence[int]) -> dict[int, Account]:
        async with self._database.read() as tx:
            found = [await accounts.get(tx, number) for number in numbers]
        return {account.id: account for account in found if account is not None}


def _place(incident: Incident) -> Place | None:
    if incident.chat_id is None or incident.message_id is None:
        return None
    return incident.chat_id, incident.message_id
