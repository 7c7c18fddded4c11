"""Telegram's own links to proxies: core.telegram.org/api/links#mtproxy-links and #socks5-proxy-links."""

import re

from storage.proxies import Endpoint
from userbot.proxies import address
from userbot.proxies.flaws import BadProxyLine, Flaw
from userbot.proxies.secret import secret

LINK = re.compile(
    r"(?:tg:(?://)?|(?:https?://)?(?:www\.)?(?:t\.me|telegram\.me|telegram\.dog)/)", re.IGNORECASE
)
"""How each of them begins."""
_WHOLE = re.compile(rf"{LINK.pattern}(?P<kind>proxy|socks)/?\?(?P<query>.*)", re.IGNORECASE)


def from_link(text: str) -> Endpoint:
    """The proxy of `tg://proxy?…`, `tg://socks?…`, or the same on t.me. Raises `BadProxyLine`."""
    match = _WHOLE.fullmatch(text)
    if match is None:
        raise BadProxyLine(Flaw.LINK)
    fields = _fields(match["query"])
    host = address.host(fields.get("server", ""))
    port = address.port(fields.get("port"))
    if match["kind"].lower() == "proxy":
        return Endpoint("mtproto", host, port, password=secret(fields.get("secret", "")))
    username, password = fields.get("user", ""), fields.get("pass", "")
    return Endpoint("socks5", host, port, *address.login(username, password, scheme="socks5"))


def _fields(query: str) -> dict[str, str]:
    """By name. A `+` is no space here: base64 has it."""
    fields: dict[str, str] = {}
    for pair in query.split("&"):
        name, _, value = pair.partition("=")
        fields.setdefault(name.lower(), address.decoded(value))
    return fields
