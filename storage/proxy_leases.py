"""What proxies cost, until when they are paid, and when a leased one goes back."""

from datetime import datetime

from sqlalchemy import exists, update

from storage.proxies import CHANGED, those
from storage.proxy import Cost, Kind, Proxy
from storage.schema import accounts, proxies, proxy_assignments
from storage.tx import Tx


async def set_cost(tx: Tx, proxy_id: int, cost: Cost) -> None:
    """Keep what it costs a month, and until when that is paid."""
    await _set(tx, proxy_id, price_cents=cost.price_cents, paid_until=cost.paid_until)


async def dated(tx: Tx) -> list[Proxy]:
    """Those of which it is known until when they are paid."""
    return await those(tx, proxies.c.paid_until.is_not(None))


async def set_release(tx: Tx, proxy_id: int, at: datetime | None) -> bool:
    """Give a leased one back then, or not at all; False where it is too late, or not leased."""
    result = await tx.execute(
        update(proxies)
        .where(
            proxies.c.id == proxy_id,
            proxies.c.kind == Kind.LEASED,
            proxies.c.released_at.is_(None),
        )
        .values(release_at=at)
    )
    tx.wake(CHANGED)
    return result.rowcount == 1


async def keep(tx: Tx, proxy_id: int) -> bool:
    """An operator keeps a leased one; False where it is too late, or not leased."""
    if not await set_release(tx, proxy_id, None):
        return False
    await _set(tx, proxy_id, is_kept=True)
    return True


async def set_released(tx: Tx, proxy_id: int) -> None:
    """The provider has it back, or says that it no longer has it: nothing dials it any more."""
    await _set(tx, proxy_id, released_at=tx.now, release_at=None, retired_at=tx.now)


async def to_release(tx: Tx) -> list[Proxy]:
    """Those whose hour is over: the provider is to have them back."""
    return await those(
        tx,
        proxies.c.release_at <= tx.now,
        proxies.c.released_at.is_(None),
    )


async def needless(tx: Tx, *, stopped_before: datetime | None) -> list[Proxy]:
    """Leased ones that accounts had, and that none needs any more (S1.7).

    Needless to an account that is forgotten or banned, and to one that was stopped before then.
    What no account ever had is left alone: an operator got it for one to come.
    """
    is_gone = accounts.c.removed_at.is_not(None) | (accounts.c.state == "BANNED")
    if stopped_before is not None:
        is_gone |= (accounts.c.desired == "STOP") & (accounts.c.since < stopped_before)
    needs = exists().where(accounts.c.proxy_id == proxies.c.id, ~is_gone)
    had = exists().where(proxy_assignments.c.proxy_id == proxies.c.id)
    return await those(
        tx,
        proxies.c.kind == Kind.LEASED,
        proxies.c.released_at.is_(None),
        proxies.c.is_kept.is_(False),
        had,
        ~needs,
    )


async def spare(tx: Tx, country: str) -> Proxy | None:
    """A leased one in that country that no account has; one that is about to go back too.

    One that an operator removed is no spare one.
    """
    is_had = exists().where(accounts.c.proxy_id == proxies.c.id)
    found = await those(
        tx,
        proxies.c.kind == Kind.LEASED,
        proxies.c.country == country,
        proxies.c.released_at.is_(None),
        proxies.c.retired_at.is_(None),
        ~is_had,
    )
    return found[0] if found else None


async def lost(tx: Tx) -> list[Proxy]:
    """Leased ones that the provider no longer has, and that accounts still have."""
    is_had = exists().where(
        accounts.c.proxy_id == proxies.c.id,
        accounts.c.removed_at.is_(None),
        accounts.c.desired == "RUN",
        accounts.c.state != "BANNED",
    )
    return await those(
        tx, proxies.c.kind == Kind.LEASED, proxies.c.released_at.is_not(None), is_had
    )


async def leased(tx: Tx, provider: str) -> list[Proxy]:
    """What the provider leases to us, as far as we know."""
    mine = (proxies.c.provider == provider) & proxies.c.released_at.is_(None)
    return await those(tx, mine)


async def _set(tx: Tx, proxy_id: int, **values: object) -> None:
    await tx.execute(update(proxies).where(proxies.c.id == proxy_id).values(values))
    tx.wake(CHANGED)
