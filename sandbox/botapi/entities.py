"""The entities that a bot names itself, beside a text without tags.

Source: `get_text_entity` of telegram-bot-api and `fix_entities` of TDLib.
"""

from typing import Any

from sandbox.botapi.errors import bad_request
from sandbox.botapi.links import checked_link, linked_user
from sandbox.botapi.parameters import integer
from sandbox.botapi.tags import KINDS, is_emoji_id
from sandbox.world.messages import Entity

_PLAIN_KINDS = (set(KINDS.values()) | {"expandable_blockquote"}) - {"custom_emoji", "text_link"}
_FOUND_BY_TELEGRAM = {
    "mention",
    "hashtag",
    "cashtag",
    "bot_command",
    "url",
    "email",
    "phone_number",
    "bank_card_number",
}


def explicit_entities(text: str, raw: object) -> tuple[Entity, ...]:
    """In order, and checked. A wrong shape is refused, where Telegram ignores it."""
    if raw is None:
        return ()
    if not isinstance(raw, list):
        raise bad_request("can't parse entities JSON object")
    entities = [_entity(item) for item in raw]
    kept = [entity for entity in entities if entity is not None and entity.length > 0]
    for entity in kept:
        _check_bounds(text, entity)
    return tuple(sorted(kept, key=lambda e: (e.offset, -e.length)))


def _entity(item: object) -> Entity | None:
    if not isinstance(item, dict):
        raise bad_request("can't parse MessageEntity: expected an Object")
    numbers: dict[str, int] = {}
    for name in ("offset", "length"):
        if item.get(name) is None:
            raise bad_request(f"can't parse MessageEntity: Can't find field \"{name}\"")
        value = integer(item[name])
        if value is None:
            raise bad_request(f'can\'t parse MessageEntity: Field "{name}" must be of type Number')
        numbers[name] = value
    kind, extra = _kind(item)
    return Entity(kind, numbers["offset"], numbers["length"], extra) if kind else None


def _kind(item: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Kind and extra fields; an empty kind for what Telegram finds by itself."""
    kind = item.get("type")
    if not isinstance(kind, str) or not kind:
        raise bad_request("can't parse MessageEntity: Type is not specified")
    if kind in _PLAIN_KINDS:
        language = str(item.get("language", "")) if kind == "pre" else ""
        return kind, {"language": language} if language else {}
    if kind in _FOUND_BY_TELEGRAM:
        return "", {}
    match kind:
        case "text_link":
            return _link(str(item.get("url", "")))
        case "text_mention":
            return "text_mention", {"user_id": _user_id(item.get("user"))}
        case "custom_emoji":
            emoji_id = str(item.get("custom_emoji_id", ""))
            if not is_emoji_id(emoji_id):
                raise bad_request("invalid custom emoji identifier specified")
            return kind, {"custom_emoji_id": emoji_id}
        case _:
            raise bad_request("can't parse MessageEntity: Unsupported type specified")


def _link(url: str) -> tuple[str, dict[str, Any]]:
    if (user_id := linked_user(url)) is not None:
        return "text_mention", {"user_id": user_id}
    if not (link := checked_link(url)):
        raise bad_request(f"entity URL '{url}' is invalid: Wrong HTTP URL")
    return "text_link", {"url": link}


def _user_id(user: object) -> int:
    user_id = integer(user.get("id")) if isinstance(user, dict) else None
    if user_id is None:
        raise bad_request("can't parse MessageEntity: Can't find field \"user\"")
    return user_id


def _check_bounds(text: str, entity: Entity) -> None:
    if not 0 <= entity.offset <= 1_000_000:
        raise bad_request(f"receive an entity with incorrect offset {entity.offset}")
    units = text.encode("utf-16-le", "surrogatepass")
    end = entity.offset + entity.length
    if end * 2 > len(units):
        raise bad_request(
            f"entity beginning at UTF-16 offset {entity.offset} ends after the end of the text"
            f" at UTF-16 offset {len(units) // 2}"
        )
    for offset, verb in ((entity.offset, "begins"), (end, "ends")):
        # The second half of a surrogate pair lies in DC00..DFFF.
        if offset * 2 < len(units) and 0xDC <= units[offset * 2 + 1] <= 0xDF:
            raise bad_request(f"entity {verb} in a middle of a UTF-16 symbol at offset {offset}")
