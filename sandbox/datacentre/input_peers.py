"""Whom an input peer means, checked by its access hash: core.telegram.org/api/peers."""

from telethon.tl import types

from sandbox.datacentre.dispatcher import RpcFailure
from sandbox.datacentre.tl import TL
from sandbox.world import World
from sandbox.world.people import User


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
