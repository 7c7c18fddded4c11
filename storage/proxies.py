"""Proxies, and how many accounts each carries."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Row, func, insert, or_, select, update

from storage.proxy import Cost, Endpoint, Health, Kind, Lease, Proxy
from storage.schema import accounts, proxies, sessions
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
    & proxies.c.is_guess.is_(False)
)
# Made once: to build it takes as long as to run it.
_NEXT = (
    select(proxies, _LOAD)
    .where(_IS_FREE, func.coalesce(proxies.c.fault, "") == "")
    .order_by(_LOAD, proxies.c.id)
    .limit(1)
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
    is_guess: bool = False,
) -> int | None:
    """Add a proxy and return its id; None where the same one is there already.

    One that was removed comes back, with the password and the facts given now.
    """
    facts = _facts(kind, country, lease, cost or Cost())
    tx.wake(CHANGED)
    if (known := await find(tx, endpoint)) is not None:
        unmeasured = {"checked_at": None, "fault": None}
        back = {
            "retired_at": None,
            "sealed_password": _sealed(tx, endpoint),
            **facts,
            **unmeasured,
        }
        is_removed = or_(proxies.c.retired_at.is_not(None), proxies.c.released_at.is_not(None))
        result = await tx.execute(
            update(proxies).where(proxies.c.id == known, is_removed).values(back)
        )
        return known if result.rowcount == 1 else None
    return await tx.insert(
        insert(proxies).values(
            **_columns(tx, endpoint), is_guess=is_guess, added_at=tx.now, **facts
        )
    )


async def settle_scheme(tx: Tx, proxy_id: int, scheme: str) -> bool:
    """It is known now which kind of proxy it is; False where another entry is that very one."""
    proxy = await get(tx, proxy_id)
    if proxy is None:
        return False
    endpoint = replace(proxy.endpoint, scheme=scheme)
    if await find(tx, endpoint) not in {None, proxy_id}:
        return False
    await _set(tx, proxy_id, scheme=scheme, is_guess=False)
    return True


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
        .values(
            **_columns(tx, endpoint),
            **unmeasured,
            is_guess=False,
            first_exit=None,
            exit_country=None,
        )
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


async def set_kind(tx: Tx, proxy_id: int, kind: Kind) -> None:
    await _set(tx, proxy_id, kind=kind)


async def set_country(tx: Tx, proxy_id: int, country: str | None) -> None:
    """Keep where the operator says it is."""
    await _set(tx, proxy_id, country=country)


async def see_exit(tx: Tx, proxy_id: int, country: str) -> str | None:
    """Keep where Telegram sees its connections come from; the country before, if another."""
    row = await tx.one(
        select(proxies.c.first_exit, proxies.c.exit_country).where(proxies.c.id == proxy_id)
    )
    if row is None or row.exit_country == country:
        return None
    await _set(tx, proxy_id, first_exit=row.first_exit or country, exit_country=country)
    return None if row.exit_country is None else str(row.exit_country)


async def page(tx: Tx) -> list[Proxy]:
    """Every proxy that is in use or may be, oldest first."""
    return await those(tx, proxies.c.retired_at.is_(None) | (_LOAD.element > 0))


async def those(tx: Tx, *conditions: ColumnElement[bool]) -> list[Proxy]:
    """The proxies that meet these conditions on the table's columns, oldest first."""
    rows = await tx.all(select(proxies, _LOAD).where(*conditions).order_by(proxies.c.id))
    return [_proxy(tx, row) for row in rows]


async def get(tx: Tx, proxy_id: int) -> Proxy | None:
    row = await tx.one(select(proxies, _LOAD).where(proxies.c.id == proxy_id))
    return _proxy(tx, row) if row else None


async def unchecked(tx: Tx) -> list[Proxy]:
    """Those in use that were never checked as they are now."""
    return [p for p in await page(tx) if p.health is None]


async def targets(tx: Tx) -> dict[int, tuple[int, str, int]]:
    """The data centre of each proxy's accounts, by the proxy's id: its id, address and port.

    Where its accounts are on several, that of the first one.
    """
    joined = accounts.join(
        sessions,
        (sessions.c.account_id == accounts.c.id) & (sessions.c.status == "CURRENT"),
    )
    rows = await tx.all(
        select(accounts.c.proxy_id, sessions.c.dc_id, sessions.c.server_address, sessions.c.port)
        .select_from(joined)
        .where(accounts.c.proxy_id.is_not(None))
        .order_by(accounts.c.id.desc())
    )
    return {row.proxy_id: (row.dc_id, row.server_address, row.port) for row in rows}


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
    statement = _NEXT
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
        is_guess=row.is_guess,
        bytes_up=row.bytes_up,
        bytes_down=row.bytes_down,
    )


def _lease(row: Row[Any]) -> Lease | None:
    if not row.provider:
        return None
    return Lease(row.provider, row.provider_ref, row.release_at, row.released_at)
