"""Where a benchmark happens: a sandbox in its own process, people with keys, and their proxies."""

import asyncio
import base64
import json
import secrets
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import Any

import aiohttp
from telethon import TelegramClient
from telethon.crypto import AuthKey, rsa
from telethon.sessions import Session, StringSession

from bot.settings import Settings
from bot.vault import open_vault
from storage import accounts, proxies, sessions
from storage.accounts import Desired
from storage.database import open_database
from storage.proxies import Endpoint
from storage.sessions import StoredSession
from storage.tx import Tx
from userbot.states import State
from userbot.telegram import identity

API_ID, API_HASH = 17349, "0" * 32
RELAYS_EACH = 4000
"""So many lines go through the proxies of one process: each takes it two descriptors."""
PROXIES = 20
NOT_FOUND = 404


@dataclass(frozen=True)
class Sandbox:
    """A sandbox in a process of its own."""

    pid: int
    addresses: dict[str, Any]
    http: aiohttp.ClientSession

    async def post(self, path: str, **body: object) -> Any:  # noqa: ANN401 - JSON
        """An order to its control API."""
        url = f"{self.addresses['control']}/{path}"
        async with self.http.post(url, json=body) as response:
            response.raise_for_status()
            return await response.json()

    async def get(self, path: str) -> Any:  # noqa: ANN401 - JSON
        async with self.http.get(f"{self.addresses['control']}/{path}") as response:
            response.raise_for_status()
            return await response.json()

    async def delete(self, path: str) -> None:
        """What is there no more counts as deleted: a fault may have struck for the last time."""
        async with self.http.delete(f"{self.addresses['control']}/{path}") as response:
            if response.status != NOT_FOUND:
                response.raise_for_status()

    async def mend(self) -> None:
        """Lift every fault at the data centre."""
        await self.delete("faults")


@dataclass(frozen=True)
class Place:
    """A data centre with people who are logged in, and the proxies that they come through."""

    sandbox: Sandbox
    people: Sequence[dict[str, Any]]
    proxies: Sequence[dict[str, Any]]

    def pairs(self) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
        """Each person, and the proxy of theirs."""
        return zip(self.people, cycle(self.proxies), strict=False)


@asynccontextmanager
async def sandbox(*arguments: str) -> AsyncIterator[Sandbox]:
    """A sandbox; its key is trusted from here on."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "sandbox", "--log-level", "ERROR", *arguments),
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        if process.stdout is None:
            raise RuntimeError("the sandbox has no output")
        addresses = json.loads(await process.stdout.readline())
        trust_sandbox(addresses)
        async with aiohttp.ClientSession() as http:
            yield Sandbox(process.pid, addresses, http)
    finally:
        process.terminate()
        await process.communicate()


@asynccontextmanager
async def place(people: int, *, proxies_in_all: int = PROXIES) -> AsyncIterator[Place]:
    """So many people; the proxies of many are spread over processes, for their descriptors."""
    async with AsyncExitStack() as stack:
        is_small = people <= RELAYS_EACH
        beside = ("--proxies", str(proxies_in_all)) if is_small else ()
        centre = await stack.enter_async_context(sandbox(*beside))
        # A benchmark connects each key several times a minute.
        await centre.post("hazards/rules", connects_per_minute=0)
        made = await centre.post("users/bulk", count=people)
        found: list[dict[str, Any]] = list(centre.addresses["proxies"])
        processes = 0 if is_small else -(-people // RELAYS_EACH)
        for _ in range(processes):
            arguments = ("--proxies", str(max(1, proxies_in_all // processes)))
            other = await stack.enter_async_context(sandbox(*arguments))
            found += other.addresses["proxies"]
        yield Place(centre, made, found)


def trust_sandbox(addresses: dict[str, Any]) -> None:
    """Let Telethon in this process take the sandbox for Telegram."""
    rsa.add_key(Path(addresses["public_key_file"]).read_text(), old=False)


def client(
    person: dict[str, Any],
    proxy: dict[str, Any] | None,
    session: Session | str | None = None,
    **more: object,
) -> Any:  # noqa: ANN401 - Telethon is untyped
    """Bare Telethon for a person, on a StringSession unless another is given."""
    return TelegramClient(
        session if session is not None else with_key(StringSession(), person),
        API_ID,
        API_HASH,
        proxy=("socks5", proxy["host"], proxy["port"]) if proxy else None,
        receive_updates=False,
        **more,
    )


def with_key(session: Any, person: dict[str, Any]) -> Any:  # noqa: ANN401 - Telethon is untyped
    """The session, logged in as that person."""
    session.set_dc(person["dc_id"], person["host"], person["port"])
    session.auth_key = AuthKey(base64.b64decode(person["auth_key"]))
    return session


async def settings_for(centre: Sandbox, folder: Path, **more: object) -> dict[str, Any]:
    """Mooring's settings in that sandbox, with a bot of its own; ready for JSON."""
    token = f"{secrets.randbelow(10**9) + 10**8}:{secrets.token_hex(18)}"
    username = f"bench_{token[:9]}_bot"
    await centre.post("bots", token=token, username=username, first_name="Bench")
    return {
        "bot_token": token,
        "api_id": API_ID,
        "api_hash": API_HASH,
        "admin_ids": [1],
        "messages_per_minute": 0,
        "new_peers_per_day": 0,
        "data_dir": str(folder),
        "bot_api_url": centre.addresses["bot_api"],
        "telegram_dc": centre.addresses["telegram_dc"],
        "telegram_dc_public_key": centre.addresses["public_key_file"],
        **more,
    }


async def enrol(settings: Settings, where: Place) -> None:
    """Put all its people into Mooring's database as accounts that are to run."""
    database = await open_database(settings.database, open_vault(settings))
    async with database.transaction() as tx:
        ids = [
            await proxies.add(tx, Endpoint("socks5", p["host"], p["port"])) for p in where.proxies
        ]
        for person, proxy_id in zip(where.people, cycle(ids), strict=False):
            await _enrol_one(tx, person, proxy_id)
    await database.close()


async def _enrol_one(tx: Tx, person: dict[str, Any], proxy_id: int | None) -> None:
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
