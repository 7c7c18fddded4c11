"""Sessions: an account's authorisation key and data centre, and the peers it has met.

A session is never deleted here. One that a new login replaces is kept as REPLACED.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from sqlalchemy import ColumnElement, bindparam, insert, select, update

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


async def upsert_peers(tx: Tx, account_id: int, met: Iterable[Peer]) -> None:
    """Remember peers; a later meeting replaces what was known.

    A username or phone number changes hands: whoever had it before has it no more, or a message
    would go to the wrong person.
    """
    rows = [
        {
            "account_id": account_id,
            "id": p.id,
            "access_hash": p.access_hash,
            "username": p.username.lower() if p.username else None,
            "phone": p.phone.lstrip("+") if p.phone else None,
            "name": p.name,
        }
        for p in met
    ]
    if not rows:
        return
    for column in (peers.c.username, peers.c.phone):
        held = [
            {"held": row[column.name], "holder": row["id"]} for row in rows if row[column.name]
        ]
        if held:
            await tx.execute(
                update(peers)
                .where(
                    peers.c.account_id == account_id,
                    column == bindparam("held"),
                    peers.c.id != bindparam("holder"),
                )
                .values({column: None}),
                held,
            )
    await tx.upsert(peers, rows, keys=["account_id", "id"])


async def peer_by_id(tx: Tx, account_id: int, ids: Iterable[int]) -> Peer | None:
    """The peer with one of these marked ids."""
    return await _peer(tx, account_id, peers.c.id.in_(list(ids)))


async def peer_by_username(tx: Tx, account_id: int, username: str) -> Peer | None:
    return await _peer(tx, account_id, peers.c.username == username.lower())


async def peer_by_phone(tx: Tx, account_id: int, phone: str) -> Peer | None:
    return await _peer(tx, account_id, peers.c.phone == phone.lstrip("+"))


async def peer_by_name(tx: Tx, account_id: int, name: str) -> Peer | None:
    return await _peer(tx, account_id, peers.c.name == name)


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
    row = await tx.one(select(peers).where(peers.c.account_id == account_id, where).limit(1))
    return Peer(row.id, row.access_hash, row.username, row.phone, row.name) if row else None
