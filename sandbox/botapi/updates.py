"""One bot's updates on their way to `getUpdates`.

Source: core.telegram.org/bots/api#getupdates. Updates wait here whether or not anybody polls; the
day after which Telegram drops them never comes in a sandbox.
"""

import asyncio
from collections import deque

from sandbox.botapi.chats import Json
from sandbox.botapi.errors import CONFLICT, Refusal
from sandbox.botapi.objects import callback_object, message_object
from sandbox.botapi.parameters import Parameters
from sandbox.botapi.privacy import hears
from sandbox.world import World
from sandbox.world.chats import ChatKind
from sandbox.world.messages import (
    EVERY_CHANNEL,
    BoxEvent,
    DeletedMessages,
    EditedMessage,
    NewMessage,
)
from sandbox.world.presses import Press

MAX_TIMEOUT_S = 50
MAX_LIMIT = 100


class UpdateQueue:
    """Listens to what reaches the bot and hands it to the one who polls."""

    def __init__(self, world: World, bot_id: int) -> None:
        self._world = world
        self._bot_id = bot_id
        self._waiting: deque[Json] = deque()
        self._next_id = 100_000_001
        self._allowed: set[str] | None = None
        self._poll: asyncio.Future[None] | None = None
        # What came before the first request of this bot counts too.
        boxes = [bot_id, *(chat.id for chat in world.chats.of(bot_id) if chat.shares_box)]
        before = (event for box in boxes for event in world.messages.events_since(box, 0))
        news = (event for event in before if isinstance(event, NewMessage))
        for event in sorted(news, key=lambda event: event.message.date):
            self._hear(event)
        for box in (bot_id, EVERY_CHANNEL):
            world.messages.listen(box, self._hear)
        world.presses.listen(bot_id, self._hear_press)

    def __len__(self) -> int:
        return len(self._waiting)

    async def get(self, parameters: Parameters) -> list[Json]:
        """Answer one `getUpdates`: at once if something waits, else within its timeout.

        A poll that waits already is ended with 409, as at Telegram: the earlier one loses.
        """
        self._end_poll(Refusal(409, CONFLICT))
        self._allow(parameters.parsed("allowed_updates", "can't parse allowed_updates"))
        self._confirm(parameters.number("offset"))
        limit = min(max(parameters.number("limit", MAX_LIMIT), 1), MAX_LIMIT)
        timeout_s = min(max(parameters.number("timeout"), 0), MAX_TIMEOUT_S)
        if not self._waiting and timeout_s:
            await self._wait(timeout_s)
        return list(self._waiting)[:limit]

    def drop(self) -> None:
        """Forget all that waits (`deleteWebhook` with `drop_pending_updates`)."""
        self._waiting.clear()

    async def _wait(self, timeout_s: float) -> None:
        """Until an update comes, or a later poll ends this one, or the time is over."""
        poll = self._poll = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(timeout_s):
                await poll
        except TimeoutError:
            pass
        finally:
            if self._poll is poll:
                self._poll = None

    def _end_poll(self, refusal: Refusal | None = None) -> None:
        poll, self._poll = self._poll, None
        if poll is None or poll.done():
            return
        if refusal:
            poll.set_exception(refusal)
        else:
            poll.set_result(None)

    def _allow(self, kinds: object) -> None:
        """Keep the list until another comes; an empty one means all (here: all there are)."""
        if isinstance(kinds, list):
            self._allowed = {str(kind) for kind in kinds} or None

    def _confirm(self, offset: int) -> None:
        """Drop what lies before `offset`; a negative one keeps that many from the end."""
        if offset < 0:
            while len(self._waiting) > -offset:
                self._waiting.popleft()
        while offset > 0 and self._waiting and self._waiting[0]["update_id"] < offset:
            self._waiting.popleft()

    def _hear(self, event: BoxEvent) -> None:
        bot = self._world.people.by_id[self._bot_id]
        if isinstance(event, DeletedMessages) or not hears(self._world, bot, event.message):
            return
        chat = self._world.chats.by_id.get(event.message.chat_id)
        is_post = chat is not None and chat.kind is ChatKind.CHANNEL
        kind = "channel_post" if is_post else "message"
        prefix = "edited_" if isinstance(event, EditedMessage) else ""
        self._add(prefix + kind, message_object(self._world, event.message))

    def _hear_press(self, press: Press) -> None:
        self._add("callback_query", callback_object(self._world, press))

    def _add(self, kind: str, body: Json) -> None:
        if self._allowed is not None and kind not in self._allowed:
            return
        self._waiting.append({"update_id": self._next_id, kind: body})
        self._next_id += 1
        self._end_poll()
