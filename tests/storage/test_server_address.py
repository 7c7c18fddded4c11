"""The way to a PostgreSQL server: encrypted as the address says, and checked."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.engine import make_url

from storage.database import open_database
from storage.engines import check_url, unprotected
from storage.errors import StorageFailed
from storage.link import Link
from storage.server_address import for_driver
from storage.vault import Vault
from storage.wakeups import Wakeups
from tests.postgres import Postgres
from tests.timing import limit
from tests.tls_relay import Relay, certificate, tls_relay


@pytest.fixture(autouse=True)
def env(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """No variable of the driver's, and no certificate in a home directory."""
    for name in ("PGSSLMODE", "PGSSLROOTCERT", "PGHOST"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    return monkeypatch


@asynccontextmanager
async def encrypted(
    postgres: Postgres, tmp_path: Path, options: str, *, shown: str = "server"
) -> AsyncIterator[tuple[str, Relay]]:
    """A database by a port with TLS; `{root}` in the options is the certificate to expect."""
    for name in ("server", "other"):
        certificate(tmp_path, name)
    async with tls_relay(postgres.socket, tmp_path / f"{shown}.pem") as relay:
        plain = postgres.through(postgres.shared(), relay.port)
        yield f"{plain}?{options.format(root=tmp_path / 'server.pem')}", relay


@pytest.mark.parametrize(
    "options",
    [
        "sslmode=verify-full&sslrootcert={root}",
        "ssl=verify-full&sslrootcert={root}",
        "sslmode=require",
        "ssl=require",
    ],
)
async def test_the_address_says_that_the_way_is_encrypted(
    postgres: Postgres, vault: Vault, tmp_path: Path, options: str
) -> None:
    async with encrypted(postgres, tmp_path, options) as (url, relay):
        check_url(url)
        database = await open_database(url, vault)
        link = Link(url, Wakeups())
        async with asyncio.timeout(limit(30)):
            await link.open()
        await link.close()
        await database.close()
    assert relay.encrypted >= 2, "both by SQLAlchemy's dialect and by the link"
    assert relay.plain == 0


async def test_a_server_that_shows_another_certificate_is_told_so_and_gets_nothing(
    postgres: Postgres, vault: Vault, tmp_path: Path
) -> None:
    options = "sslmode=verify-full&sslrootcert={root}"
    async with encrypted(postgres, tmp_path, options, shown="other") as (url, _):
        with pytest.raises(StorageFailed, match="certificate is not accepted: self"):
            await open_database(url, vault)


async def test_where_the_machines_certificates_count_a_server_of_ones_own_is_refused(
    postgres: Postgres, vault: Vault, tmp_path: Path
) -> None:
    options = "sslmode=verify-full&sslrootcert=system"
    async with encrypted(postgres, tmp_path, options) as (url, _):
        with pytest.raises(StorageFailed, match="certificate is not accepted"):
            await open_database(url, vault)


async def test_a_server_without_tls_is_refused_where_the_address_wants_it(
    postgres: Postgres, vault: Vault
) -> None:
    async with tls_relay(postgres.socket, None) as relay:
        url = postgres.through(postgres.shared(), relay.port)
        with pytest.raises(StorageFailed, match="offers no TLS, and sslmode wants it"):
            await open_database(f"{url}?sslmode=require", vault)
        database = await open_database(url, vault)  # the driver's default takes what there is
        await database.close()


SERVER = "postgresql+asyncpg://mooring@{}/mooring"


@pytest.mark.parametrize(
    ("host", "options", "expected"),
    [
        ("localhost", "", ""),
        ("localhost:5433", "", ""),
        ("127.0.0.1", "?sslmode=disable", ""),
        ("127.8.8.8", "", ""),
        ("[::1]:5432", "", ""),
        ("", "?host=/run/postgresql", ""),
        ("", "", ""),
        ("db.example", "", "db.example"),
        ("10.0.0.5", "?sslmode=prefer", "10.0.0.5"),
        ("db.example", "?ssl=disable", "db.example"),
        ("db.example", "?sslmode=require", ""),
        ("db.example", "?sslmode=verify-full&sslrootcert=system", ""),
        ("", "?host=/run/postgresql&host=db.example:5432", "db.example:5432"),
        ("localhost.example", "", "localhost.example"),
    ],
)
def test_another_machine_without_tls_is_told_from_this_one(
    host: str, options: str, expected: str
) -> None:
    assert unprotected(SERVER.format(host) + options) == expected


def test_the_drivers_own_variables_count(env: pytest.MonkeyPatch) -> None:
    url = SERVER.format("db.example")
    env.setenv("PGSSLMODE", "require")
    assert unprotected(url) == ""
    assert unprotected(f"{url}?sslmode=prefer") == "db.example"
    env.setenv("PGSSLMODE", "yes")
    with pytest.raises(ValueError, match="PGSSLMODE has to be one of disable, allow"):
        check_url(url)
    env.delenv("PGSSLMODE")
    env.setenv("PGHOST", "db.example")
    assert unprotected(SERVER.format("")) == "db.example"
    assert unprotected("sqlite+aiosqlite:///data/mooring.db") == ""


SOMEBODY = """
DROP ROLE IF EXISTS somebody;
CREATE ROLE somebody LOGIN SUPERUSER PASSWORD 'of-theirs';
"""
LINKED = "SELECT usename FROM pg_stat_activity WHERE application_name LIKE 'mooring %';"


@pytest.mark.parametrize("besides", ["", "&sslmode=disable"])
async def test_who_logs_in_may_stand_behind_the_name(
    postgres: Postgres, vault: Vault, besides: str
) -> None:
    """As libpq has it, for a server on this machine: `?host=DIRECTORY&user=…&password=…`."""
    given = make_url(postgres.shared())
    postgres.run(given.render_as_string(), SOMEBODY)
    options = f"host={postgres.socket.parent}&user=somebody&password=of-theirs{besides}"
    url = f"postgresql+asyncpg:///{given.database}?{options}"
    check_url(url)
    assert unprotected(url) == ""
    database = await open_database(url, vault)
    async with database.read() as tx:
        me = await tx.one(select(func.current_user()))
    assert me is not None
    assert me[0] == "somebody"
    await database.close()
    link = Link(url, Wakeups())
    async with asyncio.timeout(limit(30)):
        await link.open()
    told = postgres.run(given.render_as_string(), LINKED)
    await link.close()
    assert "somebody" in told


def test_an_address_without_options_stays_as_it_is() -> None:
    url = make_url(SERVER.format("db.example"))
    assert for_driver(url) == (url, {})
