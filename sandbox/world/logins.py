"""Auth keys, login codes, and which key is logged in as whom."""

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sandbox.world.login_tokens import LoginTokens

CODE_LIFETIME = timedelta(minutes=5)


@dataclass(slots=True)
class AuthKey:
    """A permanent authorisation key and who is logged in with it."""

    key: bytes = field(repr=False)
    user_id: int | None = None
    pending_user_id: int | None = None
    """Who has entered the code and still owes the two-step password."""
    revoked: bool = False
    is_duplicated: bool = False
    """Used on two lines at once: dead for good."""

    @property
    def id(self) -> int:
        """The lower 64 bits of SHA-1 (core.telegram.org/mtproto/description)."""
        return int.from_bytes(hashlib.sha1(self.key).digest()[-8:], "little", signed=True)  # noqa: S324 - the protocol's own hash


@dataclass(slots=True)
class LoginCode:
    phone: str
    hash: str
    code: str = field(repr=False)
    expires_at: datetime


class Logins:
    """The keys that the data centre knows and the codes that are out."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self.keys: dict[int, AuthKey] = {}
        self._codes: dict[str, LoginCode] = {}
        self.resend_after_s = 120
        """What clients are told to wait before they ask for a code by the next way."""
        self.tokens = LoginTokens(now)

    def add_key(self, key: bytes, user_id: int | None = None) -> AuthKey:
        """Remember a 256-byte key, from a key exchange or made ready beforehand."""
        auth_key = AuthKey(key, user_id)
        self.keys[auth_key.id] = auth_key
        return auth_key

    def ready_key(self, user_id: int) -> AuthKey:
        """A key that is logged in already, as if the exchange and login had happened."""
        return self.add_key(secrets.token_bytes(256), user_id)

    def issue_code(self, phone: str) -> LoginCode:
        """A new five-digit code for that number; it replaces the one before."""
        code = LoginCode(
            phone,
            secrets.token_hex(9),
            f"{secrets.randbelow(90_000) + 10_000}",
            self._now() + CODE_LIFETIME,
        )
        self._codes[phone] = code
        return code

    def code_of(self, phone: str) -> LoginCode | None:
        """The code that is out for that number, expired or not."""
        return self._codes.get(phone)

    def codes_out(self) -> list[LoginCode]:
        """The codes that still count, oldest first."""
        now = self._now()
        return [code for code in self._codes.values() if code.expires_at > now]

    def drop_code(self, phone: str) -> None:
        self._codes.pop(phone, None)
