"""`mooring backup --verify` and what a restore asks before it lets an account start."""

import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from storage import accounts, forgetting
from storage.accounts import Observed
from storage.database import Database
from storage.datadir import hold
from tests.postgres import Postgres
from tests.storage.fleet import add_account, log_in
from tests.timing import limit
from tests.unit.test_cli_storage import OTHER, Shell, move_away, shell
from userbot.states import State

__all__ = ["shell"]


async def some_accounts(database: Database) -> None:
    """One that is logged in and stopped, and one that was forgotten."""
    async with database.transaction() as tx:
        number = await add_account(tx, 2)
        await log_in(tx, number)
        stopped = Observed(State.STOPPED, "", 0, None, tx.now)
        await accounts.set_observed(tx, number, stopped, is_online=False)
        await forgetting.forget(tx, await add_account(tx, 3))


async def many_accounts(database: Database) -> None:
    """So many that a copy is not done within a moment."""
    async with database.transaction() as tx:
        for number in range(2, 120):
            await log_in(tx, await add_account(tx, number))


def test_a_good_backup_is_verified_beside_a_running_mooring_and_nothing_changes(
    shell: Shell,
) -> None:
    shell.prepare(some_accounts)
    shell.run("backup", "copy.db")
    before, copy = shell.files(), Path("copy.db").read_bytes()

    with hold(shell.data):
        done = shell.run("backup", "--verify", "copy.db")

    assert (done.code, done.err) == (0, [])
    assert done.out[0] == "copy.db is a good backup."
    assert re.search(r"^made      \S+ \S+ UTC, \d+ (s|min) ago$", done.text, re.MULTILINE)
    assert {"accounts  2 and 1 forgotten", "sessions  1 and 0 old ones"} <= set(done.out)
    assert "secrets   6 of 6 open with this key" in done.out
    assert shell.files() == before
    assert Path("copy.db").read_bytes() == copy
    again = shell.run("backup", "copy.db", "--verify")
    assert (again.code, again.out[0]) == (0, done.out[0]), "it means the same behind the file"


def test_a_verified_backup_as_json_has_what_it_holds(shell: Shell) -> None:
    shell.prepare(some_accounts)
    made = json.loads(shell.run("backup", "copy.db", "--json").text)
    assert made["file"] == "copy.db"
    assert made["size_bytes"] == Path("copy.db").stat().st_size
    document = json.loads(shell.run("backup", "--verify", "--json", "copy.db").text)
    assert document["is_good"] is True
    assert document["faults"] == []
    assert document["taken_at"][:16] == made["taken_at"][:16]
    assert 0 <= document["age_s"] < 600
    assert document["holds"] == {
        "accounts": 2,
        "forgotten": 1,
        "sessions": 1,
        "old_sessions": 0,
        "proxies": 1,
        "deliveries": 0,
        "events": 0,
    }


def test_what_a_server_holds_is_verified_like_any_other(shell: Shell, postgres: Postgres) -> None:
    server = postgres.new()
    shell.prepare(some_accounts, url=server)
    assert shell.run("backup", "copy.db", DATABASE_URL=server).code == 0
    done = shell.run("backup", "--verify", "copy.db", DATABASE_URL=server)
    assert (done.code, done.out[0]) == (0, "copy.db is a good backup.")


def spoil(statement: str) -> None:
    with closing(sqlite3.connect("copy.db", isolation_level=None)) as connection:
        connection.execute(statement)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-4096])


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("wrong_key", "The secret key does not open copy.db."),
        ("bad_file", "copy.db is damaged: cut short, its last 4,096 bytes are missing."),
        ("newer_version", "revision 9999, which this version does not know"),
        ("not_verified", "copy.db could not be verified: No such file or directory."),
        ("broken_secret", "The secret key does not open the session of account #2."),
    ],
)
def test_what_is_wrong_is_told_in_words_and_with_its_kind(
    kind: str, words: str, shell: Shell
) -> None:
    shell.prepare(some_accounts)
    shell.run("backup", "copy.db")
    match kind:
        case "wrong_key":
            shell.key.write_text(OTHER + "\n")
        case "bad_file":
            cut(Path("copy.db"))
        case "newer_version":
            spoil("UPDATE alembic_version SET version_num = '9999'")
        case "not_verified":
            Path("copy.db").unlink()
        case _:
            spoil("UPDATE sessions SET sealed_auth_key = X'00'")

    done = shell.run("backup", "--verify", "copy.db")
    as_json = shell.run("backup", "--verify", "copy.db", "--json")

    assert (done.code, as_json.code) == (1, 1)
    assert words in done.err[0]
    document = json.loads(as_json.text)
    assert document["is_good"] is False
    (fault,) = document["faults"]
    assert fault["kind"] == kind
    assert words in fault["words"]
    assert fault["account"] == (2 if kind == "broken_secret" else None)


@pytest.mark.parametrize("act", [["backup", "--verify"], ["restore"]], ids=lambda act: act[0])
def test_who_ends_it_in_the_middle_leaves_no_copy_behind(act: list[str], shell: Shell) -> None:
    shell.prepare(many_accounts)
    shell.run("backup", "copy.db")
    move_away(shell)
    shell.data.joinpath("backups").mkdir()
    # Where the tests run in a shell's background, Ctrl-C is ignored, and children inherit that.
    code = (
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
        f"from bot.cli.main import main; main({[*act, 'copy.db']!r})"
    )
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    with subprocess.Popen([sys.executable, "-c", code], env=env, stderr=subprocess.PIPE) as work:
        until = time.monotonic() + limit(30)
        while not list(shell.data.rglob(".backup-copy-*/mooring.db")):
            assert work.poll() is None
            assert time.monotonic() < until
            time.sleep(0.001)  # another process's file: nothing tells of it
        work.terminate()
        _, said = work.communicate(timeout=limit(30))
    assert (work.returncode, said) == (130, b"")
    assert set(shell.files()) == {"secret.key"}
    assert not list(shell.data.rglob(".backup-*"))


def test_without_the_key_nothing_is_verified_and_none_is_made(shell: Shell) -> None:
    shell.prepare()
    shell.run("backup", "copy.db")
    shell.key.unlink()
    done = shell.run("backup", "--verify", "copy.db")
    assert done.code == 1
    assert "There is no secret key" in done.err[0]
    assert not shell.key.exists()


def test_nothing_secret_is_told_of_a_backup(shell: Shell) -> None:
    shell.prepare(some_accounts)
    shell.run("backup", "copy.db")
    spoil("UPDATE accounts SET sealed_api_hash = X'00'")
    done = shell.run("backup", "--verify", "copy.db", "--json")
    for secret in (shell.key.read_text().strip(), "+1555", "5550000", "pass"):
        assert secret not in done.text


def test_an_account_of_a_backup_starts_only_with_the_word_that_nothing_else_uses_it(
    shell: Shell,
) -> None:
    shell.prepare(some_accounts)
    shell.run("backup", "copy.db")
    move_away(shell)
    done = shell.run("restore", "copy.db")
    assert done.code == 0
    assert "--nothing-else-uses-it" in done.err[-1]

    refused = shell.run("start", "2")
    assert refused.code == 1
    assert "it comes from a backup" in refused.err[0]
    assert "--nothing-else-uses-it" in refused.err[0]
    assert shell.run("start", "2", "--nothing-else-uses-it").code == 0
    # It was said: from now on it starts like any other.
    shell.run("stop", "2", "--force")
    assert shell.run("start", "2").code == 0


def test_who_knows_that_the_original_is_gone_says_it_once_for_all(shell: Shell) -> None:
    shell.prepare(some_accounts)
    shell.run("backup", "copy.db")
    move_away(shell)
    done = shell.run("restore", "copy.db", "--nothing-else-uses-them")
    assert done.code == 0
    assert "all 3 accounts are stopped" in done.err[0]
    assert not any("--nothing-else-uses-it" in line for line in done.err)
    (noted,) = json.loads(shell.run("events", "--json", "--kind", "database.").text)
    assert noted["data"]["nothing_else_uses_them"] is True
    assert shell.run("start", "2").code == 0


def test_a_forgotten_account_of_a_backup_is_asked_about_as_well(shell: Shell) -> None:
    async def forgotten(database: Database) -> None:
        async with database.transaction() as tx:
            number = await add_account(tx, 2)
            stopped = Observed(State.STOPPED, "", 0, None, tx.now)
            await accounts.set_observed(tx, number, stopped, is_online=False)
            await forgetting.forget(tx, number)

    shell.prepare(forgotten)
    shell.run("backup", "copy.db")
    move_away(shell)
    shell.run("restore", "copy.db")
    assert shell.run("account", "restore", "2").code == 0
    assert shell.run("start", "2").code == 1
    shutil.rmtree("original")
