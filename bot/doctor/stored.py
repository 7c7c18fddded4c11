"""Checks of what is stored: the database itself, and whether the secret key opens it."""

import shutil
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bot import descriptors
from bot.doctor import machine
from bot.doctor.findings import Finding, bad, ok, warn
from bot.settings import BadSettings, Settings
from bot.vault import NoSecretKey, existing_vault, key_file
from storage import accounts, condition, journal, liveness, proxies, shelf
from storage.accounts import Account, Desired
from storage.condition import Condition
from storage.database import open_database
from storage.datadir import holder
from storage.engines import sqlite_path, unprotected
from storage.errors import SecretKeyMismatch, StorageError
from storage.liveness import Instance
from storage.migrate import HEAD
from storage.proxies import Proxy
from storage.server_address import HOW_TO_PROTECT
from storage.vault import Vault

PATIENCE_S = 10.0


@dataclass(frozen=True, slots=True)
class Stock:
    """What the rows say."""

    accounts: Sequence[Account]
    proxies: Sequence[Proxy]
    targets: Mapping[int, tuple[int, str, int]]
    """The data centre of each proxy's accounts, by the proxy's number."""
    instances: Sequence[Instance]
    backup_failure: str
    now: datetime

    @property
    def to_run(self) -> list[Account]:
        return [a for a in self.accounts if a.desired is Desired.RUN]


async def database(settings: Settings) -> tuple[Finding, Condition | None]:
    """Whether it can be opened, and is whole."""
    path = sqlite_path(settings.database)
    try:
        found = await condition.examine(settings.database, patience_s=PATIENCE_S)
    except FileNotFoundError:
        mend = "`mooring init` makes it; if it was lost: mooring restore FILE"
        return bad("database", f"there is none at {path}", mend), None
    except StorageError as exc:
        mend = "see that DATABASE_URL is right and the server runs"
        if path is not None:
            mend = "stop Mooring, put the file aside, and restore a backup: mooring restore FILE"
        return bad("database", str(exc).rstrip("."), mend), None
    return of_condition(found), found


def way_to_database(settings: Settings) -> list[Finding]:
    """Whether what is said to it can be read on the way; nothing where that is all right."""
    if host := unprotected(settings.database):
        words = f"what is said to it on {host} may be read on the way"
        return [warn("database's TLS", words, HOW_TO_PROTECT)]
    return []


def of_condition(found: Condition) -> Finding:
    """What is to be said of a database that answers. Pure."""
    if found.faults:
        mend = "stop Mooring, put the file aside, and restore a backup: mooring restore FILE"
        return bad("database", f"it is damaged: {found.faults}", mend)
    if not found.is_durable:
        mend = "`mooring run` sets it for SQLite; on PostgreSQL turn synchronous_commit on"
        return bad("database", f"{found.kind}: a power cut may lose a login", mend)
    if found.revision is None:
        return warn("database", f"{found.kind}, without tables", "`mooring init` makes them")
    if not found.is_current:
        return warn(
            "database",
            f"{found.kind}; revision {found.revision}, this version has {HEAD}",
            "`mooring run` brings an older one up to date, after a backup; a newer one needs the "
            "newer Mooring",
        )
    return ok("database", f"{found.kind}, whole, revision {found.revision}")


def key(settings: Settings, found: Condition | None) -> tuple[Finding, Vault | None]:
    """Whether there is a secret key, and it opens what is stored."""
    where = key_file(settings) or "MOORING_SECRET_KEY"
    try:
        vault = existing_vault(settings)
    except NoSecretKey as exc:
        if found is None or found.sealed is None:
            mend = "`mooring init` makes one"
            return warn("secret key", f"there is none yet at {where}", mend), None
        return bad("secret key", str(exc).rstrip("."), "without it every session is lost"), None
    except (BadSettings, OSError) as exc:
        return bad("secret key", str(exc), f"put the right key into {where}"), None
    if found is None:
        return ok("secret key", f"{where} has one; there is no database to try it on"), vault
    try:
        found.check_key(vault)
    except SecretKeyMismatch:
        mend = "put back the key that was there when the accounts logged in; keep this one too"
        words = f"the key in {where} does not open what is stored"
        return bad("secret key", words, mend), None
    return ok("secret key", f"{where} opens what is stored"), vault


async def stock(settings: Settings, vault: Vault) -> Stock:
    """Read what the network's checks need. Raises `StorageError`."""
    opened = await open_database(
        settings.database, vault, may_migrate=False, busy_limit_s=PATIENCE_S
    )
    try:
        async with opened.read() as tx:
            last = await journal.latest(tx, kind="backup.", limit=1)
            return Stock(
                await accounts.page(tx),
                await proxies.page(tx),
                await proxies.targets(tx),
                await liveness.page(tx),
                last[0].cause if last and last[0].kind == "backup.failed" else "",
                tx.now,
            )
    finally:
        await opened.close()


def on_this_machine(
    settings: Settings, found: Condition | None, read: Stock | None
) -> list[Finding]:
    """Process, backups, disk and descriptors."""
    findings = []
    if read is not None:
        held_by = holder(settings.data_dir) if sqlite_path(settings.database) else None
        findings.append(machine.process(held_by, read.instances, read.now))
        seen = shelf.look(settings.backups, read.now)
        every_s, failure = settings.backup_every, read.backup_failure
        findings.append(
            machine.backups(seen.newest_at, every_s, read.now, failure=failure, unread=seen.unread)
        )
    size = (found.size_bytes or 0) if found else 0
    findings.append(machine.disk(shutil.disk_usage(_existing(settings.data_dir)).free, size))
    findings.append(_descriptors(read))
    return findings


def _existing(path: Path) -> Path:
    """The directory, or the nearest one above it that is there."""
    there = path.absolute()
    while not there.exists():
        there = there.parent
    return there


def _descriptors(read: Stock | None) -> Finding:
    """Of the Mooring that runs here; where none does, of what this shell would start."""
    count = len(read.to_run) if read else 0
    alive = next((i for i in read.instances if i.is_alive(read.now)), None) if read else None
    if alive is not None and alive.host == socket.gethostname():
        limit, is_known = descriptors.limit_of(alive.pid)
        if is_known:
            return machine.descriptors(limit, count, of="the Mooring that runs")
    descriptors.make_room()
    return machine.descriptors(descriptors.limit(), count, of="what is started from here")
