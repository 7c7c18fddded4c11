"""Sessions: an account's authorisation key and data centre, and the peers it has met.

A session that a new login replaces is kept as REPLACED. No account ever loses its only one here.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    bindparam,
    case,
    delete,
    insert,
    or_,
    select,
    update,
)

from storage.schema import peers, sessions
from storage.tx import Tx


class SessionStatus(StrEnum):
    """Which of an account's sessions this is."""

    ENROLLING = "ENROLLING"
    """A login is under way on it; data centre and key may still change."""
    CURRENT = "CURRENT"
    """The account's session; its data centre and key never change again."""
    REPLACED = "REPLACED"
    """A later login took its place."""


@dataclass(frozen=True, slots=True)
class StoredSession:
    id: int
    dc_id: int
    server_address: str
    port: int
    auth_key: bytes | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Peer:
    """Somebody an account can write to. `id` is marked, as the Bot API has it (-100… form)."""

    id: int
    access_hash: int
    username: str | None = None
    phone: str | None = field(default=None, repr=False)
    name: str | None = None


_has_key = sessions.c.sealed_auth_key.is_not(None)


async def load(tx: Tx, account_id: int, status: SessionStatus) -> StoredSession | None:
    row = await tx.one(
        select(sessions)
        .where(sessions.c.account_id == account_id, sessions.c.status == status)
        .order_by(sessions.c.id.desc())
        .limit(1)
    )
    if row is None:
        return None
    key = tx.vault.open(row.sealed_auth_key) if row.sealed_auth_key else None
    return StoredSession(row.id, row.dc_id, row.server_address, row.port, key)


async def has_key(tx: Tx, key: bytes) -> bool:
    """Whether any stored session has this key. Opens them all: for imports, not for hot paths."""
    rows = await tx.all(select(sessions.c.sealed_auth_key).where(_has_key))
    return any(tx.vault.open(row.sealed_auth_key) == key for row in rows)


async def set_aside_enrolling(tx: Tx, account_id: int) -> None:
    """Keep a login's session as REPLACED: Telegram does not know its key, begin with another."""
    await tx.execute(
        update(sessions)
        .where(
            sessions.c.account_id == account_id,
            sessions.c.status == SessionStatus.ENROLLING,
        )
        .values(status=SessionStatus.REPLACED, replaced_at=tx.now)
    )


async def start_enrolling(
    tx: Tx, account_id: int, *, dc_id: int, server_address: str, port: int
) -> StoredSession:
    """The session that a login works on; one left by an interrupted login is taken up again."""
    if found := await load(tx, account_id, SessionStatus.ENROLLING):
        return found
    session_id = await tx.insert(
        insert(sessions).values(
            account_id=account_id,
            status=SessionStatus.ENROLLING,
            dc_id=dc_id,
            server_address=server_address,
            port=port,
            created_at=tx.now,
        )
    )
    return StoredSession(session_id, dc_id, server_address, port, None)


async def save_enrolling(tx: Tx, session: StoredSession) -> None:
    """Store data centre and key of a login that is under way.

    Raises LookupError where that login is over: a key that is not stored must not be used.
    """
    sealed = tx.vault.seal(session.auth_key) if session.auth_key else None
    result = await tx.execute(
        update(sessions)
        .where(sessions.c.id == session.id, sessions.c.status == SessionStatus.ENROLLING)
        .values(
            dc_id=session.dc_id,
            server_address=session.server_address,
            port=session.port,
            sealed_auth_key=sealed,
        )
    )
    if result.rowcount != 1:
        raise LookupError(f"session {session.id} is no login under way")


async def finish_enrolling(tx: Tx, account_id: int) -> bool:
    """The login succeeded: its session becomes the current one, the one before is kept.

    False where no login with a key is under way, as when this is repeated; nothing changes.
    """
    found = await load(tx, account_id, SessionStatus.ENROLLING)
    if found is None or found.auth_key is None:
        return False
    mine = sessions.c.account_id == account_id
    await tx.execute(
        update(sessions)
        .where(mine, sessions.c.status == SessionStatus.CURRENT)
        .values(status=SessionStatus.REPLACED, replaced_at=tx.now)
    )
    await tx.execute(
        update(sessions)
        .where(mine, sessions.c.status == SessionStatus.ENROLLING)
        .values(status=SessionStatus.CURRENT)
    )
    return True


async def forget_replaced(tx: Tx, before: datetime) -> int:
    """Delete the sessions that were replaced before then; how many.

    Those of an account without a current session stay: one of them may be its only way in.
    """
    current = sessions.alias()
    result = await tx.execute(
        delete(sessions).where(
            sessions.c.status == SessionStatus.REPLACED,
            sessions.c.replaced_at < before,
            sessions.c.account_id.in_(
                select(current.c.account_id).where(current.c.status == SessionStatus.CURRENT)
            ),
        )
    )
    return result.rowcount


@dataclass(frozen=True, slots=True)
class UpsertPeer:
    """An account met a peer: a change for the group-commit writer."""

    account_id: int
    peer: Peer

    @property
    def key(self) -> tuple[str, int]:
        return peers_key(self.account_id)

    @classmethod
    async def apply(cls, tx: Tx, changes: Sequence["UpsertPeer"]) -> Sequence[None]:
        await _upsert(tx, [(change.account_id, change.peer) for change in changes])
        return [None] * len(changes)


def peers_key(account_id: int) -> tuple[str, int]:
    """What the writer orders the peers of an account by: usernames go from one to another."""
    return ("peers", account_id)


async def upsert_peers(tx: Tx, account_id: int, met: Iterable[Peer]) -> None:
    """Remember peers; a later meeting replaces what was known.

    A username or phone number changes hands: whoever had it before has it no more, or a message
    would go to the wrong person.
    """
    await _upsert(tx, [(account_id, peer) for peer in met])


async def _upsert(tx: Tx, met: Iterable[tuple[int, Peer]]) -> None:
    """Store what becomes of all these meetings, as if one came after the other."""
    rows = [_row(account_id, peer) for account_id, peer in met]
    holders: dict[tuple[int, str, str], dict[str, Any]] = {}
    for row in rows:
        for name in ("username", "phone"):
            if row[name] is None:
                continue
            handle = (row["account_id"], name, row[name])
            former = holders.get(handle)
            if former is not None and former["id"] != row["id"]:
                former[name] = None
            holders[handle] = row
    await _take(tx, [row for row in rows if row["username"] or row["phone"]])
    last = {(row["account_id"], row["id"]): row for row in rows}
    await tx.upsert(peers, list(last.values()), keys=["account_id", "id"])


async def _take(tx: Tx, rows: Sequence[Mapping[str, Any]]) -> None:
    """Take the usernames and phones of these rows from all other peers of their accounts."""
    if not rows:
        return
    mine = peers.c.account_id == bindparam("its_account")
    is_username = peers.c.username == bindparam("its_username")
    is_phone = peers.c.phone == bindparam("its_phone")
    statement = (
        update(peers)
        # The account stands in both halves, or SQLite would look through all its peers.
        .where(peers.c.id != bindparam("its_id"), or_(mine & is_username, mine & is_phone))
        .values(
            username=case((is_username, None), else_=peers.c.username),
            phone=case((is_phone, None), else_=peers.c.phone),
        )
    )
    taken = ("account_id", "id", "username", "phone")
    names = ("its_account", "its_id", "its_username", "its_phone")
    await tx.execute(
        statement,
        [{name: row[key] for name, key in zip(names, taken, strict=True)} for row in rows],
    )


def _row(account_id: int, peer: Peer) -> dict[str, Any]:
    return {
        "account_id": account_id,
        "id": peer.id,
        "access_hash": peer.access_hash,
        "username": peer.username.lower() if peer.username else None,
        "phone": peer.phone.lstrip("+") if peer.phone else None,
        "name": peer.name,
    }


async def peer_by_id(tx: Tx, account_id: int, ids: Iterable[int]) -> Peer | None:
    """The peer with one of these marked ids."""
    return await _peer(tx, account_id, peers.c.id.in_(list(ids)))


async def peer_by_username(tx: Tx, account_id: int, username: str) -> Peer | None:
    return await _peer(tx, account_id, peers.c.username == username.lower())


async def peer_by_phone(tx: Tx, account_id: int, phone: str) -> Peer | None:
    return await _peer(tx, account_id, peers.c.phone == phone.lstrip("+"))


async def peer_by_name(tx: Tx, account_id: int, name: str) -> Peer | None:
    """The peer with this display name; None where several have it."""
    found = await tx.all(_peers_of(account_id, peers.c.name == name).limit(2))
    return _peer_of(found[0]) if len(found) == 1 else None


async def user_id_of(
    tx: Tx, *, username: str | None = None, phone: str | None = None
) -> int | None:
    """The id of a user whom any account has met."""
    if username:
        where = peers.c.username == username.lower()
    else:
        where = peers.c.phone == (phone or "").lstrip("+")
    row = await tx.one(select(peers.c.id).where(where, peers.c.id > 0).limit(1))
    return int(row.id) if row else None


async def _peer(tx: Tx, account_id: int, where: ColumnElement[bool]) -> Peer | None:
    row = await tx.one(_peers_of(account_id, where).limit(1))
    return _peer_of(row) if row else None


def _peers_of(account_id: int, where: ColumnElement[bool]) -> Select[Any]:
    return select(peers).where(peers.c.account_id == account_id, where)


def _peer_of(row: Row[Any]) -> Peer:
    return Peer(row.id, row.access_hash, row.username, row.phone, row.name)
