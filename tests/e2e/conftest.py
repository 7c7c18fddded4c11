"""A sandbox in its own process, and Mooring beside it."""

import json
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.logs import set_up
from tests.e2e.harness import Mooring
from tests.e2e.telegram import Telegram
from tests.timing import seconds

ROOT = Path(__file__).parents[2]


@contextmanager
def sandbox_running(directory: Path) -> Iterator[dict[str, Any]]:
    """`python -m sandbox` for the block."""
    file = directory / "sandbox.json"
    process = subprocess.Popen(
        [sys.executable, "-m", "sandbox", "--json", str(file)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line, "the sandbox did not start"
    yield json.loads(line)
    process.send_signal(signal.SIGTERM)
    process.wait(seconds(20))
    process.stdout.close()


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """One for all tests: each makes its own people and bot."""
    with sandbox_running(tmp_path_factory.mktemp("sandbox")) as addresses:
        yield addresses


@pytest.fixture(autouse=True, scope="session")
def _logs() -> None:
    set_up("DEBUG")


@pytest.fixture
async def telegram(sandbox: dict[str, Any]) -> AsyncIterator[Telegram]:
    async with aiohttp.ClientSession() as http:
        yield Telegram(sandbox, http)


@pytest.fixture
async def mooring(telegram: Telegram, tmp_path: Path, migrated: Path) -> AsyncIterator[Mooring]:
    """Mooring in this process, on a data directory of its own; not started yet."""
    async with AsyncExitStack() as stack:
        yield await Mooring.make(telegram, tmp_path / "data", stack, migrated)
