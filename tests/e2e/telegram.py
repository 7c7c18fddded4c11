"""The sandbox's control API from a test: people, chats, and faults."""

import asyncio
import itertools
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

import aiohttp

from tests.timing import limit, seconds

_phones = itertools.count(secrets.randbelow(10**6) * 1000)


class NotThere(RuntimeError):
    """What was asked for does not exist, or not any more."""


class Telegram:
    """A running sandbox."""

    def __init__(self, addresses: dict[str, Any], http: aiohttp.ClientSession) -> None:
        self.addresses = addresses
        self._http = http

    async def get(self, path: str, **query: object) -> Any:  # noqa: ANN401 - JSON
        return await self._ask("GET", path, params={k: str(v) for k, v in query.items()})

    async def document_in(
        self, user: dict[str, Any], peer: dict[str, Any], message_id: int
    ) -> bytes:
        """The bytes of what is attached to a message."""
        chat = await self.get(f"users/{user['id']}/chats/{peer['id']}/messages")
        (attached,) = (m["attachment"] for m in chat["messages"] if m["id"] == message_id)
        url = f"{self.addresses['control']}/files/{attached['file']}"
        async with self._http.get(url) as response:
            return await response.read()

    async def post(self, path: str, **body: object) -> Any:  # noqa: ANN401 - JSON
        return await self._ask("POST", path, json=body)

    async def delete(self, path: str) -> Any:  # noqa: ANN401 - JSON
        return await self._ask("DELETE", path)

    async def _ask(self, method: str, path: str, **more: Any) -> Any:  # noqa: ANN401 - JSON
        url = f"{self.addresses['control']}/{path}"
        async with self._http.request(method, url, **more) as response:
            answer = await response.json()
            if response.status >= 400:
                kind = NotThere if response.status == 404 else RuntimeError
                raise kind(f"{method} {path}: {response.status} {answer}")
            return answer

    async def lines(self, person: dict[str, Any]) -> list[dict[str, Any]]:
        """The connections that Telegram has of that person now."""
        found = await self.get("connections")
        return [line for line in found if line["user_id"] == person["id"]]

    async def person(self, name: str = "Ann", **more: object) -> dict[str, Any]:
        """A new user with a number of its own."""
        phone = f"+99966{next(_phones):09d}"[:15]
        made: dict[str, Any] = await self.post("users", first_name=name, phone=phone, **more)
        return made

    async def bot(self) -> tuple[str, dict[str, Any]]:
        """A new bot and its token."""
        token = f"{secrets.randbelow(10**9) + 10**8}:{secrets.token_hex(18)}"
        name = f"mooring_{secrets.token_hex(4)}_bot"
        return token, await self.post("bots", token=token, username=name, first_name="Mooring")

    async def chat(self, user: dict[str, Any], peer: dict[str, Any]) -> "Chat":
        return Chat(self, user["id"], peer["id"])


@dataclass(frozen=True)
class Shown:
    """One message as a user sees it."""

    id: int
    text: str
    out: bool
    labels: list[str]

    @classmethod
    def of(cls, raw: dict[str, Any]) -> Self:
        labels = [b["text"] for row in raw["buttons"] for b in row]
        return cls(raw["id"], raw["text"], raw["out"], labels)


class Chat:
    """One user's chat: type, press, and wait for what comes."""

    def __init__(self, telegram: Telegram, user_id: int, peer_id: int) -> None:
        self._telegram = telegram
        self._path = f"users/{user_id}/chats/{peer_id}"

    async def read(self) -> list[Shown]:
        chat = await self._telegram.get(f"{self._path}/messages")
        return [Shown.of(m) for m in chat["messages"]]

    async def say(self, text: str) -> None:
        await self._telegram.post(f"{self._path}/messages", text=text)

    async def ask(self, text: str, limit_s: float = 40) -> Shown:
        """Type something; the first answer to it."""
        said = await self._telegram.post(f"{self._path}/messages", text=text)
        return await self.until(lambda m: m.id > said["message"]["id"], limit_s)

    async def press(self, label: str) -> str:
        """Press the latest button whose label holds this text; returns the toast.

        One that goes away while the finger comes down is looked for again.
        """
        while True:
            found = await self.until(lambda m: any(label in shown for shown in m.labels))
            exact = next(shown for shown in found.labels if label in shown)
            try:
                answer = await self._telegram.post(
                    f"{self._path}/press",
                    message_id=found.id,
                    text=exact,
                    timeout=min(60, limit(10)),
                )
            except NotThere:
                continue
            return str(answer["text"])

    async def until(self, wanted: Callable[[Shown], bool], limit_s: float = 20) -> Shown:
        """The latest message of the other side that is as wanted, as soon as there is one."""
        seen: list[Shown] = []
        try:
            async with asyncio.timeout(limit(limit_s)):
                chat = await self._telegram.get(f"{self._path}/messages")
                while True:
                    seen = [Shown.of(m) for m in chat["messages"]]
                    for message in reversed(seen):
                        if not message.out and wanted(message):
                            return message
                    chat = await self._telegram.get(
                        f"{self._path}/wait", after=chat["counter"], timeout=seconds(30)
                    )
        except TimeoutError:
            told = "\n---\n".join(f"{m.text} {m.labels}" for m in seen[-6:])
            raise AssertionError(f"it did not come; the chat ends with:\n{told}") from None

    async def shows(self, *parts: str, limit_s: float = 20) -> Shown:
        """Wait for a message of the other side that holds all these parts."""
        return await self.until(lambda m: all(part in m.text for part in parts), limit_s)
