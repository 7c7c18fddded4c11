"""A whole order in one line: `/send #7 @bobby at 18:30 hello`."""

import re
from dataclasses import dataclass, field
from datetime import datetime, tzinfo

from bot.splitting import Piece, tail
from bot.times import leading_time
from userbot.targets import BadTarget, parse_target

_COMMAND = re.compile(r"/\S+\s*")
_ACCOUNT = re.compile(r"#(\d{1,18})(?:\s+|$)", re.ASCII)
_WORD = re.compile(r"(\S+)\s*")
_NUMBER = re.compile(r"\+[\d().-]*(?: [\d().-]+)*(?=\s|$)", re.ASCII)
"""A phone number as it is often written: in groups of digits."""


_NOTHING = Piece("")


@dataclass(frozen=True, slots=True)
class Order:
    """What a line names; what it leaves out is asked for."""

    account_id: int | None = None
    target: str = field(default="", repr=False)
    at: datetime | None = None
    content: Piece = _NOTHING
    error: ValueError | None = None
    """The `BadTarget` or `BadTime` at which reading it ended."""


def parse_order(line: Piece, *, now: datetime, zone: tzinfo) -> Order:
    """What stands behind the command: an account, a target, a time, a text; each may be missing.

    What is wrong is in `error`, with all that stands before it.
    """
    text = line.text
    begin = _end(_COMMAND, text, 0)
    account_id = None
    if named := _ACCOUNT.match(text, begin):
        account_id, begin = int(named[1]), named.end()
    if begin == len(text):
        return Order(account_id)
    try:
        target, begin = _target(text, begin)
    except BadTarget as exc:
        return Order(account_id, error=exc)
    try:
        at, length = leading_time(text[begin:], now=now, zone=zone)
    except ValueError as exc:
        return Order(account_id, target, error=exc)
    return Order(account_id, target, at, tail(line, begin + length))


def _target(text: str, begin: int) -> tuple[str, int]:
    """The target that stands there, and where what follows begins. Raises `BadTarget`."""
    word = _WORD.match(text, begin)
    if word is None:
        raise BadTarget("nobody is named")
    try:
        return parse_target(word[1]), word.end()
    except BadTarget:
        number = _NUMBER.match(text, begin)
        if number is None:
            raise
        return parse_target(number[0]), begin + _end(_WORD_GAP, text[begin:], len(number[0]))


_WORD_GAP = re.compile(r"\s*")


def _end(pattern: re.Pattern[str], text: str, begin: int) -> int:
    match = pattern.match(text, begin)
    return match.end() if match else begin
