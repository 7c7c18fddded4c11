"""Formatted spans between the Bot API's names and TL: core.telegram.org/api/entities."""

from collections.abc import Iterable
from typing import Any

from telethon.tl import types

from sandbox.datacentre.dispatcher import RpcFailure
from sandbox.datacentre.tl import TL
from sandbox.world.messages import Entity

_PLAIN: dict[str, Any] = {
    "mention": types.MessageEntityMention,
    "hashtag": types.MessageEntityHashtag,
    "cashtag": types.MessageEntityCashtag,
    "bot_command": types.MessageEntityBotCommand,
    "url": types.MessageEntityUrl,
    "email": types.MessageEntityEmail,
    "phone_number": types.MessageEntityPhone,
    "bold": types.MessageEntityBold,
    "italic": types.MessageEntityItalic,
    "underline": types.MessageEntityUnderline,
    "strikethrough": types.MessageEntityStrike,
    "spoiler": types.MessageEntitySpoiler,
    "code": types.MessageEntityCode,
}
_KINDS = {tl_type: kind for kind, tl_type in _PLAIN.items()}


def to_tl(entities: Iterable[Entity]) -> list[TL] | None:
    """TL entities, or None where there are none (the flag then stays unset)."""
    return [_entity_to_tl(entity) for entity in entities] or None


def from_tl(entities: Iterable[TL] | None, text: str) -> tuple[Entity, ...]:
    """The world's entities; `ENTITY_BOUNDS_INVALID` if one lies outside the text."""
    length = len(text.encode("utf-16-le")) // 2
    found = []
    for entity in entities or ():
        if entity.offset < 0 or entity.length <= 0 or entity.offset + entity.length > length:
            raise RpcFailure(400, "ENTITY_BOUNDS_INVALID")
        if (read := _entity_from_tl(entity)) is not None:
            found.append(read)
    return tuple(found)


def _entity_to_tl(entity: Entity) -> TL:
    at, extra = (entity.offset, entity.length), entity.extra
    match entity.kind:
        case "pre":
            made = types.MessageEntityPre(*at, extra.get("language", ""))
        case "text_link":
            made = types.MessageEntityTextUrl(*at, extra["url"])
        case "text_mention":
            made = types.MessageEntityMentionName(*at, extra["user_id"])
        case "custom_emoji":
            made = types.MessageEntityCustomEmoji(*at, int(extra["custom_emoji_id"]))
        case "blockquote" | "expandable_blockquote" as kind:
            is_collapsed = kind == "expandable_blockquote"
            made = types.MessageEntityBlockquote(*at, collapsed=is_collapsed or None)
        case kind:
            made = _PLAIN.get(kind, types.MessageEntityUnknown)(*at)
    return made


def _entity_from_tl(entity: TL) -> Entity | None:
    extra: dict[str, Any] = {}
    kind = _KINDS.get(type(entity))
    match entity:
        case types.MessageEntityPre():
            kind, extra = "pre", {"language": entity.language} if entity.language else {}
        case types.MessageEntityTextUrl():
            kind, extra = "text_link", {"url": entity.url}
        case types.InputMessageEntityMentionName(user_id=types.InputUser(user_id=user_id)):
            kind, extra = "text_mention", {"user_id": user_id}
        case types.MessageEntityMentionName():
            kind, extra = "text_mention", {"user_id": entity.user_id}
        case types.MessageEntityCustomEmoji():
            kind, extra = "custom_emoji", {"custom_emoji_id": str(entity.document_id)}
        case types.MessageEntityBlockquote():
            kind = "expandable_blockquote" if entity.collapsed else "blockquote"
        case _:
            pass
    return Entity(kind, entity.offset, entity.length, extra) if kind else None
