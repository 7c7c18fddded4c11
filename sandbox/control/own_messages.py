"""Routes by which a person changes or deletes what they wrote themselves."""

from dataclasses import replace
from typing import Annotated

from aiohttp import web
from pydantic import Field

from sandbox.control.requests import Body, ControlError, peer_in, person_in, read
from sandbox.control.view import shown_sent
from sandbox.control.writing import check_writing
from sandbox.world import World
from sandbox.world.automatic import utf16_length
from sandbox.world.chats import box_of
from sandbox.world.messages import Message

_MOST_IN_TEXT = 4096
_MOST_IN_CAPTION = 1024


class NewText(Body):
    text: Annotated[str, Field(max_length=_MOST_IN_TEXT)]
    """Of a message with a file: its caption, which may be empty."""


class OwnMessageRoutes:
    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[web.RouteDef]:
        message = r"/control/users/{id:[0-9]{1,18}}/chats/{peer}/messages/{message:[0-9]{1,9}}"
        return [web.patch(message, self._edit), web.delete(message, self._delete)]

    async def _edit(self, request: web.Request) -> web.Response:
        message = self._own(request)
        owner, peer = person_in(self._world, request), peer_in(self._world, request)
        text, content = (await read(request, NewText)).text.strip(), message.content
        check_writing(self._world, owner.id, peer)
        if content.contact or message.origin:
            raise ControlError(400, "a contact or a forwarded message can't be edited")
        most = _MOST_IN_CAPTION if content.attachment else _MOST_IN_TEXT
        if utf16_length(text) > most or not (text or content.attachment):
            least = 0 if content.attachment else 1
            raise ControlError(400, f"text: expected {least} to {most} characters")
        self._world.edit(message, replace(content, text=text, entities=()))
        return web.json_response(shown_sent(self._world, message))

    async def _delete(self, request: web.Request) -> web.Response:
        """For everybody, as Telegram lets one do with what one wrote."""
        message = self._own(request)
        gone = self._world.messages.delete(message.owner_id, [message.id], revoke=True)
        return web.json_response({"deleted": gone})

    def _own(self, request: web.Request) -> Message:
        owner, peer = person_in(self._world, request), peer_in(self._world, request)
        message_id = int(request.match_info["message"])
        message = self._world.messages.get(box_of(owner.id, peer.id), message_id)
        if message is None or message.chat_id != peer.id:
            raise ControlError(404, f"there is no message {message_id} in this chat")
        if message.sender_id != owner.id:
            raise ControlError(403, f"user {owner.id} did not write message {message_id}")
        return message
