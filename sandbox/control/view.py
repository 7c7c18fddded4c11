"""A chat as one user sees it, and waiting for it to change."""

import asyncio
from typing import Any

from sandbox.world import World
from sandbox.world.messages import BoxEvent, DeletedMessages, Message

SHOWN = 200
"""How many messages of a chat are shown, the latest."""


def shown_message(world: World, message: Message) -> dict[str, Any]:
    """One message in that user's box."""
    content = message.content
    markup = content.markup or {}
    sender = world.people.by_id[message.sender_id]
    return {
        "id": message.id,
        "from_id": message.sender_id,
        "from_name": sender.first_name,
        "out": message.is_outgoing,
        "text": content.text,
        "entities": [
            {"type": e.kind, "offset": e.offset, "length": e.length, **e.extra}
            for e in content.entities
        ],
        "buttons": [
            [_shown_button(button) for button in row] for row in markup.get("inline_keyboard", [])
        ],
        "force_reply": bool(markup.get("force_reply")),
        "reply_to": message.reply_to_id or None,
        "date": message.date.isoformat(),
        "edited_at": message.edited_at.isoformat() if message.edited_at else None,
    }


def shown_chat(world: World, owner_id: int, peer_id: int) -> dict[str, Any]:
    """`{counter, messages}`, oldest first; the counter grows with whatever happens in the chat."""
    messages = world.messages.history(owner_id, peer_id)[-SHOWN:]
    return {
        "counter": world.messages.last_pts(owner_id, peer_id),
        "messages": [shown_message(world, message) for message in messages],
    }


async def changed(world: World, owner_id: int, peer_id: int, after: int) -> None:
    """Return as soon as the chat's counter is past `after`."""
    signal = asyncio.Event()

    def hear(event: BoxEvent) -> None:
        where = event if isinstance(event, DeletedMessages) else event.message
        if where.chat_id == peer_id:
            signal.set()

    stop = world.messages.listen(owner_id, hear)
    try:
        while world.messages.last_pts(owner_id, peer_id) <= after:
            signal.clear()
            await signal.wait()
    finally:
        stop()


def _shown_button(button: dict[str, Any]) -> dict[str, Any]:
    return {
        "text": button["text"],
        "data": button.get("callback_data"),
        "url": button.get("url"),
    }
