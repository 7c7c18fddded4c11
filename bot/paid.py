"""Reminds of proxies that are paid for a few days only (S1.7): an incident each, until then."""

import asyncio
from datetime import datetime, timedelta

from loguru import logger

from bot.proxy_standing import is_gone
from storage import incidents, proxies, proxy_leases
from storage.database import Database
from storage.errors import StorageError
from storage.incidents import About, proxy_subject
from storage.proxies import Proxy
from storage.tx import Tx

LOOK_EVERY_S = 3600.0
AHEAD = timedelta(days=3)


class PaidWatch:
    """The loop that looks every hour what is to be paid."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def run(self) -> None:
        """Look until cancelled. What fails is tried again in the next hour."""
        while True:
            try:
                await self.look()
            except StorageError as exc:
                logger.bind(event="paid.failed").warning("what is to be paid is unknown: {}", exc)
            await asyncio.sleep(LOOK_EVERY_S)

    async def look(self) -> None:
        """Open and close the incidents as of now."""
        async with self._database.transaction() as tx:
            for proxy in await proxy_leases.dated(tx):
                await _settle(tx, proxy)


async def settle(tx: Tx, proxy_id: int) -> None:
    """The same for one, right after something changed."""
    proxy = await proxies.get(tx, proxy_id)
    if proxy is not None:
        await _settle(tx, proxy)


async def _settle(tx: Tx, proxy: Proxy) -> None:
    subject, until = proxy_subject(proxy.id), proxy.cost.paid_until
    if until is not None and is_due(proxy, tx.now):
        cause = f"{until:%Y-%m-%d}"
        await incidents.open_about(tx, subject, About.PROXY_PAID, cause=cause)
    else:
        await incidents.close_about(tx, subject, About.PROXY_PAID)


def is_due(proxy: Proxy, now: datetime) -> bool:
    """Whether it is to be paid now: nobody pays for what is used no more."""
    is_over = proxy.retired_at is not None and not proxy.accounts
    until = proxy.cost.paid_until
    return until is not None and until - now <= AHEAD and not (is_over or is_gone(proxy))
