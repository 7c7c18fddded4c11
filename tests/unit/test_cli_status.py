"""`mooring status`: what it says, and what its exit code means."""

import json
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from bot.cli.status import as_json, as_text
from bot.settings import Settings
from storage.accounts import Desired, Observed
from storage.journal import Counts, Tally
from storage.liveness import Beat, Instance, LineFacts
from tests.timing import seconds
from tests.unit.ann import ANN as WELL
from tests.unit.ann import NOW
from tests.unit.made_elsewhere import string_session
from tests.unit.test_cli import MAIN, Shell
from userbot.facts import Board, Facts

ANN = replace(WELL, last_online_at=NOW - timedelta(minutes=5), owner="a")
ALIVE = Instance(
    "a", "here", 42, NOW - timedelta(hours=1), None, Beat("a", NOW, NOW - timedelta(seconds=20))
)
FACTS = Facts(
    ANN,
    Tally(Counts(1, 3, 9), Counts(0, 1, 8)),
    LineFacts(NOW - timedelta(seconds=4), 38),
    NOW,
    is_current=True,
)
DOWN = replace(
    FACTS,
    account=replace(
        ANN,
        id=8,
        observed=Observed("RETRYING", "proxy refused", 3, NOW + timedelta(seconds=90), NOW),
    ),
    line=None,
)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.model_validate(
        {
            "bot_token": "123456789:AAAA_secret-token-of-a-bot-35",
            "api_id": 1,
            "api_hash": "0" * 32,
            "admin_ids": [],
            "data_dir": tmp_path,
        }
    )


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


def cells(text: str, number: int) -> list[str]:
    """An account's line, by its columns."""
    line = next(line for line in text.splitlines() if line.startswith(f"#{number} "))
    return [cell for cell in line.split("  ") if cell]


@pytest.mark.req("S0.7")
def test_the_table_tells_state_attempts_line_and_how_each_account_fared(
    settings: Settings,
) -> None:
    text = as_text(Board([FACTS, DOWN], [ALIVE], NOW), settings)
    assert text.splitlines()[:3] == [
        "Mooring runs on here (process 42), started 1 h ago; its monitor looked 20 s ago.",
        "No backup yet.",
        "1 of 2 that should run are connected (1 ONLINE, 1 RETRYING).",
    ]
    assert [c.strip() for c in cells(text, 7)] == [
        "#7", "Ann", "ONLINE", "5 m", "-", "-", "4 s ago", "38 ms", "203.0.113.7:1080",
        "1/3/9", "0/1/8", "5 m ago", "-",
    ]  # fmt: skip
    assert [c.strip() for c in cells(text, 8)] == [
        "#8", "Ann", "RETRYING", "0 s", "3", "in 1 m 30 s", "-", "-", "203.0.113.7:1080",
        "1/3/9", "0/1/8", "5 m ago", "proxy refused",
    ]  # fmt: skip
    assert "2079460000" not in text


@pytest.mark.parametrize(
    ("instance", "words"),
    [
        (None, "No Mooring has run on this database yet."),
        (
            replace(ALIVE, stopped_at=NOW - timedelta(seconds=5)),
            "No Mooring runs; the last one stopped 5 s ago.",
        ),
        (
            replace(ALIVE, beat=Beat("a", NOW - timedelta(minutes=3))),
            "No Mooring runs: the last one fell silent 3 m ago, killed or stuck.",
        ),
        (replace(ALIVE, beat=Beat("a", NOW)), "its monitor has not looked yet."),
    ],
)
def test_the_head_tells_whether_a_mooring_runs_and_watches(
    settings: Settings, instance: Instance | None, words: str
) -> None:
    board = Board([], [instance] if instance else [], NOW)
    assert words in as_text(board, settings)
    assert as_json(board, settings)["is_running"] == words.startswith("its monitor")


def test_several_processes_each_have_a_line_and_one_that_fell_silent_is_named(
    settings: Settings,
) -> None:
    on_postgres = settings.model_copy(
        update={"database_url": SecretStr("postgresql+asyncpg://h/d")}
    )
    there = replace(ALIVE, id="b", host="there", pid=43)
    silent = replace(ALIVE, id="c", beat=Beat("c", NOW - timedelta(minutes=3)))
    ended = replace(silent, id="d", stopped_at=NOW - timedelta(minutes=3))
    dead = replace(silent, id="e", died_at=NOW - timedelta(minutes=3))

    def head(*instances: Instance) -> list[str]:
        lines = as_text(Board([FACTS], instances, NOW), on_postgres).splitlines()
        return lines[: lines.index("No backup yet.")]

    of = "started 1 h ago; its monitor looked 20 s ago."
    assert head(ALIVE, there, silent, ended, dead) == [
        "2 instances run accounts, and 1 fell silent: killed or stuck.",
        f"  here (process 42), {of}",
        f"  there (process 43), {of}",
    ]
    assert head(ALIVE, ended, dead) == [f"Mooring runs on here (process 42), {of}"]
    (of_dead,) = as_json(Board([], [dead], NOW), on_postgres)["instances"]
    assert (of_dead["role"], of_dead["is_alive"], of_dead["died_at"] is None) == (
        "run",
        False,
        False,
    )


@pytest.mark.req("S0.7")
def test_an_account_whose_process_died_is_not_shown_as_well(settings: Settings) -> None:
    dead = replace(FACTS, is_current=False)
    board = Board([dead], [], NOW)
    assert not board.is_well
    text = as_text(board, settings)
    assert cells(text, 7)[2].strip() == "ONLINE?"
    assert "0 of 1 that should run are connected" in text


def test_an_account_that_is_stopped_on_purpose_is_well(settings: Settings) -> None:
    stopped = replace(
        DOWN, account=replace(ANN, desired=Desired.STOP, observed=DOWN.account.observed)
    )
    board = Board([replace(stopped, is_current=False), FACTS], [ALIVE], NOW)
    assert board.is_well
    assert not Board([FACTS, DOWN], [ALIVE], NOW).is_well
    assert "1 of 1 that should run" in as_text(board, settings)


def test_a_name_can_not_move_the_cursor(settings: Settings) -> None:
    nasty = replace(FACTS, account=replace(ANN, name="A\x1b[2Jb\nc"))
    assert "A�[2Jb�c" in as_text(Board([nasty], [ALIVE], NOW), settings)


def status(shell: Shell, *arguments: str) -> tuple[int, Any]:
    done = shell.run("status", *arguments)
    assert b"Traceback" not in done.stderr
    return done.returncode, done.stdout.decode()


def test_without_a_running_mooring_what_should_run_is_not_well(shell: Shell) -> None:
    code, _ = status(shell, "--json")
    assert code == 1  # there is no database yet
    code, said = shell.import_(string_session(), "--nothing-else-uses-it")
    assert code == 0, said
    code, out = status(shell, "--json")
    told = json.loads(out)
    assert code == 1
    assert (told["is_running"], told["is_well"], told["instances"]) == (False, False, [])
    (account,) = told["accounts"]
    assert (account["number"], account["state"], account["is_current"]) == (1, "STOPPED", False)
    assert account["failures"] == {"1h": 0, "24h": 0, "all": 0}
    assert account["proxy"] == "203.0.113.7:1080"
    assert "2079460000" not in out


def test_the_watch_draws_until_ctrl_c(shell: Shell) -> None:
    code, said = shell.import_(string_session())
    assert code == 0, said
    with subprocess.Popen(
        [sys.executable, "-c", MAIN, "status", "--watch"],
        cwd=shell.directory,
        env=shell.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as running:
        assert running.stdout is not None
        drawn = [running.stdout.readline() for _ in range(5)]
        running.send_signal(signal.SIGINT)
        _, errors = running.communicate(timeout=seconds(20))
    assert b"No Mooring has run" in drawn[0]
    assert errors == b""
    assert running.returncode == 0  # all that should run is connected: nothing should


def test_forgetting_wants_the_word_twice_and_can_be_taken_back(shell: Shell) -> None:
    code, said = shell.import_(string_session(), "--nothing-else-uses-it")
    assert code == 0, said
    code, words = shell.account("forget", "1")
    assert (code, "--force" in words) == (1, True)
    for wrong in ("1", "#2", "", "x" * 100):
        code, words = shell.account("forget", "1", "--force", "--label", wrong)
        assert (code, "that is not its label" in words) == (1, True)
    assert shell.account("forget", "1", "--force", "--label", "#1") == (
        0, "#1 is forgotten; its session is kept for 30 days.\n",
    )  # fmt: skip
    assert json.loads(status(shell, "--json")[1])["accounts"] == []
    code, words = shell.account("start", "1", "--nothing-else-uses-it")
    assert (code, "mooring account restore 1" in words) == (1, True)
    assert shell.account("restore", "1") == (
        0,
        "#1 is back: it is stopped, or asleep: mooring start and its number.\n",
    )
    code, words = shell.account("restore", "1")
    assert (code, words) == (1, "Not taken back: #1 was not forgotten.\n")
    assert len(shell.rows("sessions")) == 1


def test_backups_that_can_not_be_looked_at_end_neither_form(
    settings: Settings, tmp_path: Path
) -> None:
    hidden = settings.model_copy(update={"data_dir": tmp_path / ("x" * 300)})
    board = Board([FACTS], [ALIVE], NOW)
    why = f"{hidden.backups} can't be read: File name too long"
    assert f"How old the last backup is can't be told: {why}." in as_text(board, hidden)
    told = as_json(board, hidden)
    assert (told["backup_at"], told["backup_unread"]) == (None, why)
    assert as_json(board, settings)["backup_unread"] == ""
