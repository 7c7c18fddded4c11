"""As many lines as the system allows, and a clear word where that is too few."""

import asyncio
import os
import resource
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tests import program
from tests.e2e.harness import Mooring
from tests.e2e.telegram import Telegram
from tests.timing import limit

FEW, MANY = 128, 2000


@asynccontextmanager
async def limited(mooring: Mooring, soft: int, hard: int) -> AsyncIterator[program.Running]:
    """`mooring run` in a process that may open so many files."""
    running = await program.start(
        ["run"],
        cwd=mooring.settings.data_dir.parent,
        env={"PATH": os.environ["PATH"]} | mooring.environment(),
        limits={resource.RLIMIT_NOFILE: (soft, hard)},
    )
    try:
        yield running
    finally:
        if running.returncode is None:
            running.kill()
        await running.communicate()


async def log_until(running: program.Running, words: str) -> str:
    """What is logged up to the line with these words."""
    seen = ""
    async with asyncio.timeout(limit(30)):
        while words not in seen:
            line = await running.stderr.readline()
            assert line, f"it ended before it said {words!r}:\n{seen}"
            seen += line.decode()
    return seen


@pytest.fixture
async def with_account(mooring: Mooring, telegram: Telegram) -> Mooring:
    proxy = await telegram.post("proxies")
    mooring.settings.data_dir.mkdir(parents=True)
    await mooring.import_account(await telegram.person("Alice"), proxy)
    return mooring


async def test_a_low_limit_is_raised_as_far_as_it_goes(with_account: Mooring):
    async with limited(with_account, FEW, MANY) as running:
        log = await log_until(running, "ONLINE")
        assert resource.prlimit(running.pid, resource.RLIMIT_NOFILE) == (MANY, MANY)
        running.send_signal(signal.SIGTERM)
        assert await running.wait() == 0
    assert "files and sockets" not in log


async def test_where_it_can_not_be_raised_the_log_says_what_is_needed_and_how(
    with_account: Mooring,
):
    async with limited(with_account, FEW, FEW) as running:
        log = await log_until(running, "accounts need")
        running.send_signal(signal.SIGTERM)
        assert await running.wait() == 0
    assert f"may open {FEW} files and sockets, 1 accounts need 201" in log
    assert "LimitNOFILE=201" in log
