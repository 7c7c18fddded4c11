"""Long texts as several messages: cut at a sensible place, the formatting with them.

Telegram counts in UTF-16 code units, offsets and lengths of entities too
(core.telegram.org/api/entities).
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any

MAX_TEXT = 4096
MAX_CAPTION = 1024
Entity = Mapping[str, Any]
"""Formatting in the Bot API's form: `type`, `offset`, `length`, …"""

_PLACES = (
    re.compile(r"\n\s*\n\s*"),  # a paragraph's end
    re.compile(r"\n\s*"),
    re.compile(r"(?<=[.!?…。！？])[\"'”’)\]]*\s+"),  # noqa: RUF001 - as sentences end elsewhere
    re.compile(r"\s+"),
)
"""Where a text is cut, the best first. White space stays with what stands before it."""
_WHOLE = {
    "mention", "hashtag", "cashtag", "bot_command", "url", "email", "phone_number", "custom_emoji",
    "text_mention",
}  # fmt: skip
"""Formatting that means nothing where it is cut."""
_JOINERS = {"\u200d", "\ufe0e", "\ufe0f"}


@dataclass(frozen=True, slots=True)
class Piece:
    """A text with its formatting."""

    text: str = field(repr=False)
    entities: tuple[Entity, ...] = field(default=(), repr=False)

    @property
    def length(self) -> int:
        return units(self.text)


def units(text: str) -> int:
    """How long Telegram says that the text is."""
    return len(text) + sum(c > "\uffff" for c in text)


def messages(piece: Piece, limit: int = MAX_TEXT) -> list[Piece]:
    """The text as messages of at most `limit`; none is blank: Telegram takes no such message."""
    return [part for part in split(piece, limit) if part.text.strip()]


def split(piece: Piece, limit: int = MAX_TEXT) -> list[Piece]:
    """The text in pieces of at most `limit`; together they are the text as it was."""
    text = piece.text
    offsets = [0, *accumulate(1 + (c > "\uffff") for c in text)]
    kept_whole = _insides(piece.entities, limit)
    parts: list[Piece] = []
    begin = 0
    while offsets[-1] - offsets[begin] > limit:
        end = _end(text, offsets, begin, limit, kept_whole)
        parts.append(_cut(piece, offsets, begin, end))
        begin = end
    return [*parts, _cut(piece, offsets, begin, len(text))]


def tail(piece: Piece, begin: int) -> Piece:
    """The text from its character `begin` on."""
    offsets = [0, *accumulate(1 + (c > "\uffff") for c in piece.text)]
    return _cut(piece, offsets, begin, len(piece.text))


def joined(pieces: Iterable[Piece], between: str = "\n") -> Piece:
    """Several texts as one."""
    text, entities = "", list[Entity]()
    for piece in pieces:
        text += between if text else ""
        shift = units(text)
        entities += [{**e, "offset": int(e["offset"]) + shift} for e in piece.entities]
        text += piece.text
    return Piece(text, tuple(entities))


def _end(
    text: str,
    offsets: Sequence[int],
    begin: int,
    limit: int,
    kept_whole: Sequence[tuple[int, int]],
) -> int:
    """Where the piece that begins there ends: a character within the limit."""
    last = begin + 1
    while last < len(text) and offsets[last + 1] - offsets[begin] <= limit:
        last += 1
    for at, pattern in enumerate(_PLACES):
        # A short piece is worse than a cut within a paragraph; than one within a word it is not.
        least = begin + ((last - begin) // 2 if at < len(_PLACES) - 1 else 1)
        ends = [min(m.end(), last) for m in pattern.finditer(text, begin, last + 1)]
        good = [e for e in ends if least <= e and _may_cut(text, offsets, e, kept_whole)]
        if good:
            return good[-1]
    whole = (e for e in range(last, begin, -1) if _may_cut(text, offsets, e, kept_whole))
    return next(whole, last)


def _may_cut(
    text: str, offsets: Sequence[int], at: int, kept_whole: Sequence[tuple[int, int]]
) -> bool:
    """Whether nothing that belongs together is torn: a letter and its marks, a link, an emoji."""
    if at < len(text) and (text[at] in _JOINERS or unicodedata.combining(text[at])):
        return False
    if text[at - 1] == "\u200d":
        return False
    return not any(begin < offsets[at] < end for begin, end in kept_whole)


def _insides(entities: Iterable[Entity], limit: int) -> list[tuple[int, int]]:
    spans = [(int(e["offset"]), int(e["length"])) for e in entities if e["type"] in _WHOLE]
    return [(offset, offset + length) for offset, length in spans if length <= limit]


def _cut(piece: Piece, offsets: Sequence[int], begin: int, end: int) -> Piece:
    """From one character to another, with what is left there of each entity."""
    first, last = offsets[begin], offsets[end]
    kept = []
    for entity in piece.entities:
        starts = max(int(entity["offset"]), first)
        ends = min(int(entity["offset"]) + int(entity["length"]), last)
        if starts < ends:
            kept.append({**entity, "offset": starts - first, "length": ends - starts})
    return Piece(piece.text[begin:end], tuple(kept))
