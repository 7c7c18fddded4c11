"""A SOCKS4 proxy, which knows a user by name only, with 4a's host names. CONNECT only.

Sources: openssh.com/txt/socks4.protocol and socks4a.protocol.
"""

import asyncio
import socket
from enum import IntEnum

from typing_extensions import override

from sandbox.proxies.faults import RejectedLogin
from sandbox.proxies.relay import Dial, Obstacle, Rejected, RelayProxy, Wish

_VERSION = 4
_CONNECT = 1


class Reply(IntEnum):
    GRANTED = 90
    FAILED = 91
    OTHER_USER = 93


class Socks4Proxy(RelayProxy):
    """With a username, only that one is let through."""

    kind = "socks4"

    @override
    async def _agree(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, dial: Dial
    ) -> Wish:
        version, command = await reader.readexactly(2)
        if version != _VERSION:
            raise Rejected("bad request")
        port = int.from_bytes(await reader.readexactly(2))
        address = await reader.readexactly(4)
        dial.login = await _text(reader) or None
        host = socket.inet_ntop(socket.AF_INET, address)
        if address[:3] == bytes(3) and address[3]:  # 0.0.0.x: a name follows
            host = await _text(reader)
        if command != _CONNECT:
            raise Rejected("command not supported", _reply(Reply.FAILED))
        is_right = self._username is None or dial.login == self._username
        if not is_right or self.faults.strikes(RejectedLogin):
            raise Rejected("login rejected", _reply(Reply.OTHER_USER))
        return Wish(host, port)

    @override
    def _granted(self, host: str, port: int) -> bytes:
        return _reply(Reply.GRANTED)

    @override
    def _refused(self, obstacle: Obstacle) -> bytes:
        return _reply(Reply.FAILED)


async def _text(reader: asyncio.StreamReader) -> str:
    """What stands before the next zero byte."""
    try:
        return (await reader.readuntil(b"\0"))[:-1].decode(errors="replace")
    except asyncio.LimitOverrunError as exc:
        raise Rejected("bad request") from exc


def _reply(reply: Reply) -> bytes:
    return bytes((0, reply)) + bytes(6)
