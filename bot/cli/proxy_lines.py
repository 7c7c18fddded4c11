"""Proxies as they are given to a command: by a file, by standard input, or as the argument itself."""

import sys
from dataclasses import dataclass, field
from pathlib import Path

from bot.cli.asking import warn_of_argument
from bot.proxy_adding import may_hold_password
from storage.proxies import Endpoint
from userbot.proxies import BadProxyLine, Parsing, TooManyLines, parse, parse_many

STDIN = "-"
FORMS = "FILE|-|LINE"
HELP = (
    "a text file, - for standard input, or one proxy; with a password in it, others on this "
    "machine could read such an argument"
)


class NotOne(ValueError):
    """What was given does not name one proxy; the text says why."""


@dataclass(frozen=True, slots=True)
class Given:
    """What was given."""

    text: str = field(repr=False)
    is_argument: bool = False
    """It stood in the command's arguments."""


def read(source: str) -> Given:
    """What a word names. Raises UnicodeDecodeError, and OSError where it names nothing."""
    if source == STDIN:
        return Given(sys.stdin.buffer.read().decode("utf-8-sig"))
    file = Path(source)
    if file.is_file():
        return Given(file.read_bytes().decode("utf-8-sig"))
    if ":" not in source:
        raise FileNotFoundError(2, "there is no such file, and it names no proxy", source)
    return Given(source, is_argument=True)


def warn(given: Given, parsing: Parsing) -> None:
    """Say it where a password was given in a way that others can read."""
    if given.is_argument and may_hold_password(given.text, parsing):
        warn_of_argument("this proxy's password")


def the_one(source: str) -> Endpoint:
    """The one proxy that a word names; says what `warn` says. Raises `NotOne`, `BadProxyLine`."""
    try:
        given = read(source)
        parsing = parse_many(given.text)
    except FileNotFoundError:
        return _as_proxy(source)
    except UnicodeDecodeError:
        raise NotOne("is no text in UTF-8") from None
    except OSError as exc:
        raise NotOne(f"can't be read: {exc.strerror}") from None
    except TooManyLines as exc:
        raise NotOne(f"names one proxy: {exc}") from None
    warn(given, parsing)
    if len(parsing.good) + len(parsing.bad) + len(parsing.duplicates) > 1:
        raise NotOne("names one proxy, and this has several")
    if parsing.bad:
        raise BadProxyLine(parsing.bad[0].reason)
    if not parsing.good:
        raise NotOne("has no proxy in it")
    return parsing.good[0].parsed.endpoint


def _as_proxy(word: str) -> Endpoint:
    try:
        return parse(word)
    except BadProxyLine as flaw:
        raise NotOne(f"names no file, and as a proxy {flaw}") from None
