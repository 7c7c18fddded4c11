"""`mooring …` in processes of its own."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

_COMMAND = "from bot.cli.main import main; main()"


class Crew:
    """The processes that were started. Whatever happens, none outlives the benchmark."""

    def __init__(self, settings: Mapping[str, object], folder: Path) -> None:
        self._env = os.environ | {name.upper(): _said(value) for name, value in settings.items()}
        self._folder = folder
        self._running: list[Process] = []

    async def start(self, *arguments: str) -> Process:
        """One more; what it logs goes to a file."""
        number = len(self._running)
        with (self._folder / f"{arguments[0]}-{number}.log").open("wb") as log:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-c", _COMMAND, *arguments),
                cwd=self._folder,
                env=self._env,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self._running.append(process)
        return process

    @property
    def pids(self) -> list[int]:
        """Of all that were started."""
        return [process.pid for process in self._running]

    def signal(self, pid: int, number: signal.Signals) -> None:
        """Send it to one of them that still runs."""
        (process,) = [each for each in self._running if each.pid == pid]
        process.send_signal(number)

    async def kill(self) -> None:
        """End those that still run, whatever state they are in."""
        for process in self._running:
            if process.returncode is None:
                process.kill()
                process.send_signal(signal.SIGCONT)
                await process.wait()


@asynccontextmanager
async def crew(settings: Mapping[str, object], folder: Path) -> AsyncIterator[Crew]:
    """Processes with these settings, and a directory that they share."""
    made = Crew(settings, folder)
    try:
        yield made
    finally:
        await made.kill()


def _said(value: object) -> str:
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)
