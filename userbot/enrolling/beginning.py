"""The row of a login: a new account with its proxy for good, or one that is taken up again."""

from storage import accounts, forgetting, journal, numbers, proxies
from storage.accounts import Account, Identity
from storage.database import Database
from storage.tx import Tx
from userbot.login_answers import Outcome
from userbot.states import State

_MAY_LOG_IN = {State.NEW, State.NEEDS_LOGIN}


class Beginning:
    """Writes what a login is about before anything dials."""

    def __init__(
        self, database: Database, *, identity: Identity, fewer_than: int | None = None
    ) -> None:
        """`fewer_than`: a proxy with so many accounts gets no further one (None: it may)."""
        self._database = database
        self._identity = identity
        self._fewer_than = fewer_than

    async def with_phone(self, phone: str, actor: str) -> int | Outcome:
        """The account of that number, a new one where there is none; or why it can't log in."""
        async with self._database.transaction() as tx:
            await proxies.lock_distribution(tx)
            account = await accounts.with_phone(tx, phone)
            return await self._begin(tx, account, phone, actor)

    async def with_picture(self, account_id: int | None, actor: str) -> int | Outcome:
        """That account, or a new one whose number is not known yet; or why it can't log in."""
        async with self._database.transaction() as tx:
            await proxies.lock_distribution(tx)
            account = await accounts.get(tx, account_id) if account_id else None
            if account is None and account_id:
                return {"error": "gone", "account": account_id}
            return await self._begin(tx, account, numbers.placeholder(), actor)

    async def _begin(
        self, tx: Tx, account: Account | None, phone: str, actor: str
    ) -> int | Outcome:
        is_gone = account is not None and account.removed_at is not None
        if account and account.observed.state not in _MAY_LOG_IN and not is_gone:
            return {"error": "already_enrolled", "account": account.id}
        if account is not None:
            account_id = account.id
            if is_gone:  # what is kept of it must outlast the login
                await forgetting.forget(tx, account_id)
        elif proxy := await proxies.least_loaded(tx, fewer_than=self._fewer_than):
            account_id = await accounts.add(
                tx, phone=phone, identity=self._identity, proxy_id=proxy.id, state=State.NEW
            )
        else:
            return {"error": "no_proxy"}
        await journal.note(tx, "enrolment.begun", actor=actor, account_id=account_id)
        return account_id
