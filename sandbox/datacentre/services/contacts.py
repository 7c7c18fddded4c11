"""contacts.*: finding people, groups and channels."""

import re

from telethon.tl import functions, types

from sandbox.datacentre import views
from sandbox.datacentre.chats import chats, peer
from sandbox.datacentre.dispatcher import Call, Method, Methods, RpcFailure
from sandbox.datacentre.tl import TL
from sandbox.world import World
from sandbox.world.chats import Chat
from sandbox.world.people import User

_USERNAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{3,31}")


class ContactsService:
    def __init__(self, world: World) -> None:
        self._world = world

    def methods(self) -> Methods:
        return {
            functions.contacts.ResolveUsernameRequest: Method(self._by_username),
            functions.contacts.ResolvePhoneRequest: Method(self._by_phone),
            functions.contacts.GetContactsRequest: Method(self._contacts),
        }

    def _by_username(self, call: Call, request: TL) -> TL:
        if not _USERNAME.fullmatch(request.username):
            raise RpcFailure(400, "USERNAME_INVALID")
        found = self._world.named(request.username)
        if found is None:
            raise RpcFailure(400, "USERNAME_NOT_OCCUPIED")
        return self._resolved(found, call.user_id)

    def _by_phone(self, call: Call, request: TL) -> TL:
        person = self._world.people.with_phone(request.phone)
        if person is None:
            raise RpcFailure(400, "PHONE_NOT_OCCUPIED")
        return self._resolved(person, call.user_id)

    def _contacts(self, call: Call, _request: TL) -> TL:
        """All of them, whatever the client has: a hash of 0 would ask for that."""
        people = self._world.people
        ids = people.contacts(call.user_id)
        found = [types.Contact(i, people.has_contact(i, call.user_id)) for i in ids]
        return types.contacts.Contacts(found, 0, views.users(self._world, ids, call.user_id))

    def _resolved(self, found: User | Chat, viewer_id: int) -> TL:
        known = (
            chats(self._world, [found.id], viewer_id),
            views.users(self._world, [found.id], viewer_id),
        )
        return types.contacts.ResolvedPeer(peer(found.id), *known)
