"""contacts.*: finding people."""

import re

from telethon.tl import functions, types

from sandbox.datacentre import views
from sandbox.datacentre.dispatcher import Call, Method, Methods, RpcFailure
from sandbox.datacentre.tl import TL
from sandbox.world import World
from sandbox.world.people import User

_USERNAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{3,31}")


class ContactsService:
    def __init__(self, world: World) -> None:
        self._world = world

    def methods(self) -> Methods:
        return {
            functions.contacts.ResolveUsernameRequest: Method(self._by_username),
            functions.contacts.ResolvePhoneRequest: Method(self._by_phone),
        }

    def _by_username(self, call: Call, request: TL) -> TL:
        if not _USERNAME.fullmatch(request.username):
            raise RpcFailure(400, "USERNAME_INVALID")
        person = self._world.people.with_username(request.username)
        if person is None:
            raise RpcFailure(400, "USERNAME_NOT_OCCUPIED")
        return _resolved(person, call.user_id)

    def _by_phone(self, call: Call, request: TL) -> TL:
        person = self._world.people.with_phone(request.phone)
        if person is None:
            raise RpcFailure(400, "PHONE_NOT_OCCUPIED")
        return _resolved(person, call.user_id)


def _resolved(person: User, viewer_id: int) -> TL:
    return types.contacts.ResolvedPeer(
        types.PeerUser(person.id), [], [views.user(person, viewer_id)]
    )
