"""A stream to a data centre through a proxy. Lines and probes dial by the same code."""

import asyncio
import socket
from collections.abc import Callable
from ipaddress import ip_address
from typing import TypeAlias

from storage.proxies import Endpoint
from userbot.proxies.causes import Cause, DialFailed
from userbot.proxies.handshakes import HANDSHAKES, Talk

Stream: TypeAlias = tuple[asyncio.StreamReader, asyncio.StreamWriter]


def unheard() -> None:
    """Where nobody wants to know when the proxy has answered."""


async def dial(
    endpoint: Endpoint, host: str, port: int, *, on_answer: Callable[[], None] = unheard
) -> Stream:
    """Connect to the place through the proxy, which resolves the place's name.

    Raises `DialFailed`, for a kind of proxy that is not known too: nothing goes past a proxy.
    """
    if endpoint.scheme not in HANDSHAKES:
        raise DialFailed(Cause.UNSUPPORTED)
    reader, writer = await reach(endpoint.host, endpoint.port)
    try:
        await HANDSHAKES[endpoint.scheme](Talk(reader, writer, endpoint, host, port, on_answer))
    except BaseException:
        writer.transport.abort()
        raise
    return reader, writer


async def reach(host: str, port: int) -> Stream:
    """Connect to a proxy itself, by any of its addresses. Raises `DialFailed`."""
    failure: OSError | None = None
    for address in await _addresses(host, port):
        try:
            return await asyncio.open_connection(address, port)
        except OSError as exc:
            failure = failure or exc
    raise DialFailed(cause_of(failure)) from failure


async def _addresses(host: str, port: int) -> list[str]:
    """IPv4 first: where there is no IPv6 it may only be noticed by waiting."""
    try:
        return [str(ip_address(host))]
    except ValueError:
        pass
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError) as exc:
        raise DialFailed(Cause.NAME_NOT_FOUND) from exc
    found.sort(key=lambda each: each[0] != socket.AF_INET)
    return [str(address[0]) for *_, address in found]


def cause_of(failure: OSError | None) -> Cause:
    """What it means that no connection came about; None: there was no address to try."""
    match failure:
        case None | socket.gaierror():
            return Cause.NAME_NOT_FOUND
        case ConnectionRefusedError():
            return Cause.REFUSED
        case TimeoutError():
            return Cause.TIMED_OUT
        case ConnectionResetError():
            return Cause.CLOSED
        case _:
            return Cause.UNREACHABLE
