"""Telegram's MarkdownV2, read strictly.

Source: `parse_markdown_v2` of TDLib's `MessageEntity.cpp`, and core.telegram.org/bots/api
#markdownv2-style for quotations that expand. Errors name the byte offset in UTF-8, as there.
"""

import re
from dataclasses import dataclass
from typing import Any

from sandbox.botapi.links import checked_link, linked_user
from sandbox.botapi.tags import Malformed, is_emoji_id
from sandbox.world.messages import Entity

_RESERVED = b"_*[]()~`>#+-=|{}.!\n"
_OPAQUE = {"Code", "Pre", "PreCode"}
"""In these only a grave accent ends something."""
_SPACE = b" \t\r\n\0\x0b"
_MARKS = {b"_": "Italic", b"*": "Bold", b"~": "Strikethrough", b"`": "Code", b"[": "TextUrl"}
_LONG_MARKS = {b"__": "Underline", b"||": "Spoiler", b"![": "CustomEmoji"}
_ENDS = {
    "Bold": b"*",
    "Underline": b"__",
    "Strikethrough": b"~",
    "Spoiler": b"||",
    "Code": b"`",
    "Pre": b"```",
    "PreCode": b"```",
    "TextUrl": b"]",
    "CustomEmoji": b"]",
}
_KINDS = {"TextUrl": "text_link", "CustomEmoji": "custom_emoji", "PreCode": "pre"}
_EMOJI_URL = re.compile(r"(?P<scheme>[^:]*):(?://)?(?P<host>[^/?#]*)/?(?:\?(?P<query>[^#]*))?")


@dataclass(slots=True)
class _Open:
    """An entity that waits for its end. `name` is TDLib's, for the errors."""

    name: str
    language: str
    offset: int
    """In UTF-16 units of the output."""
    begin: int
    """The byte of its mark."""
    text_at: int
    """Where its text begins, in bytes of the output."""


def parse_markdown(source: str) -> tuple[str, tuple[Entity, ...]]:
    """The plain text and its entities in order; `Malformed` where Telegram would refuse it."""
    reader = _Reader(source.encode("utf-8", "surrogatepass"))
    reader.read()
    ordered = sorted(reader.entities, key=lambda e: (e.offset, -e.length, "quote" not in e.kind))
    return reader.text, tuple(ordered)


class _Reader:
    """One pass over the bytes, with the output so far and the entities that are open."""

    def __init__(self, source: bytes) -> None:
        # Closing NULs, as in the original: no look ahead runs past the end.
        self._source = source + b"\0\0\0\0"
        self._end = len(source)
        self._at = 0
        self._output = bytearray()
        self._offset = 0
        self._open: list[_Open] = []
        self._is_quoting = False
        self._may_quote = True
        """Whether nothing but marks stands before this place in its line."""
        self.entities: list[Entity] = []

    @property
    def text(self) -> str:
        return self._output.decode("utf-8", "surrogatepass")

    def read(self) -> None:
        while self._at < self._end:
            if self._is_escape():
                self._at += 1
                self._emit()
            elif self._source[self._at] not in self._reserved():
                self._emit()
            elif self._is_quote_end():
                self._end_quote()
            elif self._is_end():
                self._close(self._open.pop())
            else:
                self._begin()
        if self._open and self._open[-1].name == "BlockQuote":
            self._add(self._open.pop(), "blockquote", {})
        if self._open:
            raise self._endless()

    def _starts(self, mark: bytes) -> bool:
        return self._source.startswith(mark, self._at)

    def _is_escape(self) -> bool:
        return self._starts(b"\\") and 0 < self._source[self._at + 1] <= 126

    def _reserved(self) -> bytes:
        return b"`" if self._open and self._open[-1].name in _OPAQUE else _RESERVED

    def _emit(self) -> None:
        """One byte is text. A character counts at its first byte, twice if it takes four."""
        byte = self._source[self._at]
        if byte & 0xC0 != 0x80:
            self._offset += 1 + (byte >= 0xF0)
        self._output.append(byte)
        self._at += 1
        self._may_quote = False

    # --- Quotations ---

    def _is_quote_end(self) -> bool:
        if not self._is_quoting:
            return False
        if self._starts(b"||") and self._open[-1].name == "BlockQuote":
            return self._is_line_end(self._at + 2)
        return self._starts(b"\n") and self._is_line_end(self._at)

    def _is_line_end(self, at: int) -> bool:
        """Whether a line ends there and no quoted one follows."""
        is_end = at >= self._end or self._source[at] == ord("\n")
        return is_end and self._source[at + 1 : at + 2] != b">"

    def _end_quote(self) -> None:
        quote = self._open.pop()
        if quote.name != "BlockQuote":
            self._open.append(quote)
            raise self._endless()
        expands = self._starts(b"||")
        self._at += 2 * expands
        if self._at < self._end:
            self._emit()
        self._may_quote, self._is_quoting = True, False
        self._add(quote, "expandable_blockquote" if expands else "blockquote", {})

    # --- Beginnings ---

    def _begin(self) -> None:
        begin, mark = self._at, self._source[self._at : self._at + 1]
        if mark == b"\n":
            self._emit()
            self._may_quote = True
            return
        if mark == b">" and self._may_quote:
            self._at += 1
            if self._is_quoting:
                return
            self._is_quoting, name = True, "BlockQuote"
        elif (two := self._source[self._at : self._at + 2]) in _LONG_MARKS:
            self._at += 2
            name = _LONG_MARKS[two]
        elif mark in _MARKS:
            self._at += 1
            name = _MARKS[mark]
        else:
            raise Malformed(
                f"Character '{mark.decode()}' is reserved and must be escaped with the preceding '\\'"
            )
        language = ""
        if name == "Code" and self._starts(b"``"):
            name, language = self._begin_pre()
        self._open.append(_Open(name, language, self._offset, begin, len(self._output)))

    def _begin_pre(self) -> tuple[str, str]:
        """The name and the language; one line break before the text does not count."""
        self._at += 2
        end = self._at
        while self._source[end] not in _SPACE + b"`":
            end += 1
        language = ""
        if end < self._end and self._source[end] != ord("`"):
            language = self._source[self._at : end].decode("utf-8", "replace")
            self._at = end
        first, second = self._source[self._at], self._source[self._at + 1]
        if first in b"\r\n":
            self._at += 2 if second in b"\r\n" and second != first else 1
        return ("PreCode", language) if language else ("Pre", "")

    # --- Ends ---

    def _is_end(self) -> bool:
        if not self._open:
            return False
        name = self._open[-1].name
        if name == "Italic":
            return self._starts(b"_") and not self._starts(b"__")
        return name in _ENDS and self._starts(_ENDS[name])

    def _close(self, closed: _Open) -> None:
        self._at += len(_ENDS.get(closed.name, b"_"))
        match closed.name:
            case "TextUrl":
                kind, extra = self._link(closed)
            case "CustomEmoji":
                if not self._starts(b"("):
                    raise Malformed("Custom emoji entity must contain a tg://emoji URL")
                kind, extra = (
                    "custom_emoji",
                    {"custom_emoji_id": _emoji_id(self._url("custom emoji"))},
                )
            case name:
                kind = _KINDS.get(name, name.lower())
                extra = {"language": closed.language} if closed.language else {}
        if kind:
            self._add(closed, kind, extra)

    def _link(self, closed: _Open) -> tuple[str, dict[str, Any]]:
        """Kind and extra fields; an empty kind where Telegram keeps the text only."""
        if self._starts(b"("):
            url = self._url()
        else:
            url = self._output[closed.text_at :].decode("utf-8", "surrogatepass")
        if (user_id := linked_user(url)) is not None:
            return "text_mention", {"user_id": user_id}
        link = checked_link(url)
        return ("text_link", {"url": link}) if link else ("", {})

    def _url(self, what: str = "") -> str:
        """What stands in the brackets here, read with both of them."""
        self._at += 1
        begin, url = self._at, bytearray()
        while self._at < self._end and not self._starts(b")"):
            self._at += self._is_escape()
            url.append(self._source[self._at])
            self._at += 1
        if not self._starts(b")"):
            named = f"a {what} URL" if what else "a URL"
            raise Malformed(f"Can't find end of {named} at byte offset {begin}")
        self._at += 1
        return url.decode("utf-8", "surrogatepass")

    def _add(self, closed: _Open, kind: str, extra: dict[str, Any]) -> None:
        if self._offset > closed.offset:
            length = self._offset - closed.offset
            self.entities.append(Entity(kind, closed.offset, length, extra))

    def _endless(self) -> Malformed:
        last = self._open[-1]
        return Malformed(f"Can't find end of {last.name} entity at byte offset {last.begin}")


def _emoji_id(url: str) -> str:
    """What a link to a custom emoji names."""
    match = _EMOJI_URL.match(url)
    if match is None or match["scheme"].lower() != "tg":
        raise Malformed("Custom emoji URL must have scheme tg")
    if match["host"].lower() != "emoji":
        raise Malformed('Custom emoji URL must have host "emoji"')
    query: str = match["query"] or ""
    named = dict(part.partition("=")[::2] for part in query.split("&"))
    if "id" not in named:
        raise Malformed("Custom emoji URL must have an emoji identifier")
    if not is_emoji_id(named["id"]):
        raise Malformed("Invalid custom emoji identifier specified")
    return named["id"]
