"""`python -m sandbox.demo`: runs the demo until SIGINT or SIGTERM, and throws everything away."""

import asyncio
import secrets
import signal
import sys
import tempfile
from pathlib import Path

from loguru import logger

from sandbox.demo.cast import Cast
from sandbox.demo.mooring import Mooring, MooringEnded
from sandbox.demo.tour import steps
from sandbox.demo.words import say, ways_in, welcome
from sandbox.racing import first
from sandbox.sandbox import Sandbox


def main() -> int:
    """Run the demo; return the exit code."""
    logger.remove()
    logger.add(sys.stderr, level="WARNING", diagnose=False)
    try:
        with asyncio.Runner() as runner:
            runner.run(_run())
    except MooringEnded as ended:
        say(str(ended))
        return 1
    except OSError as failed:
        say(f"The demo can't run: {failed}")
        return 1
    return 0


async def _run() -> None:
    stopped = asyncio.Event()
    for ending in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(ending, stopped.set)
    say("A local Telegram with Mooring on it. Nothing here reaches the real one. One moment…")
    await first(stopped.wait(), _play())


async def _play() -> None:
    """One world after another, each on the page's port of the first, with the same bot."""
    token = f"{secrets.randbelow(10**9) + 10**9}:{secrets.token_urlsafe(26)}"
    sandbox = Sandbox()
    while True:
        with tempfile.TemporaryDirectory(prefix="mooring-demo-") as folder:
            async with sandbox:
                await _world(sandbox, token, Path(folder))
        say("The world starts anew…")
        sandbox = sandbox.anew()


async def _world(sandbox: Sandbox, token: str, folder: Path) -> None:
    """Build everything, show it, and return when a fresh world is wanted."""
    cast = Cast.enter(sandbox.world, token)
    await cast.place_proxies(sandbox.proxies)
    mooring = Mooring(sandbox, cast, folder)
    await mooring.take_over_accounts()
    async with mooring.running():
        await mooring.until_connected()
        cast.begin(sandbox.world)
        sandbox.offers.tour = steps(cast)
        sandbox.offers.can_start_anew = True
        say(welcome(sandbox.addresses()["page"], mooring.log) + ways_in(sandbox.control.port))
        await mooring.write_draft()
        await first(sandbox.offers.until_anew(), mooring.ended())


if __name__ == "__main__":
    sys.exit(main())
