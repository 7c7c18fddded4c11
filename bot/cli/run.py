"""`mooring run`, `worker` and `control`: what runs until a signal, or until it is drained."""

import argparse
import asyncio
import os
import signal
import sys
from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import Any

from loguru import logger
from typing_extensions import override

from bot.cli.common import BAD_SETTINGS, FORCED, IN_USE, OK, say
from bot.descriptors import make_room
from bot.heaps import share_one
from bot.settings import Settings
from storage.engines import is_sqlite, unprotected
from storage.instances import Role
from storage.server_address import HOW_TO_PROTECT

_NEEDS_SERVER = (
    "Several processes need PostgreSQL: set DATABASE_URL. On SQLite one process runs everything: "
    "mooring run"
)


def add_to(commands: Any) -> None:  # noqa: ANN401 - argparse names its subparsers privately
    run = commands.add_parser(
        "run",
        help="run the control bot and the userbots",
        description="Runs until SIGINT or SIGTERM; a second one forces the end.",
    )
    run.add_argument(
        "--workers",
        type=_count,
        metavar="N",
        help="run the userbots in N processes of their own, and start anew those that die "
        "(PostgreSQL)",
    )
    run.set_defaults(act=_run, lives_on=True)
    worker = commands.add_parser("worker", help="run a share of the userbots (PostgreSQL)")
    worker.add_argument(
        "--of", type=_count, default=1, metavar="N", help="so many are started together"
    )
    worker.add_argument("--until-input-ends", action="store_true", help=argparse.SUPPRESS)
    worker.set_defaults(act=_worker, lives_on=True)
    control = commands.add_parser(
        "control", help="run the control bot, or stand by where one runs (PostgreSQL)"
    )
    control.set_defaults(act=_control, lives_on=True)


def _count(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 64:
        raise argparse.ArgumentTypeError("expected a number from 1 to 64")
    return int(text)


async def _run(settings: Settings, arguments: argparse.Namespace) -> int:
    warn_of_plain_way(settings)
    if arguments.workers is None:
        return await _live(settings, Role.RUN)
    return await _live(settings, Role.CONTROL, workers=arguments.workers)


async def _worker(settings: Settings, arguments: argparse.Namespace) -> int:
    with_input = arguments.until_input_ends
    if not with_input:  # one of `--workers`: its parent has said so
        warn_of_plain_way(settings)
    return await _live(settings, Role.WORKER, expected=arguments.of, until_input_ends=with_input)


async def _control(settings: Settings, _: argparse.Namespace) -> int:
    warn_of_plain_way(settings)
    return await _live(settings, Role.CONTROL)


async def _live(
    settings: Settings,
    role: Role,
    *,
    expected: int = 1,
    workers: int = 0,
    until_input_ends: bool = False,
) -> int:
    """Run until SIGINT or SIGTERM; a second one forces the end."""
    if role is not Role.RUN and is_sqlite(settings.database):
        say(_NEEDS_SERVER)
        return BAD_SETTINGS
    # aiogram takes seconds to import: only who runs the bot waits for it.
    from bot.app import running  # noqa: PLC0415 - see above
    from bot.instance import Part  # noqa: PLC0415 - see above
    from bot.notify import notifier  # noqa: PLC0415 - see above
    from bot.workers import Workers  # noqa: PLC0415 - see above
    from userbot.nursery import Nursery  # noqa: PLC0415 - see above

    make_room()
    share_one()
    systemd = notifier()
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
    if until_input_ends:
        await _watch_input(stop.set)
    async with AsyncExitStack() as stack:
        nursery = await stack.enter_async_context(Nursery())
        app = await stack.enter_async_context(
            running(settings, Part(role, expected), on_evicted=on_evicted, on_drained=stop.set)
        )
        if workers:
            team = Workers(workers, nursery, settings)
            team.start()
            stack.push_async_callback(team.end)
        systemd.ready()
        nursery.keep(lambda: systemd.keep(app.in_words), name="systemd")
        await stop.wait()
        systemd.stopping()
    logger.bind(event="stopped").info("stopped")
    return code


def warn_of_plain_way(settings: Settings) -> None:
    """Say it where the database is on another machine, and the way to it is not encrypted."""
    if host := unprotected(settings.database):
        logger.bind(event="storage.unprotected").warning(
            "what is said to the database on {} may be read on the way: {}", host, HOW_TO_PROTECT
        )


async def _watch_input(on_end: Callable[[], None]) -> None:
    """Call once nobody holds the other end of our standard input any more."""

    class Reader(asyncio.Protocol):
        @override
        def connection_lost(self, _: Exception | None) -> None:
            on_end()

    await asyncio.get_running_loop().connect_read_pipe(Reader, sys.stdin)
