"""The end of a login: whose it is, and the rows that say so, before anybody hears of it."""

from dataclasses import replace

from loguru import logger
from telethon import utils
from telethon.tl import types

from storage import accounts, journal, numbers, sessions
from storage.accounts import Account, Desired
from storage.database import Database
from storage.tx import Tx
from userbot import elsewhere
from userbot.enrolling.under_way import Login, UnderWay
from userbot.login_answers import Outcome
from userbot.registry import Registry
from userbot.states import State


class Finishing:
    """Makes sessions current and accounts run."""

    def __init__(self, database: Database, registry: Registry, under_way: UnderWay) -> None:
        self._database = database
        self._registry = registry
        self._under_way = under_way

    async def finish(self, login: Login, me: types.User) -> Outcome:
        """Make the session current and the account run, then let its supervisor dial.

        Where it is not this account's user the key is kept and nothing else changes: of a new
        account under way, else among its replaced sessions.
        """
        account_id = login.account_id
        name = utils.get_display_name(me)
        async with self._database.transaction() as tx:
            account = await accounts.get(tx, account_id)
            if account is None:
                raise LookupError(f"account {account_id} is gone while it logs in")
            clash = await self._clash(tx, login, account, me)
            if clash is None:
                if not await sessions.finish_enrolling(tx, account_id):
                    raise LookupError(f"account {account_id} logged in with no stored key")
                await elsewhere.clear(tx, account)  # that was the session of before
                await accounts.set_desired(tx, account_id, Desired.RUN)
                await _is_logged_in(tx, account)
                await journal.note(tx, "enrolment.done", actor="mooring", account_id=account_id)
        await self._under_way.drop(account_id)
        if clash is not None:
            return clash
        (await self._registry.adopt(account_id)).start()
        logger.bind(account=account_id, event="enrolment.done").info("enrolled")
        return {"step": "done", "account": account_id, "name": name}

    async def _clash(
        self, tx: Tx, login: Login, account: Account, me: types.User
    ) -> Outcome | None:
        """Why this user can't be that account; None where it is, and is stored as such."""
        phone = f"+{me.phone.lstrip('+')}" if me.phone else ""
        if login.picture is not None and not _may_be(account, me.id, phone):
            await sessions.set_aside_enrolling(tx, account.id)
            return {"error": "other_user", "account": account.id}
        spare = account.id if account.observed.state == State.NEW else None
        if not account.phone and phone:
            holder = await accounts.with_phone(tx, phone)
            is_same = holder is not None and holder.user_id == me.id
            if holder is not None and holder.removed_at is None and not is_same:
                return {"error": "number_taken", "account": holder.id, "spare": spare}
            if holder is not None and holder.removed_at is not None:
                await numbers.give_up(tx, holder.id)
        other = await accounts.describe(
            tx,
            account.id,
            user_id=me.id,
            username=me.username,
            name=utils.get_display_name(me),
        )
        if other is not None:
            return {"error": "same_user", "account": other, "spare": spare}
        if not account.phone and phone:
            await numbers.learn(tx, account.id, phone)
        return None


async def _is_logged_in(tx: Tx, account: Account) -> None:
    """Its row needs no login from now on: whatever ends us before it dials, the next one does."""
    if State(account.observed.state).is_parked:
        stopped = replace(account.observed, state=State.STOPPED, reason="", since=tx.now)
        await accounts.set_observed(tx, account.id, stopped, is_online=False)


def _may_be(account: Account, user_id: int, phone: str) -> bool:
    """Whether who scanned the picture can be that account: anybody's phone can scan it."""
    if account.user_id is not None:
        return account.user_id == user_id
    return not account.phone or not phone or f"+{account.phone.lstrip('+')}" == phone
