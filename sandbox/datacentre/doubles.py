"""Finds messages that were delivered twice."""

from collections import OrderedDict
from collections.abc import Hashable, Iterator
from datetime import datetime, timedelta

from sandbox.world.messages import Content, Message


class Doubles:
    """Remembers what was sent within a window of time."""

    def __init__(self) -> None:
        self._seen: OrderedDict[Hashable, tuple[datetime, int]] = OrderedDict()
        """When each was sent last, and in which album."""

    def find(self, message: Message, random_id: int, window: timedelta) -> Iterator[str]:
        """Say what of this new message was there before: its words and file, or its random_id."""
        self._forget(message.date - window)
        content = message.content
        said = (message.sender_id, message.chat_id, content.text, _bytes(content))
        if self._was_there(said, message.date, content.album_id):
            words = f"{content.text[:60]!r}{_named(content)}"
            yield f"to {message.chat_id} twice, with two random_ids: {words}"
        if self._was_there((message.sender_id, random_id), message.date):
            yield f"random_id {random_id} was delivered twice"

    def _was_there(self, what: Hashable, now: datetime, album_id: int = 0) -> bool:
        """One album may hold the same thing twice."""
        _, album_before = found = self._seen.get(what, (None, 0))
        self._seen[what] = now, album_id
        self._seen.move_to_end(what)
        is_same_album = album_id != 0 and album_id == album_before
        return found[0] is not None and not is_same_album

    def _forget(self, before: datetime) -> None:
        while self._seen and next(iter(self._seen.values()))[0] < before:
            self._seen.popitem(last=False)


def _bytes(content: Content) -> bytes:
    """What the attachment holds: uploaded twice, it is the same thing all the same."""
    return content.attachment.data if content.attachment else b""


def _named(content: Content) -> str:
    file = content.attachment
    return f" with a {file.kind} {file.name}".rstrip() if file else ""
