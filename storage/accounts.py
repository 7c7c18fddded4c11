"""Accounts: who they are, what the operator wants of them, what is observed."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import ColumnElement, bindparam, delete, exists, func, insert, select, update

from storage import assignments
from storage.account import Account, Desired, Identity, Observed, of_row
from storage.schema import account_tags, accounts, sessions
from storage.schema import proxies as proxies_table
from storage.sessions import SessionStatus
from storage.tx import Tx

__all__ = ["CHANGED", "Account", "Desired", "Identity", "Observed"]

CHANGED = "accounts"
"""Topic: an account's row changed."""


_TAGS = (
    select(func.aggregate_strings(account_tags.c.tag, " "))
    .where(account_tags.c.account_id == accounts.c.id)
    .scalar_subquery()
    .label("tags")
)
_COLUMNS = (
    accounts,
    _TAGS,
    proxies_table.c.host.label("proxy_host"),
    proxies_table.c.port.label("proxy_port"),
    func.coalesce(proxies_table.c.exit_country, proxies_table.c.country).label("proxy_country"),
)
_FROM = accounts.outerjoin(proxies_table, accounts.c.proxy_id == proxies_table.c.id)


async def add(
    tx: Tx,
    *,
    phone: str,
    identity: Identity,
    proxy_id: int | None,
    state: str,
    actor: str = "mooring",
) -> int:
    """A new account with its one permanent proxy, both or neither; returns its id.

    Without a proxy it never dials, until an operator allows that.
    """
    account_id = await tx.insert(
        insert(accounts).values(
            phone=phone,
            api_id=identity.api_id,
            sealed_api_hash=tx.vault.seal_text(identity.api_hash),
            device_model=identity.device_model,
            system_version=identity.system_version,
            app_version=identity.app_version,
            lang_code=identity.lang_code,
            system_lang_code=identity.system_lang_code,
            desired=Desired.STOP,
            state=state,
            since=tx.now,
            proxy_id=proxy_id,
            created_at=tx.now,
        )
    )
    if proxy_id is not None:
        await assignments.begin(
            tx, account_id, proxy_id, reason=assignments.ENROLMENT, actor=actor
        )
    tx.wake(CHANGED)
    return account_id


async def remove_unfinished(tx: Tx, account_id: int, *, state: str) -> bool:
    """Delete an account that never logged in (it is still in `state`); False where it did.

    One with any session but the login's own stays, whatever else the row says: a key that was
    set aside may be logged in, and would go with it.
    """
    has_session = exists().where(
        sessions.c.account_id == accounts.c.id, sessions.c.status != SessionStatus.ENROLLING
    )
    result = await tx.execute(
        delete(accounts).where(
            accounts.c.id == account_id,
            accounts.c.state == state,
            accounts.c.user_id.is_(None),
            ~has_session,
        )
    )
    tx.wake(CHANGED)
    return result.rowcount == 1


async def describe(
    tx: Tx, account_id: int, *, user_id: int, username: str | None, name: str
) -> int | None:
    """Keep who Telegram says the account is.

    Returns the number of another account that is the same Telegram user already; then nothing
    was stored. One that was forgotten does not count.
    """
    other = await tx.one(
        select(accounts.c.id, accounts.c.removed_at).where(
            accounts.c.user_id == user_id, accounts.c.id != account_id
        )
    )
    if other and other.removed_at is None:
        return int(other.id)
    if other:  # forgotten under an older number: the person is this account now
        forgotten = update(accounts).where(accounts.c.id == other.id)
        await tx.execute(forgotten.values(user_id=None))
    await tx.execute(
        update(accounts)
        .where(accounts.c.id == account_id)
        .values(user_id=user_id, username=username, name=name)
    )
    tx.wake(CHANGED)
    return None


async def get(tx: Tx, account_id: int) -> Account | None:
    row = await tx.one(select(*_COLUMNS).select_from(_FROM).where(accounts.c.id == account_id))
    return of_row(row) if row else None


async def with_phone(tx: Tx, phone: str) -> Account | None:
    """The account with that number, also one that was forgotten."""
    row = await tx.one(select(*_COLUMNS).select_from(_FROM).where(accounts.c.phone == phone))
    return of_row(row) if row else None


async def with_user_id(tx: Tx, user_id: int) -> Account | None:
    row = await tx.one(select(*_COLUMNS).select_from(_FROM).where(accounts.c.user_id == user_id))
    return of_row(row) if row else None


async def page(
    tx: Tx, *, offset: int = 0, limit: int = 10_000_000, is_forgotten: bool = False
) -> list[Account]:
    """Accounts in the order of their numbers: those that were forgotten, or all others."""
    is_kept = accounts.c.removed_at.is_(None)
    wanted = ~is_kept if is_forgotten else is_kept
    return await those(tx, wanted, offset=offset, limit=limit)


async def those(
    tx: Tx, *conditions: ColumnElement[bool], offset: int = 0, limit: int = 10_000_000
) -> list[Account]:
    """The accounts that meet these conditions on their columns or their proxies', in order."""
    rows = await tx.all(
        select(*_COLUMNS)
        .select_from(_FROM)
        .where(*conditions)
        .order_by(accounts.c.id)
        .offset(offset)
        .limit(limit)
    )
    return [of_row(row) for row in rows]


async def to_be_had(tx: Tx, limit: int) -> list[Account]:
    """Accounts that no instance has, the more important ones and those used last first.

    Nobody else gets these before this transaction ends, and nobody waits for it: several that
    look at the same moment find different ones.
    """
    rows = await tx.all(
        select(*_COLUMNS)
        .select_from(_FROM)
        .where(accounts.c.owner.is_(None), accounts.c.removed_at.is_(None))
        .order_by(
            accounts.c.importance.desc(),
            accounts.c.last_online_at.desc().nulls_last(),
            accounts.c.id,
        )
        .limit(limit)
        .with_for_update(of=accounts, skip_locked=True)
    )
    return [of_row(row) for row in rows]


async def count_by_state(tx: Tx) -> dict[str, int]:
    rows = await tx.all(
        select(accounts.c.state, func.count().label("n"))
        .where(accounts.c.removed_at.is_(None))
        .group_by(accounts.c.state)
    )
    return {row.state: row.n for row in rows}


async def identity_of(tx: Tx, account_id: int) -> Identity:
    """What the account presents itself with. Raises LookupError where there is none."""
    row = await tx.one(select(accounts).where(accounts.c.id == account_id))
    if row is None:
        raise LookupError(f"no account {account_id}")
    return Identity(
        row.api_id,
        tx.vault.open_text(row.sealed_api_hash),
        row.device_model,
        row.system_version,
        row.app_version,
        row.lang_code,
        row.system_lang_code,
    )


async def set_desired(tx: Tx, account_id: int, desired: Desired) -> None:
    """Store what the operator wants. One that is to run is forgotten no more."""
    wish: dict[str, object] = {"desired": desired}
    if desired is Desired.RUN:
        wish["removed_at"] = None
    await tx.execute(update(accounts).where(accounts.c.id == account_id).values(wish))
    tx.wake(CHANGED)


async def set_elsewhere(tx: Tx, account_id: int, why: str | None) -> None:
    """Keep why the session may be in use elsewhere; None: an operator confirmed it is not."""
    await tx.execute(update(accounts).where(accounts.c.id == account_id).values(elsewhere=why))
    tx.wake(CHANGED)


async def set_observed(tx: Tx, account_id: int, seen: Observed, *, is_online: bool) -> None:
    """Store what was seen of one account."""
    await set_all_observed(tx, {account_id: seen})
    if is_online:
        await set_last_online(tx, {account_id: seen.since})


async def set_all_observed(tx: Tx, seen: Mapping[int, Observed]) -> None:
    """Store what was seen of accounts, by their numbers; the one writer of these columns."""
    rows = [{"account": number, **asdict(observed)} for number, observed in seen.items()]
    if rows:
        await tx.execute(update(accounts).where(accounts.c.id == bindparam("account")), rows)
        tx.wake(CHANGED)


async def set_last_online(tx: Tx, seen: Mapping[int, datetime]) -> None:
    """Store when accounts were online last, by their numbers; whoever left them, they are back."""
    rows = [
        {"account": number, "last_online_at": at, "left_by": None} for number, at in seen.items()
    ]
    if rows:
        await tx.execute(update(accounts).where(accounts.c.id == bindparam("account")), rows)
