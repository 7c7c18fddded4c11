"""The peers that a session meets: read from Telegram's answers, and a few kept at hand."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, Literal, TypeAlias

from telethon import utils
from telethon.tl import TLObject, types

from storage.sessions import Peer

Handle: TypeAlias = tuple[Literal["id", "username", "phone", "name"], Any]
"""One thing that a peer may be found by."""

_ADDRESS_TYPES = frozenset({0xC91C90B6, 0xE669BF46, 0x40F202FD})
"""InputPeer, InputUser and InputChannel: what needs no looking up."""
_INT64 = range(-(2**63), 2**63)


class RecentPeers:
    """The peers used last, found by id, username or phone; as true as what was kept last."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._peers: dict[int, Peer] = {}
        """The one used last comes last."""
        self._ids: dict[Handle, int] = {}

    def find(self, handle: Handle) -> Peer | None:
        kind, value = handle
        peer = self._peers.pop(value if kind == "id" else self._ids.get(handle, 0), None)
        if peer is not None:
            self._peers[peer.id] = peer
        return peer

    def keep(self, peer: Peer) -> None:
        """Remember a peer. Whoever had its username or phone has it no more."""
        self._forget(peer.id)
        for handle in _handles(peer):
            if former := self.find(handle):
                self._peers[former.id] = _without(former, handle)
            self._ids[handle] = peer.id
        self._peers[peer.id] = peer
        if len(self._peers) > self._limit:
            self._forget(next(iter(self._peers)))

    def _forget(self, peer_id: int) -> None:
        if peer := self._peers.pop(peer_id, None):
            for handle in _handles(peer):
                del self._ids[handle]


def _without(peer: Peer, handle: Handle) -> Peer:
    if handle[0] == "username":
        return replace(peer, username=None)
    return replace(peer, phone=None)


def _handles(peer: Peer) -> Iterator[Handle]:
    if peer.username:
        yield "username", peer.username
    if peer.phone:
        yield "phone", peer.phone


def as_address(key: TLObject) -> Any:  # noqa: ANN401 - Telethon is untyped
    """The InputPeer that an object is or carries already; None where it must be looked up."""
    if key.SUBCLASS_OF_ID in _ADDRESS_TYPES:
        return key
    try:
        return utils.get_input_peer(key)
    except TypeError:
        return None


def handles_in(key: object) -> Iterator[Handle]:
    """What to look for, one after the other, for an id, @username, phone, name or TL object."""
    if isinstance(key, TLObject):
        yield "id", utils.get_peer_id(key)
    elif isinstance(key, int):
        for marked_id in [key] if key < 0 else _all_marks(key):
            if marked_id in _INT64:
                yield "id", marked_id
    elif isinstance(key, str):
        yield from _handles_in_text(key)


def _handles_in_text(text: str) -> Iterator[Handle]:
    """What is written as a phone, @username or link is never a name: anybody can take any name.

    An invite link leads nowhere: the number in it proves nothing, so Telegram must be asked.
    """
    if phone := utils.parse_phone(text):
        yield "phone", phone
        return
    username, is_invite = utils.parse_username(text)
    if username and not is_invite:
        yield "username", username
    word = text.strip()
    if not (utils.USERNAME_RE.match(word) or utils.TG_JOIN_RE.match(word)):
        yield "name", text


def _all_marks(bare_id: int) -> list[int]:
    kinds = (types.PeerUser, types.PeerChat, types.PeerChannel)
    return [utils.get_peer_id(kind(bare_id)) for kind in kinds]


def input_peer(peer: Peer) -> Any:  # noqa: ANN401 - Telethon is untyped
    bare_id, kind = utils.resolve_id(peer.id)
    if kind is types.PeerUser:
        return types.InputPeerUser(bare_id, peer.access_hash)
    if kind is types.PeerChat:
        return types.InputPeerChat(bare_id)
    return types.InputPeerChannel(bare_id, peer.access_hash)


def peers_in(tlo: object) -> Iterator[Peer]:
    """The users and chats that a TL answer brings along, where they have a usable access hash."""
    found: Iterable[object]
    if isinstance(tlo, list | tuple):
        found = tlo
    else:
        found = [getattr(tlo, name, None) for name in ("user", "chat")]
        for name in ("chats", "users"):
            several = getattr(tlo, name, None)
            found += several if isinstance(several, list) else []
    for entity in found:
        if peer := _peer(entity):
            yield peer


def _peer(entity: object) -> Peer | None:
    if not isinstance(entity, TLObject):
        return None
    try:
        address = utils.get_input_peer(entity, allow_self=False)
        marked_id = utils.get_peer_id(address)
    except TypeError:
        return None  # a `min` entity: its access hash is good for nothing
    if marked_id == 0:
        return None  # Telethon's own note of who we are
    username = getattr(entity, "username", None)
    phone = getattr(entity, "phone", None)
    return Peer(
        marked_id,
        getattr(address, "access_hash", 0),
        username.lower() if username else None,
        phone.lstrip("+") if phone else None,
        utils.get_display_name(entity) or None,
    )
