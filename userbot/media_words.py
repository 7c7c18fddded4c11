"""What comes with a message, in a word; nothing of it is fetched."""

from typing import Any

from telethon.tl import types

WORDS = frozenset(
    {
        "service",
        "photo",
        "video",
        "round",
        "voice",
        "audio",
        "gif",
        "sticker",
        "file",
        "contact",
        "place",
        "poll",
        "other",
    }
)
"""What `media_of` can say."""
_KINDS: dict[type, str] = {
    types.MessageMediaPhoto: "photo",
    types.MessageMediaContact: "contact",
    types.MessageMediaGeo: "place",
    types.MessageMediaGeoLive: "place",
    types.MessageMediaVenue: "place",
    types.MessageMediaPoll: "poll",
    types.MessageMediaWebPage: "",
    types.MessageMediaEmpty: "",
}


def media_of(message: Any) -> str:  # noqa: ANN401 - Telethon is untyped
    """One of `WORDS`; empty where it is text alone."""
    if isinstance(message, types.MessageService):
        return "service"
    media = message.media
    if media is None:
        return ""
    if isinstance(media, types.MessageMediaDocument):
        attributes = getattr(media.document, "attributes", None) or []
        return next((word for each in attributes if (word := _of_attribute(each))), "file")
    return _KINDS.get(type(media), "other")


def _of_attribute(attribute: Any) -> str:  # noqa: ANN401 - Telethon is untyped
    """What an attribute of a document makes it; empty where it does not say."""
    match attribute:
        case types.DocumentAttributeSticker():
            return "sticker"
        case types.DocumentAttributeAnimated():
            return "gif"
        case types.DocumentAttributeAudio():
            return "voice" if attribute.voice else "audio"
        case types.DocumentAttributeVideo():
            return "round" if attribute.round_message else "video"
        case _:
            return ""
