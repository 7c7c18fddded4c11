"""Telegram's HTML: a handful of tags, read strictly.

Source: `parse_html` of TDLib's `MessageEntity.cpp`; errors name the byte offset in UTF-8. It reads
bytes, so this does too. As there, an unknown `&name;` stays as it is written.
"""

import re
from dataclasses import dataclass, replace
from typing import Any

from sandbox.botapi.links import checked_link, linked_user
from sandbox.world.automatic import utf16_length
from sandbox.world.messages import Entity

KINDS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "tg-emoji": "custom_emoji",
    "a": "text_link",
    "pre": "pre",
    "code": "code",
    "blockquote": "blockquote",
}
_SPACE = b" \t\r\n\0\x0b"
_NAMED = {b"lt": "<", b"gt": ">", b"amp": "&", b"quot": '"'}
_EMOJI_ID = re.compile(r"[1-9][0-9]{0,18}")
_REFERENCE = re.compile(rb"&(?:#x([0-9a-fA-F]*)|#([0-9]*)|([A-Za-z]*));?")


def is_emoji_id(text: str) -> bool:
    """Whether it is the id of a custom emoji: a 64-bit number that is not zero."""
    return _EMOJI_ID.fullmatch(text) is not None and int(text) < 2**63


class Malformed(ValueError):
    """The text is not Telegram's HTML; the message is Telegram's, without its prefix."""


@dataclass(slots=True)
class _Open:
    """A tag that waits for its end."""

    tag: str
    argument: str
    text_at: int
    """Where its text begins, in code points of the output."""
    offset: int
    """The same in UTF-16 units."""


def parse_html(source: str) -> tuple[str, tuple[Entity, ...]]:
    """The plain text and its entities in order; `Malformed` where Telegram would refuse it."""
    reader = _Reader(source.encode("utf-8", "surrogatepass"))
    reader.read()
    if any("\ud800" <= character <= "\udfff" for character in reader.text):
        raise Malformed(
            "Text contains invalid Unicode characters after decoding HTML entities, check for"
            " unmatched surrogate code units"
        )
    entities = [replace(e, extra={}) if e.kind == "code" else e for e in reader.entities]
    return reader.text, tuple(sorted(entities, key=lambda e: (e.offset, -e.length)))


class _Reader:
    """One pass over the bytes, with the output so far and the tags that are open."""

    def __init__(self, source: bytes) -> None:
        # A closing NUL, as in the original: no index runs past the end.
        self._source = source + b"\0"
        self._end = len(source)
        self._at = 0
        self._pieces: list[str] = []
        self._offset = 0
        self._length = 0
        self._open: list[_Open] = []
        self.entities: list[Entity] = []

    @property
    def text(self) -> str:
        return "".join(self._pieces)

    def read(self) -> None:
        while self._at < self._end:
            byte = self._source[self._at]
            if byte == ord("<"):
                if self._source[self._at + 1] == ord("/"):
                    self._read_end_tag()
                else:
                    self._read_start_tag()
            elif byte == ord("&") and (reference := self._reference()):
                self._emit(reference)
            else:
                self._read_text()
        if self._open:
            raise Malformed(
                f'Can\'t find end tag corresponding to start tag "{self._open[-1].tag}"'
            )

    def _emit(self, piece: str) -> None:
        self._pieces.append(piece)
        self._offset += utf16_length(piece)
        self._length += len(piece)

    def _read_text(self) -> None:
        start = self._at
        self._at += 1
        while self._at < self._end and self._source[self._at] not in b"<&":
            self._at += 1
        self._emit(self._source[start : self._at].decode("utf-8", "surrogatepass"))

    def _reference(self) -> str | None:
        """The character of the reference here, read; None where there is none to read."""
        match = _REFERENCE.match(self._source, self._at)
        if match is None:
            return None
        hexadecimal, decimal, name = match.groups()
        if name is not None:
            decoded = _NAMED.get(name)
        else:
            digits = hexadecimal if hexadecimal is not None else decimal
            is_short = len(match[0].rstrip(b";")) < 10
            base = 16 if hexadecimal is not None else 10
            code = int(digits, base) if digits and is_short else 0
            decoded = chr(code) if 0 < code < 0x10FFFF else None
        if decoded is not None:
            self._at = match.end()
        return decoded

    def _skip_space(self) -> None:
        while self._at < self._end and self._source[self._at] in _SPACE:
            self._at += 1

    def _word(self, stop: bytes) -> str:
        """What stands before the next white space or `stop`."""
        start = self._at
        while self._source[self._at] not in _SPACE and self._source[self._at] not in stop:
            self._at += 1
        return self._source[start : self._at].decode("utf-8", "replace")

    def _read_start_tag(self) -> None:
        begin = self._at
        self._at += 1
        tag = self._word(b">").lower()
        if self._at >= self._end:
            raise Malformed(f"Unclosed start tag at byte offset {begin}")
        if tag not in KINDS:
            raise Malformed(f'Unsupported start tag "{tag}" at byte offset {begin}')
        argument = ""
        while (found := self._read_attribute(tag, begin)) is not None:
            argument = _argument(tag, *found) or argument
        if tag == "span" and argument != "spoiler":
            raise Malformed(f'Tag "span" must have class "tg-spoiler" at byte offset {begin}')
        self._open.append(_Open(tag, argument, self._length, self._offset))

    def _read_attribute(self, tag: str, begin: int) -> tuple[str, str] | None:
        """The next name and value; None after the closing bracket."""
        self._skip_space()
        if self._source[self._at] == ord(">"):
            self._at += 1
            return None
        name = self._word(b"=>")
        if not name:
            raise Malformed(f'Empty attribute name in the tag "{tag}" at byte offset {begin}')
        self._skip_space()
        if self._source[self._at] != ord("="):
            if (tag, name) == ("blockquote", "expandable") and self._at < self._end:
                return name, ""
            raise Malformed(
                f'Expected equal sign in declaration of an attribute of the tag "{tag}"'
                f" at byte offset {begin}"
            )
        self._at += 1
        self._skip_space()
        if self._at >= self._end:
            raise Malformed(f'Unclosed start tag "{tag}" at byte offset {begin}')
        value = self._read_value()
        if self._at >= self._end:
            raise Malformed(f"Unclosed start tag at byte offset {begin}")
        return name, value

    def _read_value(self) -> str:
        quote = self._source[self._at]
        if quote not in b"'\"":
            return self._read_token()
        self._at += 1
        value = ""
        while self._at < self._end and self._source[self._at] != quote:
            if self._source[self._at] == ord("&") and (reference := self._reference()):
                value += reference
                continue
            start = self._at
            self._at += 1
            while self._at < self._end and self._source[self._at] not in (quote, ord("&")):
                self._at += 1
            value += self._source[start : self._at].decode("utf-8", "surrogatepass")
        self._at += self._at < self._end
        return value

    def _read_token(self) -> str:
        """A value without quotes: letters, digits, periods and hyphens."""
        start = self._at
        while chr(self._source[self._at]).isascii() and (
            chr(self._source[self._at]).isalnum() or self._source[self._at] in b".-"
        ):
            self._at += 1
        if self._source[self._at] not in _SPACE + b">":
            raise Malformed(f"Unexpected end of name token at byte offset {start}")
        return self._source[start : self._at].decode().lower()

    def _read_end_tag(self) -> None:
        begin = self._at
        if not self._open:
            raise Malformed(f"Unexpected end tag at byte offset {begin}")
        self._at += 2
        found = self._word(b">").lower()
        self._skip_space()
        if self._source[self._at] != ord(">"):
            raise Malformed(f"Unclosed end tag at byte offset {begin}")
        self._at += 1
        expected = self._open[-1].tag
        if found and found != expected:
            raise Malformed(
                f'Unmatched end tag at byte offset {begin}, expected "</{expected}>",'
                f' found "</{found}>"'
            )
        closed = self._open.pop()
        if self._offset > closed.offset:
            self._close(closed)

    def _close(self, closed: _Open) -> None:
        length = self._offset - closed.offset
        last = self.entities[-1] if self.entities else None
        is_same_span = last is not None and (last.offset, last.length) == (closed.offset, length)
        if is_same_span and last and {last.kind, closed.tag} == {"pre", "code"}:
            # <pre><code class="language-x"> and the other way round are one block.
            language = closed.argument or last.extra.get("language", "")
            if language:
                extra = {"language": language}
                self.entities[-1] = Entity("pre", closed.offset, length, extra)
                return
        kind, extra = _entity(closed, self.text[closed.text_at :])
        if kind:
            self.entities.append(Entity(kind, closed.offset, length, extra))


def _argument(tag: str, name: str, value: str) -> str:
    """What the attribute says to this tag; empty where it says nothing."""
    match tag, name:
        case ("a", "href") | ("tg-emoji", "emoji-id"):
            return value
        case "code", "class" if value.startswith("language-"):
            return value.removeprefix("language-")
        case "span", "class" if value.startswith("tg-"):
            return value.removeprefix("tg-")
        case "blockquote", "expandable":
            return "expandable"
        case _:
            return ""


def _entity(closed: _Open, inner: str) -> tuple[str, dict[str, Any]]:
    """Kind and extra fields; an empty kind where Telegram keeps the text only."""
    match closed.tag:
        case "a":
            url = closed.argument or inner
            if (user_id := linked_user(url)) is not None:
                return "text_mention", {"user_id": user_id}
            link = checked_link(url)
            return ("text_link", {"url": link}) if link else ("", {})
        case "tg-emoji":
            if not is_emoji_id(closed.argument):
                raise Malformed("Invalid custom emoji identifier specified")
            return "custom_emoji", {"custom_emoji_id": closed.argument}
        case "blockquote" if closed.argument:
            return "expandable_blockquote", {}
        case "code":
            # Kept until the end of a <pre> around it; a lone <code> has no language.
            return "code", {"language": closed.argument} if closed.argument else {}
        case tag:
            return KINDS[tag], {}
