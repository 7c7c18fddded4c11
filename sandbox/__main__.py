"""`python -m sandbox`: run until SIGINT or SIGTERM, with the addresses on stdout."""

import argparse
import asyncio
import json
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from ipaddress import ip_address
from pathlib import Path

from loguru import logger

from sandbox.racing import first
from sandbox.sandbox import Sandbox

_EXAMPLE = """\
for example:
  python -m sandbox --json sandbox.json --proxies 1
  C=$(python -c 'import json; print(json.load(open("sandbox.json"))["control"])')
  curl $C/users -d '{"first_name": "Ann", "phone": "+99966001"}'
  curl $C/bots -d '{"token": "7000000001:any_secret", "username": "my_bot", "first_name": "My bot"}'

Then point a client at it: Telethon at "telegram_dc" with the key in "public_key_file", a bot
library at "bot_api" with that token. Open "page" to be Ann. docs/sandbox.md has whole programs.
"""
_LEVELS = ("TRACE", "DEBUG", "INFO", "WARNING", "ERROR")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the sandbox; return the exit code."""
    options = _parser().parse_args(arguments)
    logger.remove()
    logger.add(sys.stderr, level=options.log_level, diagnose=False)
    try:
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            runner.run(_run(options))
    except OSError as error:
        logger.error("The sandbox can't start: {}", error)  # noqa: TRY400 - a taken port needs no traceback
        return 1
    return 0


async def _run(options: argparse.Namespace) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        # Windows has no signal handlers in its loops; there an interrupt is an exception.
        with suppress(NotImplementedError):
            loop.add_signal_handler(number, stopped.set)
    target: Path | None = options.json
    sandbox = Sandbox(
        host=options.host,
        dc_id=options.dc_id,
        data_centre_port=options.data_centre_port,
        bot_api_port=options.bot_api_port,
        page_port=options.page_port,
        proxy_count=options.proxies,
        key_file=target.with_suffix(".pem") if target else None,
    )
    while not stopped.is_set():
        sandbox.offers.can_start_anew = True
        async with sandbox:
            _announce(sandbox, target)
            await first(stopped.wait(), sandbox.offers.until_anew())
        if not stopped.is_set():
            logger.info("Starting the world anew")
            sandbox = sandbox.anew()
    logger.info("Stopping")


def _announce(sandbox: Sandbox, target: Path | None) -> None:
    line = json.dumps(sandbox.addresses())
    if target:
        _write_atomically(target, line)
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
    logger.info("Open {} and talk to the bot", sandbox.addresses()["page"])


def _write_atomically(target: Path, text: str) -> None:
    """Whoever waits for the file finds it whole."""
    beside = target.with_name(target.name + ".new")
    beside.write_text(text + "\n")
    beside.replace(target)


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop  # noqa: PLC0415 - not made for every platform
    except ImportError:
        return None
    factory: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop
    return factory


def _loopback(text: str) -> str:
    try:
        is_loopback = ip_address(text).is_loopback
    except ValueError:
        is_loopback = False
    if not is_loopback:
        raise argparse.ArgumentTypeError(
            f"{text} is not a loopback address; the sandbox has no login and stays on this machine"
        )
    return text


def _port(text: str) -> int:
    number = int(text) if text.isdecimal() else -1
    if not 0 <= number <= 65535:
        raise argparse.ArgumentTypeError(f"{text} is not a port; expected 0 to 65535")
    return number


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m sandbox",
        description="A local Telegram: an MTProto data centre, a Bot API, proxies, and a page with\n"
        "the chats. It prints its addresses as one line of JSON and runs until it is\n"
        "interrupted. Nothing in it reaches the real Telegram, and it keeps nothing.",
        epilog=_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--json",
        type=Path,
        metavar="FILE",
        help="also write the addresses here, and the data centre's public key beside it as FILE's name with .pem",
    )
    parser.add_argument(
        "--host",
        type=_loopback,
        default="127.0.0.1",
        help="loopback address to listen on (default: %(default)s)",
    )
    for name, what in (
        ("data-centre", "MTProto"),
        ("bot-api", "the Bot API"),
        ("page", "the page and the control API"),
    ):
        parser.add_argument(
            f"--{name}-port",
            type=_port,
            default=0,
            metavar="N",
            help=f"port of {what} (default: a free one)",
        )
    parser.add_argument(
        "--dc-id",
        type=int,
        default=2,
        choices=range(1, 6),
        metavar="1-5",
        help="the number of the data centre (default: %(default)s)",
    )
    parser.add_argument(
        "--proxies",
        type=int,
        default=0,
        metavar="N",
        help="start with this many SOCKS5 proxies (default: none)",
    )
    parser.add_argument(
        "--log-level",
        type=str.upper,
        default="INFO",
        choices=_LEVELS,
        help="what to log on stderr (default: %(default)s)",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
