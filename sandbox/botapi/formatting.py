"""From the parameters of a request to the text and entities of a message.

Source: `get_formatted_text` of telegram-bot-api, `fix_formatted_text` of TDLib.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace

from sandbox.botapi.entities import explicit_entities
from sandbox.botapi.errors import bad_request
from sandbox.botapi.markdown import parse_markdown
from sandbox.botapi.markdown_old import parse_old_markdown
from sandbox.botapi.parameters import Parameters
from sandbox.botapi.tags import Malformed, parse_html
from sandbox.world import World
from sandbox.world.automatic import utf16_length
from sandbox.world.messages import Entity

MAX_LENGTH = 4096
"""UTF-16 units of a message, counted after the tags are gone."""
MAX_CAPTION_LENGTH = 1024
_OPAQUE = {"code", "pre"}
_PARSERS: dict[str, Callable[[str], tuple[str, tuple[Entity, ...]]]] = {
    "html": parse_html,
    "markdown": parse_old_markdown,
    "markdownv2": parse_markdown,
}


def formatted_text(parameters: Parameters, world: World) -> tuple[str, tuple[Entity, ...]]:
    """The checked text of `text`, `parse_mode` and `entities`; `parse_mode` wins over the last."""
    if not parameters.has("text"):
        raise bad_request("message text is empty")
    text, entities = _formatted(parameters, world, "text", "entities")
    if not text:
        raise bad_request("text must be non-empty")
    if utf16_length(text) > MAX_LENGTH:
        raise bad_request("message is too long")
    return text, entities


def formatted_caption(parameters: Parameters, world: World) -> tuple[str, tuple[Entity, ...]]:
    """The same of `caption`, `parse_mode` and `caption_entities`; a caption may be empty."""
    text, entities = _formatted(parameters, world, "caption", "caption_entities")
    if utf16_length(text) > MAX_CAPTION_LENGTH:
        raise bad_request("message caption is too long")
    return text, entities


def _formatted(
    parameters: Parameters, world: World, text_name: str, entities_name: str
) -> tuple[str, tuple[Entity, ...]]:
    text = parameters.text(text_name)
    match parameters.text("parse_mode").lower():
        case "" | "none":
            raw = parameters.parsed(entities_name, "can't parse entities JSON object")
            entities = explicit_entities(text, raw)
        case mode if mode in _PARSERS:
            try:
                text, entities = _PARSERS[mode](text)
            except Malformed as malformed:
                raise bad_request(f"can't parse entities: {malformed}") from None
        case _:
            raise bad_request("unsupported parse_mode")
    text, entities = _trimmed(text, entities)
    return text, _untangled(_known_people(entities, world))


def _trimmed(text: str, entities: Iterable[Entity]) -> tuple[str, tuple[Entity, ...]]:
    """Without white space at both ends; entities move along, and shrink or go at the ends."""
    shorter = text.rstrip()
    cut = utf16_length(shorter) - utf16_length(shorter.lstrip())
    shorter = shorter.lstrip()
    length = utf16_length(shorter)
    kept = []
    for entity in entities:
        start = max(entity.offset - cut, 0)
        end = min(entity.offset + entity.length - cut, length)
        if end > start:
            kept.append(replace(entity, offset=start, length=end - start))
    return shorter, tuple(kept)


def _known_people(entities: Iterable[Entity], world: World) -> list[Entity]:
    """A mention of nobody is dropped and leaves its text, as at Telegram."""
    return [
        entity
        for entity in entities
        if entity.kind != "text_mention" or entity.extra["user_id"] in world.people.by_id
    ]


def _untangled(entities: list[Entity]) -> tuple[Entity, ...]:
    """Code holds nothing and lies in nothing but a quote: what is inside goes, what is around is cut."""
    opaque = [e for e in entities if e.kind == "pre"]
    opaque += [e for e in entities if e.kind == "code" and not any(_meet(e, o) for o in opaque)]
    result = list(opaque)
    for entity in entities:
        if entity.kind in _OPAQUE:
            continue
        if entity.kind.endswith("blockquote"):
            result.append(entity)
        else:
            result.extend(_around(entity, opaque))
    unique = {(e.kind, e.offset, e.length): e for e in result}
    return tuple(sorted(unique.values(), key=lambda e: (e.offset, -e.length)))


def _around(entity: Entity, opaque: list[Entity]) -> list[Entity]:
    """The parts of the entity that lie outside of all code."""
    at, end = entity.offset, entity.offset + entity.length
    parts = []
    for hole in sorted(opaque, key=lambda e: e.offset):
        if hole.offset < end and hole.offset + hole.length > at:
            if hole.offset > at:
                parts.append(replace(entity, offset=at, length=hole.offset - at))
            at = hole.offset + hole.length
    if at < end:
        parts.append(replace(entity, offset=at, length=end - at))
    return parts


def _meet(one: Entity, other: Entity) -> bool:
    return one.offset < other.offset + other.length and other.offset < one.offset + one.length
