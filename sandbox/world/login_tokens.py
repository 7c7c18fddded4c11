"""Login tokens: one app shows them as a picture, another that is logged in accepts them.

Source: core.telegram.org/api/qr-login.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

LIFETIME = timedelta(seconds=30)


class TokenRefused(Exception):
    """The token can't be accepted; the text is Telegram's error."""


@dataclass(slots=True)
class LoginToken:
    value: bytes = field(repr=False)
    key_id: int
    """Of the app that shows it."""
    expires_at: datetime
    tell: Callable[[], None] = field(repr=False)
    """Called when somebody has accepted it."""
    accepted_by: int | None = None


class LoginTokens:
    """The tokens that are out. An older one of the same app is good until it expires."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self.lifetime = LIFETIME
        self._by_value: dict[bytes, LoginToken] = {}

    def issue(self, key_id: int, tell: Callable[[], None]) -> LoginToken:
        """A new token for the app with that key."""
        token = LoginToken(secrets.token_bytes(32), key_id, self._now() + self.lifetime, tell)
        self._by_value[token.value] = token
        return token

    def out(self) -> list[LoginToken]:
        """The tokens that can be accepted now, oldest first."""
        now = self._now()
        tokens = self._by_value.values()
        return [t for t in tokens if t.expires_at > now and t.accepted_by is None]

    def accept(self, value: bytes, user_id: int) -> LoginToken:
        """Who is logged in scans the picture. Raises `TokenRefused`."""
        token = self._by_value.get(value)
        if token is None:
            raise TokenRefused("AUTH_TOKEN_INVALID")
        if token.expires_at <= self._now():
            raise TokenRefused("AUTH_TOKEN_EXPIRED")
        if token.accepted_by is not None:
            raise TokenRefused("AUTH_TOKEN_ALREADY_ACCEPTED")
        token.accepted_by = user_id
        token.tell()
        return token

    def accepted(self, key_id: int) -> LoginToken | None:
        """The token of that app that somebody has accepted and nobody has taken yet."""
        mine = (t for t in self._by_value.values() if t.key_id == key_id)
        return next((t for t in mine if t.accepted_by is not None), None)

    def take(self, value: bytes) -> LoginToken | None:
        """An accepted token, once; None where there is none."""
        token = self._by_value.get(value)
        if token is None or token.accepted_by is None:
            return None
        del self._by_value[value]
        return token
