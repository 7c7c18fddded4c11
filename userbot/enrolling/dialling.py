"""The line of a login: dialled through the account's own proxy, and moved where Telegram wants."""

from collections.abc import Awaitable, Callable
from typing import Any

from telethon import errors as tl
from telethon.tl import TLRequest, types

from storage import accounts, proxies, sessions
from storage.accounts import Identity
from storage.database import Database
from userbot.errors import ConnectFailed
from userbot.limits import Limits
from userbot.line import Line
from userbot.session import open_enrolling
from userbot.telegram import DcAddress

KEY_EXCHANGES = 3

OnUpdate = Callable[[Any], None]


class NoProxyToDial(Exception):
    """The account has no proxy, and nobody allowed it to be without: it never dials."""


class Dialling:
    """Opens lines for logins."""

    def __init__(
        self,
        database: Database,
        *,
        start_at: DcAddress,
        limits: Limits,
        may_write: Callable[[], bool],
        close: Callable[[int, Line], Awaitable[None]],
    ) -> None:
        """`close` closes the lines that did not come about."""
        self._database = database
        self._start_at = start_at
        self._limits = limits
        self._may_write = may_write
        self._close = close

    async def open(
        self, account_id: int, *, on_update: OnUpdate | None = None
    ) -> tuple[Line, Identity]:
        """A line for a login, and what it presents itself with; again where the exchange fails.

        One exchange in 256 makes a key that begins with a zero byte; Telethon strips it, the
        data centre then asks for another key, and without retries Telethon gives up.
        """
        async with self._database.read() as tx:
            account = await accounts.get(tx, account_id)
            identity = await accounts.identity_of(tx, account_id)
            proxy = await proxies.get(tx, account.proxy_id or 0) if account else None
        if proxy is None and not (account and account.without_proxy):
            raise NoProxyToDial
        start = self._start_at
        for attempts_left in range(KEY_EXCHANGES - 1, -1, -1):
            session = await open_enrolling(
                self._database,
                account_id,
                dc_id=start.id,
                server_address=start.host,
                port=start.port,
            )
            line = Line(
                session=session,
                identity=identity,
                proxy=proxy.endpoint if proxy else None,
                limits=self._limits,
                may_write=self._may_write,
                on_update=on_update,
            )
            try:
                await line.open()
            except BaseException as exc:  # also where it is cancelled: the line must not stay
                await self._close(account_id, line)
                if not attempts_left or not await self._may_try_again(account_id, exc):
                    raise
            else:
                return line, identity
        raise ConnectFailed("no key exchange succeeded")

    async def _may_try_again(self, account_id: int, error: BaseException) -> bool:
        """Whether another exchange may help; a key that Telegram has dropped is set aside.

        Telegram forgets keys that nobody logged in with, and a login that was interrupted long
        ago has one.
        """
        if isinstance(error, tl.AuthKeyNotFound | tl.AuthKeyDuplicatedError):
            async with self._database.transaction() as tx:
                await sessions.set_aside_enrolling(tx, account_id)
            return True
        return isinstance(error, ConnectFailed)


async def who_is_in(line: Line) -> types.User | None:
    """The user, where an interrupted login had come through after all."""
    try:
        return await line.prove_authorised()
    except tl.UnauthorizedError:
        return None


async def migrating(line: Line, request: TLRequest) -> Any:  # noqa: ANN401 - Telethon is untyped
    """Call once more after Telegram sent us to the number's own data centre."""
    try:
        return await line.call(request)
    except (tl.PhoneMigrateError, tl.NetworkMigrateError, tl.UserMigrateError):
        return await line.call(request)  # Telethon has moved the line meanwhile
