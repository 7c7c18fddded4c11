"""Proxies, and how many accounts each carries."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Row, func, insert, select, update

from storage.schema import accounts, proxies
from storage.tx import Tx


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a proxy is and how to log in to it."""

    scheme: str
    host: str
    port: int
    username: str = ""
    password: str = field(default="", repr=False)

    @property
    def name(self) -> str:
        """How operators see it; never holds the password."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Proxy:
    id: int
    endpoint: Endpoint
    added_at: datetime
    retired_at: datetime | None
    accounts: int
    """How many accounts keep it."""


_LOAD = (
    select(func.count()).where(accounts.c.proxy_id == proxies.c.id).scalar_subquery().label("load")
)


async def find(tx: Tx, endpoint: Endpoint) -> int | None:
    """The id of the proxy with this address and user name."""
    row = await tx.one(
        select(proxies.c.id).where(
            proxies.c.scheme == endpoint.scheme,
            proxies.c.host == endpoint.host,
            proxies.c.port == endpoint.port,
            proxies.c.username == endpoint.username,
        )
    )
    return int(row.id) if row else None


async def add(tx: Tx, endpoint: Endpoint) -> int | None:
    """Add a proxy and return its id; None where the same one is there already.

    One that was removed comes back, with the password given now.
    """
    if (known := await find(tx, endpoint)) is not None:
        sealed = tx.vault.seal_text(endpoint.password) if endpoint.password else None
        result = await tx.execute(
            update(proxies)
            .where(proxies.c.id == known, proxies.c.retired_at.is_not(None))
            .values(retired_at=None, sealed_password=sealed)
        )
        return known if result.rowcount == 1 else None
    return await tx.insert(
        insert(proxies).values(
            scheme=endpoint.scheme,
            host=endpoint.host,
            port=endpoint.port,
            username=endpoint.username,
            sealed_password=tx.vault.seal_text(endpoint.password) if endpoint.password else None,
            added_at=tx.now,
        )
    )


async def retire(tx: Tx, proxy_id: int) -> bool:
    """Give the proxy to no new account; those that have it keep it (S0.3)."""
    result = await tx.execute(
        update(proxies)
        .where(proxies.c.id == proxy_id, proxies.c.retired_at.is_(None))
        .values(retired_at=tx.now)
    )
    return result.rowcount == 1


async def page(tx: Tx) -> list[Proxy]:
    """Every proxy that is in use or may be, oldest first."""
    rows = await tx.all(
        select(proxies, _LOAD)
        .where(proxies.c.retired_at.is_(None) | (_LOAD.element > 0))
        .order_by(proxies.c.id)
    )
    return [_proxy(tx, row) for row in rows]


async def get(tx: Tx, proxy_id: int) -> Proxy | None:
    row = await tx.one(select(proxies, _LOAD).where(proxies.c.id == proxy_id))
    return _proxy(tx, row) if row else None


async def lock_distribution(tx: Tx) -> None:
    """Let no other account be given a proxy until this transaction has ended."""
    await tx.lock("distribution of proxies")


async def least_loaded(tx: Tx) -> Proxy | None:
    """The proxy that the next account gets: fewest accounts, ties by age (S0.2)."""
    row = await tx.one(
        select(proxies, _LOAD)
        .where(proxies.c.retired_at.is_(None))
        .order_by(_LOAD, proxies.c.id)
        .limit(1)
    )
    return _proxy(tx, row) if row else None


def _proxy(tx: Tx, row: Row[tuple[object, ...]]) -> Proxy:
    sealed = row.sealed_password
    endpoint = Endpoint(
        row.scheme,
        row.host,
        row.port,
        row.username,
        tx.vault.open_text(sealed) if sealed else "",
    )
    return Proxy(row.id, endpoint, row.added_at, row.retired_at, row.load)
