"""Messages on their way from an account to a person, a group or a channel.

Every method that sends goes through here: the rights, slow mode and the rule on random_ids are the
same for texts and media.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from telethon.tl import types

from sandbox.datacentre import input_peers, views
from sandbox.datacentre.dispatcher import Call, RpcFailure
from sandbox.datacentre.permissions import check_writing
from sandbox.datacentre.slow_mode import SlowMode
from sandbox.datacentre.tl import TL
from sandbox.world.chats import Chat, box_of
from sandbox.world.messages import Content, Message, NewMessage
from sandbox.world.people import User

if TYPE_CHECKING:
    from sandbox.datacentre.datacentre import DataCentre


@dataclass(frozen=True, slots=True)
class Sent:
    """One message as its sender is told of it."""

    message: Message
    random_id: int
    pts: int
    is_new: bool
    """False where the random_id was there before: this is the first message with it."""


class Sender:
    def __init__(self, dc: "DataCentre") -> None:
        self._world = dc.world
        self._watch = dc.watch
        self._slow_mode = SlowMode(dc.hazards)

    def place(self, call: Call, request: TL, random_ids: Iterable[int]) -> User | Chat:
        """Where a request sends to, once it is clear that it may.

        What was sent with these random_ids is told of whatever the rights are by now.
        """
        place = input_peers.place(self._world, request.peer, call.user_id)
        random_ids = list(random_ids)
        if not all(random_ids):
            raise RpcFailure(400, "RANDOM_ID_EMPTY")
        if request.schedule_date is not None:
            raise RpcFailure(400, "SCHEDULE_DATE_INVALID")
        sent_with = self._world.messages.sent_with
        if not all(sent_with(call.user_id, place.id, number) for number in random_ids):
            check_writing(self._world, call.user_id, place)
            if isinstance(place, Chat):
                self._slow_mode.check(place, call.user_id, self._world.now())
        return place

    def send(
        self, call: Call, request: TL, place: User | Chat, content: Content, random_id: int
    ) -> Sent:
        """Put one message where `place` has said that it may be put.

        A repeated random_id is answered with the first message (core.telegram.org/api/updates).
        The pts is the next one of the box: the message is the first event there.
        """
        box = box_of(call.user_id, place.id)
        pts = self._world.messages.pts(box)
        message, is_new = self._world.say(
            call.user_id,
            place.id,
            content,
            random_id=random_id,
            reply_to_id=getattr(request.reply_to, "reply_to_msg_id", 0),
            is_silent=bool(request.silent),
        )
        if is_new:
            self._watch.sent(message, random_id)
        return Sent(message, random_id, pts + is_new, is_new)

    def told(self, call: Call, sent: Sequence[Sent]) -> TL:
        """The updates that answer a request: the ids first, then the messages."""
        found: list[TL] = [types.UpdateMessageID(s.message.id, s.random_id) for s in sent]
        people: set[int] = set()
        for each in sent:
            event = NewMessage(each.message, each.pts)
            update = views.update(self._world, event, call.user_id)
            update.pts_count = int(each.is_new)
            found.append(update)
            people |= views.people_of(self._world, event)
        return views.updates(self._world, found, people, call.user_id)
