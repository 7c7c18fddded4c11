"""users.*: who is who."""

from telethon.tl import functions, types

from sandbox.datacentre import input_peers, views
from sandbox.datacentre.dispatcher import Call, Method, Methods, RpcFailure
from sandbox.datacentre.tl import TL
from sandbox.world import World


class UsersService:
    def __init__(self, world: World) -> None:
        self._world = world

    def methods(self) -> Methods:
        return {
            functions.users.GetUsersRequest: Method(self._users),
            functions.users.GetFullUserRequest: Method(self._full_user),
        }

    def _users(self, call: Call, request: TL) -> list[TL]:
        """Those that are not found, or stated with a wrong access hash, are left out."""
        found = []
        for stated in request.id:
            try:
                person = input_peers.user(self._world, stated, call.user_id)
            except RpcFailure:
                continue
            found.append(views.user(person, call.user_id))
        return found

    def _full_user(self, call: Call, request: TL) -> TL:
        person = input_peers.user(self._world, request.id, call.user_id)
        full = types.UserFull(
            id=person.id,
            settings=types.PeerSettings(),
            notify_settings=types.PeerNotifySettings(),
            common_chats_count=0,
            blocked=self._world.has_blocked(call.user_id, person.id) or None,
            bot_info=types.BotInfo(user_id=person.id) if person.is_bot else None,
        )
        return types.users.UserFull(full, [], [views.user(person, call.user_id)])
