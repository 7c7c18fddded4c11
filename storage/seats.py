"""Seats: what only one instance does at a time, on PostgreSQL. Who holds one keeps it for life."""

from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from storage.schema import UtcTime, leases, seats
from storage.tx import Tx


class Seat(StrEnum):
    """What there is one of."""

    BOT = "bot"
    """Polls the Bot API, and tells the admin chat."""
    HOUSE = "house"
    """Checks proxies, leases them, makes backups, tidies up."""


async def take(tx: Tx, seat: Seat, instance: str) -> bool:
    """Sit down where nobody sits whose lease still runs; True too for who sits there."""
    clock = func.clock_timestamp(type_=UtcTime)
    alive = select(leases.c.instance).where(leases.c.until > clock)
    mine = insert(seats).values(name=seat, instance=instance, since=tx.now)
    result = await tx.execute(
        mine.on_conflict_do_update(
            index_elements=["name"],
            set_={"instance": instance, "since": tx.now},
            where=seats.c.instance.not_in(alive),
        )
    )
    return result.rowcount == 1


async def is_free(tx: Tx, seat: Seat) -> bool:
    """Whether it could be taken."""
    clock = func.clock_timestamp(type_=UtcTime)
    held = (
        select(seats.c.name)
        .join(leases, leases.c.instance == seats.c.instance)
        .where(seats.c.name == seat, leases.c.until > clock)
    )
    return await tx.one(held) is None


async def holders(tx: Tx) -> dict[str, str]:
    """Who sits where."""
    rows = await tx.all(select(seats.c.name, seats.c.instance))
    return {row.name: row.instance for row in rows}
