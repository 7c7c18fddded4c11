"""`/metrics`: everything in Prometheus's text form, read when it is asked for."""

import asyncio
from collections.abc import Iterable, Iterator
from functools import partial

from prometheus_client import ProcessCollector, generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector, CollectorRegistry
from typing_extensions import override

from bot.http import own, whole
from bot.http.families import gauge
from bot.http.kept import Kept
from bot.http.own import Seen
from bot.settings import Settings
from storage import shelf
from storage.database import Database
from userbot.nursery import Nursery

NOW_FOR_S = 5.0
LATELY_FOR_S = 60.0


class Metrics:
    """Reads what the whole looks like at most every 5 s, and what is dear at most every minute."""

    def __init__(self, settings: Settings, database: Database, nursery: Nursery) -> None:
        self._settings = settings
        self._database = database
        limit = settings.daily_spend_limit
        read_lately = partial(whole.read_lately, limit=limit)
        self._now = Kept(database, nursery, whole.read_now, name="figures", for_s=NOW_FOR_S)
        self._lately = Kept(
            database, nursery, read_lately, name="figures of the month", for_s=LATELY_FOR_S
        )
        self._process = ProcessCollector(namespace="mooring", registry=None)

    async def text(self, seen: Seen) -> bytes:
        """The page. Those figures are of the whole that the instance which keeps house exports."""
        fleet = seen.instance.fleet if seen.instance else None
        is_house = fleet is not None and fleet.keeps_house
        now, lately = None, None
        if is_house:
            now, lately = await asyncio.gather(self._now.get(), self._lately.get())
        families = [
            *own.families(seen),
            *whole.families_now(now),
            *whole.families_lately(lately),
            *await self._backup(is_house=is_house),
            *self._process.collect(),
        ]
        registry = CollectorRegistry(auto_describe=False)
        registry.register(_Page(families))
        return generate_latest(registry)

    async def _backup(self, *, is_house: bool) -> Iterable[Metric]:
        every_s = self._settings.backup_every if is_house else None
        age_s, is_readable = None, None
        if is_house:
            now = self._database.now()
            backups = await asyncio.to_thread(shelf.look, self._settings.backups, now)
            is_readable = not backups.unread
            age_s = (now - backups.newest_at).total_seconds() if backups.newest_at else None
        text = "How old the newest automatic backup is; none where there is none."
        readable = "Whether the folder of the backups can be read, or is not there yet."
        return [
            gauge("backup_age_seconds", text, age_s),
            gauge("backup_readable", readable, is_readable),
            gauge("backup_every_seconds", "BACKUP_EVERY; 0: no backups are made.", every_s),
        ]


class _Page(Collector):
    def __init__(self, families: Iterable[Metric]) -> None:
        self._families = families

    @override
    def collect(self) -> Iterator[Metric]:
        yield from self._families
