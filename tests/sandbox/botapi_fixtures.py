"""A Bot API server with one bot and one person, and a caller that speaks plain HTTP to it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiohttp import ClientSession

from sandbox.botapi import BotApi
from sandbox.world import World
from sandbox.world.files import File
from sandbox.world.messages import Content, Entity, Message
from sandbox.world.people import User

TOKEN = "7000000001:AAH-sandbox_token_of_35_characters_x"

Json = dict[str, Any]


@dataclass
class Desk:
    """One bot's side (`call`) and one person's side (`write`, `press`) of the same chat."""

    world: World
    server: BotApi
    session: ClientSession
    bot: User
    olga: User

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.port}"

    async def call(self, method: str, parameters: Json, *, token: str = TOKEN) -> Json:
        """The whole envelope of one call with a JSON body."""
        url = f"{self.url}/bot{token}/{method}"
        async with self.session.post(url, json=parameters) as response:
            envelope: Json = await response.json()
            if not envelope["ok"]:
                assert response.status == envelope["error_code"]
            return envelope

    async def result(self, method: str, **parameters: object) -> Any:  # noqa: ANN401 - what a method answers depends on the method
        envelope = await self.call(method, parameters)
        assert envelope["ok"], envelope
        return envelope["result"]

    async def refusal(self, method: str, **parameters: object) -> tuple[int, str]:
        envelope = await self.call(method, parameters)
        assert not envelope["ok"], envelope
        return envelope["error_code"], envelope["description"]

    async def send(self, text: str = "hello", **parameters: object) -> Json:
        sent: Json = await self.result(
            "sendMessage", chat_id=self.olga.id, text=text, **parameters
        )
        return sent

    def write(self, text: str) -> Message:
        """Olga writes to the bot, which starts it."""
        return self.world.say(self.olga.id, self.bot.id, Content(text))[0]

    def write_file(
        self,
        file: File,
        caption: str = "",
        *,
        entities: tuple[Entity, ...] = (),
        album_id: int = 0,
    ) -> Message:
        """Olga sends the bot a file."""
        content = Content(caption, entities, attachment=file, album_id=album_id)
        return self.world.say(self.olga.id, self.bot.id, content)[0]

    def seen(self) -> list[Message]:
        """The chat as Olga sees it."""
        return self.world.messages.history(self.olga.id, self.bot.id)


@asynccontextmanager
async def running_desk(world: World | None = None) -> AsyncIterator[Desk]:
    world = world or World()
    bot = world.people.create_bot(TOKEN, "harbour_bot", "Harbour")
    olga = world.people.create("Olga", username="olga", last_name="Petrova")
    server = BotApi(world)
    await server.start()
    async with ClientSession() as session:
        try:
            yield Desk(world, server, session, bot, olga)
        finally:
            await server.stop()
