"""Proxies as operators write them, one to a line."""

import re
from dataclasses import dataclass

from storage.proxies import Endpoint
from userbot.proxies import address
from userbot.proxies.flaws import BadProxyLine, Flaw
from userbot.proxies.links import LINK, from_link

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://(.*)", re.DOTALL)
_COMMENT = re.compile(r"(?:^|\s)#.*", re.DOTALL)
_AFTER_PORT = re.compile(r"[0-9]+[^0-9].*")
_INVISIBLE = "\ufeff\u200b\u200c\u200d\u2060"
"""The byte order mark, and what chats put between words to break lines."""
_KINDS = {
    "socks5": "socks5",
    "socks5h": "socks5",  # names are always resolved by the proxy
    "socks": "socks5",
    "socks4": "socks4",
    "socks4a": "socks4",
    "http": "http",
}
_GUESS = "socks5"
_LONGEST = 2048


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a line names. Where it has no scheme, the endpoint's is a first guess."""

    endpoint: Endpoint
    is_guess: bool = False


def parse(line: str) -> Endpoint:
    """The proxy that the line names; SOCKS5 where it names no kind. Raises `BadProxyLine`."""
    return parse_line(line).endpoint


def parse_line(line: str) -> Parsed:
    """Read one line in any of the forms. Raises `BadProxyLine`.

    Percent-encoding counts where there is an `@`; `ip:port:user:password` is taken as it stands.
    """
    if len(line) > _LONGEST:
        raise BadProxyLine(Flaw.TOO_LONG)
    text = meant(line)
    if not text:
        raise BadProxyLine(Flaw.EMPTY)
    if len(text.split()) > 1:
        raise BadProxyLine(Flaw.FORM)
    if LINK.match(text):
        return Parsed(from_link(text))
    if match := _SCHEME.fullmatch(text):
        return Parsed(_from_uri(match[1].lower(), match[2]))
    return Parsed(_from_rest(_GUESS, text), is_guess=True)


def meant(line: str) -> str:
    """The line without what surrounds it: spaces, invisible characters, a comment."""
    text = line.strip().strip(_INVISIBLE)
    return (_COMMENT.sub("", text, count=1) if "#" in text else text).strip()


def _from_uri(scheme: str, rest: str) -> Endpoint:
    if scheme == "https":
        raise BadProxyLine(Flaw.TLS)
    if scheme not in _KINDS:
        raise BadProxyLine(Flaw.SCHEME)
    return _from_rest(_KINDS[scheme], rest.removesuffix("/"))


def _from_rest(scheme: str, text: str) -> Endpoint:
    """What may follow a scheme, or stand without one."""
    if "@" in text and not _is_colon_form(text):
        return _from_authority(scheme, text)
    host, rest = address.split(text)
    if rest is None:
        raise BadProxyLine(Flaw.NO_PORT)
    port, *login = rest.split(":", 2)
    _check_order(port, login)
    if login and not all(login):
        raise BadProxyLine(Flaw.FORM)
    return _endpoint(scheme, host, port, *login)


def _is_colon_form(text: str) -> bool:
    """Whether an `@` is only part of the login in `ip:port:user:password`."""
    head, _, tail = text.rpartition("@")
    is_place = _is_place(*address.split(tail)) if not tail.startswith("[") else True
    before = (head if is_place else text).split(":", 3)
    return len(before) == 4 and _is_place(before[0], before[1])


def _is_place(host: str, port: str | None) -> bool:
    try:
        address.host(host)
        address.port(port)
    except BadProxyLine:
        return False
    return True


def _check_order(port: str, login: list[str]) -> None:
    """Name the flaw of `user:password:host:port` and of half a login."""
    if len(login) == 2 and not port.isdecimal() and login[-1].isdecimal():
        raise BadProxyLine(Flaw.ORDER)
    address.port(port)
    if len(login) == 1:
        raise BadProxyLine(Flaw.NO_PASSWORD)


def _from_authority(scheme: str, text: str) -> Endpoint:
    """`[user[:password]@]host:port`; the last `@` counts, so that a password may hold one."""
    login, _, place = text.rpartition("@")
    username, _, password = login.partition(":")
    host, port = address.split(place)
    if port is not None and _AFTER_PORT.fullmatch(port):
        raise BadProxyLine(Flaw.AFTER_PORT)
    return _endpoint(scheme, host, port, address.decoded(username), address.decoded(password))


def _endpoint(
    scheme: str, host: str, port: str | None, username: str = "", password: str = ""
) -> Endpoint:
    return Endpoint(
        scheme,
        address.host(host),
        address.port(port),
        *address.login(username, password, scheme=scheme),
    )
