"""`mooring run`: the control bot and the userbots, until a signal."""

import argparse
import asyncio
import os
import signal
from typing import Any

from loguru import logger

from bot.cli.common import FORCED, IN_USE, OK
from bot.descriptors import make_room
from bot.settings import Settings


def add_to(commands: Any) -> None:  # noqa: ANN401 - argparse names its subparsers privately
    parser = commands.add_parser("run", help="run the control bot and the userbots")
    parser.set_defaults(act=_run)


async def _run(settings: Settings, _: argparse.Namespace) -> int:
    """Run until SIGINT or SIGTERM; a second one forces the end."""
    # aiogram takes seconds to import: only who runs the bot waits for it.
    from bot.app import running  # noqa: PLC0415 - see above

    make_room()
    stop = asyncio.Event()
    code = OK
    loop = asyncio.get_running_loop()

    def on_signal(name: str) -> None:
        if stop.is_set():
            os._exit(FORCED)
        logger.bind(event="shutdown.signal").info("{}: shutting down; again to force", name)
        stop.set()

    def on_evicted() -> None:
        nonlocal code
        code = IN_USE
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, on_signal, number.name)
    async with running(settings, on_evicted=on_evicted):
        await stop.wait()
    logger.bind(event="stopped").info("stopped")
    return code
