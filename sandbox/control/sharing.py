"""Routes by which a person passes things on: forwards, contacts, and saved numbers."""

from typing import Annotated

from aiohttp import web
from pydantic import Field

from sandbox.control.requests import Body, ControlError, Phone, peer_in, person_in, read, user_with
from sandbox.control.view import shown_sent
from sandbox.control.writing import check_writing
from sandbox.world import World
from sandbox.world.messages import Content
from sandbox.world.sharing import Contact, Origin

_Name = Annotated[str, Field(min_length=1, max_length=64)]


class NewForward(Body):
    """A message of someone else; exactly one of the three says whose."""

    text: Annotated[str, Field(min_length=1, max_length=4096)]
    from_user: int | None = None
    from_name: _Name | None = None
    """Of a user who hides the account in forwards."""
    from_chat: int | None = None
    """A group in whose name it was sent, or the channel of a post."""
    message_id: int = 1
    """Of the post, in its channel."""


class NewContact(Body):
    phone: Phone
    first_name: _Name
    last_name: Annotated[str, Field(max_length=64)] = ""
    user: int | None = None
    """Whose number it is; left out where Telegram does not tell."""


class SavedContact(Body):
    user: int


class SharingRoutes:
    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[web.RouteDef]:
        user = r"/control/users/{id:[0-9]{1,18}}"
        return [
            web.post(user + "/chats/{peer}/forward", self._forward),
            web.post(user + "/chats/{peer}/contact", self._share_contact),
            web.post(user + "/contacts", self._save_contact),
        ]

    async def _forward(self, request: web.Request) -> web.Response:
        new = await read(request, NewForward)
        return self._said(request, Content(new.text), self._origin(new))

    def _origin(self, new: NewForward) -> Origin:
        stated = [new.from_user, new.from_name, new.from_chat]
        if sum(each is not None for each in stated) != 1:
            raise ControlError(400, "expected one of from_user, from_name and from_chat")
        now = self._world.now()
        if new.from_name is not None:
            return Origin(now, name=new.from_name)
        if new.from_user is not None:
            return Origin(now, user_with(self._world, new.from_user).id)
        if new.from_chat not in self._world.chats.by_id:
            raise ControlError(404, f"there is no group {new.from_chat}")
        return Origin(now, new.from_chat, message_id=new.message_id)

    async def _share_contact(self, request: web.Request) -> web.Response:
        new = await read(request, NewContact)
        user_id = user_with(self._world, new.user).id if new.user is not None else 0
        contact = Contact(new.phone.lstrip("+"), new.first_name, new.last_name, user_id)
        return self._said(request, Content("", contact=contact))

    async def _save_contact(self, request: web.Request) -> web.Response:
        """The user saves the other's number."""
        owner, saved = person_in(self._world, request), await read(request, SavedContact)
        contact = user_with(self._world, saved.user)
        self._world.people.add_contact(owner.id, contact.id)
        ids = self._world.people.contacts(owner.id)
        return web.json_response({"contacts": ids}, status=201)

    def _said(
        self, request: web.Request, content: Content, origin: Origin | None = None
    ) -> web.Response:
        sender, peer = person_in(self._world, request), peer_in(self._world, request)
        check_writing(self._world, sender.id, peer)
        message, _ = self._world.say(sender.id, peer.id, content, origin=origin)
        return web.json_response(shown_sent(self._world, message), status=201)
