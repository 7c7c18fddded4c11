"""Proxies: read as operators write them, dialled through, and probed."""

from userbot.proxies.flaws import BadProxyLine, Flaw
from userbot.proxies.lines import Parsing, TooManyLines, parse_many
from userbot.proxies.parse import Parsed, parse, parse_line
from userbot.proxies.telethon import for_telethon
from userbot.proxies.uri import to_uri

__all__ = [
    "BadProxyLine",
    "Flaw",
    "Parsed",
    "Parsing",
    "TooManyLines",
    "for_telethon",
    "parse",
    "parse_line",
    "parse_many",
    "to_uri",
]
