"""The HTTP calls to Bright Data: the key, the time limits, and what each failure means."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import Enum, auto
from typing import Any

from aiohttp import (
    ClientConnectorError,
    ClientError,
    ClientResponse,
    ClientSession,
    ClientTimeout,
    ConnectionTimeoutError,
)

from userbot.providers.addresses import API_URL
from userbot.providers.api_key import ApiKey, NoKey
from userbot.providers.errors import Busy, Down, OutcomeUnknown, ProviderError, Refused

_RETRY_AFTER_S = 60.0
"""Where the provider does not say how long."""
_MOST_RETRY_AFTER_S = 3600.0
_LONGEST_WORDS = 200
_NO_STOCK = re.compile(
    r"\b(no|not enough|insufficient)\b.{0,40}\b(ips?|proxies|stock)\b", re.IGNORECASE
)
_WHY = {
    401: "it does not accept the API key",
    402: "it wants to be paid first",
    403: "the API key has no right to this; its user needs the role Admin or Ops",
    404: "it does not know the zone or the address of its API",
}


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a call may take. A purchase takes less than `purchasing.GRACE_S`."""

    connect_s: float = 15.0
    call_s: float = 60.0


class Rejected(Exception):
    """The request was understood and turned down (4xx): it had no effect."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(status)
        self.is_key = status == 401
        self.is_out_of_stock = status not in _WHY and _NO_STOCK.search(words) is not None
        answer = f": {words}" if words else ""
        self.reason = _WHY.get(status, f"it turns the request down (HTTP {status}){answer}")


class _Kind(Enum):
    REPEATABLE = auto()
    PURCHASE = auto()


class Calls:
    """JSON in, JSON out. Raises `ProviderError`, and `Rejected` for what the caller explains."""

    def __init__(
        self,
        session: ClientSession,
        key: ApiKey,
        *,
        provider: str,
        api_url: str = API_URL,
        limits: Limits | None = None,
    ) -> None:
        self._session = session
        self._key = key
        self._provider = provider
        self._api_url = api_url.rstrip("/")
        self._limits = limits or Limits()

    async def read(self, path: str, query: Mapping[str, str]) -> Any:  # noqa: ANN401 - JSON
        return await self._call("GET", path, _Kind.REPEATABLE, query=query)

    async def buy(self, path: str, body: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON
        """Raises `OutcomeUnknown` unless it is certain what happened."""
        return await self._call("POST", path, _Kind.PURCHASE, body=body)

    async def remove(self, path: str, body: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON
        return await self._call("DELETE", path, _Kind.REPEATABLE, body=body)

    async def _call(
        self,
        method: str,
        path: str,
        kind: _Kind,
        *,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> Any:  # noqa: ANN401 - JSON
        """Once, and once more where the key was rejected and another is there by now."""
        try:
            key = await self._key.current()
            try:
                return await self._once(method, path, kind, key, query, body)
            except Rejected as exc:
                another = await self._key.after(key) if exc.is_key else None
                if another is None:
                    raise
            return await self._once(method, path, kind, another, query, body)
        except NoKey as exc:
            raise Refused(self._provider, f"the API key: {exc}") from None

    async def _once(
        self,
        method: str,
        path: str,
        kind: _Kind,
        key: str,
        query: Mapping[str, str] | None,
        body: Mapping[str, Any] | None,
    ) -> Any:  # noqa: ANN401 - JSON
        timeout = ClientTimeout(total=self._limits.call_s, connect=self._limits.connect_s)
        try:
            async with self._session.request(
                method,
                self._api_url + path,
                params=query,
                json=body,
                headers={"Authorization": f"Bearer {key}"},
                timeout=timeout,
                allow_redirects=False,  # the key goes to no other host
            ) as response:
                return self._understood(response, await response.read(), kind, key)
        # Only the kind of failure is told: aiohttp's own errors hold the request, with the key.
        except (ClientConnectorError, ConnectionTimeoutError):
            raise Down(self._provider, "it can't be reached") from None
        except TimeoutError:
            raise self._failed(kind, "it did not answer in time") from None
        except (ClientError, OSError):
            raise self._failed(kind, "the connection broke before the answer was whole") from None

    def _understood(self, response: ClientResponse, raw: bytes, kind: _Kind, key: str) -> Any:  # noqa: ANN401 - JSON
        status = response.status
        if status == 429:
            raise Busy(self._provider, _retry_after_s(response.headers.get("Retry-After")))
        if status >= 500 or status == 408:
            raise self._failed(kind, f"it has a fault of its own (HTTP {status})")
        if status >= 400:
            raise Rejected(status, _words(raw, key))
        if status >= 300:
            raise Refused(self._provider, f"its API is not at this address (HTTP {status})")
        if not raw:
            return None
        try:
            return json.loads(raw)
        except ValueError:
            raise self._failed(kind, "it answered with something that is not JSON") from None

    def _failed(self, kind: _Kind, reason: str) -> ProviderError:
        """What a failure is after which the request may have had its effect."""
        error = OutcomeUnknown if kind is _Kind.PURCHASE else Down
        return error(self._provider, reason)


def _words(raw: bytes, key: str) -> str:
    """What the provider says, if it is short and plain, without the key."""
    text = " ".join(raw[:4096].decode("utf-8", errors="replace").split())
    if text.startswith("<") or not text.isprintable():
        return ""
    return text.replace(key, "…")[:_LONGEST_WORDS]


def _retry_after_s(value: str | None) -> float:
    """Seconds, of a number of them or a date (RFC 9110, 10.2.3)."""
    text = (value or "").strip()
    if text.isascii() and text.isdecimal():
        seconds = float(text)
    else:
        try:
            at = parsedate_to_datetime(text)
        except ValueError:
            return _RETRY_AFTER_S
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
        seconds = (at - datetime.now(UTC)).total_seconds()
    return min(max(seconds, 1.0), _MOST_RETRY_AFTER_S)
