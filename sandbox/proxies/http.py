"""An HTTP proxy: CONNECT (RFC 9110, 9.3.6), with or without a Basic login (RFC 7617)."""

import asyncio
import base64
import binascii
import re

from typing_extensions import override

from sandbox.proxies.faults import RejectedLogin
from sandbox.proxies.relay import Dial, Obstacle, Rejected, RelayProxy, Wish

_REQUEST = re.compile(r"([A-Z]+) (\S+) HTTP/1\.[01]")
_PLACE = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([^:\[\]/@]+)):([0-9]{1,5})")
_STATUSES = {
    Obstacle.REFUSED: "502 Bad Gateway",
    Obstacle.NETWORK_UNREACHABLE: "502 Bad Gateway",
    Obstacle.HOST_UNREACHABLE: "504 Gateway Timeout",
    Obstacle.FORBIDDEN: "403 Forbidden",
}


class HttpProxy(RelayProxy):
    """Takes CONNECT and nothing else."""

    kind = "http"

    @override
    async def _agree(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, dial: Dial
    ) -> Wish:
        request, headers = await _head(reader)
        match = _REQUEST.fullmatch(request)
        if match is None:
            raise Rejected("bad request", _answer("400 Bad Request"))
        if match[1] != "CONNECT":
            raise Rejected("bad request", _answer("405 Method Not Allowed", "Allow: CONNECT"))
        place = _PLACE.fullmatch(match[2])
        if place is None or int(place[3]) > 65535:
            raise Rejected("bad request", _answer("400 Bad Request"))
        self._check_login(headers.get("proxy-authorization", ""), dial)
        return Wish(place[1] or place[2], int(place[3]))

    def _check_login(self, given: str, dial: Dial) -> None:
        dial.login, password = _credentials(given)
        is_right = self._username is None or (dial.login, password) == (
            self._username,
            self._password or "",
        )
        if not is_right or self.faults.strikes(RejectedLogin):
            challenge = 'Proxy-Authenticate: Basic realm="sandbox"'
            answer = _answer("407 Proxy Authentication Required", challenge)
            raise Rejected("login rejected", answer)

    @override
    def _granted(self, host: str, port: int) -> bytes:
        return b"HTTP/1.1 200 Connection established\r\nVia: 1.1 sandbox\r\n\r\n"

    @override
    def _refused(self, obstacle: Obstacle) -> bytes:
        return _answer(_STATUSES[obstacle])


async def _head(reader: asyncio.StreamReader) -> tuple[str, dict[str, str]]:
    """The request line, and the headers by their name in lower case."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.LimitOverrunError as exc:
        raise Rejected("bad request", _answer("431 Request Header Fields Too Large")) from exc
    request, *lines = head.decode("latin-1").split("\r\n")
    fields = (line.partition(":") for line in lines)
    return request, {name.lower(): value.strip() for name, _, value in fields}


def _credentials(given: str) -> tuple[str | None, str]:
    scheme, _, encoded = given.partition(" ")
    if scheme.lower() != "basic":
        return None, ""
    try:
        username, _, password = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None, ""
    return username, password


def _answer(status: str, *headers: str) -> bytes:
    lines = (f"HTTP/1.1 {status}", *headers, "Content-Length: 0", "Connection: close")
    return ("\r\n".join(lines) + "\r\n\r\n").encode()
