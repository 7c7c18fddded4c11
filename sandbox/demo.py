"""`python -m sandbox.demo`: Mooring against the sandbox, with three accounts and a page.

Mooring runs as its own program, started as anyone would start it: this module knows its command
line and its variables, and imports nothing of it.
"""

import asyncio
import os
import secrets
import signal
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from loguru import logger
from telethon.crypto import AuthKey
from telethon.sessions import StringSession

from sandbox.control.proxies import Placed
from sandbox.sandbox import Sandbox
from sandbox.world import World
from sandbox.world.messages import Content
from sandbox.world.people import User

MOORING = Path(sys.executable).with_name("mooring")
STOP_LIMIT_S = 4.0
CONNECTED_LIMIT_S = 20.0
SETTLED_AFTER_S = 1.0
ACCOUNTS = (("Alice", "+31970100001"), ("Bruno", "+55119100002"), ("Chandra", "+91981000003"))
FREE = ("Dana", "+44770090004", "anchor")
"""A number that nobody has enrolled yet, and its two-step password."""


class MooringEnded(Exception):
    """The program ended by itself; its log says why."""


def main() -> int:
    """Run the demo; return the exit code."""
    logger.remove()
    logger.add(sys.stderr, level="WARNING", diagnose=False)
    try:
        with asyncio.Runner() as runner, tempfile.TemporaryDirectory() as folder:
            runner.run(_run(Path(folder)))
    except MooringEnded as error:
        _say(f"Mooring has ended:\n{error}")
        return 1
    return 0


async def _run(folder: Path) -> None:
    stopped = asyncio.Event()
    for ending in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(ending, stopped.set)
    async with Sandbox() as sandbox:
        environment, operator, bot = _settle(sandbox, folder)
        proxies = [await sandbox.proxies.add(), await sandbox.proxies.add()]
        for number, (name, phone) in enumerate(ACCOUNTS):
            person = sandbox.world.people.create(name, phone=phone)
            proxy = proxies[number % len(proxies)]
            await _enrol(sandbox, person, proxy, environment)
        log = folder / "mooring.log"
        async with _mooring(environment, log) as mooring:
            await _until_connected(sandbox)
            sandbox.world.say(operator.id, bot.id, Content("/start"))
            _welcome(sandbox, log)
            if not await _is_stopped(stopped, mooring):
                raise MooringEnded(_read(log))


def _settle(sandbox: Sandbox, folder: Path) -> tuple[dict[str, str], User, User]:
    """The people of the demo's world, and Mooring's settings for it."""
    world = sandbox.world
    (folder / "data").mkdir(mode=0o700)
    token = f"{secrets.randbelow(10**9) + 10**9}:{secrets.token_urlsafe(26)}"
    operator = world.people.create("Olga (you)", phone="+999660000001", username="olga")
    bot = world.people.create_bot(token, "mooring_demo_bot", "Mooring")
    _others(world, bot)
    addresses = sandbox.addresses()
    environment = {
        "BOT_TOKEN": token,
        "API_ID": "17349",
        "API_HASH": secrets.token_hex(16),
        "ADMIN_IDS": str(operator.id),
        "DATA_DIR": str(folder / "data"),
        "BOT_API_URL": str(addresses["bot_api"]),
        "TELEGRAM_DC": str(addresses["telegram_dc"]),
        "TELEGRAM_DC_PUBLIC_KEY": str(addresses["public_key_file"]),
        # Told at once: in a demo a drop that heals in a second is the point.
        "ALERT_AFTER": "0s",
    }
    return environment, operator, bot


def _others(world: World, bot: User) -> None:
    """People to write to. Bob has started the bot, so that it may write to him; Eve has not."""
    bob = world.people.create("Bob", phone="+999660000002", username="bob_harbour")
    world.people.create("Eve", phone="+999660000003", username="eve_lighthouse")
    name, phone, password = FREE
    world.people.create(name, phone=phone, password=password)
    world.say(bob.id, bot.id, Content("/start"))


async def _enrol(
    sandbox: Sandbox, person: User, proxy: Placed, environment: dict[str, str]
) -> None:
    """Hand Mooring a session that is logged in already."""
    key = sandbox.world.logins.ready_key(person.id)
    number, host, port = str(sandbox.addresses()["telegram_dc"]).split(":")
    session = StringSession()
    session.set_dc(int(number), host, int(port))
    session.auth_key = AuthKey(key.key)
    importing = await asyncio.create_subprocess_exec(
        MOORING,
        "account",
        "import",
        "-",
        "--phone",
        f"+{person.phone}",
        "--proxy",
        f"{proxy.host}:{proxy.port}",
        "--nothing-else-uses-it",
        cwd=environment["DATA_DIR"],  # away from anybody's .env
        env={**os.environ, **environment, "LOG_LEVEL": "ERROR"},
        stdin=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    _, said = await importing.communicate(session.save().encode())
    if importing.returncode != 0:
        raise MooringEnded(said.decode())


@asynccontextmanager
async def _mooring(
    environment: dict[str, str], log: Path
) -> AsyncIterator[asyncio.subprocess.Process]:
    """`mooring run`, stopped at the end. In a session of its own: Ctrl-C is ours to pass on."""
    with log.open("wb") as file:
        process = await asyncio.create_subprocess_exec(
            MOORING,
            "run",
            cwd=environment["DATA_DIR"],
            env={**os.environ, **environment},
            stdout=file,
            stderr=file,
            start_new_session=True,
        )
        try:
            yield process
        finally:
            if process.returncode is None:
                process.terminate()
                try:
                    async with asyncio.timeout(STOP_LIMIT_S):
                        await process.wait()
                except TimeoutError:
                    process.kill()
                    await process.wait()


async def _until_connected(sandbox: Sandbox) -> None:
    """So that the first thing one sees is accounts that are connected; the page need not wait."""
    for _ in range(int(CONNECTED_LIMIT_S * 10)):
        online = {c.user_id for c in sandbox.data_centre.connections() if c.user_id}
        if len(online) >= len(ACCOUNTS):
            break
        await asyncio.sleep(0.1)
    await asyncio.sleep(SETTLED_AFTER_S)  # a line is up a moment before Mooring has proven it


async def _is_stopped(stopped: asyncio.Event, mooring: asyncio.subprocess.Process) -> bool:
    """Wait for Ctrl-C; False where Mooring ended by itself before."""
    async with asyncio.TaskGroup() as group:
        waiting = {
            group.create_task(stopped.wait(), name="until Ctrl-C"),
            group.create_task(mooring.wait(), name="until Mooring ends"),
        }
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        for task in waiting:
            task.cancel()
    return stopped.is_set()


def _read(log: Path) -> str:
    return log.read_text()


def _welcome(sandbox: Sandbox, log: Path) -> None:
    name, phone, password = FREE
    _say(
        f"""
page: {sandbox.addresses()["page"]}

You are Olga, the operator, in her chat with the bot. Things to try:
  send     /send as Alice to @bob_harbour or @eve_lighthouse
  break    cut Alice on the right, or stop her proxy and send again: the bot steps in
  enrol    /add_account, then {phone} ({name}); the code shows on the right,
           the password is: {password}

Mooring's log: {log}
Ctrl-C ends everything.
"""
    )


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
