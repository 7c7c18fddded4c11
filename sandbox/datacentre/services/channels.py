"""channels.*, and messages.getChats: groups and channels: core.telegram.org/api/channel."""

from telethon.tl import functions, types

from sandbox.datacentre import input_peers
from sandbox.datacentre.chats import chat, chats
from sandbox.datacentre.dispatcher import Call, Method, Methods
from sandbox.datacentre.permissions import check_deleting
from sandbox.datacentre.services.history import by_ids, channel_messages
from sandbox.datacentre.tl import TL
from sandbox.world import World


class ChannelsService:
    def __init__(self, world: World) -> None:
        self._world = world

    def methods(self) -> Methods:
        return {
            functions.messages.GetChatsRequest: Method(self._chats),
            functions.channels.GetChannelsRequest: Method(self._channels),
            functions.channels.GetMessagesRequest: Method(self._messages),
            functions.channels.DeleteMessagesRequest: Method(self._delete),
        }

    def _chats(self, call: Call, request: TL) -> TL:
        found = [input_peers.group(self._world, bare, call.user_id) for bare in request.id]
        shown = chats(self._world, [each.id for each in found], call.user_id)
        return types.messages.Chats(shown)

    def _channels(self, call: Call, request: TL) -> TL:
        found = [input_peers.channel(self._world, each, call.user_id) for each in request.id]
        return types.messages.Chats([chat(each, call.user_id) for each in found])

    def _messages(self, call: Call, request: TL) -> TL:
        place = input_peers.channel(self._world, request.channel, call.user_id)
        found = by_ids(self._world, place.id, request.id)
        return channel_messages(self._world, call.user_id, place.id, found, len(found))

    def _delete(self, call: Call, request: TL) -> TL:
        """For all: what lies in a channel lies there once."""
        place = input_peers.channel(self._world, request.channel, call.user_id)
        check_deleting(self._world, call.user_id, place.id, request.id)
        before = self._world.messages.pts(place.id)
        gone = self._world.messages.delete(place.id, request.id, revoke=True)
        return types.messages.AffectedMessages(before + len(gone), len(gone))
