"""Who can send to a target, and who is the best choice: healthy, known there, least used."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, case, exists, func, select

from storage.delivery import DeliveryState
from storage.schema import accounts, deliveries, flood_waits, peers
from storage.tx import Tx

USE_COUNTS_FOR = timedelta(hours=24)


class Why(StrEnum):
    """Why an account is not chosen by itself."""

    OFFLINE = "offline"
    FROZEN = "frozen"
    """Telegram froze it: it may not write."""
    WAITING = "waiting"
    """Telegram makes it wait."""
    REFUSED = "refused"
    """What it sent there last was refused."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The best account for a target, or why there is none."""

    account_id: int | None
    not_chosen: dict[Why, int]
    """How many accounts are out of the question, by the first reason."""


async def choose(tx: Tx, target: str, *, online: str) -> Choice:
    """Choose among all that are `online`, which is the name of that state.

    One that knows the target comes before one that does not, then whoever sent least in 24 h.
    """
    why = case(
        (accounts.c.state != online, Why.OFFLINE),
        (accounts.c.is_frozen, Why.FROZEN),
        (_is_waiting(tx), Why.WAITING),
        (_last_state_there(target) == DeliveryState.FAILED, Why.REFUSED),
        else_="",
    ).label("why")
    knows = case((_has_met(target) | _has_sent(target), 0), else_=1)
    candidates = select(accounts.c.id, why, knows.label("stranger"), _used(tx).label("used"))
    rows = await tx.all(
        candidates.where(accounts.c.removed_at.is_(None)).order_by(
            "stranger", "used", accounts.c.id
        )
    )
    best = next((row.id for row in rows if not row.why), None)
    reasons = [Why(row.why) for row in rows if row.why]
    return Choice(best, {reason: reasons.count(reason) for reason in Why if reason in reasons})


async def recent(tx: Tx, operator: int, *, limit: int) -> list[int]:
    """The accounts that this operator wrote drafts for last, the latest first."""
    latest = func.max(deliveries.c.id).label("latest")
    rows = await tx.all(
        select(deliveries.c.account_id, latest)
        .where(deliveries.c.ordered_by == operator)
        .group_by(deliveries.c.account_id)
        .order_by(latest.desc())
        .limit(limit)
    )
    return [int(row.account_id) for row in rows]


def _is_waiting(tx: Tx) -> ColumnElement[bool]:
    return exists().where(flood_waits.c.account_id == accounts.c.id, flood_waits.c.until > tx.now)


def _has_met(target: str) -> ColumnElement[bool]:
    """Whether its session has the target's access hash: no look-up is needed."""
    return exists().where(peers.c.account_id == accounts.c.id, _names(target))


def _names(target: str) -> ColumnElement[bool]:
    if target.startswith("@"):
        return peers.c.username == target[1:].lower()
    if target.startswith("+"):
        return peers.c.phone == target[1:]
    # "me" is nobody's id.
    return peers.c.id == (int(target) if target.lstrip("-").isdecimal() else 0)


def _sent_there(target: str) -> ColumnElement[bool]:
    mine = deliveries.c.account_id == accounts.c.id
    return mine & (func.lower(deliveries.c.target) == target.lower())


def _has_sent(target: str) -> ColumnElement[bool]:
    return exists().where(_sent_there(target), deliveries.c.state == DeliveryState.SENT)


def _last_state_there(target: str) -> ColumnElement[Any]:
    """How what it sent there last ended; what went on to the bot is no success of the account."""
    ended = (DeliveryState.SENT, DeliveryState.FAILED)
    return (
        select(deliveries.c.state)
        .where(_sent_there(target), deliveries.c.state.in_(ended))
        .order_by(deliveries.c.id.desc())
        .limit(1)
        .scalar_subquery()
    )


def _used(tx: Tx) -> ColumnElement[int]:
    """How much it has sent in 24 h, or is to send: many drafts at once are spread too."""
    since = tx.now - USE_COUNTS_FOR
    is_sent = deliveries.c.handed_at > since
    is_open = deliveries.c.state.in_([DeliveryState.DRAFT, DeliveryState.PENDING])
    waits = is_open & (deliveries.c.created_at > since)
    mine = deliveries.c.account_id == accounts.c.id
    return select(func.count()).where(mine, is_sent | waits).scalar_subquery()
