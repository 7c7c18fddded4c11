"""The command line, in a process of its own."""

import base64
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from telethon.crypto import AuthKey
from telethon.sessions import StringSession

from bot.settings import Settings
from tests.timing import seconds

ROOT = Path(__file__).parents[2]
TOKEN = "123456789:AAAA_secret-token-of-a-bot-35"
API_HASH = "5ec4e7" * 5 + "00"
PHONE = "+442079460000"


_HOLDER = """
import sys
from pathlib import Path
from storage.datadir import hold
with hold(Path("data")):
    print("held", flush=True)
    sys.stdin.read()
"""


def a_session(key: bytes = bytes(range(256))) -> str:
    session = StringSession()
    session.set_dc(2, "192.0.2.2", 443)
    session.auth_key = AuthKey(key)
    return str(session.save())


class Shell:
    """Runs `mooring` in an empty directory, with good settings unless told otherwise."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.data = directory / "data"

    def run(
        self, *arguments: str, stdin: str | bytes = "", **changed: str | None
    ) -> subprocess.CompletedProcess[bytes]:
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
        return subprocess.run(
            [sys.executable, "-c", "from bot.cli.main import main; main()", *arguments],
            cwd=self.directory,
            env=kept | {k: v for k, v in wanted.items() if v is not None},
            input=stdin if isinstance(stdin, bytes) else stdin.encode(),
            capture_output=True,
            timeout=seconds(60),
            check=False,
        )

    def import_(
        self,
        session: str | bytes,
        *more: str,
        phone: str = PHONE,
        proxy: str = "203.0.113.7:1080:user:hunter2",
    ) -> tuple[int, list[str]]:
        done = self.run(
            "account", "import", "--phone", phone, "--proxy", proxy, *more, "-", stdin=session
        )
        lines = done.stderr.decode().splitlines()
        assert not any(line.startswith("Traceback") for line in lines), done.stderr.decode()
        assert "hunter2" not in done.stderr.decode()
        return done.returncode, [line for line in lines if "made a new secret key" not in line]

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


@pytest.mark.parametrize("arguments", [[], ["account", "import", "no such file"]])
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
    code, (line,) = shell.import_(a_session())
    assert code == 0
    assert line == "Imported as #1 behind 203.0.113.7:1080; it is stopped."
    assert len(shell.rows("accounts")) == 1
    assert len(shell.rows("proxy_assignments")) == 1
    content = (shell.data / "mooring.db").read_bytes()
    for secret in (bytes(range(256)), base64.b64encode(bytes(range(256))), b"hunter2"):
        assert secret not in content


def test_an_only_copy_runs_with_the_next_start(shell: Shell) -> None:
    code, (line,) = shell.import_(a_session(), "--nothing-else-uses-it")
    assert code == 0
    assert line.endswith("it starts with the next run.")


def test_what_is_no_session_is_refused_and_nothing_is_stored(shell: Shell) -> None:
    code, (line,) = shell.import_("no session")
    assert code == 1
    assert line == "Not imported: this is not a Telethon StringSession."
    for table in ("accounts", "sessions", "proxies", "proxy_assignments", "events"):
        assert shell.rows(table) == []


def test_a_file_of_telethons_own_is_refused_in_words(shell: Shell) -> None:
    """The mistake that is made: giving the `.session` file itself."""
    (shell.directory / "my.session").write_bytes(b"SQLite format 3\0\x10\0\xff\xfe\x80")
    done = shell.run(
        "account", "import", "--phone", PHONE, "--proxy", "203.0.113.7:1080", "my.session"
    )
    assert done.returncode in {1, 2}
    assert b"Traceback" not in done.stderr


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


def test_a_data_directory_in_use_is_refused_with_its_holder(shell: Shell) -> None:
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            _HOLDER,
        ],
        cwd=shell.directory,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert holder.stdin is not None
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"held\n"
    code, lines = shell.import_(a_session())
    holder.communicate(timeout=seconds(10))
    assert code == 3
    assert f"process {holder.pid} on " in lines[-1]


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
    assert code == 1
    assert lines[-1] == "The secret key does not open the stored secrets."
