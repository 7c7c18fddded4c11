"""`mooring`: reads the settings, runs the command, and exits with its code."""

import argparse
import asyncio
import sys
from collections.abc import Callable, Coroutine, Sequence
from importlib.metadata import version
from typing import Any

from bot.cli import (
    accounts,
    backups,
    costs,
    deliveries,
    drafts,
    events,
    keys,
    proxies,
    run,
    status,
)
from bot.cli.common import BAD_SETTINGS, FAILED, IN_USE, say
from bot.logs import set_up
from bot.settings import BadSettings, load
from storage.errors import AlreadyRunning, StorageError


def main(argv: Sequence[str] | None = None) -> None:
    """Run a command and exit with its code."""
    arguments = _parser().parse_args(argv)
    try:
        settings = load()
    except BadSettings as exc:
        for fault in exc.faults:
            say(fault)
        say("Set these in the environment or in .env; .env.example explains each.")
        sys.exit(BAD_SETTINGS)
    set_up(settings.log_level, settings.secrets)
    sys.exit(_run(arguments.act(settings, arguments)))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="mooring",
        description="Keeps your own Telegram accounts online, each behind one proxy.",
    )
    parser.add_argument("--version", action="version", version=version("mooring"))
    commands = parser.add_subparsers(required=True, metavar="command")
    for module in (
        run,
        status,
        accounts,
        drafts,
        proxies,
        costs,
        deliveries,
        backups,
        events,
        keys,
    ):
        module.add_to(commands)
    return parser


def _run(work: Coroutine[Any, Any, int]) -> int:
    try:
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            return runner.run(work)
    except AlreadyRunning as exc:
        say(str(exc))
        return IN_USE
    except BadSettings as exc:
        say(str(exc))
        return BAD_SETTINGS
    except (StorageError, OSError) as exc:
        say(str(exc))
        return FAILED


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """Uvloop where the platform has it."""
    try:
        import uvloop  # noqa: PLC0415 - not on every platform
    except ImportError:
        return None
    return uvloop.new_event_loop
