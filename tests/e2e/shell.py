"""`mooring …` as an operator types it beside, or without, a Mooring that runs."""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests import program
from tests.e2e.harness import Mooring
from tests.timing import limit


@dataclass(frozen=True)
class Said:
    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:  # noqa: ANN401 - JSON
        """What it printed, as one JSON document."""
        return json.loads(self.out)


async def shell(
    *arguments: str, cwd: Path, env: Mapping[str, str] | None = None, stdin: str = ""
) -> Said:
    """One command to its end, in a directory that is there."""
    running = await program.start(
        arguments, cwd=cwd, env={"PATH": os.environ["PATH"]} | dict(env or {})
    )
    try:
        out, err = await running.communicate(stdin.encode())
    finally:
        if running.returncode is None:
            running.kill()
    said = Said(await running.wait(), out.decode(), err.decode())
    assert "Traceback" not in said.err, said.err
    return said


async def beside(mooring: Mooring, *arguments: str, stdin: str = "", **changed: str) -> Said:
    """One command with the settings of that Mooring."""
    env = mooring.environment() | changed
    return await shell(*arguments, cwd=mooring.settings.data_dir.parent, env=env, stdin=stdin)


class Talk:
    """A command that asks, and is answered as its questions come."""

    def __init__(self, running: program.Running) -> None:
        self.running = running
        self.said = ""
        self._read = 0

    async def until(self, words: str) -> None:
        """Wait until it says this, after all that was waited for before."""
        try:
            async with asyncio.timeout(limit(60)):
                while (at := self.said.find(words, self._read)) < 0:
                    piece = await self.running.stderr.read(4096)
                    assert piece, f"it ended without {words!r}:\n{self.said}"
                    self.said += piece.decode()
        except TimeoutError:
            raise AssertionError(f"it never said {words!r}:\n{self.said}") from None
        self._read = at + len(words)

    async def answer(self, line: str) -> None:
        await self.running.say(f"{line}\n".encode())

    async def end(self) -> Said:
        async with asyncio.timeout(limit(60)):
            out, err = await self.running.communicate()
        self.said += err.decode()
        assert "Traceback" not in self.said, self.said
        return Said(await self.running.wait(), out.decode(), self.said)


@asynccontextmanager
async def talking(mooring: Mooring, *arguments: str) -> AsyncIterator[Talk]:
    """A command with the settings of that Mooring, to talk with."""
    running = await program.start(
        arguments,
        cwd=mooring.settings.data_dir.parent,
        env={"PATH": os.environ["PATH"]} | mooring.environment(),
    )
    try:
        yield Talk(running)
    finally:
        if running.returncode is None:
            running.kill()
        await running.communicate()
