"""Telethon's session on our tables: asynchronous, and guarded once the account is enrolled."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from typing import Any

from loguru import logger
from telethon import utils
from telethon.crypto import AuthKey
from telethon.sessions import Session
from telethon.tl import TLObject, types
from typing_extensions import override

from storage import sessions
from storage.database import Database
from storage.sessions import Peer, StoredSession
from userbot.errors import SessionGuarded


class AccountSession(Session):  # type: ignore[misc]  # Telethon is untyped
    """The session of one account.

    For an enrolled account it refuses any change of data centre or key with `SessionGuarded`:
    Telethon's migration code would wipe the key. Only a session made with `keep` (an enrolment)
    accepts them, and stores them at `save()`, which Telethon awaits right after a key was made.
    The key is handed out as a copy: Telethon clears the object it got, in place.
    """

    def __init__(
        self,
        database: Database,
        account_id: int,
        stored: StoredSession,
        keep: Callable[[StoredSession], Awaitable[None]] | None = None,
    ) -> None:
        super().__init__()
        self._database = database
        self._account_id = account_id
        self._stored = stored
        self._saved = stored
        self._keep = keep

    @override
    def clone(self, to_instance: Session | None = None) -> Session:
        raise SessionGuarded("a session is never copied")

    @override
    def set_dc(self, dc_id: int, server_address: str, port: int) -> None:
        self._change(replace(self._stored, dc_id=dc_id, server_address=server_address, port=port))

    @property
    @override
    def dc_id(self) -> int:
        return self._stored.dc_id

    @property
    @override
    def server_address(self) -> str:
        return self._stored.server_address

    @property
    @override
    def port(self) -> int:
        return self._stored.port

    @property
    @override
    def auth_key(self) -> AuthKey | None:
        return AuthKey(self._stored.auth_key) if self._stored.auth_key else None

    @auth_key.setter
    def auth_key(self, value: AuthKey | None) -> None:
        self._change(replace(self._stored, auth_key=value.key if value else None))

    @property
    @override
    def takeout_id(self) -> None:
        return None

    @takeout_id.setter
    def takeout_id(self, _value: int | None) -> None:
        raise SessionGuarded("takeout is not used")

    def _change(self, wanted: StoredSession) -> None:
        if wanted == self._stored:
            return
        if self._keep is None:
            raise SessionGuarded("Telethon wanted to change an enrolled account's key or DC")
        self._stored = wanted

    @override
    async def save(self) -> None:
        if self._keep is not None and self._stored != self._saved:
            await self._keep(self._stored)
            self._saved = self._stored

    @override
    async def close(self) -> None:
        """Keep nothing open: the database is not ours to close."""

    @override
    def delete(self) -> None:
        raise SessionGuarded("a session is never deleted by Telethon")

    # Update states are not kept: lines are opened without updates.
    @override
    def get_update_state(self, entity_id: int) -> None:
        return None

    @override
    def set_update_state(self, entity_id: int, state: object) -> None: ...

    @override
    def get_update_states(self) -> Iterable[tuple[int, Any]]:
        return ()

    @override
    async def process_entities(self, tlo: object) -> None:
        met = list(peers_in(tlo))
        if not met:
            return
        try:
            async with self._database.transaction() as tx:
                await sessions.upsert_peers(tx, self._account_id, met)
        except Exception:  # noqa: BLE001 - Telegram has answered; that must not be lost over this
            logger.bind(account=self._account_id, event="peers.lost").exception("peers not kept")

    @override
    async def get_input_entity(self, key: object) -> Any:
        """The InputPeer for an id, @username, +phone or name, as Telethon's sessions find it.

        Raises ValueError where the peer is not known.
        """
        if isinstance(key, TLObject):
            if key.SUBCLASS_OF_ID in {0xC91C90B6, 0xE669BF46, 0x40F202FD}:
                return key  # an InputPeer, InputUser or InputChannel already
            try:
                return utils.get_input_peer(key)
            except TypeError:
                marked = utils.get_peer_id(key)
                async with self._database.read() as tx:
                    peer = await sessions.peer_by_id(tx, self._account_id, [marked])
        else:
            async with self._database.read() as tx:
                peer = await self._find(tx, key)
        if peer is None:
            raise ValueError("no such peer is known to this session")
        return _input_peer(peer)

    async def _find(self, tx: Any, key: object) -> Peer | None:  # noqa: ANN401 - Tx, kept short
        mine = self._account_id
        if isinstance(key, int):
            for marked in [key] if key < 0 else _all_marks(key):
                if found := await sessions.peer_by_id(tx, mine, [marked]):
                    return found
            return None
        if not isinstance(key, str):
            return None
        if phone := utils.parse_phone(key):
            return await sessions.peer_by_phone(tx, mine, phone)
        username, is_invite = utils.parse_username(key)
        if username and not is_invite:
            found = await sessions.peer_by_username(tx, mine, username)
            # What is written as a username is never a name: anybody can call themselves that.
            if found or "@" in key or "/" in key:
                return found
        return await sessions.peer_by_name(tx, mine, key)

    @override
    def cache_file(self, md5_digest: bytes, file_size: int, instance: object) -> None: ...

    @override
    def get_file(self, md5_digest: bytes, file_size: int, cls: type) -> None:
        return None


def _all_marks(bare_id: int) -> list[int]:
    kinds = (types.PeerUser, types.PeerChat, types.PeerChannel)
    return [utils.get_peer_id(kind(bare_id)) for kind in kinds]


def _input_peer(peer: Peer) -> Any:  # noqa: ANN401 - Telethon is untyped
    bare_id, kind = utils.resolve_id(peer.id)
    if kind is types.PeerUser:
        return types.InputPeerUser(bare_id, peer.access_hash)
    if kind is types.PeerChat:
        return types.InputPeerChat(bare_id)
    return types.InputPeerChannel(bare_id, peer.access_hash)


def peers_in(tlo: object) -> Iterable[Peer]:
    """The users and chats that a TL answer brings along, where they have a usable access hash."""
    if isinstance(tlo, list | tuple):
        found = list(tlo)
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
        input_peer = utils.get_input_peer(entity, allow_self=False)
        marked_id = utils.get_peer_id(input_peer)
    except TypeError:
        return None  # a `min` entity: its access hash is good for nothing
    if marked_id == 0:
        return None  # Telethon's own note of who we are
    username = getattr(entity, "username", None)
    return Peer(
        marked_id,
        getattr(input_peer, "access_hash", 0),
        username.lower() if username else None,
        getattr(entity, "phone", None),
        utils.get_display_name(entity) or None,
    )


async def open_enrolled(database: Database, account_id: int) -> AccountSession:
    """The guarded session of an enrolled account. Raises LookupError where it has none."""
    async with database.read() as tx:
        stored = await sessions.load(tx, account_id, sessions.SessionStatus.CURRENT)
    if stored is None or stored.auth_key is None:
        raise LookupError(f"account {account_id} has no session")
    return AccountSession(database, account_id, stored)


async def open_enrolling(
    database: Database, account_id: int, *, dc_id: int, server_address: str, port: int
) -> AccountSession:
    """The session that a login works on; its key is durable as soon as Telethon has made it."""
    async with database.transaction() as tx:
        stored = await sessions.start_enrolling(
            tx, account_id, dc_id=dc_id, server_address=server_address, port=port
        )

    async def keep(changed: StoredSession) -> None:
        async with database.transaction() as tx:
            await sessions.save_enrolling(tx, changed)
        logger.bind(account=account_id, event="session.saved").debug("login session stored")

    return AccountSession(database, account_id, stored, keep)
