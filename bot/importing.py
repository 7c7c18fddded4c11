"""Taking over a session in the chat: the checks of `mooring account import`, and its rows."""

import asyncio

from storage import accounts
from storage.accounts import Account, Identity
from storage.database import Database
from userbot.foreign import BadSession
from userbot.importing import Imported, Source, read, take_over


class Importer:
    """Stores accounts with sessions made elsewhere. They stay stopped, and nothing dials."""

    def __init__(
        self, database: Database, *, identity: Identity, fewer_than: int | None = None
    ) -> None:
        """`identity` is what imported accounts present themselves with."""
        self._database = database
        self._identity = identity
        self._fewer_than = fewer_than

    async def known(self, phone: str) -> Account | None:
        """The account that has that number already."""
        async with self._database.read() as tx:
            account = await accounts.with_phone(tx, phone)
        return None if account is None or account.removed_at is not None else account

    async def take(self, content: bytes, *, phone: str, by: int) -> Imported:
        """Store it, on the proxy that it gets for good. Raises `ImportRefused`."""
        # It may be a large database, and is looked through whole.
        made = await asyncio.to_thread(read, Source(content), _no_passphrase)
        return await take_over(
            self._database,
            made,
            phone=phone,
            identity=self._identity,
            endpoint=None,
            is_only_copy=False,
            fewer_than=self._fewer_than,
            actor=f"operator {by}",
        )


def _no_passphrase() -> str:
    raise BadSession(
        "this is an export of Mooring's, sealed with a passphrase; it comes back by "
        "mooring account import, on the server"
    )
