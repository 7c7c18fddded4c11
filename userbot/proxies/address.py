"""The host, the port and the login of a proxy, each checked."""

import re
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from urllib.parse import unquote

from userbot.proxies.flaws import BadProxyLine, Flaw

_NAME = re.compile(r"(?!-)[A-Za-z0-9-]{1,63}(?<!-)(\.(?!-)[A-Za-z0-9-]{1,63}(?<!-))*")
_NUMBERS = re.compile(r"[0-9.]+")
_BARE_IPV6 = re.compile(r"[0-9A-Fa-f]*:[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*")
_PORT = re.compile(r"[0-9]{1,9}")
_NO_LOGIN = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_LOGIN_BYTES = 255
"""What a SOCKS5 login (RFC 1929) can carry."""


def split(text: str) -> tuple[str, str | None]:
    """The host of `host:port`, also of `[ipv6]:port`, and what follows its colon, if anything."""
    if text.startswith("["):
        host, bracket, rest = text.partition("]")
        if not bracket or (rest and not rest.startswith(":")):
            raise BadProxyLine(Flaw.IPV6)
        return host + bracket, rest[1:] if rest else None
    host, colon, rest = text.partition(":")
    if "::" in text and _BARE_IPV6.fullmatch(text):
        raise BadProxyLine(Flaw.IPV6)
    return host, rest if colon else None


def host(text: str) -> str:
    """An IP address or host name in its usual form."""
    if not text:
        raise BadProxyLine(Flaw.NO_HOST)
    if text.startswith("[") or ":" in text:
        return _ipv6(text)
    if _NUMBERS.fullmatch(text):
        try:
            return str(IPv4Address(text))
        except AddressValueError as exc:
            raise BadProxyLine(Flaw.IPV4) from exc
    if len(text) > 253 or not _NAME.fullmatch(text):
        raise BadProxyLine(Flaw.HOST)
    return text.lower()


def _ipv6(text: str) -> str:
    bare = text[1:-1] if text.startswith("[") and text.endswith("]") else text
    try:
        address = IPv6Address(bare)
    except AddressValueError as exc:
        raise BadProxyLine(Flaw.IPV6) from exc
    if address.scope_id is not None:
        raise BadProxyLine(Flaw.IPV6)
    return str(address)


def port(text: str | None) -> int:
    if text is None:
        raise BadProxyLine(Flaw.NO_PORT)
    if not _PORT.fullmatch(text):
        raise BadProxyLine(Flaw.PORT)
    number = int(text)
    if not 1 <= number <= 65535:
        raise BadProxyLine(Flaw.PORT_RANGE)
    return number


def login(username: str, password: str, *, scheme: str) -> tuple[str, str]:
    """The same two, if a proxy of that kind can be logged in to with them."""
    if password and not username:
        raise BadProxyLine(Flaw.NO_USER)
    if password and scheme == "socks4":
        raise BadProxyLine(Flaw.SOCKS4_PASSWORD)
    if ":" in username and scheme == "http":
        raise BadProxyLine(Flaw.USER_COLON)
    for text in (username, password):
        # Line ends and NUL would end a login early, or begin something else.
        if _NO_LOGIN.search(text):
            raise BadProxyLine(Flaw.LOGIN_CHARACTERS)
        if len(text.encode()) > _LOGIN_BYTES:
            raise BadProxyLine(Flaw.LOGIN_TOO_LONG)
    return username, password


def decoded(text: str) -> str:
    """Without its percent-encoding. A per cent sign that begins none stays, and so does `+`."""
    if "%" not in text:
        return text
    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError as exc:
        raise BadProxyLine(Flaw.LOGIN_CHARACTERS) from exc
