"""What storage tests start from: a clock that stands still, an identity, accounts and proxies."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from storage import accounts, proxies, sessions
from storage.accounts import Identity
from storage.proxies import Endpoint
from storage.tx import Tx

API_HASH = "0123456789abcdef-api-hash"
IDENTITY = Identity(
    api_id=12345,
    api_hash=API_HASH,
    device_model="Desktop",
    system_version="Linux 6",
    app_version="5.0",
)
START = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)


class Clock:
    """The time that storage is told; it moves only when a test moves it."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def forward(self, seconds: float) -> datetime:
        self.now += timedelta(seconds=seconds)
        return self.now


only_on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
only_on_postgres = pytest.mark.parametrize("database_url", ["postgres"], indirect=True)


def url_of(path: Path) -> str:
    return f"sqlite+aiosqlite:///{path}"


async def add_account(tx: Tx, number: int = 1, *, proxy_id: int | None = None) -> int:
    """An account that has not logged in yet."""
    return await accounts.add(
        tx, phone=f"+1555000{number:04}", identity=IDENTITY, proxy_id=proxy_id, state="NEW"
    )


async def add_proxy(tx: Tx, number: int = 1) -> int:
    proxy_id = await proxies.add(tx, Endpoint("socks5", f"10.0.0.{number}", 1080, "user", "pass"))
    assert proxy_id is not None
    return proxy_id


async def enrol(tx: Tx, number: int) -> tuple[int, int]:
    """The next account on the proxy that it is to get: both numbers."""
    proxy = await proxies.least_loaded(tx)
    assert proxy is not None
    return await add_account(tx, number, proxy_id=proxy.id), proxy.id


async def log_in(tx: Tx, account: int) -> sessions.StoredSession:
    """The account's current session, as a login makes it."""
    begun = await sessions.start_enrolling(
        tx, account, dc_id=2, server_address="192.0.2.1", port=443
    )
    stored = sessions.StoredSession(begun.id, 2, "192.0.2.1", 443, b"key")
    await sessions.save_enrolling(tx, stored)
    await sessions.finish_enrolling(tx, account)
    return stored


def copy_once(migrated: Path, path: Path) -> None:
    """Have a migrated database there, where there is none yet."""
    if not path.exists():
        shutil.copyfile(migrated, path)
        path.chmod(0o600)
