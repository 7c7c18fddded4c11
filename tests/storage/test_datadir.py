import asyncio
import os
import socket
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from storage.datadir import hold, holder
from storage.errors import DataDirectoryInUse
from tests.timing import limit

ROOT = Path(__file__).parents[2]
HOLDER = """
import sys
from pathlib import Path
from storage.datadir import hold, holder
from storage.errors import DataDirectoryInUse
try:
    with hold(Path(sys.argv[1])):
        print("held", flush=True)
        sys.stdin.read()
except DataDirectoryInUse as error:
    print(error, flush=True)
"""


@asynccontextmanager
async def another_process(directory: Path) -> AsyncIterator[tuple[Process, str]]:
    """A process that wants to hold the directory, and what it says of that."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", HOLDER, str(directory), cwd=ROOT, stdin=PIPE, stdout=PIPE
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(limit(30)):
            yield process, (await process.stdout.readline()).decode().strip()
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def test_a_directory_that_another_process_holds_is_refused_by_its_name(
    tmp_path: Path,
) -> None:
    async with another_process(tmp_path) as (process, said):
        assert said == "held"

        with pytest.raises(DataDirectoryInUse) as caught, hold(tmp_path):
            pytest.fail("two processes hold one directory")
    holder = f"process {process.pid} on {socket.gethostname()}"
    assert caught.value.holder == holder
    assert str(caught.value) == f"The data directory {tmp_path} is in use by {holder}."


async def test_another_process_is_told_who_we_are(tmp_path: Path) -> None:
    with hold(tmp_path):
        async with another_process(tmp_path) as (_, said):
            assert f"process {os.getpid()} on {socket.gethostname()}" in said


async def test_the_directory_is_free_once_its_holder_was_killed(tmp_path: Path) -> None:
    async with another_process(tmp_path) as (process, said):
        assert said == "held"
        process.kill()
        await process.wait()

        with hold(tmp_path):
            pass


def test_the_directory_is_free_after_the_block_even_if_it_failed(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), hold(tmp_path):
        _ = 1 // 0
    with hold(tmp_path):
        pass


def test_a_refused_second_holder_does_not_free_the_directory(tmp_path: Path) -> None:
    with hold(tmp_path):
        for _ in range(2):
            with pytest.raises(DataDirectoryInUse), hold(tmp_path):
                pytest.fail("held twice")


def test_a_directory_that_is_not_there_is_made_private(tmp_path: Path) -> None:
    directory = tmp_path / "new" / "data"
    with hold(directory):
        assert directory.stat().st_mode & 0o777 == 0o700


async def test_who_holds_it_is_told_without_making_anything(tmp_path: Path) -> None:
    assert holder(tmp_path / "nowhere") is None
    assert not (tmp_path / "nowhere").exists()
    async with another_process(tmp_path) as (process, said):
        assert said == "held"
        assert holder(tmp_path) == f"process {process.pid} on {socket.gethostname()}"
        process.kill()
        await process.wait()
    assert holder(tmp_path) is None
