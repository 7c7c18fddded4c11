"""What a dial needs to know, in one query: it is asked thousands of times after an outage."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, func, select

from storage.accounts import Identity
from storage.floods import CONNECTING
from storage.proxy import Endpoint
from storage.schema import accounts, flood_waits, proxies, sessions
from storage.sessions import SessionStatus, StoredSession
from storage.tx import Tx


@dataclass(frozen=True, slots=True)
class Known:
    """Who Telegram said the account is."""

    user_id: int | None
    username: str | None
    name: str


@dataclass(frozen=True, slots=True)
class DialData:
    """How an account is dialled now."""

    identity: Identity = field(repr=False)
    known: Known
    proxy_id: int | None
    endpoint: Endpoint | None
    without_proxy: bool
    """Whether an operator lets it run without one."""
    session: StoredSession | None
    """None where there is none with a key."""
    flooded_until: datetime | None
    """Until when Telegram wants no connection of the account."""


async def read(tx: Tx, account_id: int) -> DialData:
    """Raises LookupError where there is no such account."""
    row = await tx.one(_QUERY.where(accounts.c.id == account_id))
    if row is None:
        raise LookupError(f"no account {account_id}")
    wait = row.flooded_until
    return DialData(
        identity=_identity(tx, row),
        known=Known(row.user_id, row.account_username, row.name),
        proxy_id=row.proxy_id,
        endpoint=_endpoint(tx, row),
        without_proxy=row.without_proxy,
        session=_session(tx, row),
        flooded_until=wait if wait is not None and wait > tx.now else None,
    )


def _identity(tx: Tx, row: Row[Any]) -> Identity:
    return Identity(
        row.api_id,
        tx.vault.open_text(row.sealed_api_hash),
        row.device_model,
        row.system_version,
        row.app_version,
        row.lang_code,
        row.system_lang_code,
    )


def _endpoint(tx: Tx, row: Row[Any]) -> Endpoint | None:
    if row.proxy_id is None:
        return None
    sealed = row.sealed_password
    password = tx.vault.open_text(sealed) if sealed else ""
    return Endpoint(row.scheme, row.proxy_host, row.proxy_port, row.proxy_username, password)


def _session(tx: Tx, row: Row[Any]) -> StoredSession | None:
    if row.sealed_auth_key is None:
        return None
    key = tx.vault.open(row.sealed_auth_key)
    return StoredSession(row.session_id, row.dc_id, row.server_address, row.session_port, key)


_FLOODED = (
    select(func.max(flood_waits.c.until))
    .where(flood_waits.c.account_id == accounts.c.id, flood_waits.c.method == CONNECTING)
    .scalar_subquery()
    .label("flooded_until")
)
_QUERY = select(
    accounts.c.user_id,
    accounts.c.username.label("account_username"),
    accounts.c.name,
    accounts.c.api_id,
    accounts.c.sealed_api_hash,
    accounts.c.device_model,
    accounts.c.system_version,
    accounts.c.app_version,
    accounts.c.lang_code,
    accounts.c.system_lang_code,
    accounts.c.proxy_id,
    accounts.c.without_proxy,
    proxies.c.scheme,
    proxies.c.host.label("proxy_host"),
    proxies.c.port.label("proxy_port"),
    proxies.c.username.label("proxy_username"),
    proxies.c.sealed_password,
    sessions.c.id.label("session_id"),
    sessions.c.dc_id,
    sessions.c.server_address,
    sessions.c.port.label("session_port"),
    sessions.c.sealed_auth_key,
    _FLOODED,
).select_from(
    accounts.outerjoin(proxies, accounts.c.proxy_id == proxies.c.id).outerjoin(
        sessions,
        and_(sessions.c.account_id == accounts.c.id, sessions.c.status == SessionStatus.CURRENT),
    )
)
