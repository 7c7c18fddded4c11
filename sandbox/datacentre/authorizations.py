"""What the data centre knows of each auth key beside who is logged in: its app and its sessions."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sandbox.datacentre.session import Session
from sandbox.world.logins import AuthKey

if TYPE_CHECKING:
    from sandbox.datacentre.connection import Connection

KEPT_SESSIONS = 2
"""Sessions without a connection that a key may leave behind."""
MOST_SESSIONS = 64
"""Sessions that a key may have in all; the oldest one makes place for a further one."""


@dataclass(frozen=True, slots=True)
class App:
    """What initConnection said (core.telegram.org/method/initConnection)."""

    api_id: int
    device_model: str
    system_version: str
    app_version: str
    system_lang_code: str
    lang_code: str


class Authorization:
    """One auth key in use. The app that it stated stays with the key, as at Telegram."""

    __slots__ = (
        "app",
        "connects",
        "dead_since",
        "has_layer",
        "key",
        "key_id",
        "line",
        "secret",
        "sessions",
        "wire_id",
    )

    def __init__(self, key: AuthKey, key_id: int) -> None:
        self.key = key
        """Who is logged in; of a temporary key that is bound, the permanent one."""
        self.key_id = key_id
        self.secret = key.key
        """What its messages are encrypted with."""
        self.wire_id = key_id.to_bytes(8, "little", signed=True)
        self.app: App | None = None
        self.connects: list[float] = []
        """When it came with a new connection, of late."""
        self.dead_since: datetime | None = None
        """When a client was told that the key, or its login, is no more."""
        self.line: Connection | None = None
        """The connection of the latest request."""
        self.has_layer = False
        self.sessions: dict[int, Session] = {}

    def session(self, session_id: int) -> Session:
        """The session with that id, made on its first message."""
        if (known := self.sessions.get(session_id)) is not None:
            return known
        detached = [s for s in self.sessions.values() if s.connection is None]
        for old in detached[:-KEPT_SESSIONS]:
            del self.sessions[old.id]
        if len(self.sessions) >= MOST_SESSIONS:
            self._let_go(next(iter(self.sessions.values())))
        session = Session(session_id, secrets.randbits(63), self)
        self.sessions[session_id] = session
        return session

    def _let_go(self, session: Session) -> None:
        """Forget a session that is still in use; its next message begins it anew."""
        del self.sessions[session.id]
        if session.connection is not None:
            session.connection.leave(session)
