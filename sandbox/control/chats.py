"""Routes of one person's chats: read, write, press, wait, and watch live."""

import asyncio
from contextlib import suppress
from typing import Annotated, Any

from aiohttp import web
from pydantic import Field

from sandbox.control.groups import named
from sandbox.control.people import described
from sandbox.control.requests import (
    Body,
    ControlError,
    peer_in,
    peer_named,
    person_in,
    query_number,
    read,
)
from sandbox.control.view import changed, shown_chat, shown_message, shown_sent
from sandbox.control.writing import check_writing
from sandbox.world import World
from sandbox.world.automatic import utf16_length
from sandbox.world.chats import box_of
from sandbox.world.messages import Content, Message
from sandbox.world.presses import Answer

ANSWER_WITHIN_S = 10.0
MAX_WAIT_S = 60.0
_HEARTBEAT_S = 15.0


class NewMessage(Body):
    text: Annotated[str, Field(min_length=1)]
    reply_to: int | None = None
    """The id of the message that it answers, as this user sees it."""


class NewPress(Body):
    message_id: int
    data: str | None = None
    text: str | None = None
    """The button's label, instead of its data."""
    is_made_up: bool = False
    """The data is on no button: who speaks MTProto can send what they like."""
    timeout: Annotated[float, Field(gt=0, le=MAX_WAIT_S)] = ANSWER_WITHIN_S


class ChatRoutes:
    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[web.RouteDef]:
        chats = r"/control/users/{id:[0-9]{1,18}}/chats"
        return [
            web.get(chats, self._chats),
            web.get(chats + "/{peer}/messages", self._read),
            web.post(chats + "/{peer}/messages", self._write),
            web.post(chats + "/{peer}/press", self._press),
            web.get(chats + "/{peer}/wait", self._wait),
            web.get("/control/live", self._live),
        ]

    async def _chats(self, request: web.Request) -> web.Response:
        owner, messages = person_in(self._world, request), self._world.messages
        channels = [chat for chat in self._world.chats.of(owner.id) if chat.shares_box]
        peers = [*messages.chats(owner.id), *(c.id for c in channels if messages.chats(c.id))]
        return web.json_response([self._shown_peer(owner.id, peer) for peer in peers])

    def _shown_peer(self, owner_id: int, peer_id: int) -> dict[str, Any]:
        messages, box = self._world.messages, box_of(owner_id, peer_id)
        chat = self._world.chats.by_id.get(peer_id)
        last = messages.history(box, peer_id)[-1]
        return {
            "peer": named(chat) if chat else described(self._world.people.by_id[peer_id]),
            "counter": messages.last_pts(box, peer_id),
            "last": shown_message(self._world, last, owner_id),
        }

    async def _read(self, request: web.Request) -> web.Response:
        owner, peer = person_in(self._world, request), peer_in(self._world, request)
        return web.json_response(shown_chat(self._world, owner.id, peer.id))

    async def _write(self, request: web.Request) -> web.Response:
        owner, peer = person_in(self._world, request), peer_in(self._world, request)
        new = await read(request, NewMessage)
        text = new.text.strip()
        if not text or utf16_length(text) > 4096:
            raise ControlError(400, "text: expected 1 to 4096 characters besides white space")
        if new.reply_to:
            self._message(owner.id, peer.id, new.reply_to)
        check_writing(self._world, owner.id, peer)
        message, _ = self._world.say(
            owner.id, peer.id, Content(text), reply_to_id=new.reply_to or 0
        )
        return web.json_response(shown_sent(self._world, message), status=201)

    async def _press(self, request: web.Request) -> web.Response:
        owner, peer = person_in(self._world, request), peer_in(self._world, request)
        order = await read(request, NewPress)
        message = self._message(owner.id, peer.id, order.message_id)
        data = _button_data(message, order)
        copy = self._world.messages.copy_of(message, message.sender_id)
        if copy is None:
            raise ControlError(409, "the bot has no copy of that message any more")
        press = self._world.presses.press(owner.id, copy, data)
        try:
            async with asyncio.timeout(order.timeout):
                answer: Answer = await press.answered
        except TimeoutError:
            reason = f"the bot did not answer the press within {order.timeout:g} s"
            raise ControlError(504, reason) from None
        shown = {"text": answer.text, "show_alert": answer.show_alert, "url": answer.url}
        return web.json_response(shown)

    def _message(self, owner_id: int, peer_id: int, message_id: int) -> Message:
        message = self._world.messages.get(box_of(owner_id, peer_id), message_id)
        if message is None or message.chat_id != peer_id:
            raise ControlError(404, f"there is no message {message_id} in this chat")
        return message

    async def _wait(self, request: web.Request) -> web.Response:
        """Answer when the counter is past `after` (default: now), or when the time is over."""
        owner, peer = person_in(self._world, request), peer_in(self._world, request)
        now = self._world.messages.last_pts(box_of(owner.id, peer.id), peer.id)
        after = int(query_number(request, "after", now))
        timeout_s = min(query_number(request, "timeout", ANSWER_WITHIN_S), MAX_WAIT_S)
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                await changed(self._world, owner.id, peer.id, after)
        chat = shown_chat(self._world, owner.id, peer.id)
        return web.json_response(chat | {"changed": chat["counter"] > after})

    async def _live(self, request: web.Request) -> web.WebSocketResponse:
        """Push the whole chat now and after every change, until the other side leaves."""
        names = [request.query.get(name, "") for name in ("user", "peer")]
        if not all(names):
            raise ControlError(400, "expected user and peer in the query string")
        owner, peer = (peer_named(self._world, name) for name in names)
        socket = web.WebSocketResponse(heartbeat=_HEARTBEAT_S)
        await socket.prepare(request)
        async with asyncio.TaskGroup() as group:
            pushing = group.create_task(self._push(socket, owner.id, peer.id), name="live chat")
            async for _ in socket:
                pass  # the page says nothing; reading notices that it left
            pushing.cancel()
        return socket

    async def _push(self, socket: web.WebSocketResponse, owner_id: int, peer_id: int) -> None:
        # ConnectionError: the page left while we wrote; the reader notices and ends all.
        with suppress(ConnectionError):
            while not socket.closed:
                chat = shown_chat(self._world, owner_id, peer_id)
                await socket.send_json(chat)
                await changed(self._world, owner_id, peer_id, chat["counter"])


def _button_data(message: Message, order: NewPress) -> str:
    """The data of the named callback button of that message."""
    if (order.data is None) == (order.text is None):
        raise ControlError(400, "expected one of data and text (the button's label)")
    if order.is_made_up and order.data is not None:
        return order.data
    rows = (message.content.markup or {}).get("inline_keyboard", [])
    buttons = [button for row in rows for button in row]
    name, wanted = ("text", order.text) if order.data is None else ("callback_data", order.data)
    found = next((button for button in buttons if button.get(name) == wanted), None)
    if found is None:
        labels = ", ".join(button["text"] for button in buttons) or "none"
        raise ControlError(404, f"that message has no button {wanted!r}; it has: {labels}")
    if "callback_data" not in found:
        raise ControlError(400, f"{found['text']!r} is a link to {found['url']}")
    return str(found["callback_data"])
