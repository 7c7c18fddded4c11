"""Many proxies at once: a message, or a text file."""

import re
from dataclasses import dataclass, field

from storage.proxies import Endpoint
from userbot.proxies.flaws import BadProxyLine, Flaw
from userbot.proxies.parse import Parsed, meant, parse_line

MOST_LINES = 10_000
_LINE_END = re.compile(r"\r\n|\r|\n")


class TooManyLines(ValueError):
    """The text has more lines than are read at once. None of it was; split it."""

    def __init__(self, lines: int) -> None:
        super().__init__(f"{lines:,} lines are too many: at most {MOST_LINES:,} are read at once")
        self.lines = lines


@dataclass(frozen=True, slots=True)
class Good:
    """A line that names a proxy for the first time. Lines are counted from 1."""

    line: int
    parsed: Parsed


@dataclass(frozen=True, slots=True)
class Bad:
    line: int
    reason: Flaw


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A line that names the proxy of an earlier one: same kind, address and user name."""

    line: int
    first_line: int
    endpoint: Endpoint


@dataclass(slots=True)
class Parsing:
    """What became of each line that is neither blank nor a comment, in order."""

    good: list[Good] = field(default_factory=list)
    bad: list[Bad] = field(default_factory=list)
    duplicates: list[Duplicate] = field(default_factory=list)


def parse_many(text: str) -> Parsing:
    """Read a text with one proxy to a line. Raises `TooManyLines`, and for no single line."""
    lines = _LINE_END.split(text)
    if len(lines) > MOST_LINES + 1 or (len(lines) == MOST_LINES + 1 and lines[-1]):
        raise TooManyLines(len(lines) - (not lines[-1]))
    parsing = Parsing()
    first_lines: dict[tuple[str, str, int, str], int] = {}
    for number, line in enumerate(lines, 1):
        if not meant(line):
            continue
        try:
            parsed = parse_line(line)
        except BadProxyLine as exc:
            parsing.bad.append(Bad(number, exc.reason))
            continue
        endpoint = parsed.endpoint
        same = (endpoint.scheme, endpoint.host, endpoint.port, endpoint.username)
        first = first_lines.setdefault(same, number)
        if first == number:
            parsing.good.append(Good(number, parsed))
        else:
            parsing.duplicates.append(Duplicate(number, first, endpoint))
    return parsing
