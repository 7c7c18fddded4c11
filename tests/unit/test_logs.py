"""Logs hold no secret, wherever in a record it comes from; what a line and the file look like."""

import json
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.secret_scan import leaks
from tests.timing import seconds

ROOT = Path(__file__).parents[2]
SECRET = "123456789:AAAA_secret-token-of-a-bot-35"
PASSWORD = 'a "quoted"\\ pässword/+'
FORMS = ["text", "json"]
_PROGRAM = """
import logging
from pathlib import Path
from loguru import logger
from bot.log_file import LogFile
from bot.log_lines import LogFormat
from bot.logs import set_up
set_up("DEBUG", {secrets}, form=LogFormat("{form}"), file={file})
log = logging.getLogger("aiohttp.client")
{act}
"""
ACTS = {
    "a message": 'logger.info("the token is {}", "SECRET")',
    "a library's message": 'log.warning("url is %s", "https://api/botSECRET/getMe")',
    "a field": 'logger.bind(event="x", where_to="https://api/botSECRET").info("x")',
    "a field's repr": 'logger.bind(event="x", error=OSError("SECRET")).info("x")',
    "a variable": """
key = "SECRET"
try:
    1 / 0
except ZeroDivisionError:
    logger.exception("failed")
""",
    "an error's text": """
try:
    raise OSError("https://api/bot" + "SECR" "ET" + "/getMe")
except OSError:
    logger.exception("failed")
""",
    "a library's error": """
try:
    raise OSError("https://api/bot" + "SECR" "ET" + "/getMe")
except OSError:
    log.exception("failed")
""",
}


def logged(
    act: str, *, form: str = "text", file: str = "None", secrets: Sequence[str] = (SECRET,)
) -> str:
    """What a program that does so logs to stderr."""
    program = _PROGRAM.format(secrets=list(secrets), act=act, form=form, file=file)
    # Split, so that the source lines of a traceback do not hold it themselves.
    program = program.replace('"SECR" "ET"', f'"{SECRET[:9]}" "{SECRET[9:]}"')
    done = subprocess.run(
        [sys.executable, "-c", program.replace("SECRET", SECRET)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=seconds(60),
        check=True,
    )
    return done.stderr


def log_file(path: Path, *, size_bytes: int = 10**6, keep: int = 3) -> str:
    return f"LogFile(Path({str(path)!r}), {size_bytes}, {keep})"


def objects(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


@pytest.mark.parametrize("form", FORMS)
def test_no_secret_reaches_the_log_nor_its_file_in_whatever_part_of_a_line_it_comes(
    form: str, tmp_path: Path
) -> None:
    path = tmp_path / "log"
    shown = logged("\n".join(ACTS.values()), form=form, file=log_file(path))
    assert shown == path.read_text()
    in_fields = 2 if form == "json" else 0  # text does not show all fields
    assert shown.count("***") == 4 + in_fields, "a variable's value is not shown at all"
    assert shown.count("ZeroDivisionError") >= 1
    assert leaks({"token": SECRET.encode()}, path.read_bytes()) == []
    if form == "json":
        assert len(objects(shown)) == len(ACTS)


@pytest.mark.parametrize("form", FORMS)
def test_a_list_of_secrets_is_struck_out_in_every_way_in_which_it_is_written(form: str) -> None:
    secrets = [SECRET, PASSWORD, "shorter", "shorter-and-longer"]
    act = f"""
from urllib.parse import quote
for secret in {secrets}:
    logger.info("{{}} and {{!r}} and {{}}", secret, secret, quote(secret, safe=""))
    try:
        raise ValueError(repr({{"password": secret}}))
    except ValueError:
        logger.exception("{{}}", secret)
"""
    shown = logged(act, form=form, secrets=secrets)
    assert shown.count("*** and '***' and ***") == len(secrets)
    assert leaks({secret: secret.encode() for secret in secrets}, shown.encode()) == []
    for tail in ("and-longer", "quoted", "ässword", "u00e4ssword"):
        assert tail not in shown


def test_a_line_names_its_event_its_account_and_its_message() -> None:
    shown = logged('logger.bind(event="send.sent", account=7, delivery=12).info("up")')
    assert "INFO    send.sent #7 delivery 12 up" in shown


def test_a_line_of_json_has_each_field_by_itself() -> None:
    act = """
logger.bind(event="send.sent", account=7, delivery=12).info("up")
log.warning("of a library")
try:
    1 / 0
except ZeroDivisionError:
    logger.bind(event="task.crashed", task="outbox").exception("two\\nlines")
"""
    sent, library, crashed = objects(logged(act, form="json"))
    assert datetime.fromisoformat(sent.pop("at")).tzinfo == UTC
    assert sent == {
        "level": "INFO",
        "event": "send.sent",
        "account": 7,
        "delivery": 12,
        "message": "up",
        "module": "__main__",
    }
    assert library["event"] == "library.aiohttp"
    assert crashed["message"] == "two\nlines"
    assert crashed["task"] == "outbox"
    assert crashed["exception"].startswith("Traceback")
    assert crashed["exception"].endswith("ZeroDivisionError: division by zero")


def test_the_file_is_private_is_turned_over_at_its_size_and_the_oldest_go(tmp_path: Path) -> None:
    path = tmp_path / "logs" / "mooring.log"
    act = "for number in range(200): logger.info('line {:05} {}', number, 'x' * 80)"
    logged(act, file=log_file(path, size_bytes=4000, keep=2))
    names = sorted(found.name for found in path.parent.iterdir())
    assert names == ["mooring.log", "mooring.log.1", "mooring.log.2"]
    assert "line 00199" in path.read_text()
    assert "line 00000" not in "".join(p.read_text() for p in path.parent.iterdir())
    for found in path.parent.iterdir():
        assert found.stat().st_size <= 4000
        assert found.stat().st_mode & 0o077 == 0


def test_a_file_that_exists_is_gone_on_with(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_text("before\n")
    logged("logger.info('after')", file=log_file(path))
    assert path.read_text().startswith("before\n")
    assert "after" in path.read_text()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a disk that is always full")
def test_a_full_disk_is_said_once_and_costs_no_line(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.symlink_to("/dev/full")
    shown = logged("for i in range(3): logger.info('line {}', i)", file=log_file(path))
    assert shown.count("can't be written: [Errno 28]") == 1
    assert [f"line {number}" in shown for number in range(3)] == [True] * 3
    assert "Traceback" not in shown
