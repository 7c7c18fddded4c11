"""Importing a session that was made elsewhere: Telethon's StringSession."""

import struct
from dataclasses import replace

from telethon.sessions import StringSession

from storage import accounts, journal, proxies, sessions
from storage.accounts import Desired, Identity
from storage.database import Database
from storage.proxies import Endpoint
from storage.sessions import StoredSession
from storage.tx import Tx
from userbot.states import State


class BadSession(ValueError):
    """That is no Telethon StringSession with a key; nothing was stored."""


class AlreadyKnown(ValueError):
    """An account with that number is there already; nothing was stored."""


async def import_string(
    database: Database,
    text: str,
    *,
    phone: str,
    identity: Identity,
    endpoint: Endpoint,
    is_only_copy: bool,
) -> int:
    """Store an account with a session made elsewhere; returns its number.

    It stays STOPPED unless the operator says that nothing else uses the session: two live
    copies kill the key. Raises `BadSession` and `AlreadyKnown`. Connects nowhere.
    """
    made = _read(text)
    async with database.transaction() as tx:
        if await accounts.with_phone(tx, phone):
            raise AlreadyKnown("an account with that number is enrolled already")
        if made.auth_key and await sessions.has_key(tx, made.auth_key):
            raise AlreadyKnown("that session is stored already, under another number")
        proxy_id = await proxies.find(tx, endpoint) or await proxies.add(tx, endpoint)
        account_id = await accounts.add(
            tx, phone=phone, identity=identity, proxy_id=proxy_id, state=State.STOPPED
        )
        await _store(tx, account_id, made)
        if is_only_copy:
            await accounts.set_desired(tx, account_id, Desired.RUN)
        await journal.note(tx, "account.imported", actor="command line", account_id=account_id)
    return account_id


async def _store(tx: Tx, account_id: int, made: StoredSession) -> None:
    """Through the same door as a login: enrolling, then current."""
    begun = await sessions.start_enrolling(
        tx, account_id, dc_id=made.dc_id, server_address=made.server_address, port=made.port
    )
    await sessions.save_enrolling(tx, replace(made, id=begun.id))
    if not await sessions.finish_enrolling(tx, account_id):
        raise BadSession("this StringSession holds no key")


def _read(text: str) -> StoredSession:
    try:
        session = StringSession(text.strip())
    except (ValueError, struct.error) as exc:
        raise BadSession("this is not a Telethon StringSession") from exc
    if session.auth_key is None or not session.auth_key.key:
        raise BadSession("this StringSession is empty: it was never logged in")
    return StoredSession(
        0, session.dc_id, session.server_address, session.port, session.auth_key.key
    )
