"""Telethon's session on our tables: asynchronous, and guarded once the account is enrolled."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from typing import Any

from loguru import logger
from telethon.crypto import AuthKey
from telethon.sessions import Session
from telethon.tl import TLObject
from typing_extensions import override

from storage import sessions
from storage.database import Database
from storage.sessions import Peer, StoredSession
from storage.tx import Tx
from userbot.errors import SessionGuarded
from userbot.peers import Handle, RecentPeers, as_address, handles_in, input_peer, peers_in

RECENT_PEERS = 16
"""Half a KiB each, for every account; the others are one indexed read away."""
PEERS_AT_A_TIME = 100
"""After so many new ones others get their turn on the loop."""


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
        self._recent = RecentPeers(RECENT_PEERS)
        self._meetings = 0

    @property
    def is_enrolling(self) -> bool:
        """Whether a login works on it: only then may data centre and key change."""
        return self._keep is not None

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
        """Keep the peers of an answer: at hand at once, on disk soon."""
        try:
            await self._meet(peers_in(tlo))
        except Exception:  # noqa: BLE001 - Telegram has answered; that must not be lost over this
            logger.bind(account=self._account_id, event="peers.lost").exception("peers not kept")

    async def _meet(self, met: Iterable[Peer]) -> None:
        for peer in met:
            if self._recent.find(("id", peer.id)) != peer:
                # At hand in the order of the queue: nothing may come between these two.
                await self._database.writer.post(sessions.UpsertPeer(self._account_id, peer))
                self._recent.keep(peer)
                self._meetings += 1
                if self._meetings % PEERS_AT_A_TIME == 0:
                    await asyncio.sleep(0)

    @override
    async def get_input_entity(self, key: object) -> Any:
        """The InputPeer for an id, @username, +phone or name, as Telethon's sessions find it.

        Raises ValueError where the peer is not known.
        """
        if isinstance(key, TLObject) and (address := as_address(key)):
            return address
        if key == 0:
            # Telethon's own note of who we are, which it asks for at every connect: not kept.
            raise ValueError("nobody has the id 0")
        for handle in handles_in(key):
            if peer := self._recent.find(handle) or await self._stored_peer(handle):
                return input_peer(peer)
        raise ValueError("no such peer is known to this session")

    async def _stored_peer(self, handle: Handle) -> Peer | None:
        meetings = self._meetings
        await self._database.writer.settled(sessions.peers_key(self._account_id))
        async with self._database.read() as tx:
            peer = await _find(tx, self._account_id, handle)
        if peer and meetings == self._meetings:  # else it may be old news
            self._recent.keep(peer)
        return peer

    @override
    def cache_file(self, md5_digest: bytes, file_size: int, instance: object) -> None: ...

    @override
    def get_file(self, md5_digest: bytes, file_size: int, cls: type) -> None:
        return None


async def _find(tx: Tx, account_id: int, handle: Handle) -> Peer | None:
    match handle:
        case ("id", marked_id):
            return await sessions.peer_by_id(tx, account_id, [marked_id])
        case ("username", username):
            return await sessions.peer_by_username(tx, account_id, username)
        case ("phone", phone):
            return await sessions.peer_by_phone(tx, account_id, phone)
        case (_, name):
            return await sessions.peer_by_name(tx, account_id, name)


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
