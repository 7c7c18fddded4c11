"""One send through Mooring beside one by bare Telethon, in the same run.

The sandbox runs in a process of its own. Both send one message after the other over one line,
in alternating rounds, so that a machine that drifts drifts for both.
"""

import asyncio
import base64
import json
import secrets
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
from telethon import TelegramClient
from telethon.crypto import AuthKey, rsa
from telethon.sessions import StringSession
from telethon.tl import functions

from benchmarks.results import Result
from bot.app import App, running
from bot.settings import Settings
from bot.vault import open_vault
from storage import accounts, deliveries
from storage.database import open_database
from storage.deliveries import DeliveryState
from storage.proxies import Endpoint
from userbot.importing import import_string
from userbot.telegram import identity

ROUNDS, PER_ROUND = 10, 20
API_ID, API_HASH = 17349, "0" * 32


async def measure() -> list[Result]:
    """One send through Mooring beside one by bare Telethon."""
    with tempfile.TemporaryDirectory() as folder:
        async with sandbox() as addresses, aiohttp.ClientSession() as http:
            rsa.add_key(await asyncio.to_thread(_read, addresses["public_key_file"]), old=False)
            control = _Control(addresses["control"], http)
            await control.person("target", username="bench_target")
            ours, theirs = await control.session("ours"), await control.session("theirs")
            proxy = await control.post("proxies")
            settings = await _settings(control, addresses, Path(folder))
            await _import(settings, ours, proxy)
            async with running(settings) as app, _bare(theirs, proxy) as client:
                await _online(app)
                mooring, bare = await _measure(app, client)
    ratio = statistics.median(mooring) / statistics.median(bare)
    return [
        *_tenths("bare Telethon, nothing kept", bare),
        *_tenths("Mooring, durable", mooring),
        Result("Mooring to bare Telethon, medians", ratio, "x"),
    ]


async def _measure(app: App, client: Any) -> tuple[list[float], list[float]]:  # noqa: ANN401 - Telethon is untyped
    peer = await client.get_input_entity("bench_target")
    mooring: list[float] = []
    bare: list[float] = []
    for _ in range(ROUNDS):
        mooring += [await _through_mooring(app) for _ in range(PER_ROUND)]
        for _ in range(PER_ROUND):
            began = time.perf_counter()
            await client(
                functions.messages.SendMessageRequest(
                    peer, "hello", random_id=secrets.randbits(62)
                )
            )
            bare.append(time.perf_counter() - began)
    return mooring, bare


async def _through_mooring(app: App) -> float:
    """From the approved order to the durable SENT."""
    database = app.database
    began = time.perf_counter()
    with database.wakeups.subscribe(deliveries.CHANGED) as changed:
        async with database.transaction() as tx:
            number = await deliveries.draft(tx, account_id=1, target="@bench_target", text="hello")
            await deliveries.move(
                tx, number, {DeliveryState.DRAFT}, DeliveryState.PENDING, approved_at=tx.now
            )
        while True:
            async with database.read() as tx:
                found = await deliveries.get(tx, number)
            if found and found.state.is_final:
                if found.state is not DeliveryState.SENT:
                    raise RuntimeError(f"not sent: {found.error}")
                return time.perf_counter() - began
            await changed.wait(1)


def _tenths(name: str, taken_s: list[float]) -> list[Result]:
    tenths = statistics.quantiles(taken_s, n=10)
    return [
        Result(f"{name}, p50", tenths[4] * 1000, "ms"),
        Result(f"{name}, p90", tenths[8] * 1000, "ms"),
    ]


class _Control:
    """The sandbox's control API."""

    def __init__(self, address: str, http: aiohttp.ClientSession) -> None:
        self._address = address
        self._http = http

    async def post(self, path: str, **body: object) -> Any:  # noqa: ANN401 - JSON
        async with self._http.post(f"{self._address}/{path}", json=body) as response:
            response.raise_for_status()
            return await response.json()

    async def person(self, name: str, **more: object) -> dict[str, Any]:
        phone = f"99966{secrets.randbelow(10**8):08d}"
        made: dict[str, Any] = await self.post("users", first_name=name, phone=phone, **more)
        return made

    async def session(self, name: str) -> tuple[str, str]:
        """A logged-in StringSession of a new person, and the number."""
        person = await self.person(name)
        key = await self.post(f"users/{person['id']}/ready_key")
        session = StringSession()
        session.set_dc(key["dc_id"], key["host"], key["port"])
        session.auth_key = AuthKey(base64.b64decode(key["auth_key"]))
        return session.save(), f"+{person['phone']}"


@asynccontextmanager
async def sandbox() -> AsyncIterator[dict[str, Any]]:
    """A sandbox in a process of its own; its addresses."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "sandbox", "--log-level", "ERROR", stdout=asyncio.subprocess.PIPE
    )
    try:
        if process.stdout is None:
            raise RuntimeError("the sandbox has no output")
        yield json.loads(await process.stdout.readline())
    finally:
        process.terminate()
        await process.communicate()


@asynccontextmanager
async def _bare(session: tuple[str, str], proxy: dict[str, Any]) -> AsyncIterator[Any]:
    client = TelegramClient(
        StringSession(session[0]),
        API_ID,
        API_HASH,
        proxy=("socks5", proxy["host"], proxy["port"]),
        receive_updates=False,
    )
    await client.connect()
    try:
        yield client
    finally:
        await client.disconnect()


async def _settings(control: _Control, addresses: dict[str, Any], folder: Path) -> Settings:
    token = f"{secrets.randbelow(10**9) + 10**8}:{secrets.token_hex(18)}"
    await control.post("bots", token=token, username="bench_bot", first_name="Bench")
    return Settings.model_validate(
        {
            "bot_token": token,
            "api_id": API_ID,
            "api_hash": API_HASH,
            "admin_ids": [1],
            "data_dir": folder,
            "bot_api_url": addresses["bot_api"],
            "telegram_dc": addresses["telegram_dc"],
            "telegram_dc_public_key": addresses["public_key_file"],
        }
    )


async def _import(settings: Settings, session: tuple[str, str], proxy: dict[str, Any]) -> None:
    database = await open_database(settings.database, open_vault(settings))
    await import_string(
        database,
        session[0],
        phone=session[1],
        identity=identity(API_ID, API_HASH),
        endpoint=Endpoint("socks5", proxy["host"], proxy["port"]),
        is_only_copy=True,
    )
    await database.close()


async def _online(app: App) -> None:
    userbot = app.registry.get(1)
    with app.database.wakeups.subscribe(accounts.CHANGED) as changed:
        async with asyncio.timeout(30):
            while userbot is None or userbot.line is None:
                await changed.wait(1)


def _read(path: str) -> str:
    return Path(path).read_text()
