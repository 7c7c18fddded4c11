"""Whom an input peer means, checked by its access hash: core.telegram.org/api/peers."""

from telethon.tl import types

from sandbox.datacentre.dispatcher import RpcFailure
from sandbox.datacentre.tl import TL
from sandbox.world import World
from sandbox.world.chats import Chat, channel_id
from sandbox.world.people import User


def place(world: World, input_peer: TL, caller_id: int) -> User | Chat:
    """The person, group or channel; each kind fails with its own error.

    A group is known to those only who are or were in it.
    """
    match input_peer:
        case types.InputPeerChat():
            return group(world, input_peer.chat_id, caller_id)
        case types.InputPeerChannel():
            return channel(world, input_peer, caller_id)
        case _:
            return peer(world, input_peer, caller_id)


def peer(world: World, input_peer: TL, caller_id: int) -> User:
    """The other side of a private chat; `PEER_ID_INVALID` if it is none, or the hash is wrong."""
    found = _find(world, input_peer, caller_id)
    if found is None:
        raise RpcFailure(400, "PEER_ID_INVALID")
    return found


def user(world: World, input_user: TL, caller_id: int) -> User:
    """As `peer`, for an InputUser; `USER_ID_INVALID`."""
    found = _find(world, input_user, caller_id)
    if found is None:
        raise RpcFailure(400, "USER_ID_INVALID")
    return found


def group(world: World, bare_id: int, caller_id: int) -> Chat:
    """A basic group, which has no access hash; `PEER_ID_INVALID`."""
    chat = world.chats.by_id.get(-bare_id)
    if chat is None or chat.shares_box or caller_id not in chat.members:
        raise RpcFailure(400, "PEER_ID_INVALID")
    return chat


def channel(world: World, stated: TL, caller_id: int) -> Chat:
    """A supergroup or channel; `CHANNEL_INVALID`, or `CHANNEL_PRIVATE` where it can't be read."""
    chat = world.chats.by_id.get(channel_id(getattr(stated, "channel_id", 0)))
    if chat is None or getattr(stated, "access_hash", None) != chat.access_hash:
        raise RpcFailure(400, "CHANNEL_INVALID")
    if not chat.can_be_read_by(caller_id):
        raise RpcFailure(400, "CHANNEL_PRIVATE")
    return chat


def stated_id(input_peer: TL, caller_id: int | None) -> int | None:
    """The world's id of what an input peer names, unchecked; None for what names nobody."""
    match input_peer:
        case types.InputPeerSelf():
            return caller_id
        case types.InputPeerUser():
            return int(input_peer.user_id)
        case types.InputPeerChat():
            return -int(input_peer.chat_id)
        case types.InputPeerChannel():
            return channel_id(int(input_peer.channel_id))
        case _:
            return None


def _find(world: World, stated: TL, caller_id: int) -> User | None:
    match stated:
        case types.InputPeerSelf() | types.InputUserSelf():
            return world.people.by_id[caller_id]
        case types.InputPeerUser() | types.InputUser():
            person = world.people.by_id.get(stated.user_id)
            if person is None or stated.access_hash != person.access_hash:
                return None
            return person
        case _:
            return None
