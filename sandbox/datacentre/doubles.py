"""Finds messages that were delivered twice."""

from collections import OrderedDict
from collections.abc import Hashable, Iterator
from datetime import datetime, timedelta

from sandbox.world.messages import Message


class Doubles:
    """Remembers what was sent within a window of time."""

    def __init__(self) -> None:
        self._seen: OrderedDict[Hashable, datetime] = OrderedDict()

    def find(self, message: Message, random_id: int, window: timedelta) -> Iterator[str]:
        """Say what of this new message was there before: its words, or its random_id."""
        self._forget(message.date - window)
        text = message.content.text
        if self._was_there((message.sender_id, message.chat_id, text), message.date):
            yield f"to {message.chat_id} twice, with two random_ids: {text[:60]!r}"
        if self._was_there((message.sender_id, random_id), message.date):
            yield f"random_id {random_id} was delivered twice"

    def _was_there(self, what: Hashable, now: datetime) -> bool:
        found = what in self._seen
        self._seen[what] = now
        self._seen.move_to_end(what)
        return found

    def _forget(self, before: datetime) -> None:
        while self._seen and next(iter(self._seen.values())) < before:
            self._seen.popitem(last=False)
