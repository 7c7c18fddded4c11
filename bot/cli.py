"""The command line: `mooring run`, `mooring import`."""

import argparse
import asyncio
import os
import signal
import sys
from collections.abc import Callable, Coroutine, Sequence
from importlib.metadata import version
from typing import Any

from loguru import logger

from bot.logs import set_up
from bot.settings import BadSettings, Settings, load
from bot.vault import open_vault
from storage.database import open_database
from storage.datadir import hold
from storage.errors import DataDirectoryInUse, StorageError
from userbot.importing import AlreadyKnown, BadSession, import_string
from userbot.proxies import BadProxyLine, parse
from userbot.targets import BadPhone, parse_phone
from userbot.telegram import identity

OK, FAILED, BAD_SETTINGS, IN_USE, FORCED = 0, 1, 2, 3, 130
"""Exit codes. FORCED: a second signal cut the shutdown short."""


def main(argv: Sequence[str] | None = None) -> None:
    """Run a command and exit with its code."""
    arguments = _parser().parse_args(argv)
    try:
        settings = load()
    except BadSettings as exc:
        for fault in exc.faults:
            _say(fault)
        _say("Set these in the environment or in .env; .env.example explains each.")
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
    run = commands.add_parser("run", help="run the control bot and the userbots")
    run.set_defaults(act=_run_app)
    importing = commands.add_parser(
        "import", help="take over a session made elsewhere (a Telethon StringSession)"
    )
    importing.add_argument("--phone", required=True, help="the account's number, with +")
    importing.add_argument("--proxy", required=True, help="ip:port or ip:port:user:password")
    importing.add_argument(
        "--nothing-else-uses-it",
        action="store_true",
        help="you are sure that no other program uses this session: start it. "
        "Two live copies kill a session for good; without this it stays stopped.",
    )
    importing.add_argument(
        "session", type=argparse.FileType("r"), help="a file with the session, or - for stdin"
    )
    importing.set_defaults(act=_import)
    return parser


async def _run_app(settings: Settings, _: argparse.Namespace) -> int:
    """Run until SIGINT or SIGTERM; a second one forces the end."""
    # aiogram takes seconds to import: only who runs the bot waits for it.
    from bot.app import running  # noqa: PLC0415 - see above

    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def on_signal(name: str) -> None:
        if stop.is_set():
            os._exit(FORCED)
        logger.bind(event="shutdown.signal").info("{}: shutting down; again to force", name)
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, on_signal, number.name)
    async with running(settings):
        await stop.wait()
    logger.bind(event="stopped").info("stopped")
    return OK


async def _import(settings: Settings, arguments: argparse.Namespace) -> int:
    try:
        phone = parse_phone(arguments.phone)
        endpoint = parse(arguments.proxy)
        text = arguments.session.read()
    except (BadPhone, BadProxyLine) as exc:
        _say(f"Not imported: {exc.reason}.")
        return FAILED
    except UnicodeDecodeError:
        _say(
            "Not imported: this file is not text. A StringSession is wanted; Telethon's own "
            ".session files are not read yet."
        )
        return FAILED
    with hold(settings.data_dir):
        database = await open_database(settings.database, open_vault(settings))
        try:
            number = await import_string(
                database,
                text,
                phone=phone,
                identity=identity(settings.api_id, settings.api_hash.get_secret_value()),
                endpoint=endpoint,
                is_only_copy=arguments.nothing_else_uses_it,
            )
        except (BadSession, AlreadyKnown) as exc:
            _say(f"Not imported: {exc}.")
            return FAILED
        finally:
            await database.close()
    state = "starts with the next run" if arguments.nothing_else_uses_it else "is stopped"
    _say(f"Imported as #{number} behind {endpoint.name}; it {state}.")
    return OK


def _run(work: Coroutine[Any, Any, int]) -> int:
    try:
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            return runner.run(work)
    except DataDirectoryInUse as exc:
        _say(str(exc))
        return IN_USE
    except BadSettings as exc:
        _say(str(exc))
        return BAD_SETTINGS
    except (StorageError, OSError) as exc:
        _say(str(exc))
        return FAILED


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """Uvloop where the platform has it."""
    try:
        import uvloop  # noqa: PLC0415 - not on every platform
    except ImportError:
        return None
    return uvloop.new_event_loop


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")
