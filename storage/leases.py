"""What proxies cost, until when they are paid, and when a leased one goes back."""

from datetime import datetime

from sqlalchemy import update

from storage.proxies import CHANGED, those
from storage.proxy import Cost, Kind, Proxy
from storage.schema import proxies
from storage.tx import Tx


async def set_cost(tx: Tx, proxy_id: int, cost: Cost) -> None:
    """Keep what it costs a month, and until when that is paid."""
    await _set(tx, proxy_id, price_cents=cost.price_cents, paid_until=cost.paid_until)


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


async def leased(tx: Tx, provider: str) -> list[Proxy]:
    """What the provider leases to us, as far as we know."""
    mine = (proxies.c.provider == provider) & proxies.c.released_at.is_(None)
    return await those(tx, mine)


async def _set(tx: Tx, proxy_id: int, **values: object) -> None:
    await tx.execute(update(proxies).where(proxies.c.id == proxy_id).values(values))
    tx.wake(CHANGED)
