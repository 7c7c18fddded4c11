"""Proxies, and how many accounts each carries."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, func, insert, or_, select, update

from storage.proxy import Cost, Endpoint, Health, Kind, Lease, Proxy
from storage.schema import accounts, proxies
from storage.tx import Tx

__all__ = ["CHANGED", "Cost", "Endpoint", "Health", "Kind", "Lease", "Proxy"]

CHANGED = "proxies"
"""Topic: a proxy's row changed."""

_LOAD = (
    select(func.count()).where(accounts.c.proxy_id == proxies.c.id).scalar_subquery().label("load")
)
_IS_FREE = (
    proxies.c.retired_at.is_(None)
    & proxies.c.release_at.is_(None)
    & proxies.c.released_at.is_(None)
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


async def add(
    tx: Tx,
    endpoint: Endpoint,
    *,
    kind: Kind = Kind.STATIC,
    country: str | None = None,
    lease: Lease | None = None,
    cost: Cost | None = None,
) -> int | None:
    """Add a proxy and return its id; None where the same one is there already.

    One that was removed comes back, with the password and the facts given now.
    """
    facts = _facts(kind, country, lease, cost or Cost())
    tx.wake(CHANGED)
    if (known := await find(tx, endpoint)) is not None:
        back = {"retired_at": None, "sealed_password": _sealed(tx, endpoint), **facts}
        is_removed = or_(proxies.c.retired_at.is_not(None), proxies.c.released_at.is_not(None))
        result = await tx.execute(
            update(proxies).where(proxies.c.id == known, is_removed).values(back)
        )
        return known if result.rowcount == 1 else None
    return await tx.insert(
        insert(proxies).values(**_columns(tx, endpoint), added_at=tx.now, **facts)
    )


async def change(tx: Tx, proxy_id: int, endpoint: Endpoint) -> bool:
    """Give the proxy another address or login; the entry and its accounts stay.

    False where another entry has that address and user name, or this one is gone. What was
    measured of the old address says nothing of the new one.
    """
    if await find(tx, endpoint) not in {None, proxy_id}:
        return False
    unmeasured = {"checked_at": None, "fault": None, "latency_ms": None}
    result = await tx.execute(
        update(proxies)
        .where(proxies.c.id == proxy_id)
        .values(**_columns(tx, endpoint), **unmeasured, first_exit=None, exit_country=None)
    )
    tx.wake(CHANGED)
    return result.rowcount == 1


async def retire(tx: Tx, proxy_id: int) -> bool:
    """Give the proxy to no new account; those that have it keep it (S0.3)."""
    result = await tx.execute(
        update(proxies)
        .where(proxies.c.id == proxy_id, proxies.c.retired_at.is_(None))
        .values(retired_at=tx.now)
    )
    tx.wake(CHANGED)
    return result.rowcount == 1


async def set_cost(tx: Tx, proxy_id: int, cost: Cost) -> None:
    """Keep what it costs a month, and until when that is paid."""
    await _set(tx, proxy_id, price_cents=cost.price_cents, paid_until=cost.paid_until)


async def set_kind(tx: Tx, proxy_id: int, kind: Kind) -> None:
    await _set(tx, proxy_id, kind=kind)


async def set_country(tx: Tx, proxy_id: int, country: str | None) -> None:
    """Keep where the operator says it is."""
    await _set(tx, proxy_id, country=country)


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


async def see_exit(tx: Tx, proxy_id: int, country: str) -> str | None:
    """Keep where Telegram sees its connections come from; the country before, if another."""
    row = await tx.one(
        select(proxies.c.first_exit, proxies.c.exit_country).where(proxies.c.id == proxy_id)
    )
    if row is None or row.exit_country == country:
        return None
    await _set(tx, proxy_id, first_exit=row.first_exit or country, exit_country=country)
    return None if row.exit_country is None else str(row.exit_country)


async def to_remind_of(tx: Tx, before: datetime) -> list[Proxy]:
    """Those in use that are paid until before then, and that nobody was reminded of."""
    unknown = or_(proxies.c.reminded_of.is_(None), proxies.c.reminded_of != proxies.c.paid_until)
    return await _where(tx, select(proxies, _LOAD).where(proxies.c.paid_until < before, unknown))


async def set_reminded(tx: Tx, proxy_id: int, paid_until: datetime | None) -> None:
    """The admin chat was told that it is paid until then only."""
    await _set(tx, proxy_id, reminded_of=paid_until)


async def page(tx: Tx) -> list[Proxy]:
    """Every proxy that is in use or may be, oldest first."""
    in_use = select(proxies, _LOAD).where(proxies.c.retired_at.is_(None) | (_LOAD.element > 0))
    return await _where(tx, in_use)


async def to_release(tx: Tx) -> list[Proxy]:
    """Those whose hour is over: the provider is to have them back."""
    return await _where(
        tx,
        select(proxies, _LOAD).where(
            proxies.c.release_at <= tx.now, proxies.c.released_at.is_(None)
        ),
    )


async def get(tx: Tx, proxy_id: int) -> Proxy | None:
    row = await tx.one(select(proxies, _LOAD).where(proxies.c.id == proxy_id))
    return _proxy(tx, row) if row else None


async def leased(tx: Tx, provider: str) -> list[Proxy]:
    """What the provider leases to us, as far as we know."""
    mine = (proxies.c.provider == provider) & proxies.c.released_at.is_(None)
    return await _where(tx, select(proxies, _LOAD).where(mine))


async def lock_distribution(tx: Tx) -> None:
    """Let no other account be given a proxy until this transaction has ended."""
    await tx.lock("distribution of proxies")


async def least_loaded(
    tx: Tx, *, country: str | None = None, fewer_than: int | None = None, but: int | None = None
) -> Proxy | None:
    """The proxy that the next account gets: fewest accounts, ties by age (S0.2).

    None where there is none whose last check was well. `fewer_than` is a hard capacity, `but`
    the one that is not wanted.
    """
    statement = (
        select(proxies, _LOAD)
        .where(_IS_FREE, func.coalesce(proxies.c.fault, "") == "")
        .order_by(_LOAD, proxies.c.id)
        .limit(1)
    )
    if country is not None:
        statement = statement.where(proxies.c.country == country)
    if fewer_than is not None:
        statement = statement.where(_LOAD.element < fewer_than)
    if but is not None:
        statement = statement.where(proxies.c.id != but)
    row = await tx.one(statement)
    return _proxy(tx, row) if row else None


async def _set(tx: Tx, proxy_id: int, **values: object) -> None:
    await tx.execute(update(proxies).where(proxies.c.id == proxy_id).values(values))
    tx.wake(CHANGED)


async def _where(tx: Tx, statement: Select[Any]) -> list[Proxy]:
    return [_proxy(tx, row) for row in await tx.all(statement.order_by(proxies.c.id))]


def _sealed(tx: Tx, endpoint: Endpoint) -> bytes | None:
    return tx.vault.seal_text(endpoint.password) if endpoint.password else None


def _columns(tx: Tx, endpoint: Endpoint) -> Mapping[str, object]:
    return {
        "scheme": endpoint.scheme,
        "host": endpoint.host,
        "port": endpoint.port,
        "username": endpoint.username,
        "sealed_password": _sealed(tx, endpoint),
    }


def _facts(
    kind: Kind, country: str | None, lease: Lease | None, cost: Cost
) -> Mapping[str, object]:
    return {
        "kind": kind,
        "country": country,
        "provider": lease.provider if lease else "",
        "provider_ref": lease.ref if lease else "",
        "release_at": None,
        "released_at": None,
        "price_cents": cost.price_cents,
        "paid_until": cost.paid_until,
    }


def _proxy(tx: Tx, row: Row[Any]) -> Proxy:
    sealed = row.sealed_password
    password = tx.vault.open_text(sealed) if sealed else ""
    is_checked = row.checked_at is not None
    return Proxy(
        id=row.id,
        endpoint=Endpoint(row.scheme, row.host, row.port, row.username, password),
        added_at=row.added_at,
        retired_at=row.retired_at,
        accounts=row.load,
        kind=Kind(row.kind),
        country=row.country,
        first_exit=row.first_exit,
        exit_country=row.exit_country,
        health=Health(row.checked_at, row.fault or "", row.latency_ms) if is_checked else None,
        lease=_lease(row),
        cost=Cost(row.price_cents, row.paid_until),
        bytes_up=row.bytes_up,
        bytes_down=row.bytes_down,
    )


def _lease(row: Row[Any]) -> Lease | None:
    if not row.provider:
        return None
    return Lease(row.provider, row.provider_ref, row.release_at, row.released_at)
