"""Proxies as Telethon wants them, and as operators write them."""

import re
from typing import Any

from storage.proxies import Endpoint

_LINE = re.compile(
    r"(?P<host>[^\s:]+):(?P<port>[0-9]{1,9})(?::(?P<user>[^:\s]+):(?P<password>\S+))?"
)
_HOST = re.compile(r"(?!-)[A-Za-z0-9-]{1,63}(?<!-)(\.(?!-)[A-Za-z0-9-]{1,63}(?<!-))*")
_IPV4 = re.compile(r"[0-9.]+")


class BadProxyLine(ValueError):
    """That line names no proxy; `reason` says what is wrong in words for the operator."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def parse(line: str) -> Endpoint:
    """Read `ip:port` or `ip:port:user:password` as a SOCKS5 proxy. Raises `BadProxyLine`."""
    text = line.strip()
    if not text:
        raise BadProxyLine("the line is empty")
    match = _LINE.fullmatch(text)
    if match is None:
        raise BadProxyLine(_what_is_wrong(text))
    host, port = match["host"], int(match["port"])
    if not 1 <= port <= 65535:
        raise BadProxyLine(f"port {port} is not between 1 and 65535")
    if _IPV4.fullmatch(host) and not _is_ipv4(host):
        raise BadProxyLine(f"{host} is not an IP address")
    if len(host) > 253 or not _HOST.fullmatch(host):
        raise BadProxyLine("the host is neither an IP address nor a host name")
    return Endpoint("socks5", host.lower(), port, match["user"] or "", match["password"] or "")


def _what_is_wrong(text: str) -> str:
    if "://" in text:
        return "addresses with a scheme are not understood yet"
    parts = text.split(":")
    if len(parts) < 2:
        return "the port is missing"
    if not parts[1].isdigit():
        return "the port is not a number"
    if len(parts) == 3:
        return "there is a user name but no password"
    return "it does not have the form ip:port or ip:port:user:password"


def _is_ipv4(host: str) -> bool:
    parts = host.split(".")
    return len(parts) == 4 and all(p.isdigit() and int(p) <= 255 for p in parts)


def for_telethon(endpoint: Endpoint) -> dict[str, Any]:
    """The `proxy=` argument. Names are resolved by the proxy, so that nothing leaks by DNS."""
    return {
        "proxy_type": endpoint.scheme,
        "addr": endpoint.host,
        "port": endpoint.port,
        "rdns": True,
        "username": endpoint.username or None,
        "password": endpoint.password or None,
    }
