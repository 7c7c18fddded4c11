"""The entities that Telegram finds by itself in every text: commands, mentions, links, hashtags.

Source: the patterns of TDLib's `MessageEntity.cpp`, in short. A phone number, a cashtag, an email
address or a bank card number is not looked for.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from sandbox.world.messages import Content, Entity

_WORD = r"[^\W_]|_"
_PATTERNS = {
    "bot_command": re.compile(
        r"(?<![\w/<>])/(?P<name>[A-Za-z0-9_]{1,64})(?:@[A-Za-z0-9_]{3,32})?(?![\w/<>])"
    ),
    "mention": re.compile(r"(?<![\w/])@[A-Za-z0-9_]{3,32}(?!\w)"),
    "hashtag": re.compile(rf"(?<!\w)#(?=\w*[^\W\d])(?:{_WORD}){{1,256}}(?!\w)"),
    "url": re.compile(
        r"(?<![\w@/.-])(?:(?:https?|ftp|tonsite)://|(?:t\.me|telegram\.me|www\.\w[\w-]*\.\w{2,})(?=[/?#\s]|$))"
        r"[^\s<>\"«»]*",
        re.IGNORECASE,
    ),
}
_TRIGGERS = ("/", "@", "#", "://", "t.me", "telegram.me", "www.")
_OPAQUE = {"code", "pre"}


def utf16_length(text: str) -> int:
    """How many UTF-16 units the text takes, the unit of every offset at Telegram."""
    return len(text) + sum(character > "\uffff" for character in text)


def with_automatic(content: Content) -> Content:
    """The content with what Telegram finds by itself, where no stronger entity lies already."""
    text = content.text
    if not any(trigger in text for trigger in _TRIGGERS):
        return content
    taken = [e for e in content.entities if e.kind in _OPAQUE | set(_PATTERNS) | {"text_link"}]
    found: list[Entity] = []
    for entity in _find(text):
        if not any(_overlap(entity, other) for other in (*taken, *found)):
            found.append(entity)
    if not found:
        return content
    every = sorted((*content.entities, *found), key=lambda e: (e.offset, -e.length))
    return replace(content, entities=tuple(every))


def _find(text: str) -> Iterator[Entity]:
    for kind in ("url", "bot_command", "mention", "hashtag"):
        for match in _PATTERNS[kind].finditer(text):
            span = match.group().rstrip(".,:;!?)'*") if kind == "url" else match.group()
            if span and not span.endswith("://"):
                yield Entity(kind, utf16_length(text[: match.start()]), utf16_length(span))


def _overlap(one: Entity, other: Entity) -> bool:
    return one.offset < other.offset + other.length and other.offset < one.offset + one.length
