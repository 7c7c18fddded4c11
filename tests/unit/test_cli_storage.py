"""`mooring backup`, `restore`, `rotate-key` and `events`, as an operator types them."""

import asyncio
import json
import os
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable, Coroutine
from contextlib import closing
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet

from bot.cli.main import main
from bot.settings import Settings
from storage import accounts, journal
from storage.database import Database, open_database
from storage.datadir import LOCK_NAME, hold
from storage.link import Link
from storage.vault import Vault, read_or_create_keys
from storage.wakeups import Wakeups
from tests.postgres import Postgres
from tests.storage.fleet import API_HASH, Clock, add_account, add_proxy, url_of
from tests.timing import seconds

GOOD = {
    "BOT_TOKEN": "123456789:AAAA_secret-token-of-a-bot-35",
    "API_ID": "12345",
    "API_HASH": "5ec4e7" * 5 + "00",
    "ADMIN_IDS": "1",
}
OLD, NEW, OTHER = (Fernet.generate_key().decode() for _ in range(3))


@dataclass(frozen=True)
class Said:
    code: int
    out: list[str]
    err: list[str]

    @property
    def text(self) -> str:
        """All that it printed."""
        return "\n".join(self.out)


class Shell:
    """Runs `mooring` with good settings in an empty directory."""

    def __init__(
        self, env: pytest.MonkeyPatch, capture: pytest.CaptureFixture[str], directory: Path
    ) -> None:
        self._env = env
        self._capture = capture
        self.data = directory / "data"
        self.database = self.data / "mooring.db"
        self.key = self.data / "secret.key"

    def run(self, *arguments: str, **changed: str) -> Said:
        self._capture.readouterr()
        with self._env.context() as env:
            for name, value in changed.items():
                env.setenv(name, value)
            with pytest.raises(SystemExit) as ended:
                main(arguments)
        shown = self._capture.readouterr()
        assert "Traceback" not in shown.err
        assert isinstance(ended.value.code, int)
        return Said(ended.value.code, shown.out.splitlines(), shown.err.splitlines())

    def prepare(
        self,
        work: Callable[[Database], Coroutine[Any, Any, None]] | None = None,
        *keys: str,
        url: str = "",
    ) -> None:
        """A database with one account, made with the key file's key unless others are given."""
        self.data.mkdir(exist_ok=True)
        where = url or url_of(self.database)
        wanted = list(keys) or read_or_create_keys(self.key)[0]

        async def make() -> None:
            database = await open_database(where, Vault(wanted), now=Clock())
            async with database.transaction() as tx:
                proxy = await add_proxy(tx)
                number = await add_account(tx, proxy_id=proxy)
                await accounts.set_desired(tx, number, accounts.Desired.RUN)
            if work is not None:
                await work(database)
            await database.close()

        asyncio.run(make())

    def files(self) -> dict[str, bytes]:
        """What is in the data directory; the lock's text names its last holder."""
        return {
            str(p.relative_to(self.data)): sha256(p.read_bytes()).digest()
            for p in self.data.rglob("*")
            if p.is_file() and p.name != LOCK_NAME
        }

    def api_hash(self, *keys: str) -> str:
        """A stored secret, opened with these keys."""
        with closing(sqlite3.connect(self.database)) as connection:
            ((sealed,),) = connection.execute("SELECT sealed_api_hash FROM accounts").fetchall()
        return Vault(keys).open_text(sealed)


@pytest.fixture
def shell(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Shell:
    for name in list(os.environ):
        if name.lower() in Settings.model_fields:
            monkeypatch.delenv(name)
    for name, value in GOOD.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    return Shell(monkeypatch, capsys, tmp_path)


def move_away(shell: Shell) -> None:
    """A new machine: the key was put there, and nothing else."""
    shell.data.rename("original")
    shell.data.mkdir()
    shell.key.write_bytes(Path("original/secret.key").read_bytes())
    shell.key.chmod(0o600)


@pytest.mark.req("S2.9")
def test_a_backup_made_beside_a_running_mooring_is_restored_on_a_new_machine(
    shell: Shell,
) -> None:
    shell.prepare()
    with hold(shell.data):
        done = shell.run("backup", "copy.db")
    assert (done.code, done.out) == (0, [])
    assert done.err[0].startswith("Backed up into copy.db, ")
    move_away(shell)

    done = shell.run("restore", "copy.db")

    assert done.code == 0
    assert "its 1 account is stopped" in done.err[0]
    assert any("original does not run" in line for line in done.err)
    assert set(shell.files()) == {"mooring.db", "secret.key"}
    assert stat.S_IMODE(shell.database.stat().st_mode) == 0o600
    assert shell.api_hash(*read_or_create_keys(shell.key)[0]) == API_HASH
    (noted,) = shell.run("events", "--kind", "database.").out
    assert "database.restored" in noted
    assert "accounts=1" in noted


@pytest.mark.parametrize("into", ["sqlite", "postgres"])
def test_what_is_on_a_server_is_backed_up_restored_and_rotated_too(
    into: str, shell: Shell, postgres: Postgres
) -> None:
    server = postgres.new()
    shell.prepare(url=server)
    assert shell.run("backup", "copy.db", DATABASE_URL=server).code == 0
    other = postgres.new() if into == "postgres" else url_of(shell.database)

    done = shell.run("restore", "copy.db", DATABASE_URL=other)

    assert done.code == 0
    assert "its 1 account is stopped" in done.err[0]
    again = shell.run("restore", "copy.db", DATABASE_URL=server)
    assert again.code == 1
    assert "restore into an empty" in again.err[0]
    assert shell.run("rotate-key", DATABASE_URL=other).code == 0
    (noted,) = shell.run("events", "--kind", "database.", DATABASE_URL=other).out
    assert "database.restored" in noted


async def while_it_runs(url: str, act: Callable[[], Said]) -> Said:
    link = Link(url, Wakeups())
    await link.open()
    try:
        return await asyncio.to_thread(act)
    finally:
        await link.close()


def test_no_key_is_rotated_while_another_machine_runs_on_the_server(
    shell: Shell, postgres: Postgres
) -> None:
    server = postgres.new()
    shell.prepare(url=server)
    before = shell.files()

    def rotate() -> Said:
        return shell.run("rotate-key", DATABASE_URL=server)

    done = asyncio.run(while_it_runs(server, rotate))
    assert done.code == 3
    assert "in use by" in done.err[0]
    assert shell.files() == before


def test_a_backup_never_overwrites_a_file(shell: Shell) -> None:
    shell.prepare()
    Path("mine").write_text("precious")
    done = shell.run("backup", "mine")
    assert (done.code, done.err) == (1, ["mine exists already: nothing was overwritten."])
    assert Path("mine").read_text() == "precious"


@pytest.mark.parametrize("arguments", [["backup", "copy.db"], ["events"], ["rotate-key"]])
def test_where_there_is_no_database_none_is_made(arguments: list[str], shell: Shell) -> None:
    done = shell.run(*arguments)
    assert done.code == 1
    assert len(done.err) == 1
    assert not shell.data.exists() or shell.files() == {}
    assert not Path("copy.db").exists()


@pytest.mark.parametrize("command", ["run", "status"])
def test_a_newer_moorings_database_is_left_alone_and_no_supervisor_tries_again(
    command: str, shell: Shell
) -> None:
    shell.prepare()
    with closing(sqlite3.connect(shell.database, isolation_level=None)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    before = shell.files()

    done = shell.run(command)

    assert done.code == 2
    assert any("9999, which this version does not know" in line for line in done.err)
    assert shell.files() == before


@pytest.mark.parametrize("command", [["restore", "copy.db"], ["backup", "--verify", "copy.db"]])
def test_who_restores_without_settings_is_not_sent_to_a_command_that_makes_a_database(
    command: list[str], shell: Shell
) -> None:
    done = shell.run(*command, API_ID="")
    assert done.code == 2
    assert done.err[-1].startswith("Set these in .env or the environment: .env.example explains")
    assert "`mooring init` makes a database as well, and a restore takes none" in done.err[-1]


def test_a_restore_without_the_key_says_where_it_must_be_and_makes_none(shell: Shell) -> None:
    shell.prepare()
    shell.run("backup", "copy.db")
    shell.data.rename("original")
    done = shell.run("restore", "copy.db")
    assert done.code == 1
    (line,) = done.err
    assert "data/secret.key" in line
    assert "MOORING_SECRET_KEY_FILE" in line
    assert not shell.data.exists()


def test_a_restore_where_there_is_a_database_touches_nothing(shell: Shell) -> None:
    shell.prepare()
    shell.run("backup", "copy.db")
    before = shell.files()
    done = shell.run("restore", "copy.db")
    assert done.code == 1
    (line,) = done.err
    assert "restore into an empty data directory" in line
    assert shell.files() == before


@pytest.mark.parametrize("arguments", [["restore", "copy.db"], ["rotate-key"]])
def test_what_wants_to_be_alone_is_refused_while_a_mooring_runs(
    arguments: list[str], shell: Shell
) -> None:
    shell.prepare()
    shell.run("backup", "copy.db")
    before = shell.files()
    with hold(shell.data):
        done = shell.run(*arguments)
    assert done.code == 3
    assert f"process {os.getpid()} on " in done.err[0]
    assert shell.files() == before


def test_a_rotation_makes_a_new_key_and_keeps_the_old_one_for_old_backups(shell: Shell) -> None:
    shell.prepare()
    ((old,), _) = read_or_create_keys(shell.key)
    shell.run("backup", "copy.db")

    done = shell.run("rotate-key")

    assert done.code == 0
    assert "back it up now" in done.err[0]
    ((new,), _) = read_or_create_keys(shell.key)
    assert new != old
    assert shell.api_hash(new) == API_HASH
    (kept,) = shell.data.glob("secret.key.before-*")
    assert read_or_create_keys(kept) == ([old], False)
    assert {stat.S_IMODE(p.stat().st_mode) for p in (shell.key, kept)} == {0o600}
    assert shell.run("events").code == 0
    # The backup of before needs the old key, and says so.
    move_away(shell)
    done = shell.run("restore", "copy.db")
    assert done.code == 2
    assert "rotate-key" in done.err[0]
    assert set(shell.files()) == {"secret.key"}
    shell.key.write_text(f"{new}\n{old}\n")
    assert shell.run("restore", "copy.db").code == 0
    assert shell.api_hash(old) == API_HASH


def test_a_key_given_by_variable_is_rotated_by_putting_a_new_one_in_front(shell: Shell) -> None:
    shell.prepare(None, OLD)
    one = shell.run("rotate-key", MOORING_SECRET_KEY=OLD)
    assert one.code == 1
    assert "NEW,OLD" in one.err[0]
    assert shell.api_hash(OLD) == API_HASH

    done = shell.run("rotate-key", MOORING_SECRET_KEY=f"{NEW},{OLD}")

    assert done.code == 0
    assert shell.api_hash(NEW) == API_HASH
    assert shell.run("events", MOORING_SECRET_KEY=NEW).code == 0
    assert set(shell.files()) == {"mooring.db"}
    for key in (OLD, NEW):
        assert not any(key in line for line in [*one.err, *done.err])


@pytest.mark.parametrize("arguments", [["events"], ["rotate-key"]])
def test_a_wrong_key_is_refused_with_a_line_and_touches_nothing(
    arguments: list[str], shell: Shell
) -> None:
    shell.prepare()
    shell.key.write_text(OTHER + "\n")
    before = shell.files()
    done = shell.run(*arguments)
    assert done.code == 2
    (line,) = done.err
    assert line.startswith("The secret key does not open the stored secrets: put back")
    assert shell.files() == before


def test_a_key_file_that_others_can_read_is_made_private_and_that_is_told(shell: Shell) -> None:
    shell.prepare()
    shell.key.chmod(0o644)
    shell.database.chmod(0o666)
    done = shell.run("events")
    assert done.code == 0
    assert any("was open to other users" in line for line in done.err)
    assert {stat.S_IMODE(p.stat().st_mode) for p in (shell.key, shell.database)} == {0o600}
    assert shell.run("events").err == []


async def some_events(database: Database) -> None:
    async with database.transaction() as tx:
        await journal.note(tx, "state.online", actor="mooring", account_id=1, data={"attempt": 2})
        await journal.note(
            tx, "odd", actor="operator 7", cause="+442079460000 \x1b[2J\nno", data={"p": "x"}
        )
        await journal.note(tx, "state.failed", actor="mooring", account_id=2, cause="no proxy")


def test_the_journal_is_printed_beside_a_running_mooring_the_newest_last(shell: Shell) -> None:
    shell.prepare(some_events)
    with hold(shell.data):
        done = shell.run("events")
    assert (done.code, done.err) == (0, [])
    at = "2026-03-01T12:00:00Z"
    assert done.out == [
        f"{at}  state.online  #1  mooring  attempt=2",
        f"{at}  odd  -  operator 7  ••00 �[2J�no  p=x",
        f"{at}  state.failed  #2  mooring  no proxy",
    ]


@pytest.mark.parametrize(
    ("arguments", "kinds"),
    [
        (["--account", "1"], ["state.online"]),
        (["--kind", "state."], ["state.online", "state.failed"]),
        (["--kind", "state.", "--limit", "1"], ["state.failed"]),
        (["--since", "1s"], []),
        (["--since", "36500000d"], ["state.online", "odd", "state.failed"]),
    ],
    ids=str,
)
def test_the_journal_is_filtered(arguments: list[str], kinds: list[str], shell: Shell) -> None:
    shell.prepare(some_events)
    done = shell.run("events", "--json", *arguments)
    assert (done.code, done.err) == (0, [])
    assert [entry["kind"] for entry in json.loads(done.text)] == kinds


def test_the_journal_as_json_has_all_of_an_entry_and_no_phone_number(shell: Shell) -> None:
    shell.prepare(some_events)
    (odd,) = json.loads(shell.run("events", "--json", "--kind", "odd").text)
    assert odd == {
        "at": "2026-03-01T12:00:00Z",
        "kind": "odd",
        "account": None,
        "actor": "operator 7",
        "cause": "••00 \x1b[2J\nno",
        "data": {"p": "x"},
    }


@pytest.mark.parametrize(
    "arguments",
    [["--limit", "0"], ["--limit", "x"], ["--since", "yesterday"], ["--account", "x"]],
    ids=str,
)
def test_a_wrong_argument_is_answered_with_how_to_write_it(
    arguments: list[str], shell: Shell
) -> None:
    done = shell.run("events", *arguments)
    assert done.code == 2
    assert any(arguments[0] in line for line in done.err)


def test_whoever_reads_the_journal_may_stop_reading(shell: Shell) -> None:
    async def many(database: Database) -> None:
        async with database.transaction() as tx:
            for _ in range(500):
                await journal.note(tx, "long", actor="mooring", cause="x" * 500)

    shell.prepare(many)
    reader = "import os; os.read(0, 10); os.close(0)"
    code = "from bot.cli.main import main; main(['events', '--limit', '1000'])"
    root = Path(__file__).parents[2]
    writing = subprocess.Popen(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(root)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    subprocess.run([sys.executable, "-c", reader], stdin=writing.stdout, check=True)
    assert writing.stdout is not None
    writing.stdout.close()
    writing.stdout = None
    _, said = writing.communicate(timeout=seconds(60))
    assert (writing.returncode, said) == (0, b"")
