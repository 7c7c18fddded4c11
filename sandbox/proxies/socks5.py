"""A SOCKS5 proxy (RFC 1928) with or without a login (RFC 1929). CONNECT only."""

import asyncio
import socket
from enum import IntEnum

from typing_extensions import override

from sandbox.proxies.faults import RejectedLogin
from sandbox.proxies.relay import Dial, Obstacle, Rejected, RelayProxy, Wish

_VERSION, _LOGIN_VERSION = 5, 1
_NO_LOGIN, _BY_PASSWORD, _NONE_ACCEPTABLE = 0, 2, 255
_CONNECT = 1
_IPV4, _DOMAIN, _IPV6 = 1, 3, 4


class Reply(IntEnum):
    """What the proxy answers to a request (RFC 1928, section 6)."""

    SUCCEEDED = 0
    GENERAL_FAILURE = 1
    NOT_ALLOWED = 2
    NETWORK_UNREACHABLE = 3
    HOST_UNREACHABLE = 4
    REFUSED = 5
    COMMAND_NOT_SUPPORTED = 7
    ADDRESS_NOT_SUPPORTED = 8


_REPLIES = {
    Obstacle.REFUSED: Reply.REFUSED,
    Obstacle.HOST_UNREACHABLE: Reply.HOST_UNREACHABLE,
    Obstacle.NETWORK_UNREACHABLE: Reply.NETWORK_UNREACHABLE,
    Obstacle.FORBIDDEN: Reply.NOT_ALLOWED,
}


class Socks5Proxy(RelayProxy):
    """Its clients may be asked for a user name and a password."""

    kind = "socks5"

    @override
    async def _agree(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, dial: Dial
    ) -> Wish:
        await self._greet(reader, writer, dial)
        return await _destination(reader)

    async def _greet(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, dial: Dial
    ) -> None:
        """Agree on a method and, if there is one, check the login."""
        version, count = await reader.readexactly(2)
        if version != _VERSION:
            raise Rejected("bad request")
        wanted = _NO_LOGIN if self._username is None else _BY_PASSWORD
        offered = await reader.readexactly(count)
        is_refused = wanted == _NO_LOGIN and self.faults.strikes(RejectedLogin)
        if is_refused or wanted not in offered:
            raise Rejected("login rejected", bytes((_VERSION, _NONE_ACCEPTABLE)))
        writer.write(bytes((_VERSION, wanted)))
        if wanted == _BY_PASSWORD:
            await self._check_login(reader, writer, dial)

    async def _check_login(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, dial: Dial
    ) -> None:
        version, length = await reader.readexactly(2)
        if version != _LOGIN_VERSION:
            raise Rejected("bad request")
        dial.login = (await reader.readexactly(length)).decode(errors="replace")
        length = (await reader.readexactly(1))[0]
        password = (await reader.readexactly(length)).decode(errors="replace")
        is_right = (dial.login, password) == (self._username, self._password or "")
        if not is_right or self.faults.strikes(RejectedLogin):
            raise Rejected("login rejected", bytes((_LOGIN_VERSION, 1)))
        writer.write(bytes((_LOGIN_VERSION, 0)))

    @override
    def _granted(self, host: str, port: int) -> bytes:
        return _reply(Reply.SUCCEEDED, host, port)

    @override
    def _refused(self, obstacle: Obstacle) -> bytes:
        return _reply(_REPLIES[obstacle])


async def _destination(reader: asyncio.StreamReader) -> Wish:
    """The host and port of a CONNECT request."""
    version, command, _, kind = await reader.readexactly(4)
    if version != _VERSION:
        raise Rejected("bad request")
    if kind == _IPV4:
        host = socket.inet_ntop(socket.AF_INET, await reader.readexactly(4))
    elif kind == _IPV6:
        host = socket.inet_ntop(socket.AF_INET6, await reader.readexactly(16))
    elif kind == _DOMAIN:
        length = (await reader.readexactly(1))[0]
        host = (await reader.readexactly(length)).decode(errors="replace")
    else:
        raise _rejected(Reply.ADDRESS_NOT_SUPPORTED)
    port = int.from_bytes(await reader.readexactly(2))
    if command != _CONNECT:
        raise _rejected(Reply.COMMAND_NOT_SUPPORTED)
    return Wish(host, port)


def _rejected(reply: Reply) -> Rejected:
    return Rejected(reply.name.lower().replace("_", " "), _reply(reply))


def _reply(reply: Reply, host: str = "0.0.0.0", port: int = 0) -> bytes:  # noqa: S104 - the reply's "none"
    family, kind = (socket.AF_INET6, _IPV6) if ":" in host else (socket.AF_INET, _IPV4)
    return bytes((_VERSION, reply, 0, kind)) + socket.inet_pton(family, host) + port.to_bytes(2)
