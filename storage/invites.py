"""Invitations: a code lets one person in, once, within its time."""

import hashlib
import secrets
from datetime import timedelta

from sqlalchemy import insert, update

from storage.operators import Role
from storage.schema import invites
from storage.tx import Tx

LIFETIME = timedelta(minutes=10)


async def make(tx: Tx, role: Role, *, by: int | None, lifetime: timedelta = LIFETIME) -> str:
    """A fresh code. Only its hash is kept: who reads the database gets in by none."""
    code = secrets.token_urlsafe(18)
    times = {"made_at": tx.now, "expires_at": tx.now + lifetime}
    await tx.execute(insert(invites).values(code_hash=_hash(code), role=role, made_by=by, **times))
    return code


async def redeem(tx: Tx, code: str, user_id: int) -> Role | None:
    """What the code makes of that person; None where it is unknown, used up or too old."""
    used = (
        update(invites)
        .where(
            invites.c.code_hash == _hash(code),
            invites.c.used_at.is_(None),
            invites.c.expires_at > tx.now,
        )
        .values(used_at=tx.now, used_by=user_id)
        .returning(invites.c.role)
    )
    row = await tx.one(used)
    return Role(row.role) if row else None


def _hash(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()
