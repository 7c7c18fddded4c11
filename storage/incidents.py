"""Incidents: something is wrong with an account, a proxy or the money, until it is well again."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, case, insert, select, update

from storage.schema import accounts, incidents
from storage.tx import Tx

CHANGED = "incidents"
"""Topic: an incident was opened or closed."""


class Ending(StrEnum):
    """How an incident ended."""

    RECOVERED = "recovered"
    STOPPED = "stopped"
    """An operator stopped the account."""
    FORGOTTEN = "forgotten"
    """An operator had the account forgotten."""
    LOGGED_OUT = "logged_out"
    """An operator logged the account out."""
    TURNED = "turned"
    """It became something that only an operator can mend: that is an incident of its own."""


GONE = frozenset({Ending.FORGOTTEN, Ending.LOGGED_OUT})
"""Endings after which nothing that was told of the account is a concern any more."""
FOR_OPERATORS = frozenset({"needs_login", "banned"})
"""Kinds that do not heal by themselves."""


class About(StrEnum):
    """Kinds of incidents that are about no account."""

    PROXY_COUNTRY = "proxy_country"
    """A proxy's traffic leaves in another country than at first."""
    PROXY_PAID = "proxy_paid"
    """A proxy is paid for a few days only."""
    LEASE_LOST = "lease_lost"
    """A provider no longer has a proxy, and its accounts wait for an operator."""
    SPENDING = "spending"
    """Most or all of today's limit is spent."""
    PROVIDER = "provider"
    """A provider refuses us."""
    INSTANCE_DIED = "instance_died"
    """An instance fell silent, and others take over what it had."""
    BOT_CONFLICT = "bot_conflict"
    """Something else takes the bot's updates."""
    BACKUP_FAILED = "backup_failed"
    """No backup can be made."""
    ACCOUNT_FROZEN = "account_frozen"
    """Telegram has frozen an account: it stays connected, and may not write."""


NETWORK = "network"
"""What accounts wait for while no proxy can be reached."""
TELEGRAM = "telegram"


BOT = "bot"
"""What an incident is about that is about the control bot itself."""
BACKUPS = "backups"
"""What an incident is about that is about the automatic backups."""


def instance_network(instance: str) -> str:
    """What accounts wait for whose instance reaches nothing, while others' lines are up."""
    return f"{NETWORK} {instance}"


def instance_cut_off(cause_key: str) -> str:
    """The instance of such a key; empty for all others."""
    what, _, instance = cause_key.partition(" ")
    return instance if what == NETWORK else ""


def proxy_subject(proxy_id: int) -> str:
    """What an incident is about that is about a proxy."""
    return f"proxy {proxy_id}"


def account_subject(account_id: int) -> str:
    """What an incident is about that is about an account, and lasts beside its outages."""
    return f"account {account_id}"


def account_of(subject: str | None) -> int | None:
    """The account that an incident with this subject is about, if it is about one."""
    what, _, number = (subject or "").rpartition(" ")
    return int(number) if what == "account" and number.isdecimal() else None


@dataclass(frozen=True, slots=True)
class Incident:
    id: int
    account_id: int | None
    kind: str
    cause: str
    opened_at: datetime
    closed_at: datetime | None
    chat_id: int | None
    message_id: int | None
    told: str
    """What the admin chat has been told: "", "open" or "closed"."""
    ending: Ending = Ending.RECOVERED
    """How it ended; of no meaning while it is open."""
    subject: str | None = None
    """What it is about where that is no account: "proxy 7", "spending"."""
    cause_key: str | None = None
    """What many accounts wait for; those incidents share a message."""
    replied_at: datetime | None = None
    """Its end was told by a message of its own as well."""
    reminded_at: datetime | None = None
    """When it was said last that it is open."""


async def open_one(tx: Tx, *, account_id: int, kind: str, cause: str) -> None:
    """Open an incident, or renew the cause of the one that is open already.

    Another kind replaces the one before in the same incident: one story, one message. But one
    that shares its message with others ends there when only an operator can mend it. Where the
    account is banned, that it was frozen before is over.
    """
    await tx.lock(f"incident of account {account_id}")
    if kind == "banned":
        subject = account_subject(account_id)
        await close_about(tx, subject, About.ACCOUNT_FROZEN, ending=Ending.TURNED)
    found = await tx.one(
        select(incidents).where(
            incidents.c.account_id == account_id, incidents.c.closed_at.is_(None)
        )
    )
    if found is not None and found.cause_key is not None and kind in FOR_OPERATORS:
        await close_open(tx, account_id, ending=Ending.TURNED)
        found = None
    if found is None:
        await tx.execute(
            insert(incidents).values(
                account_id=account_id, kind=kind, cause=cause, opened_at=tx.now, told=""
            )
        )
    else:
        fresh: dict[str, object] = {"kind": kind, "cause": cause}
        if found.kind != kind:
            # What the chat was told is no longer true: tell it again.
            fresh |= {"told": "", "reminded_at": None}
        await tx.execute(update(incidents).where(incidents.c.id == found.id).values(fresh))
    tx.wake(CHANGED)


async def open_about(tx: Tx, subject: str, kind: About, *, cause: str) -> None:
    """Open an incident that is about no account, or renew the cause of the one that is open.

    Several kinds may be open about one subject. A new cause is told by an edit.
    """
    await tx.lock(f"incident about {subject}")
    found = await tx.one(select(incidents).where(_is_open_about(subject, kind)))
    if found is None:
        await tx.execute(
            insert(incidents).values(
                subject=subject, kind=kind, cause=cause, opened_at=tx.now, told=""
            )
        )
    elif found.cause != cause:
        fresh = update(incidents).where(incidents.c.id == found.id)
        await tx.execute(fresh.values(cause=cause, told=""))
    else:
        return
    tx.wake(CHANGED)


async def close_about(
    tx: Tx, subject: str, kind: About, *, ending: Ending = Ending.RECOVERED
) -> bool:
    """That is well again, or as `ending` says; False where nothing was open about it."""
    closed = await tx.execute(
        update(incidents)
        .where(_is_open_about(subject, kind))
        .values(closed_at=tx.now, ending=ending)
    )
    if closed.rowcount:
        tx.wake(CHANGED)
    return bool(closed.rowcount)


async def open_subjects(tx: Tx, kind: About) -> set[str]:
    """What incidents of that kind are open about."""
    rows = await tx.all(
        select(incidents.c.subject).where(
            incidents.c.kind == kind, incidents.c.closed_at.is_(None)
        )
    )
    return {row.subject for row in rows}


def _is_open_about(subject: str, kind: About) -> ColumnElement[bool]:
    return and_(
        incidents.c.subject == subject,
        incidents.c.kind == kind,
        incidents.c.closed_at.is_(None),
    )


async def close_open(tx: Tx, *account_ids: int, ending: Ending = Ending.RECOVERED) -> None:
    """These accounts are well again, or no concern any more.

    What an operator ended before the chat was told of it is never told.
    """
    if not account_ids:
        return
    fresh: dict[str, object] = {"closed_at": tx.now, "ending": ending}
    if ending is not Ending.RECOVERED:
        is_untold = incidents.c.message_id.is_(None)
        fresh["told"] = case((is_untold, "closed"), else_=incidents.c.told)
    subjects = [account_subject(number) for number in account_ids] if ending in GONE else []
    theirs = incidents.c.account_id.in_(account_ids) | incidents.c.subject.in_(subjects)
    closed = await tx.execute(
        update(incidents).where(theirs, incidents.c.closed_at.is_(None)).values(fresh)
    )
    if closed.rowcount:
        tx.wake(CHANGED)


async def open_accounts(tx: Tx) -> set[int]:
    """The accounts that have an open incident."""
    rows = await tx.all(
        select(incidents.c.account_id)
        .join(accounts, accounts.c.id == incidents.c.account_id)
        .where(incidents.c.closed_at.is_(None))
    )
    return {row.account_id for row in rows}


def of_row(row: Row[Any]) -> Incident:
    return Incident(
        row.id,
        row.account_id,
        row.kind,
        row.cause,
        row.opened_at,
        row.closed_at,
        row.chat_id,
        row.message_id,
        row.told,
        Ending(row.ending or Ending.RECOVERED),
        row.subject,
        row.cause_key,
        row.replied_at,
        row.reminded_at,
    )
