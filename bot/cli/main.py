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
    doctor,
    drafts,
    events,
    init,
    instances,
    invite,
    keys,
    login,
    proxies,
    reconnect,
    run,
    send,
    status,
)
from bot.cli.common import BAD_SETTINGS, FAILED, FORCED, IN_USE, say, why
from bot.logs import set_up
from bot.settings import BadSettings, load
from storage.errors import AlreadyRunning, DatabaseTooNew, SecretKeyMismatch, StorageError


def main(argv: Sequence[str] | None = None) -> None:
    """Run a command and exit with its code."""
    arguments = _parser().parse_args(argv)
    if arguments.act_without_settings is not None:
        set_up("WARNING")
        sys.exit(_run(arguments.act_without_settings(arguments)))
    try:
        settings = load()
    except BadSettings as exc:
        for fault in exc.faults:
            say(fault)
        say(f"Set these in .env or the environment: {arguments.settings_from}.")
        sys.exit(BAD_SETTINGS)
    try:
        set_up(
            settings.log_level,
            settings.secrets,
            form=settings.log_format,
            file=settings.log_to if arguments.lives_on else None,
        )
    except OSError as exc:
        say(f"LOG_FILE: {why(exc)}")
        sys.exit(BAD_SETTINGS)
    sys.exit(_run(arguments.act(settings, arguments)))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="mooring",
        description="Keeps your own Telegram accounts online, each behind one proxy.",
    )
    parser.add_argument("--version", action="version", version=version("mooring"))
    # Of commands that must work where there are no settings yet, or wrong ones.
    parser.set_defaults(act_without_settings=None)
    # A command that runs beside those would turn their log file over under them.
    parser.set_defaults(lives_on=False)
    parser.set_defaults(settings_from="`mooring init` asks, .env.example explains")
    commands = parser.add_subparsers(required=True, metavar="command")
    for module in (
        init,
        run,
        doctor,
        status,
        instances,
        invite,
        login,
        accounts,
        reconnect,
        send,
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
    except KeyboardInterrupt:
        return FORCED
    except AlreadyRunning as exc:
        say(str(exc))
        return IN_USE
    except (BadSettings, SecretKeyMismatch, DatabaseTooNew) as exc:
        say(str(exc))
        return BAD_SETTINGS  # the same again would end the same: a supervisor is not to try
    except (StorageError, OSError) as exc:
        say(why(exc))
        return FAILED


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """Uvloop where the platform has it."""
    try:
        import uvloop  # noqa: PLC0415 - not on every platform
    except ImportError:
        return None
    return uvloop.new_event_loop
