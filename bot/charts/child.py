"""Has pictures drawn: one child process each, with a time limit, one at a time."""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Sequence
from pathlib import Path

from loguru import logger

from bot.charts.picture import Picture, to_json

LIMIT_S = 60.0
"""On a slow machine matplotlib takes seconds to begin, and more where it meets new fonts."""
PNG = b"\x89PNG\r\n\x1a\n"
ROOT = Path(__file__).parents[2]
COMMAND = (sys.executable, "-P", "-m", "bot.charts")
_KEPT = {"PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TEMP", "SYSTEMROOT", "MPLCONFIGDIR"}
"""All of the environment that the child gets: it needs no token and no key."""


class NotDrawn(Exception):
    """There is no picture: the child took too long (`is_late`), or failed; the log says how."""

    def __init__(self, *, is_late: bool) -> None:
        super().__init__("it took too long" if is_late else "it could not be drawn")
        self.is_late = is_late


class Charts:
    """Draws pictures; one at a time, since a child takes a whole core and 100 MB."""

    def __init__(self, command: Sequence[str] = COMMAND, *, limit_s: float = LIMIT_S) -> None:
        self._command = command
        self._limit_s = limit_s
        self._turn = asyncio.Semaphore(1)

    async def draw(self, picture: Picture) -> bytes:
        """The picture as a PNG. Raises `NotDrawn`."""
        async with self._turn:
            return await self._draw(to_json(picture))

    async def _draw(self, data: bytes) -> bytes:
        environment = {name: os.environ[name] for name in _KEPT & os.environ.keys()}
        environment["PYTHONPATH"] = str(ROOT)
        try:
            child = await asyncio.create_subprocess_exec(
                *self._command, stdin=PIPE, stdout=PIPE, stderr=PIPE, env=environment
            )
        except OSError as exc:
            logger.bind(event="chart.failed").error("no child to draw a picture: {}", exc)
            raise NotDrawn(is_late=False) from exc
        try:
            async with asyncio.timeout(self._limit_s):
                drawn, said = await child.communicate(data)
        except TimeoutError:
            logger.bind(event="chart.late").warning("a picture took over {} s", self._limit_s)
            raise NotDrawn(is_late=True) from None
        finally:
            await _end(child)
        if child.returncode or not drawn.startswith(PNG):
            words = said.decode(errors="replace")[-2000:]
            logger.bind(event="chart.failed").error("a picture was not drawn: {}", words)
            raise NotDrawn(is_late=False)
        return drawn


async def _end(child: Process) -> None:
    """Nothing stays behind, also where the wait was cancelled."""
    if child.returncode is None:
        child.kill()
        await child.wait()
