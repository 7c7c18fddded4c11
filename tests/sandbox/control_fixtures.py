"""A whole sandbox, and a caller of its control API."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import ClientSession, ClientTimeout

from sandbox.sandbox import Sandbox
from tests.timing import seconds

TOKEN = "7000000001:AAH-sandbox_token_of_35_characters_x"


class Caller:
    """Speaks JSON to the control API and to the Bot API of one sandbox."""

    def __init__(self, sandbox: Sandbox, session: ClientSession) -> None:
        self.sandbox = sandbox
        self.session = session
        self.addresses = sandbox.addresses()

    async def ask(
        self, method: str, path: str, body: object = None, *, status: int | None = None
    ) -> Any:  # noqa: ANN401 - what comes back depends on what was asked
        """The JSON of one answer, whose status must be `status`, else any 2xx."""
        url = self.addresses["control"] + path
        async with self.session.request(method, url, json=body) as response:
            answer = await response.json()
            expected = range(200, 300) if status is None else (status,)
            assert response.status in expected, (response.status, answer)
            return answer

    async def get(self, path: str) -> Any:  # noqa: ANN401 - as above
        return await self.ask("GET", path)

    async def post(self, path: str, **body: object) -> Any:  # noqa: ANN401 - as above
        return await self.ask("POST", path, body)

    async def error(self, path: str, body: object = None, *, status: int) -> str:
        """The reason of a refused POST."""
        answer = await self.ask("POST", path, body, status=status)
        assert list(answer) == ["error"]
        return str(answer["error"])

    async def bot(self, method: str, **parameters: object) -> Any:  # noqa: ANN401 - as above
        """The result of a Bot API call."""
        url = f"{self.addresses['bot_api']}/bot{TOKEN}/{method}"
        async with self.session.post(url, json=parameters) as response:
            answer = await response.json()
            assert answer["ok"], answer
            return answer["result"]

    async def meet(self) -> tuple[int, int]:
        """Make the bot and a person who has started it; return their ids."""
        bot = await self.post("/bots", token=TOKEN, username="harbour_bot", first_name="Harbour")
        user = await self.post("/users", first_name="Olga", phone="+99966000", username="olga")
        await self.post(f"/users/{user['id']}/chats/@harbour_bot/messages", text="/start")
        return bot["id"], user["id"]


@asynccontextmanager
async def running_sandbox() -> AsyncIterator[Caller]:
    limit = ClientTimeout(total=seconds(30))
    async with Sandbox() as sandbox, ClientSession(timeout=limit) as session:
        yield Caller(sandbox, session)
