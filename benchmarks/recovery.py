"""A start that brings a thousand accounts back, beside bare Telethon's connect for the same keys.

The sandbox runs in a process of its own. First Mooring starts with its default budgets, then
without any, then Telethon's clients connect, as many at a time, and ask what Mooring asks before
it calls an account connected. All go through the same proxies.
"""

import asyncio
import base64
import secrets
import tempfile
import time
from collections.abc import Sequence
from itertools import cycle
from pathlib import Path
from typing import Any

import aiohttp
from telethon import TelegramClient
from telethon.crypto import AuthKey, rsa
from telethon.sessions import StringSession
from telethon.tl import functions, types

from benchmarks.results import Result
from benchmarks.sending import API_HASH, API_ID, sandbox
from bot.app import App, running
from bot.logs import set_up
from bot.settings import Settings
from bot.vault import open_vault
from storage import accounts, proxies, recoveries, sessions
from storage.accounts import Desired
from storage.database import open_database
from storage.proxies import Endpoint
from storage.sessions import StoredSession
from storage.tx import Tx
from userbot.states import State
from userbot.telegram import identity

ACCOUNTS, PROXIES = 1000, 100
AT_A_TIME = 50
"""How many of Telethon's clients connect at a time."""
LIMIT_S = 300.0
GOAL_S, GOAL_RATIO = 30.0, 2.0


async def measure() -> list[Result]:
    """A thousand sessions brought back, with and without budgets, and by bare Telethon."""
    set_up("ERROR")
    with tempfile.TemporaryDirectory() as folder:
        async with sandbox() as addresses, aiohttp.ClientSession() as http:
            rsa.add_key(await asyncio.to_thread(_read, addresses["public_key_file"]), old=False)
            control = addresses["control"]
            people = await _post(http, f"{control}/users/bulk", count=ACCOUNTS)
            # The benchmark connects each key several times a minute.
            await _post(http, f"{control}/hazards/rules", connects_per_minute=0)
            made = [await _post(http, f"{control}/proxies") for _ in range(PROXIES)]
            settings = await _settings(http, addresses, Path(folder))
            await _enrol(settings, people, made)
            budgeted_s = await _recover(settings)
            freely_s = await _recover(settings, free=True)
            bare_s = await _bare(people, made)
    return [
        Result(f"{ACCOUNTS} sessions back, default budgets", budgeted_s, "s", GOAL_S, is_at_most=True),
        Result(f"{ACCOUNTS} sessions back, no budgets", freely_s, "s"),
        Result(f"{ACCOUNTS} connects by bare Telethon", bare_s, "s"),
        Result("no budgets to bare Telethon", freely_s / bare_s, "x", GOAL_RATIO, is_at_most=True),
    ]  # fmt: skip


async def _recover(settings: Settings, *, free: bool = False) -> float:
    """From the call that starts Mooring until the recovery has ended with all accounts back."""
    if free:
        none = {"connects_per_second": 10_000.0, "connects_per_proxy": 1000, "startup_delay": 0.0}
        settings = settings.model_copy(update=none)
    began = time.perf_counter()
    async with running(settings) as app, asyncio.timeout(LIMIT_S):
        ended = await _ended(app)
        took_s = time.perf_counter() - began
    if ended.totals.back != ACCOUNTS:
        raise RuntimeError(f"not all came back: {ended.totals}")
    return took_s


async def _ended(app: App) -> recoveries.Recovery:
    with app.database.wakeups.subscribe(recoveries.CHANGED) as changed:
        while True:
            async with app.database.read() as tx:
                (latest,) = await recoveries.latest(tx)
            if latest.ended_at is not None:
                return latest
            await changed.wait(1)


async def _bare(people: Sequence[dict[str, Any]], made: Sequence[dict[str, Any]]) -> float:
    """Connect and ask the same two things for every key; all stay connected to the end."""
    clients = [_client(p, proxy) for p, proxy in zip(people, cycle(made), strict=False)]
    turns = asyncio.Semaphore(AT_A_TIME)

    async def connect(client: Any) -> None:  # noqa: ANN401 - Telethon is untyped
        async with turns:
            await client.connect()
            await client(functions.updates.GetStateRequest())
            await client(functions.users.GetUsersRequest([types.InputUserSelf()]))

    began = time.perf_counter()
    async with asyncio.timeout(LIMIT_S), asyncio.TaskGroup() as group:
        for client in clients:
            group.create_task(connect(client))
    took_s = time.perf_counter() - began
    await asyncio.gather(*(client.disconnect() for client in clients))
    return took_s


def _client(person: dict[str, Any], proxy: dict[str, Any]) -> Any:  # noqa: ANN401 - Telethon is untyped
    session = StringSession()
    session.set_dc(person["dc_id"], person["host"], person["port"])
    session.auth_key = AuthKey(base64.b64decode(person["auth_key"]))
    return TelegramClient(
        session,
        API_ID,
        API_HASH,
        proxy=("socks5", proxy["host"], proxy["port"]),
        receive_updates=False,
    )


async def _enrol(
    settings: Settings, people: Sequence[dict[str, Any]], made: Sequence[dict[str, Any]]
) -> None:
    database = await open_database(settings.database, open_vault(settings))
    async with database.transaction() as tx:
        ids = [await proxies.add(tx, Endpoint("socks5", p["host"], p["port"])) for p in made]
        for person, proxy_id in zip(people, cycle(ids), strict=False):
            await _account(tx, person, proxy_id)
    await database.close()


async def _account(tx: Tx, person: dict[str, Any], proxy_id: int | None) -> None:
    number = await accounts.add(
        tx,
        phone=f"+{person['phone']}",
        identity=identity(API_ID, API_HASH),
        proxy_id=proxy_id,
        state=State.STOPPED,
    )
    at = (person["dc_id"], person["host"], person["port"])
    begun = await sessions.start_enrolling(
        tx, number, dc_id=at[0], server_address=at[1], port=at[2]
    )
    key = base64.b64decode(person["auth_key"])
    await sessions.save_enrolling(tx, StoredSession(begun.id, *at, key))
    await sessions.finish_enrolling(tx, number)
    await accounts.set_desired(tx, number, Desired.RUN)


async def _settings(
    http: aiohttp.ClientSession, addresses: dict[str, Any], folder: Path
) -> Settings:
    token = f"{secrets.randbelow(10**9) + 10**8}:{secrets.token_hex(18)}"
    bot = {"token": token, "username": "bench_bot", "first_name": "Bench"}
    await _post(http, f"{addresses['control']}/bots", **bot)
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


async def _post(http: aiohttp.ClientSession, url: str, **body: object) -> Any:  # noqa: ANN401 - JSON
    async with http.post(url, json=body) as response:
        response.raise_for_status()
        return await response.json()


def _read(path: str) -> str:
    return Path(path).read_text()
