"""Looks at what clients do, writes hazards down, and keeps Telegram's rule on duplicated keys."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sandbox.datacentre.authorizations import App, Authorization
from sandbox.datacentre.dispatcher import Asked, RpcFailure
from sandbox.datacentre.doubles import Doubles
from sandbox.datacentre.hazards import HazardKind, Hazards
from sandbox.datacentre.session import Session
from sandbox.world.messages import Message

if TYPE_CHECKING:
    from sandbox.datacentre.connection import Connection

_MINUTE_S = 60
_DEATHS = {
    "AUTH_KEY_DUPLICATED",
    "AUTH_KEY_UNREGISTERED",
    "SESSION_EXPIRED",
    "SESSION_REVOKED",
    "USER_DEACTIVATED",
    "USER_DEACTIVATED_BAN",
}
_LOG_OUTS = {"auth.logOut", "auth.resetAuthorizations", "account.resetAuthorization"}


class Watch:
    """Told by the parts of a data centre of whatever may be a hazard."""

    def __init__(self, hazards: Hazards, now: Callable[[], datetime]) -> None:
        self._hazards = hazards
        self._now = now
        self._doubles = Doubles()
        self._noted: set[tuple[HazardKind, int]] = set()
        """By connection, so that each is told of once."""

    def connected(self, connection: "Connection", authorization: Authorization) -> None:
        """A connection shows its key for the first time."""
        self._check_proxy(connection)
        limit, now_s = self._hazards.connects_per_minute, self._now().timestamp()
        recent = [at for at in authorization.connects if at > now_s - _MINUTE_S]
        recent.append(now_s)
        authorization.connects = recent
        if limit is not None and len(recent) > limit:
            self._note(HazardKind.CONNECTS, connection, f"{len(recent)} connects in a minute")

    def asked(self, asked: Asked) -> None:
        """A request has come. AUTH_KEY_DUPLICATED is raised here."""
        authorization, connection = asked.session.authorization, asked.session.connection
        if connection is not None:
            self._check_proxy(connection)
            self._check_death(authorization, connection, asked)
            self._check_lines(authorization, connection)
        if asked.name in _LOG_OUTS:
            self._hazards.note(HazardKind.LOG_OUT, asked.user_id, asked.name)
        if authorization.key.is_duplicated:
            raise RpcFailure(406, "AUTH_KEY_DUPLICATED")

    def failed(self, session: Session, message: str) -> None:
        """A request is answered with an error."""
        authorization = session.authorization
        key = authorization.key
        was_alive = key.user_id is not None or key.revoked or key.is_duplicated
        if message in _DEATHS and was_alive and authorization.dead_since is None:
            authorization.dead_since = self._now()

    def initialised(self, session: Session, app: App) -> None:
        """A client has stated its app, the first time or again."""
        known = session.authorization.app
        if known is None or known == app:
            return
        before, after = asdict(known), asdict(app)
        changes = [
            f"{n}: {before[n]!r}, then {after[n]!r}" for n in after if after[n] != before[n]
        ]
        user_id = session.authorization.key.user_id
        self._hazards.note(HazardKind.DEVICE_CHANGED, user_id, "; ".join(changes))

    def sent(self, message: Message, random_id: int) -> None:
        """A message was delivered."""
        for words in self._doubles.find(message, random_id, self._hazards.doubled_within):
            self._hazards.note(HazardKind.DOUBLED, message.sender_id, words)

    def _check_proxy(self, connection: "Connection") -> None:
        carries = self._hazards.proxies.get(connection.user_id or 0)
        if carries is not None and not carries(connection.peer[1]):
            words = f"a connection from {connection.peer[0]}:{connection.peer[1]}"
            self._note(HazardKind.PROXY_BYPASSED, connection, words)

    def _check_lines(self, authorization: Authorization, connection: "Connection") -> None:
        """Requests from two open connections that are not for media.

        Source: Telegram's page on 406 AUTH_KEY_DUPLICATED.
        """
        if connection.is_media:
            return
        other, authorization.line = authorization.line, connection
        if other is None or other is connection or not other.is_used:
            return
        if not authorization.key.is_duplicated:
            words = f"requests on connections {other.id} and {connection.id}"
            self._note(HazardKind.TWO_LINES, connection, words)
        if self._hazards.kills_duplicated_keys:
            authorization.key.is_duplicated = True

    def _check_death(
        self, authorization: Authorization, connection: "Connection", asked: Asked
    ) -> None:
        since = authorization.dead_since
        if since is None or asked.name.startswith("auth."):
            return
        is_new = connection.opened_at > since
        if is_new or self._now() - since > self._hazards.under_way:
            late = (self._now() - since) / timedelta(seconds=1)
            words = f"{asked.name} {late:.1f} s after the key was declared dead"
            self._note(HazardKind.DEAD_KEY, connection, words)

    def _note(self, kind: HazardKind, connection: "Connection", words: str) -> None:
        if (kind, connection.id) not in self._noted:
            self._noted.add((kind, connection.id))
            self._hazards.note(kind, connection.user_id, words)
