"""Server salts: core.telegram.org/mtproto/description#server-salt.

They need no memory: a salt is computed from the key, the half hour, and a secret of this run.
"""

import secrets
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from hashlib import sha256

PERIOD = timedelta(minutes=30)
"""How long a salt is the current one; it is accepted for as long again."""


class Salts:
    """The salts of every key, now and to come."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._secret = secrets.token_bytes(16)
        self._first: dict[int, tuple[int, int]] = {}

    def adopt_first(self, key_id: int, salt: int) -> None:
        """Accept the salt that both sides derived from the nonces of the key exchange."""
        self._first[key_id] = salt, self._period()

    def current(self, key_id: int) -> int:
        return self._of(key_id, self._period())

    def is_valid(self, key_id: int, salt: int) -> bool:
        """Whether a message with that salt is accepted now."""
        period = self._period()
        if salt in (self._of(key_id, period), self._of(key_id, period - 1)):
            return True
        first, since = self._first.get(key_id, (None, period))
        return salt == first and period <= since + 1

    def upcoming(self, key_id: int, count: int) -> Iterator[tuple[datetime, datetime, int]]:
        """From when, until when, and the salt; the current one first."""
        period = self._period()
        for number in range(period, period + count):
            since = datetime.fromtimestamp(number * PERIOD.total_seconds(), UTC)
            yield since, since + 2 * PERIOD, self._of(key_id, number)

    def _period(self) -> int:
        return int(self._now().timestamp() // PERIOD.total_seconds())

    @lru_cache(maxsize=1 << 15)  # noqa: B019 - one instance a data centre, which lives as long
    def _of(self, key_id: int, period: int) -> int:
        stated = self._secret + key_id.to_bytes(8, "little", signed=True) + period.to_bytes(8)
        return int.from_bytes(sha256(stated).digest()[:8], "little", signed=True)
