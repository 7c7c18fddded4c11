"""The client's side of SOCKS5, SOCKS4 and HTTP CONNECT, over a stream to the proxy.

Our own, for one library tells its causes apart by their English alone, reads an HTTP answer in
one piece whatever its size, and takes no password beyond ASCII. Each raises `DialFailed`.
"""

import asyncio
import base64
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address

from storage.proxies import Endpoint
from userbot.proxies.causes import Cause, DialFailed

_MOST_HEADERS = 100
_NO_LOGIN = {401, 407}
"""tinyproxy says 407 where there is no login, and 401 to a wrong one."""
_NO_HTTP_PROXY = {400, 404, 405, 501}
"""What a web server says to CONNECT."""


@dataclass(frozen=True, slots=True)
class Talk:
    """One conversation with a proxy, about a place that it shall connect to."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    endpoint: Endpoint
    host: str
    port: int
    on_answer: Callable[[], None]
    """Called when the proxy has shown that it is one of its kind."""

    async def read(self, count: int, *, hang_up: Cause) -> bytes:
        """So many bytes; `hang_up` is what it means when the proxy ends the talk here."""
        try:
            return await self.reader.readexactly(count)
        except (asyncio.IncompleteReadError, OSError) as exc:
            raise DialFailed(hang_up) from exc

    @property
    def address(self) -> IPv4Address | IPv6Address | None:
        """The place's address; None where it is a name, which the proxy resolves."""
        try:
            return ip_address(self.host)
        except ValueError:
            return None


async def socks5(talk: Talk) -> None:
    """RFC 1928, with a login by RFC 1929 where there is one."""
    methods = b"\x00\x02" if talk.endpoint.username else b"\x00"
    talk.writer.write(bytes((5, len(methods))) + methods)
    version, method = await talk.read(2, hang_up=Cause.CLOSED)
    if version != 5:
        raise DialFailed(Cause.NOT_A_PROXY)
    talk.on_answer()
    if method == 2 and talk.endpoint.username:
        await _log_in(talk)
    elif method != 0:
        raise DialFailed(Cause.LOGIN_REJECTED)
    talk.writer.write(b"\x05\x01\x00" + _place(talk) + talk.port.to_bytes(2))
    version, reply, _, kind = await talk.read(4, hang_up=Cause.DC_BLOCKED)
    if version != 5:
        raise DialFailed(Cause.NOT_A_PROXY)
    if reply != 0:
        raise DialFailed(Cause.DC_BLOCKED)
    await _skip_address(talk, kind)


async def _log_in(talk: Talk) -> None:
    username, password = talk.endpoint.username.encode(), talk.endpoint.password.encode()
    if max(len(username), len(password)) > 255:
        raise DialFailed(Cause.LOGIN_REJECTED)
    login = bytes((len(username),)) + username + bytes((len(password),)) + password
    talk.writer.write(b"\x01" + login)
    _, status = await talk.read(2, hang_up=Cause.LOGIN_REJECTED)
    if status != 0:
        raise DialFailed(Cause.LOGIN_REJECTED)


def _place(talk: Talk) -> bytes:
    address = talk.address
    if isinstance(address, IPv4Address):
        return b"\x01" + address.packed
    if isinstance(address, IPv6Address):
        return b"\x04" + address.packed
    name = talk.host.encode()
    return bytes((3, len(name))) + name


async def _skip_address(talk: Talk, kind: int) -> None:
    """Read past the address that the proxy dialled from."""
    sizes = {1: 4, 4: 16}
    if kind == 3:
        size = (await talk.read(1, hang_up=Cause.DC_BLOCKED))[0]
    elif kind in sizes:
        size = sizes[kind]
    else:
        raise DialFailed(Cause.NOT_A_PROXY)
    await talk.read(size + 2, hang_up=Cause.DC_BLOCKED)


async def socks4(talk: Talk) -> None:
    """SOCKS4, and 4a where the place is a name."""
    address = talk.address
    if isinstance(address, IPv6Address):
        raise DialFailed(Cause.DC_BLOCKED)  # it has no way to say one
    wish = b"\x04\x01" + talk.port.to_bytes(2)
    wish += address.packed if address else b"\x00\x00\x00\x01"
    wish += talk.endpoint.username.encode() + b"\x00"
    talk.writer.write(wish if address else wish + talk.host.encode() + b"\x00")
    version, reply = await talk.read(2, hang_up=Cause.CLOSED)
    if version not in {0, 4} or not 90 <= reply <= 93:
        raise DialFailed(Cause.NOT_A_PROXY)
    talk.on_answer()
    if reply in {92, 93}:
        raise DialFailed(Cause.LOGIN_REJECTED)
    if reply != 90:
        raise DialFailed(Cause.DC_BLOCKED)
    await talk.read(6, hang_up=Cause.DC_BLOCKED)


async def http(talk: Talk) -> None:
    """CONNECT (RFC 9110, 9.3.6), with a Basic login where there is one."""
    place = f"[{talk.host}]" if ":" in talk.host else talk.host
    lines = [f"CONNECT {place}:{talk.port} HTTP/1.1", f"Host: {place}:{talk.port}"]
    if talk.endpoint.username:
        login = f"{talk.endpoint.username}:{talk.endpoint.password}".encode()
        lines.append(f"Proxy-Authorization: Basic {base64.b64encode(login).decode()}")
    talk.writer.write("\r\n".join([*lines, "", ""]).encode())
    if await talk.read(5, hang_up=Cause.CLOSED) != b"HTTP/":
        raise DialFailed(Cause.NOT_A_PROXY)
    cause = _refusal(await _status(talk))
    if cause is not Cause.NOT_A_PROXY:
        talk.on_answer()
    if cause is not None:
        raise DialFailed(cause)
    for _ in range(_MOST_HEADERS):
        if not (await _line(talk)).strip():
            return
    raise DialFailed(Cause.NOT_A_PROXY)


async def _status(talk: Talk) -> int:
    _, _, rest = (await _line(talk)).partition(b" ")
    code = rest.strip()[:3]
    if not code.isdigit():
        raise DialFailed(Cause.NOT_A_PROXY)
    return int(code)


async def _line(talk: Talk) -> bytes:
    """Up to its end, or to the proxy's."""
    try:
        return await talk.reader.readuntil(b"\n")
    except asyncio.IncompleteReadError as exc:
        if exc.partial:
            return exc.partial
        raise DialFailed(Cause.DC_BLOCKED) from exc
    except OSError as exc:
        raise DialFailed(Cause.DC_BLOCKED) from exc
    except asyncio.LimitOverrunError as exc:
        raise DialFailed(Cause.NOT_A_PROXY) from exc


def _refusal(status: int) -> Cause | None:
    """What a status says; None where the proxy has connected."""
    if 200 <= status < 300:
        return None
    if status in _NO_LOGIN:
        return Cause.LOGIN_REJECTED
    if status in _NO_HTTP_PROXY or status < 400:
        return Cause.NOT_A_PROXY
    return Cause.DC_BLOCKED


HANDSHAKES: dict[str, Callable[[Talk], Awaitable[None]]] = {
    "socks5": socks5,
    "socks4": socks4,
    "http": http,
}
"""By the endpoint's scheme."""
