"""A chat as one user sees it, and waiting for it to change."""

import asyncio
from dataclasses import asdict
from typing import Any

from sandbox.world import World
from sandbox.world.chats import box_of
from sandbox.world.files import File
from sandbox.world.messages import BoxEvent, DeletedMessages, Message
from sandbox.world.sharing import Origin

SHOWN = 200
"""How many messages of a chat are shown, the latest."""


def shown_message(world: World, message: Message, viewer_id: int) -> dict[str, Any]:
    """One message as that user sees it."""
    content = message.content
    markup = content.markup or {}
    sender = world.people.by_id[message.sender_id]
    return {
        "id": message.id,
        "from_id": message.sender_id,
        "from_name": sender.first_name,
        "out": message.sender_id == viewer_id,
        "text": content.text,
        "entities": [
            {"type": e.kind, "offset": e.offset, "length": e.length, **e.extra}
            for e in content.entities
        ],
        "attachment": _shown_attachment(content.attachment),
        "album": str(content.album_id) if content.album_id else None,
        "buttons": [
            [_shown_button(button) for button in row] for row in markup.get("inline_keyboard", [])
        ],
        "force_reply": bool(markup.get("force_reply")),
        "reply_to": message.reply_to_id or None,
        "silent": message.is_silent,
        "preview": not content.has_no_preview,
        "contact": asdict(content.contact) if content.contact else None,
        "forwarded_from": _shown_origin(message.origin),
        "date": message.date.isoformat(),
        "edited_at": message.edited_at.isoformat() if message.edited_at else None,
    }


def shown_sent(world: World, message: Message) -> dict[str, Any]:
    """The answer to who sent it: `{counter, message}`."""
    return {
        "counter": world.messages.last_pts(message.owner_id, message.chat_id),
        "message": shown_message(world, message, message.sender_id),
    }


def shown_chat(world: World, owner_id: int, peer_id: int) -> dict[str, Any]:
    """`{counter, messages}`, oldest first; the counter grows with whatever happens in the chat."""
    box = box_of(owner_id, peer_id)
    messages = world.messages.history(box, peer_id)[-SHOWN:]
    return {
        "counter": world.messages.last_pts(box, peer_id),
        "messages": [shown_message(world, message, owner_id) for message in messages],
    }


async def changed(world: World, owner_id: int, peer_id: int, after: int) -> None:
    """Return as soon as the chat's counter is past `after`."""
    signal, box = asyncio.Event(), box_of(owner_id, peer_id)

    def hear(event: BoxEvent) -> None:
        where = event if isinstance(event, DeletedMessages) else event.message
        if where.chat_id == peer_id:
            signal.set()

    stop = world.messages.listen(box, hear)
    try:
        while world.messages.last_pts(box, peer_id) <= after:
            signal.clear()
            await signal.wait()
    finally:
        stop()


def _shown_origin(origin: Origin | None) -> dict[str, Any] | None:
    if origin is None:
        return None
    return asdict(origin) | {"date": origin.date.isoformat()}


def _shown_button(button: dict[str, Any]) -> dict[str, Any]:
    return {
        "text": button["text"],
        "data": button.get("callback_data"),
        "url": button.get("url"),
    }


def _shown_attachment(file: File | None) -> dict[str, Any] | None:
    """A file in a message; the largest size of a photo."""
    if file is None:
        return None
    width, height = (file.sizes[-1].width, file.sizes[-1].height) if file.sizes else (None, None)
    return {
        "file": str(file.id),
        "kind": file.kind,
        "name": file.name,
        "mime_type": file.mime_type,
        "size": len(file.data),
        "duration": file.duration_s,
        "width": width,
        "height": height,
    }
