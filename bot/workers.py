"""Worker processes on this machine, started and looked after by the one that has the bot."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import Process
from contextlib import suppress

from aiogram.utils.backoff import Backoff, BackoffConfig
from loguru import logger

from bot.http_settings import of_worker
from bot.log_settings import log_file_of_worker
from bot.settings import Settings
from userbot.nursery import Nursery

END_LIMIT_S = 30.0
"""How long a worker may take to hand over what it has, before it is killed."""
SETTLED_AFTER_S = 60.0
"""A worker that ran for so long is started anew at once."""
_BACKOFF = BackoffConfig(min_delay=1.0, max_delay=30.0, factor=2.0, jitter=0.2)
_COMMAND = "from bot.cli.main import main; main()"


class Workers:
    """So many processes, each started anew where it dies; one that was drained stays away."""

    def __init__(self, count: int, nursery: Nursery, settings: Settings) -> None:
        self._count = count
        self._nursery = nursery
        self._settings = settings
        self._running: set[Process] = set()
        self._is_ending = False

    def start(self) -> None:
        """Start them all."""
        for number in range(1, self._count + 1):
            self._nursery.start(self._look_after(number), name=f"worker {number}")

    async def end(self) -> None:
        """Ask each to hand over and end; kill what does not."""
        self._is_ending = True
        running = tuple(self._running)
        for process in running:
            _ask_to_end(process)
        waiting = [asyncio.shield(process.wait()) for process in running]
        try:
            async with asyncio.timeout(END_LIMIT_S):
                await asyncio.gather(*waiting)
        except TimeoutError:
            for process in self._running:
                logger.bind(event="worker.killed").error("worker {} does not end", process.pid)
                process.kill()

    async def _look_after(self, number: int) -> None:
        loop = asyncio.get_running_loop()
        backoff = Backoff(_BACKOFF)
        while not self._is_ending:
            began = loop.time()
            code = await self._run(number)
            if code == 0 or self._is_ending:
                return
            log = logger.bind(event="worker.died")
            log.error("worker {} ended with code {} and is started anew", number, code)
            if loop.time() - began > SETTLED_AFTER_S:
                backoff.reset()
            await backoff.asleep()

    async def _run(self, number: int) -> int:
        """One life of a worker; its exit code.

        It ends by itself when this process is gone: then its standard input ends. A terminal's
        Ctrl-C is for this process alone, which passes it on.
        """
        apart = {
            "HTTP_BIND": of_worker(self._settings.http_bind, number),
            "LOG_FILE": log_file_of_worker(self._settings, number),
        }
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            _COMMAND,
            "worker",
            "--of",
            str(self._count),
            "--until-input-ends",
            stdin=asyncio.subprocess.PIPE,
            env=os.environ | {"PYTHONUNBUFFERED": "1"} | apart,
            start_new_session=True,
        )
        log = logger.bind(event="worker.started")
        log.info("worker {} is process {}", number, process.pid)
        self._running.add(process)
        if self._is_ending:  # it was asked while this one was being started
            _ask_to_end(process)
        try:
            return await process.wait()
        finally:
            self._running.discard(process)
            if process.returncode is None:  # this process is cancelled: leave none behind
                process.kill()


def _ask_to_end(process: Process) -> None:
    with suppress(ProcessLookupError):  # it has just ended by itself
        process.send_signal(signal.SIGTERM)
