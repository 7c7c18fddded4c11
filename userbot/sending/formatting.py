"""A text's formatting, from the Bot API's form into MTProto's. Both count in UTF-16 units.

https://core.telegram.org/api/entities
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from telethon.tl import types

_PLAIN: Mapping[str, Callable[..., Any]] = {
    "bold": types.MessageEntityBold,
    "italic": types.MessageEntityItalic,
    "underline": types.MessageEntityUnderline,
    "strikethrough": types.MessageEntityStrike,
    "spoiler": types.MessageEntitySpoiler,
    "code": types.MessageEntityCode,
    "blockquote": types.MessageEntityBlockquote,
}


def to_tl(entities: Sequence[Mapping[str, Any]]) -> list[Any] | None:
    """The entities of a message. What Telegram finds by itself (links, @names, #tags) is left to it.

    A mention of somebody without a username stays plain text: for that Telegram wants an access
    hash, which is another one for each account.
    """
    made = [made for entity in entities if (made := _one(entity)) is not None]
    return made or None


def _one(entity: Mapping[str, Any]) -> Any:  # noqa: ANN401 - Telethon is untyped
    kind, where = entity["type"], (entity["offset"], entity["length"])
    if plain := _PLAIN.get(kind):
        return plain(*where)
    match kind:
        case "expandable_blockquote":
            return types.MessageEntityBlockquote(*where, collapsed=True)
        case "pre":
            return types.MessageEntityPre(*where, language=entity.get("language") or "")
        case "text_link":
            return types.MessageEntityTextUrl(*where, url=entity["url"])
        case "custom_emoji":
            return types.MessageEntityCustomEmoji(
                *where, document_id=int(entity["custom_emoji_id"])
            )
        case _:
            return None
