"""Telegram's Markdown of before: no entity in another one, and escapes outside of entities only.

Source: `parse_markdown` of TDLib, core.telegram.org/bots/api#markdown-style.
"""

import re
from typing import Any

from sandbox.botapi.links import checked_link, linked_user
from sandbox.botapi.tags import Malformed
from sandbox.world.automatic import utf16_length
from sandbox.world.messages import Entity

_OLD = re.compile(
    r"\\(?P<escaped>[_*`\[])"
    r"|```(?P<language>[^\s`]*(?=\s))?(?:\r\n|\n\r|\n|\r)?(?P<pre>.*?)```"
    r"|(?P<mark>[_*`])(?P<marked>.*?)(?P=mark)"
    r"|\[(?P<label>.*?)\](?:\((?P<url>[^)]*)\)?)?"
    r"|(?P<open>[_*`\[])",
    re.DOTALL,
)
_OLD_KINDS = {"_": "italic", "*": "bold", "`": "code"}


def parse_old_markdown(source: str) -> tuple[str, tuple[Entity, ...]]:
    """The plain text and its entities in order; `Malformed` where Telegram would refuse it."""
    text, entities, at = "", [], 0
    for match in _OLD.finditer(source):
        text += source[at : match.start()]
        at = match.end()
        if match["open"]:
            byte = len(source[: match.start()].encode("utf-8", "surrogatepass"))
            raise Malformed(f"Can't find end of the entity starting at byte offset {byte}")
        inner, kind, extra = _old_entity(match)
        if kind and inner:
            entities.append(Entity(kind, utf16_length(text), utf16_length(inner), extra))
        text += inner
    return text + source[at:], tuple(entities)


def _old_entity(match: re.Match[str]) -> tuple[str, str, dict[str, Any]]:
    """Text, kind and extra fields; an empty kind for text alone."""
    if match["escaped"]:
        return match["escaped"], "", {}
    if match["pre"] is not None:
        return match["pre"], "pre", {"language": match["language"]} if match["language"] else {}
    if match["mark"]:
        return match["marked"], _OLD_KINDS[match["mark"]], {}
    label, url = match["label"], match["url"] if match["url"] is not None else match["label"]
    if (user_id := linked_user(url)) is not None:
        return label, "text_mention", {"user_id": user_id}
    link = checked_link(url)
    return (label, "text_link", {"url": link}) if link else (label, "", {})
