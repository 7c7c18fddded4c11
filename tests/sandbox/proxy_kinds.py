"""Every kind of proxy that the sandbox has, and how an unmodified Telethon goes through it."""

import asyncio
from typing import Any

from python_socks import ProxyError
from telethon.network import ConnectionTcpMTProxyRandomizedIntermediate
from telethon.network.connection.connection import ObfuscatedConnection
from typing_extensions import override

from sandbox.datacentre import DataCentre
from sandbox.proxies.kinds import Kind, proxy_maker
from sandbox.proxies.mtproto import MtprotoProxy
from sandbox.proxies.relay import RelayProxy

SECRET = "00112233445566778899aabbccddeeff"
USERNAME, PASSWORD = "user", "pass"
TURNED_AWAY = (ConnectionError, ProxyError)
"""What an unmodified client raises; the second where python-socks was there before Telethon."""


class WithoutTheWait(ConnectionTcpMTProxyRandomizedIntermediate):  # type: ignore[misc]  # Telethon is untyped
    """Telethon's own, less the two seconds that it gives a proxy to hang up."""

    @override
    async def _connect(self, timeout: float | None = None, ssl: object = None) -> None:
        await ObfuscatedConnection._connect(self, timeout=timeout, ssl=ssl)


def new_proxy(kind: Kind, datacentre: DataCentre, *, is_guarded: bool = True) -> RelayProxy:
    """One that does not listen yet; a guarded one asks for what its kind has for a login."""

    def reach(dc_id: int) -> tuple[str, int] | None:
        return (datacentre.host, datacentre.port) if dc_id == datacentre.dc_id else None

    make = proxy_maker(reach)
    if kind is Kind.MTPROTO:
        return make(kind, host="127.0.0.1", secret=("dd" if is_guarded else "") + SECRET)
    if not is_guarded:
        return make(kind, host="127.0.0.1")
    password = None if kind is Kind.SOCKS4 else PASSWORD
    return make(kind, host="127.0.0.1", username=USERNAME, password=password)


def through(
    proxy: RelayProxy, *, username: str = USERNAME, password: str = PASSWORD, secret: str = ""
) -> dict[str, Any]:
    """What an unmodified client is given to go through that proxy, with the right login or another."""
    if isinstance(proxy, MtprotoProxy):
        address = (proxy.host, proxy.port, secret or proxy.secret)
        return {"connection": WithoutTheWait, "proxy": address}
    return {"proxy": (proxy.kind, proxy.host, proxy.port, True, username, password)}


async def nothing_more(reader: asyncio.StreamReader) -> bytes:
    """Everything until the other side closes, or resets, the connection."""
    data = b""
    try:
        while more := await reader.read(4096):
            data += more
    except ConnectionResetError:
        pass
    return data
