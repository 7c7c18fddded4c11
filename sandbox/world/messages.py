"""Messages as Telegram keeps them: in message boxes with ids of their own.

Each side of a private chat has its own copy, and so has each member of a basic group. A supergroup
or channel has one box for all, under its own id.

Source: core.telegram.org/api/updates ("message boxes", `pts`).
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from sandbox.world.files import File
from sandbox.world.sharing import Contact, Origin

EVERY_CHANNEL = 0
"""Instead of an owner's id: who listens here hears of the box of every supergroup and channel."""


@dataclass(frozen=True, slots=True)
class Entity:
    """A span of formatted text. `kind` is the Bot API's name; offsets count UTF-16 units."""

    kind: str
    offset: int
    length: int
    extra: dict[str, Any] = field(default_factory=dict)
    """`url` of a text_link, `language` of a pre, `user_id` of a text_mention."""


@dataclass(frozen=True, slots=True)
class Content:
    """What a message says; an edit replaces it whole."""

    text: str
    entities: tuple[Entity, ...] = ()
    markup: dict[str, Any] | None = None
    """A Bot API reply markup, as the bot sent it (checked), for example an inline_keyboard."""
    contact: Contact | None = None
    has_no_preview: bool = False
    """Whether links in it show no preview."""
    attachment: File | None = None
    """A photo, document or voice note; the text is then its caption."""
    album_id: int = 0
    """What the messages of one album have in common; 0 where it is in none."""


@dataclass(slots=True)
class Message:
    """One side's copy of a message."""

    owner_id: int
    """Whose box this copy lies in; the chat itself where all share one box."""
    id: int
    """The id in that box."""
    chat_id: int
    """The other side, as the owner sees it; for groups and channels the (negative) chat id."""
    sender_id: int
    date: datetime
    content: Content
    edited_at: datetime | None = None
    reply_to_id: int = 0
    """The message in the same box that this one answers; 0 where it answers none."""
    is_silent: bool = False
    """Whether nobody is notified."""
    origin: Origin | None = None
    """Where it was forwarded from."""
    copies: tuple["Message", ...] = field(default=(), repr=False, compare=False)
    """This message in every box, this copy too; some may have been deleted since."""

    @property
    def is_outgoing(self) -> bool:
        return self.sender_id == self.owner_id

    @property
    def twin_id(self) -> int:
        """The id of the other side's copy of a private message, in the box of `chat_id`."""
        return next((copy.id for copy in self.copies if copy.owner_id == self.chat_id), 0)


@dataclass(frozen=True, slots=True)
class NewMessage:
    message: Message
    pts: int


@dataclass(frozen=True, slots=True)
class EditedMessage:
    message: Message
    pts: int


@dataclass(frozen=True, slots=True)
class DeletedMessages:
    owner_id: int
    chat_id: int
    ids: tuple[int, ...]
    pts: int
    """Grows by `len(ids)`, as at Telegram."""


BoxEvent = NewMessage | EditedMessage | DeletedMessages
Listener = Callable[[BoxEvent], None]


@dataclass(slots=True)
class Box:
    """All copies of one owner, and the numbered history of what happened to them."""

    messages: dict[int, Message] = field(default_factory=dict)
    by_chat: dict[int, dict[int, Message]] = field(default_factory=dict)
    """Insertion order is id order."""
    events: list[BoxEvent] = field(default_factory=list)
    next_id: int = 1
    pts: int = 1


class Messages:
    """Every box, and who listens to it."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._boxes: dict[int, Box] = defaultdict(Box)
        self._listeners: dict[int, list[Listener]] = defaultdict(list)
        self._by_random_id: dict[tuple[int, int, int], Message] = {}

    def listen(self, owner_id: int, listener: Listener) -> Callable[[], None]:
        """Call `listener` on every event of that box, until the returned function is called."""
        self._listeners[owner_id].append(listener)

        def stop() -> None:
            self._listeners[owner_id].remove(listener)
            if not self._listeners[owner_id]:
                del self._listeners[owner_id]

        return stop

    def send(
        self,
        sender_id: int,
        peer_id: int,
        content: Content,
        *,
        boxes: Sequence[int] = (),
        random_id: int | None = None,
        reply_to_id: int = 0,
        is_silent: bool = False,
        origin: Origin | None = None,
    ) -> tuple[Message, bool]:
        """Put a message into every box; return the copy in the first and whether it is new.

        Without `boxes` they are the two sides of a private chat, the sender's first.
        `reply_to_id` is an id in the first box; the other copies refer to their own.

        A repeated `random_id` (same sender, same peer) answers with the first message and sends
        nothing, however long ago that was (core.telegram.org/api/updates).
        """
        key = (sender_id, peer_id, random_id or 0)
        if random_id and key in self._by_random_id:
            return self._by_random_id[key], False
        owners = boxes or dict.fromkeys((sender_id, peer_id))
        date = self._now()
        copies = tuple(
            self._append(
                owner, sender_id if owner == peer_id > 0 else peer_id, sender_id, date, content
            )
            for owner in owners
        )
        answered = self.get(copies[0].owner_id, reply_to_id)
        answered_ids = {c.owner_id: c.id for c in answered.copies} if answered else {}
        for copy in copies:
            copy.copies, copy.is_silent, copy.origin = copies, is_silent, origin
            copy.reply_to_id = answered_ids.get(copy.owner_id, 0)
        copies[0].reply_to_id = reply_to_id
        for copy in copies:
            self._publish(copy.owner_id, partial(NewMessage, copy))
        if random_id:
            self._by_random_id[key] = copies[0]
        return copies[0], True

    def sent_with(self, sender_id: int, peer_id: int, random_id: int) -> Message | None:
        """The sender's copy of what was sent to that peer with that random_id."""
        return self._by_random_id.get((sender_id, peer_id, random_id))

    def edit(self, message: Message, content: Content) -> None:
        """Replace what all copies say. The caller has checked that it may be edited."""
        date = self._now()
        for copy in self._copies(message):
            copy.content = content
            copy.edited_at = date
            self._publish(copy.owner_id, partial(EditedMessage, copy))

    def delete(self, owner_id: int, ids: Iterable[int], *, revoke: bool) -> list[int]:
        """Remove copies from one box, and with `revoke` from all; return what was there."""
        found = [self._boxes[owner_id].messages[i] for i in ids if self.get(owner_id, i)]
        doomed = [c for m in found for c in (self._copies(m) if revoke else [m])]
        grouped: dict[tuple[int, int], list[int]] = defaultdict(list)
        for copy in doomed:
            box = self._boxes[copy.owner_id]
            if box.messages.pop(copy.id, None):
                box.by_chat[copy.chat_id].pop(copy.id, None)
                grouped[copy.owner_id, copy.chat_id].append(copy.id)
        for (owner, chat), gone in grouped.items():
            box = self._boxes[owner]
            box.pts += len(gone) - 1
            self._publish(owner, partial(DeletedMessages, owner, chat, tuple(gone)))
        return [m.id for m in found]

    def get(self, owner_id: int, message_id: int) -> Message | None:
        box = self._boxes.get(owner_id)
        return box.messages.get(message_id) if box else None

    def twin(self, message: Message) -> Message | None:
        """The other side's copy, unless that side deleted it."""
        return self.copy_of(message, message.chat_id)

    def copy_of(self, message: Message, owner_id: int) -> Message | None:
        """The copy in that owner's box, or the one that all share; None where it was deleted."""
        owners = {owner_id, message.chat_id} if message.owner_id < 0 else {owner_id}
        return next((copy for copy in self._copies(message) if copy.owner_id in owners), None)

    def history(self, owner_id: int, chat_id: int) -> list[Message]:
        """That owner's copies in one chat, oldest first."""
        box = self._boxes.get(owner_id)
        return list(box.by_chat.get(chat_id, {}).values()) if box else []

    def chats(self, owner_id: int) -> list[int]:
        """The owner's chats that hold a message, latest first."""
        box = self._boxes.get(owner_id)
        if not box:
            return []
        alive = {chat: max(held) for chat, held in box.by_chat.items() if held}
        return sorted(alive, key=lambda chat: alive[chat], reverse=True)

    def last_pts(self, owner_id: int, chat_id: int) -> int:
        """The `pts` of the latest event in one chat of that box; 0 where nothing happened."""
        box = self._boxes.get(owner_id)
        for event in reversed(box.events if box else ()):
            where = event if isinstance(event, DeletedMessages) else event.message
            if where.chat_id == chat_id:
                return event.pts
        return 0

    def pts(self, owner_id: int) -> int:
        box = self._boxes.get(owner_id)
        return box.pts if box else 1

    def events_since(self, owner_id: int, pts: int) -> list[BoxEvent]:
        """What happened in that box after `pts`, oldest first."""
        box = self._boxes.get(owner_id)
        return box.events[bisect_right(box.events, pts, key=lambda e: e.pts) :] if box else []

    def _append(
        self, owner_id: int, chat_id: int, sender_id: int, date: datetime, content: Content
    ) -> Message:
        box = self._boxes[owner_id]
        message = Message(owner_id, box.next_id, chat_id, sender_id, date, content)
        box.next_id += 1
        box.messages[message.id] = message
        box.by_chat.setdefault(chat_id, {})[message.id] = message
        return message

    def _copies(self, message: Message) -> list[Message]:
        """The message itself first, and the others that have not been deleted."""
        others = (c for c in message.copies if c is not message)
        return [message, *(c for c in others if self.get(c.owner_id, c.id) is c)]

    def _publish(self, owner_id: int, make: Callable[[int], BoxEvent]) -> None:
        box = self._boxes[owner_id]
        box.pts += 1
        event = make(box.pts)
        box.events.append(event)
        for listener in tuple(self._listeners.get(owner_id, ())):
            listener(event)
        if owner_id < 0:
            for listener in tuple(self._listeners.get(EVERY_CHANNEL, ())):
                listener(event)
