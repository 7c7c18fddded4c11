"""`mooring draft`: what it writes, and what it refuses."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.unit.made_elsewhere import string_session
from tests.unit.test_cli import Shell


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    made = Shell(tmp_path)
    code, said = made.import_(string_session())
    assert code == 0, said
    return made


def draft(shell: Shell, *arguments: str, stdin: str = "", **changed: str) -> tuple[int, str, str]:
    done = shell.run("draft", *arguments, stdin=stdin, **changed)
    said = done.stderr.decode()
    assert "Traceback" not in said
    return done.returncode, done.stdout.decode(), said


def columns(shell: Shell, table: str, *names: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(shell.data / "mooring.db")) as database:
        database.row_factory = sqlite3.Row
        found = database.execute(f"SELECT * FROM {table}").fetchall()  # noqa: S608 - a constant
    return [tuple(row[name] for name in names) for row in found]


def test_a_draft_is_written_with_all_that_was_said(shell: Shell) -> None:
    (shell.directory / "bill.pdf").write_bytes(b"%PDF")
    code, number, said = draft(
        shell, "--account", "1", "--to", "@bobby", "--text", "-", "--file", "bill.pdf",
        "--at", "tomorrow 9:00", "--silent", "--reply-to", "https://t.me/bobby/7",
        "--fallback", "ask", stdin="The bill\n", TIME_ZONE="Europe/Berlin",
    )  # fmt: skip
    assert (code, number) == (0, "1\n")
    assert "Draft 1 as #1, for " in said
    assert "09:00 (Europe/Berlin) waits in the admin chat" in said
    assert columns(
        shell,
        "deliveries",
        *("state", "account_id", "target", "text", "media", "reply_to"),
        *("is_silent", "fallback", "origin"),
    ) == [("DRAFT", 1, "@bobby", "The bill", "document", 7, 1, "ask", "command line")]
    assert columns(shell, "attachments", "kind", "name", "mime_type", "size_bytes") == [
        ("document", "bill.pdf", "application/pdf", 4)
    ]


def test_a_long_text_is_split_unless_that_is_refused(shell: Shell) -> None:
    long = ("--account", "1", "--to", "me", "--text", "-")
    code, _, said = draft(shell, *long, "--no-split", stdin="x" * 5000)
    assert code == 1
    assert "5000 characters" in said
    code, _, _ = draft(shell, *long, stdin="x" * 5000)
    assert code == 0
    assert [len(str(text)) for (text,) in columns(shell, "deliveries", "text")] == [4096, 904]


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--to", "Bob", "--text", "hi"], "@username"),
        (["--to", "me"], "nothing to send"),
        (["--to", "me", "--text", "hi", "--account", "9"], "no account 9"),
        (["--to", "me", "--text", "hi", "--at", "soon"], "no time such as 18:30"),
        (["--to", "me", "--text", "hi", "--at", "2020-01-01 9:00"], "past"),
        (["--to", "me", "--file", "no.pdf"], "no.pdf can't be read"),
        (["--to", "me", "--text", "hi", "--reply-to", "7"], "by its link"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_written(
    shell: Shell, arguments: list[str], reason: str
) -> None:
    code, out, said = draft(shell, "--account", "1", *arguments)
    assert (code, out) == (1, "")
    assert said.startswith("Nothing was written: ")
    assert reason in said
    assert shell.rows("deliveries") == []


def test_without_a_database_nothing_is_made(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    code, _, said = draft(shell, "--to", "me", "--text", "hi")
    assert code == 1
    assert "There is no database" in said
    assert not shell.data.exists()
