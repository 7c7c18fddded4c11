"""Mooring as a test drives it: through its operator's chat."""

import asyncio
import base64
import re
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from telethon.crypto import AuthKey
from telethon.sessions import StringSession

from bot.app import App, running
from bot.settings import Settings
from bot.vault import open_vault
from storage import accounts, journal
from storage.accounts import Account
from storage.database import open_database
from storage.engines import sqlite_path
from storage.proxies import Endpoint
from tests.e2e.telegram import Chat, Telegram
from tests.storage.fleet import copy_once
from tests.timing import limit
from userbot.importing import import_string
from userbot.telegram import identity

API_HASH = "0123456789abcdef0123456789abcdef"


class Mooring:
    """One Mooring with its bot and its operator."""

    def __init__(
        self,
        telegram: Telegram,
        settings: Settings,
        operator: dict[str, Any],
        bot: dict[str, Any],
        chat: Chat,
        stack: AsyncExitStack,
        migrated: Path,
    ) -> None:
        self.telegram = telegram
        self.settings = settings
        self.operator = operator
        self.bot = bot
        self.chat = chat
        self._stack = stack
        self._migrated = migrated
        self._run: AsyncExitStack | None = None
        self.app: App | None = None
        self.proxy: dict[str, Any] = {}

    @classmethod
    async def make(
        cls, telegram: Telegram, data_dir: Path, stack: AsyncExitStack, migrated: Path
    ) -> "Mooring":
        """`migrated`: a database to begin with; those in processes of their own make theirs."""
        operator = await telegram.person("Olga")
        token, bot = await telegram.bot()
        settings = Settings.model_validate(
            {
                "bot_token": token,
                "api_id": 17349,
                "api_hash": API_HASH,
                "admin_ids": [operator["id"]],
                "data_dir": data_dir,
                "bot_api_url": telegram.addresses["bot_api"],
                "telegram_dc": telegram.addresses["telegram_dc"],
                "telegram_dc_public_key": telegram.addresses["public_key_file"],
                # A hundredth of the schedule: 50 ms, 100 ms, 150 ms …
                "reconnect_delay": "50ms",
                "fallback_after": "300ms",
                "messages_per_minute": 0,
                "new_peers_per_day": 0,
                "alert_after": "0s",
                "startup_delay": "0s",
                "http_bind": "",
            }
        )
        chat = await telegram.chat(operator, bot)
        return cls(telegram, settings, operator, bot, chat, stack, migrated)

    async def start(self, **changed: object) -> App:
        """Start Mooring; it stops with the test, or by `stop`."""
        settings = self.settings.model_copy(update=changed)
        if (path := sqlite_path(settings.database)) is not None:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            copy_once(self._migrated, path)
        self._run = AsyncExitStack()
        self.app = await self._run.enter_async_context(running(settings))
        self._stack.push_async_callback(self.stop)
        return self.app

    async def stop(self) -> None:
        """Stop Mooring gracefully."""
        if self._run is not None:
            run, self._run = self._run, None
            await run.aclose()

    def environment(self) -> dict[str, str]:
        """The same settings as variables, for Mooring in a process of its own."""
        s = self.settings
        return {
            "BOT_TOKEN": s.bot_token.get_secret_value(),
            "API_ID": str(s.api_id),
            "API_HASH": s.api_hash.get_secret_value(),
            "ADMIN_IDS": ",".join(map(str, s.admin_ids)),
            "DATA_DIR": str(s.data_dir),
            "BOT_API_URL": str(s.bot_api_url),
            "TELEGRAM_DC": str(s.telegram_dc),
            "TELEGRAM_DC_PUBLIC_KEY": str(s.telegram_dc_public_key),
            "ALERT_AFTER": "0s",
            "STARTUP_DELAY": "0s",
            "DATABASE_URL": s.database,
            "HTTP_BIND": s.http_bind,
        }

    async def add_proxy(self, **login: object) -> dict[str, Any]:
        """A new sandbox proxy, added through the chat."""
        proxy: dict[str, Any] = await self.telegram.post("proxies", **login)
        line = f"{proxy['host']}:{proxy['port']}"
        if proxy.get("username"):
            line += f":{proxy['username']}:{proxy['password']}"
        await self.chat.say("/add_proxy")
        await self.chat.shows("Send me proxies")
        await self.chat.say(line)
        await self.chat.shows(f"Added {proxy['host']}:{proxy['port']}", "It works")
        return proxy

    async def type_code(self, person: dict[str, Any], *, wrong: bool = False) -> None:
        """Press the keys of the login code that the sandbox sent."""
        code = (await self.telegram.get(f"users/{person['id']}/login_code"))["code"]
        if wrong:
            code = str((int(code[0]) % 9) + 1) + code[1:]
        for digit in code:
            await self.chat.press(digit)

    async def enrol(self, person: dict[str, Any], password: str = "") -> int:
        """Log an account in through the chat; returns its number."""
        await self.chat.say("/add_account")
        await self.chat.shows("Which number?")
        await self.chat.say(f"+{person['phone'].lstrip('+')}")
        await self.chat.shows("Login code for")
        await self.type_code(person)
        if password:
            await self.chat.shows("Two-step verification")
            await self.chat.say(password)
        done = await self.chat.shows(person["first_name"], "is logged in")
        number = re.search(r"#(\d+)", done.text)
        assert number
        await self.online(int(number[1]))
        return int(number[1])

    async def online(self, number: int) -> None:
        """Wait until the account is connected, as the chat shows it."""
        await self.chat.say("/accounts")
        await self.chat.press(f"#{number} ")
        await self.shows_state(number, "connected for")

    async def shows_state(self, number: int, words: str) -> None:
        """Press Refresh on the open account card until it says these words."""
        for _ in range(200):
            message = await self.chat.shows(f"#{number} ", "Proxy:")
            if words in message.text:
                return
            await self.chat.press("Refresh")
            await asyncio.sleep(0.1)  # a bot throttles whoever presses faster
        raise AssertionError(f"the card of #{number} never said {words!r}")

    async def account(self, number: int) -> Account:
        """The account as the database has it."""
        assert self.app
        async with self.app.database.read() as tx:
            found = await accounts.get(tx, number)
        assert found
        return found

    async def status(self, number: int) -> str:
        """The account's state as the database has it."""
        return str((await self.account(number)).observed.state)

    async def until_state(self, number: int, wanted: str) -> None:
        """Wait until the account is in that state."""
        assert self.app
        with self.app.database.wakeups.subscribe(accounts.CHANGED) as changed:
            async with asyncio.timeout(limit(20)):
                while await self.status(number) != wanted:
                    await changed.wait(1)

    async def import_account(self, person: dict[str, Any], proxy: dict[str, Any]) -> int:
        """Take over a ready session, as `mooring account import` does. Mooring must not run."""
        database = await open_database(self.settings.database, open_vault(self.settings))
        try:
            return await import_string(
                database,
                await self.string_session(person),
                phone=f"+{person['phone'].lstrip('+')}",
                identity=identity(self.settings.api_id, API_HASH),
                endpoint=Endpoint(
                    "socks5",
                    proxy["host"],
                    proxy["port"],
                    proxy.get("username") or "",
                    proxy.get("password") or "",
                ),
                is_only_copy=True,
            )
        finally:
            await database.close()

    async def until_noted(self, number: int, kind: str) -> None:
        """Wait until the journal has such an entry: a state may be too short to be met."""
        assert self.app
        with self.app.database.wakeups.subscribe(accounts.CHANGED) as changed:
            async with asyncio.timeout(limit(20)):
                while True:
                    async with self.app.database.read() as tx:
                        entries = await journal.latest(tx, account_id=number)
                    if any(entry.kind == kind for entry in entries):
                        return
                    await changed.wait(1)

    async def string_session(self, person: dict[str, Any]) -> str:
        """A session of that person, logged in elsewhere."""
        key = await self.telegram.post(f"users/{person['id']}/ready_key")
        session = StringSession()
        session.set_dc(key["dc_id"], key["host"], key["port"])
        session.auth_key = AuthKey(base64.b64decode(key["auth_key"]))
        saved: str = session.save()
        return saved

    async def start_with(self, *people: dict[str, Any]) -> list[int]:
        """Start with these people's accounts online behind one proxy; returns their numbers."""
        self.settings.data_dir.mkdir(parents=True, exist_ok=True)
        self.proxy = await self.telegram.post("proxies")
        numbers = [await self.import_account(person, self.proxy) for person in people]
        await self.start()
        for number in numbers:
            await self.until_state(number, "ONLINE")
        await self.chat.say("/start")
        await self.chat.shows("Mooring", "connected")
        return numbers

    async def write_draft(self, number: int, target: str, text: str) -> None:
        """Go through /send up to the card."""
        await self.chat.say("/send")
        await self.chat.press(f"#{number} ")
        await self.chat.shows("to whom?")
        await self.chat.say(target)
        await self.chat.shows("What is the text?")
        await self.chat.say(text)
        await self.chat.shows("Not sent yet", text)
