"""Logs hold no secret, wherever in a record it comes from."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.timing import seconds

ROOT = Path(__file__).parents[2]
SECRET = "123456789:AAAA_secret-token-of-a-bot-35"
_PROGRAM = """
import logging
from loguru import logger
from bot.logs import set_up
set_up("DEBUG", ["{secret}"])
log = logging.getLogger("aiohttp.client")
{act}
"""
ACTS = {
    "a message": 'logger.info("the token is {}", "SECRET")',
    "a library's message": 'log.warning("url is %s", "https://api/botSECRET/getMe")',
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


def logged(act: str) -> str:
    program = _PROGRAM.format(secret=SECRET, act=act)
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


@pytest.mark.parametrize(
    "act",
    [pytest.param(act, id=name) for name, act in ACTS.items()],
)
def test_a_secret_never_reaches_the_log(act: str) -> None:
    shown = logged(act)
    assert shown != ""
    assert SECRET not in shown


def test_a_line_names_its_account() -> None:
    shown = logged('logger.bind(account=7).info("up")')
    assert "#7 up" in shown
