"""The program of the demo: `mooring`, with its settings, its accounts and its log."""

import asyncio
import json
import os
import secrets
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from telethon.crypto import AuthKey
from telethon.sessions import StringSession

from sandbox.demo.cast import Cast, link
from sandbox.racing import first
from sandbox.sandbox import Sandbox
from sandbox.world.people import User

STOP_LIMIT_S = 4.0
CONNECTED_LIMIT_S = 60.0
SETTLED_AFTER_S = 1.0
_TOLD_LINES = 15
_PASSED_ON = {"PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TZ", "SYSTEMROOT", "VIRTUAL_ENV"}
"""And nothing else: a DATABASE_URL of somebody's own Mooring must never meet this Telegram."""
DRAFT = "Good morning Bob, your parcel has arrived and waits for you at the harbour office."


class MooringEnded(Exception):
    """The program ended by itself; the words say what it left in its log."""


class Mooring:
    def __init__(self, sandbox: Sandbox, cast: Cast, folder: Path) -> None:
        self._sandbox = sandbox
        self._cast = cast
        self._data = folder / "data"
        self._data.mkdir(mode=0o700)
        self.log = folder / "mooring.log"
        self._process: Process | None = None
        addresses = sandbox.addresses()
        self._environment = {name: os.environ[name] for name in _PASSED_ON & set(os.environ)} | {
            "BOT_TOKEN": cast.token,
            "API_ID": "17349",
            "API_HASH": secrets.token_hex(16),
            "ADMIN_IDS": ",".join(str(operator.id) for operator in cast.operators),
            "DATA_DIR": str(self._data),
            "BOT_API_URL": str(addresses["bot_api"]),
            "TELEGRAM_DC": str(addresses["telegram_dc"]),
            "TELEGRAM_DC_PUBLIC_KEY": str(addresses["public_key_file"]),
            # Told at once: in a demo a drop that heals in a second is the point.
            "ALERT_AFTER": "0s",
            "STARTUP_DELAY": "0s",
            "HTTP_BIND": "",
        }

    async def take_over_accounts(self) -> None:
        """Hand it the proxies, and sessions that are logged in already."""
        calls = [
            {"arguments": self._import(place), "input": self._session(account)}
            for place, account in enumerate(self._cast.accounts)
        ]
        proxies = "\n".join(link(proxy) for proxy in self._cast.proxies)
        await self._call(*calls, {"arguments": ["proxies", "add", "-"], "input": proxies})

    async def write_draft(self) -> None:
        """As another program would: its card comes to the operators, who may write to the bot."""
        sender = f"+{self._cast.accounts[0].phone}"
        draft = [
            "draft",
            "--account",
            sender,
            "--to",
            "@bob_harbour",
            "--text",
            DRAFT,
            "--fallback",
            "automatic",
        ]
        await self._call({"arguments": draft, "input": ""})

    async def _call(self, *calls: dict[str, Any]) -> None:
        """Some of its commands, one after the other, with their standard input."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", _COMMANDS),
            cwd=self._data,  # away from anybody's .env
            env=self._environment | {"LOG_LEVEL": "ERROR"},
            stdin=PIPE,
            stdout=PIPE,
            stderr=PIPE,
            start_new_session=True,  # Ctrl-C is ours to pass on
        )
        try:
            _, said = await process.communicate(json.dumps(calls).encode())
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        if process.returncode != 0:
            raise MooringEnded(f"Mooring has refused a command:\n{_end(said.decode())}")

    def _import(self, place: int) -> list[str]:
        account, proxy = self._cast.accounts[place], self._cast.proxy_of(place)
        return [
            *("account", "import", "-", "--phone", f"+{account.phone}"),
            *("--proxy", link(proxy), "--nothing-else-uses-it"),
        ]

    def _session(self, account: User) -> str:
        number, host, port = str(self._sandbox.addresses()["telegram_dc"]).split(":")
        session = StringSession()
        session.set_dc(int(number), host, int(port))
        session.auth_key = AuthKey(self._sandbox.world.logins.ready_key(account.id).key)
        return str(session.save())

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """`mooring run`, stopped at the end. In a session of its own: Ctrl-C is ours to pass on."""
        with self.log.open("wb") as file:
            process = self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-c", _COMMAND, "run"),
                cwd=self._data,
                env=self._environment,
                stdout=file,
                stderr=file,
                start_new_session=True,
            )
        try:
            yield
        finally:
            await _stop(process)

    async def ended(self) -> None:
        """Raise `MooringEnded` when it has ended by itself."""
        if self._process is not None:
            code = await self._process.wait()
            raise MooringEnded(
                f"Mooring has ended by itself, with exit code {code}. Its log ends with:\n"
                f"{_end(self.log.read_text())}"
            )

    async def until_connected(self) -> None:
        """So that the first thing one sees is accounts that are connected."""
        await first(self._connected(), self.ended())

    async def _connected(self) -> None:
        for _ in range(int(CONNECTED_LIMIT_S * 10)):
            online = {c.user_id for c in self._sandbox.data_centre.connections() if c.user_id}
            if len(online) >= len(self._cast.accounts):
                break
            await asyncio.sleep(0.1)
        await asyncio.sleep(SETTLED_AFTER_S)  # a line is up a moment before Mooring has proven it


async def _stop(process: Process) -> None:
    if process.returncode is None:
        process.terminate()
        try:
            async with asyncio.timeout(STOP_LIMIT_S):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()


def _end(text: str) -> str:
    return "\n".join(text.splitlines()[-_TOLD_LINES:])


_COMMAND = """\
import sys
from importlib.metadata import entry_points
sys.argv[0] = "mooring"
(mooring,) = entry_points(group="console_scripts", name="mooring")
mooring.load()()
"""
"""What the program `mooring` is, also where its directory is not the interpreter's."""
_COMMANDS = """\
import io, json, sys
from importlib.metadata import entry_points
calls = json.load(sys.stdin)
(found,) = entry_points(group="console_scripts", name="mooring")
mooring = found.load()
for call in calls:
    sys.stdin = io.TextIOWrapper(io.BytesIO(call["input"].encode()))
    sys.argv = ["mooring", *call["arguments"]]
    try:
        mooring()
    except SystemExit as ended:
        if ended.code:
            sys.exit(ended.code)
"""
"""Many of its commands in one start of Python, which takes longer than any of them."""
