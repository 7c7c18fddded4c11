"""The command line, in a process of its own."""

import base64
import json
import os
import pty
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from telethon.tl import types

from bot.settings import Settings
from tests import program
from tests.timing import seconds
from tests.unit.made_elsewhere import pyrogram_file, run, telethon_file
from tests.unit.made_elsewhere import string_session as a_session

ROOT = Path(__file__).parents[2]
MAIN = "from bot.cli.main import main; main()"
TOKEN = "123456789:AAAA_secret-token-of-a-bot-35"
API_HASH = "5ec4e7" * 5 + "00"
PHONE = "+442079460000"
PASSPHRASE = "correct horse battery"


_HOLDER = """
import sys
from pathlib import Path
from storage.datadir import hold
with hold(Path("data")):
    print("held", flush=True)
    sys.stdin.read()
"""


class Shell:
    """Runs `mooring` in an empty directory, with good settings unless told otherwise."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.data = directory / "data"

    def run(
        self, *arguments: str, stdin: str | bytes = "", **changed: str | None
    ) -> subprocess.CompletedProcess[bytes]:
        return program.run(
            arguments,
            cwd=self.directory,
            env=self.environment(**changed),
            stdin=stdin if isinstance(stdin, bytes) else stdin.encode(),
        )

    def environment(self, **changed: str | None) -> dict[str, str]:
        settings = {name.upper() for name in Settings.model_fields}
        kept = {k: v for k, v in os.environ.items() if k.upper() not in settings}
        wanted: dict[str, str | None] = {
            "BOT_TOKEN": TOKEN,
            "API_ID": "12345",
            "API_HASH": API_HASH,
            "ADMIN_IDS": "1",
            "PYTHONPATH": str(ROOT),
            **changed,
        }
        return kept | {k: v for k, v in wanted.items() if v is not None}

    def import_(
        self,
        session: str | bytes,
        *more: str,
        phone: str = PHONE,
        proxy: str = "203.0.113.7:1080:user:hunter2",
    ) -> tuple[int, list[str]]:
        file = self.data.parent / "proxy.txt"
        file.write_text(proxy)
        done = self.run(
            "account", "import", "--phone", phone, "--proxy", str(file), *more, "-", stdin=session
        )
        file.unlink()
        lines = done.stderr.decode().splitlines()
        assert not any(line.startswith("Traceback") for line in lines), done.stderr.decode()
        assert "hunter2" not in done.stderr.decode()
        return done.returncode, [line for line in lines if "made a new secret key" not in line]

    def account(self, *arguments: str, **changed: str | None) -> tuple[int, str]:
        """`mooring account …`; the exit code and what it said."""
        done = self.run("account", *arguments, stdin="", **changed)
        said = done.stderr.decode()
        assert "Traceback" not in said
        return done.returncode, said

    def dump(self) -> list[str]:
        """All that is stored."""
        if not (self.data / "mooring.db").exists():
            return []
        with closing(sqlite3.connect(self.data / "mooring.db")) as database:
            return list(database.iterdump())

    def change(self, statement: str) -> None:
        run(self.data / "mooring.db", statement)

    def rows(self, table: str) -> list[tuple[object, ...]]:
        with sqlite3.connect(self.data / "mooring.db") as database:
            found = database.execute(f"SELECT * FROM {table}").fetchall()  # noqa: S608 - a constant
        database.close()
        return found


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


@pytest.mark.parametrize("arguments", [["--help"], ["account", "import", "--help"]])
def test_help_needs_no_settings(arguments: list[str], shell: Shell) -> None:
    done = shell.run(*arguments, BOT_TOKEN=None, API_ID=None)
    assert done.returncode == 0
    assert b"usage: mooring" in done.stdout
    assert done.stderr == b""


@pytest.mark.parametrize("arguments", [[], ["account", "import"], ["account", "stop", "x"]])
def test_a_wrong_command_is_answered_with_how_to_write_it(
    arguments: list[str], shell: Shell
) -> None:
    done = shell.run(*arguments)
    assert done.returncode == 2
    assert done.stderr.startswith(b"usage: mooring")
    assert not shell.data.exists()


def test_wrong_settings_end_with_a_line_for_each_and_touch_nothing(shell: Shell) -> None:
    done = shell.run("run", BOT_TOKEN=f"{TOKEN}!", API_ID=None, RECONNECT_DELAY="soon")
    assert done.returncode == 2
    lines = done.stderr.decode().splitlines()
    assert [line.partition(":")[0] for line in lines[:-1]] == [
        "BOT_TOKEN", "API_ID", "RECONNECT_DELAY",
    ]  # fmt: skip
    assert ".env" in lines[-1]
    assert "Traceback" not in done.stderr.decode()
    assert TOKEN not in done.stderr.decode()
    assert not shell.data.exists()


def test_a_session_is_imported_sealed_and_stopped(shell: Shell) -> None:
    code, (line, identity) = shell.import_(a_session())
    assert code == 0
    assert line == "Imported as #1 behind 203.0.113.7:1080; it is stopped."
    assert "It presents itself as api_id 12345, Mooring, Linux, " in identity
    assert "that program's --api-id and device should be given" in identity
    assert len(shell.rows("accounts")) == 1
    assert len(shell.rows("proxy_assignments")) == 1
    content = (shell.data / "mooring.db").read_bytes()
    for secret in (bytes(range(256)), base64.b64encode(bytes(range(256))), b"hunter2"):
        assert secret not in content


def test_an_only_copy_runs_with_the_next_start(shell: Shell) -> None:
    code, (line, _) = shell.import_(a_session(), "--nothing-else-uses-it")
    assert code == 0
    assert line.endswith("it starts now, or with the next run.")
    assert [row[1] for row in shell.rows("commands")] == ["start"]


def test_what_is_no_session_is_refused_and_nothing_is_stored(shell: Shell) -> None:
    code, (line,) = shell.import_("no session")
    assert code == 1
    assert line == "Not imported: this is not a Telethon StringSession."
    assert not shell.data.exists()


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda p: p.touch(), "there is nothing in it"),
        (lambda p: p.mkdir(), "my.session is a directory"),
        (lambda p: p.write_bytes(b"SQLite format 3\0\x10\0\xff\xfe\x80"), "it may be encrypted"),
        (pyrogram_file, "this is a Pyrogram session"),
        (lambda p: telethon_file(p, key=None), "was never logged in"),
        (lambda _: None, "my.session is no file that is there"),
    ],
)
def test_a_bad_file_is_one_line_and_changes_nothing_that_is_stored(
    make: Callable[[Path], object], words: str, shell: Shell
) -> None:
    assert shell.import_(a_session())[0] == 0
    make(shell.directory / "my.session")
    before = shell.dump()
    code, said = shell.account(
        "import", "my.session", "--phone", "+442079460001", "--proxy", "203.0.113.8:1080"
    )
    assert code == 1
    assert said.startswith("Not imported: ")
    assert said.count("\n") == 1
    assert words in said
    assert shell.dump() == before


def test_a_file_of_telethons_is_taken_over_with_its_chats_and_the_identity_it_was_made_with(
    shell: Shell,
) -> None:
    bob = types.User(id=7, access_hash=-123, username="bob", first_name="Bob")
    telethon_file(shell.directory / "my.session", met=[bob])
    theirs = ("--api-id", "17349", "--device-model", "Pixel 9", "--app-version", "5.1")
    code, said = shell.account(
        "import", "my.session", "--phone", PHONE, "--proxy", "203.0.113.7:1080", *theirs,
        MOORING_IMPORT_API_HASH="ab" * 16,
    )  # fmt: skip
    assert code == 0
    assert "It presents itself as api_id 17349, Pixel 9, Linux, 5.1, en/en.\n" in said
    assert "ab" * 16 not in said
    assert [(row[1], row[3]) for row in shell.rows("peers")] == [(7, "bob")]
    assert sorted(file.name for file in shell.directory.iterdir()) == ["data", "my.session"]


@pytest.mark.parametrize(
    ("options", "api_hash", "words"),
    [
        (("--api-id", "17349"), None, "set MOORING_IMPORT_API_HASH"),
        (("--api-id", "17349"), "no hash", "32 hexadecimal digits"),
        (("--api-id", "0"), "ab" * 16, "--api-id 0 is no API id"),
        (("--device-model", " "), None, "--device-model has to have 1 to 255 characters"),
        (("--lang-code", "x" * 17), None, "--lang-code has to have 1 to 16 characters"),
    ],
)
def test_an_identity_that_cannot_be_right_is_refused_with_nothing_made(
    options: tuple[str, ...], api_hash: str | None, words: str, shell: Shell
) -> None:
    (shell.directory / "session").write_text(a_session())
    code, said = shell.account(
        "import", "session", "--phone", PHONE, "--proxy", "203.0.113.7:1080", *options,
        MOORING_IMPORT_API_HASH=api_hash,
    )  # fmt: skip
    assert code == 1
    assert words in said
    assert not shell.data.exists()


def test_a_session_given_as_an_argument_is_taken_with_a_warning(shell: Shell) -> None:
    word = a_session()
    code, said = shell.account("import", word, "--phone", PHONE, "--proxy", "203.0.113.7:1080")
    assert code == 0
    assert "shell's history" in said
    assert word not in said


def test_without_a_proxy_and_without_a_list_the_import_is_refused(shell: Shell) -> None:
    done = shell.run("account", "import", "--phone", PHONE, "-", stdin=a_session())
    assert done.returncode == 1
    assert (
        b"Not imported: no proxy in the list works and has room; name one with --proxy."
        in done.stderr
    )
    assert shell.rows("accounts") == []


def test_only_where_it_is_said_so_an_account_is_to_run_without_a_proxy(shell: Shell) -> None:
    words = ("account", "import", "--phone", PHONE, "--without-proxy")
    both = shell.run(*words, "--proxy", "203.0.113.7:1080", "-", stdin=a_session())
    assert both.returncode == 2
    assert b"not allowed with" in both.stderr
    done = shell.run(*words, "-", stdin=a_session())
    assert done.returncode == 0, done.stderr
    assert b"Imported as #1 without a proxy; it is stopped." in done.stderr
    with closing(sqlite3.connect(shell.data / "mooring.db")) as database:
        stored = database.execute("SELECT proxy_id, without_proxy FROM accounts").fetchall()
    assert stored == [(None, 1)]


def test_without_a_number_only_an_export_is_taken(shell: Shell) -> None:
    done = shell.run("account", "import", "-", stdin=a_session())
    assert done.returncode == 1
    assert b"--phone is missing" in done.stderr


SEEN = "others on this machine could read it in the list of processes"
WITH_PASSWORD = "203.0.113.7:1080:user:hunter2"


@pytest.mark.parametrize(
    ("proxy", "is_warned"), [(WITH_PASSWORD, True), ("203.0.113.7:1080", False)]
)
def test_a_proxy_with_a_password_is_better_not_an_argument(
    proxy: str, shell: Shell, *, is_warned: bool
) -> None:
    (shell.directory / "session").write_text(a_session())
    code, said = shell.account("import", "session", "--phone", PHONE, "--proxy", proxy)
    assert code == 0
    assert (SEEN in said) == is_warned
    assert "hunter2" not in said


def test_the_proxy_of_an_import_is_read_from_standard_input_too(shell: Shell) -> None:
    (shell.directory / "session").write_text(a_session())
    arguments = ("account", "import", "session", "--phone", PHONE, "--proxy", "-")
    done = shell.run(*arguments, stdin=f"# mine\n{WITH_PASSWORD}\n")
    assert done.returncode == 0
    assert SEEN not in done.stderr.decode()
    assert "behind 203.0.113.7:1080" in done.stderr.decode()


@pytest.mark.parametrize(
    ("proxy", "stdin", "words"),
    [
        ("-", "", "use a file for one"),
        ("two.txt", "x", "--proxy names one proxy, and this has several"),
        ("none.txt", "x", "--proxy has no proxy in it"),
        ("no-such-file", "x", "names no file, and as a proxy the port is missing"),
    ],
)
def test_a_proxy_that_can_not_be_meant_is_refused(
    proxy: str, stdin: str, words: str, shell: Shell
) -> None:
    (shell.directory / "two.txt").write_text(f"{WITH_PASSWORD}\n203.0.113.8:1080\n")
    (shell.directory / "none.txt").write_text("\n# nothing\n")
    (shell.directory / "session").write_text(a_session())
    source = "-" if proxy == "-" else "session"
    done = shell.run("account", "import", source, "--phone", PHONE, "--proxy", proxy, stdin=stdin)
    assert done.returncode == 1
    assert words in done.stderr.decode()
    assert not shell.data.exists()


@pytest.mark.parametrize(
    ("phone", "proxy", "words"),
    [("12", "203.0.113.7:1080", "country code"), (PHONE, "203.0.113.7", "the port is missing")],
)
def test_a_wrong_number_or_proxy_is_refused_before_anything_is_made(
    phone: str, proxy: str, words: str, shell: Shell
) -> None:
    code, (line,) = shell.import_(a_session(), phone=phone, proxy=proxy)
    assert code == 1
    assert words in line
    assert not shell.data.exists()


def test_a_number_is_imported_once(shell: Shell) -> None:
    assert shell.import_(a_session())[0] == 0
    before = shell.rows("sessions")
    code, (line,) = shell.import_(a_session(bytes(range(255, -1, -1))))
    assert code == 1
    assert line == "Not imported: an account with that number is enrolled already."
    assert shell.rows("sessions") == before


def test_an_import_works_beside_a_process_that_holds_the_data_directory(shell: Shell) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", _HOLDER],
        cwd=shell.directory,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"held\n"
    code, _ = shell.import_(a_session())
    holder.communicate(timeout=seconds(10))
    assert code == 0


def test_accounts_are_listed_without_their_numbers_and_without_what_a_terminal_would_obey(
    shell: Shell,
) -> None:
    shell.import_(a_session())
    shell.import_(a_session(bytes(reversed(range(256)))), phone="+442079460001")
    shell.change("UPDATE accounts SET name = 'Ann\x1b[2J' WHERE id = 2")
    done = shell.run("account", "list")
    assert done.returncode == 0
    table = done.stdout.decode().splitlines()
    assert [line.split()[:3] for line in table] == [
        ["number", "name", "state"], ["#1", "••00", "STOPPED"], ["#2", "Ann�[2J", "STOPPED"],
    ]  # fmt: skip
    assert "imported, and nobody has confirmed" in table[1]
    assert table[1].index("STOPPED") == table[2].index("STOPPED")
    assert "+4420" not in done.stdout.decode()
    listed = json.loads(shell.run("account", "list", "--json").stdout)
    assert [(a["number"], a["state"], a["desired"], a["proxy"]) for a in listed] == [
        (1, "STOPPED", "STOP", "203.0.113.7:1080"), (2, "STOPPED", "STOP", "203.0.113.7:1080"),
    ]  # fmt: skip


@pytest.mark.parametrize("arguments", [["list"], ["export", "1", "--out", "-"]])
def test_where_nothing_was_stored_yet_nothing_is_made(arguments: list[str], shell: Shell) -> None:
    code, said = shell.account(*arguments, MOORING_PASSPHRASE=PASSPHRASE)
    assert code == 1
    assert said.startswith("There is no database at ")
    assert not shell.data.exists()


def test_a_start_has_to_be_confirmed_and_waits_for_the_next_run(shell: Shell) -> None:
    shell.import_(a_session())
    before = shell.dump()
    code, said = shell.account("start", "1")
    assert code == 1
    assert "--nothing-else-uses-it" in said
    assert shell.dump() == before
    code, said = shell.account("start", "1", "--nothing-else-uses-it")
    assert (code, said) == (0, "#1 starts with the next run.\n")
    (listed,) = json.loads(shell.run("account", "list", "--json").stdout)
    assert (listed["desired"], listed["reason"]) == ("RUN", "")


def test_a_number_that_can_be_used_only_once_is_stopped_only_by_force(shell: Shell) -> None:
    shell.import_(a_session(), "--nothing-else-uses-it")
    shell.change("UPDATE accounts SET state = 'ONLINE'")  # as a kill leaves it
    before = shell.dump()
    code, said = shell.account("stop", "1")
    assert code == 1
    assert "does not come back by itself" in said
    assert "--force" in said
    assert shell.dump() == before
    code, said = shell.account("stop", "1", "--force")
    assert (code, said) == (0, "#1 is stopped; it stays logged in.\n")
    (listed,) = json.loads(shell.run("account", "list", "--json").stdout)
    assert (listed["desired"], listed["state"]) == ("STOP", "STOPPED")


@pytest.mark.parametrize(
    "arguments",
    [
        ["start", "7", "--nothing-else-uses-it"],
        ["stop", "7", "--force"],
        ["export", "7", "--out", "-"],
    ],
)
def test_an_account_that_is_not_there_is_one_line(arguments: list[str], shell: Shell) -> None:
    shell.import_(a_session())
    before = shell.dump()
    code, said = shell.account(*arguments, MOORING_PASSPHRASE=PASSPHRASE)
    assert code == 1
    assert said.rstrip().endswith("there is no account #7.")
    assert shell.dump() == before


def test_what_was_exported_is_imported_elsewhere_with_number_and_identity(
    shell: Shell, tmp_path_factory: pytest.TempPathFactory
) -> None:
    shell.import_(a_session(), "--device-model", "Pixel 9")
    code, said = shell.account("export", "1", "--out", "one.txt", MOORING_PASSPHRASE=PASSPHRASE)
    assert code == 0
    assert "must not be started here while the exported session is used elsewhere" in said
    out = shell.directory / "one.txt"
    assert out.stat().st_mode & 0o777 == 0o600
    text = out.read_text()
    for secret in (a_session(), PHONE, PASSPHRASE):
        assert secret not in text + said
    other = Shell(tmp_path_factory.mktemp("other"))
    inside = ("import", str(out), "--proxy", "203.0.113.9:1080")
    code, said = other.account(*inside, MOORING_PASSPHRASE="wrong " + PASSPHRASE)
    assert (code, other.dump()) == (1, [])
    assert said == "Not imported: the passphrase is wrong, or the export is damaged.\n"
    code, said = other.account(*inside, MOORING_PASSPHRASE=PASSPHRASE)
    assert code == 0
    assert "api_id 12345, Pixel 9" in said
    assert "should be given" not in said
    assert other.rows("accounts")[0][1] == PHONE


@pytest.mark.parametrize(
    ("out", "passphrase", "prepare", "words"),
    [
        ("one.txt", None, "", "set MOORING_PASSPHRASE"),
        ("one.txt", "short", "", "at least 12 characters"),
        ("data/mooring.db", "correct horse battery", "", "data/mooring.db is there already"),
        ("no/one.txt", "correct horse battery", "", "No such file or directory"),
        ("one.txt", "correct horse battery", "UPDATE accounts SET desired = 'RUN'", "not stopped"),
        (
            "one.txt",
            "correct horse battery",
            "UPDATE accounts SET state = 'ONLINE'",
            "not stopped",
        ),
    ],
)
def test_an_export_that_is_refused_leaves_no_file_and_no_word_of_it(
    out: str, passphrase: str | None, prepare: str, words: str, shell: Shell
) -> None:
    shell.import_(a_session())
    if prepare:
        shell.change(prepare)
    before = shell.dump()
    code, said = shell.account("export", "1", "--out", out, MOORING_PASSPHRASE=passphrase)
    assert code == 1
    assert said.startswith("Not exported: ")
    assert words in said
    assert shell.dump() == before
    assert not (shell.directory / "one.txt").exists()


@pytest.mark.parametrize(("again", "code"), [(PASSPHRASE, 0), ("something else", 1)])
def test_at_a_terminal_the_passphrase_is_asked_for_twice_and_never_shown(
    again: str, code: int, shell: Shell
) -> None:
    shell.import_(a_session())
    master, slave = pty.openpty()
    asking = subprocess.Popen(
        [sys.executable, "-c", MAIN, "account", "export", "1", "--out", "one.txt"],
        cwd=shell.directory,
        env=shell.environment(),
        stdin=slave,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    assert asking.stderr is not None
    said = b""
    for prompt, answer in ((b"characters: ", PASSPHRASE), (b"The same again: ", again)):
        while not said.endswith(prompt):
            piece = os.read(asking.stderr.fileno(), 1000)
            assert piece, said
            said += piece
        os.write(master, f"{answer}\n".encode())
    said += asking.communicate(timeout=seconds(60))[1]
    os.close(slave)
    os.close(master)
    assert asking.returncode == code, said
    assert PASSPHRASE.encode() not in said
    assert (shell.directory / "one.txt").exists() == (code == 0)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MOORING_SECRET_KEY", "no key"),
        ("DATA_DIR", "a_file"),
        ("MOORING_SECRET_KEY_FILE", "a_file"),
    ],
)
def test_what_only_turns_out_wrong_when_it_is_used_is_named_too(
    name: str, value: str, shell: Shell
) -> None:
    (shell.directory / "a_file").write_text("hello\n")
    changed = {name: value}
    done = shell.run("account", "import", "--phone", PHONE, "--proxy", "203.0.113.7:1080", "-",
                     stdin=a_session(), **changed)  # fmt: skip
    assert done.returncode in {1, 2}
    assert b"Traceback" not in done.stderr
    assert name.encode() in done.stderr


def test_another_secret_key_is_refused_without_a_traceback(shell: Shell) -> None:
    assert shell.import_(a_session())[0] == 0
    (shell.data / "secret.key").unlink()
    code, lines = shell.import_(a_session(), phone="+442079460001")
    assert code == 2
    assert lines[-1].startswith("The secret key does not open the stored secrets: put back")
