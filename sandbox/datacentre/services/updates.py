"""updates.*: what was missed: core.telegram.org/api/updates#fetching-state."""

from collections.abc import Sequence

from telethon.tl import functions, types

from sandbox.datacentre import input_peers, views
from sandbox.datacentre.chats import chats
from sandbox.datacentre.dispatcher import Call, Method, Methods
from sandbox.datacentre.tl import TL
from sandbox.world import World
from sandbox.world.messages import BoxEvent, Message, NewMessage

_SLICE = 100


class UpdatesService:
    def __init__(self, world: World) -> None:
        self._world = world

    def methods(self) -> Methods:
        return {
            functions.updates.GetStateRequest: Method(self._state),
            functions.updates.GetDifferenceRequest: Method(self._difference),
            functions.updates.GetChannelDifferenceRequest: Method(self._channel_difference),
        }

    def _state(self, call: Call, _request: TL) -> TL:
        return self._at(self._world.messages.pts(call.user_id))

    def _difference(self, call: Call, request: TL) -> TL:
        missed = self._world.messages.events_since(call.user_id, request.pts)
        limit = min(request.pts_limit or _SLICE, _SLICE)
        if not missed:
            return types.updates.DifferenceEmpty(self._world.now(), 0)
        if request.pts_total_limit and len(missed) > request.pts_total_limit:
            return types.updates.DifferenceTooLong(self._world.messages.pts(call.user_id))
        events = missed[:limit]
        kind = types.updates.Difference if len(missed) <= limit else types.updates.DifferenceSlice
        new, others, *known = self._told(events, call.user_id)
        return kind(new, [], others, *known, self._at(events[-1].pts))

    def _channel_difference(self, call: Call, request: TL) -> TL:
        """The same for one supergroup or channel, whose pts is its own."""
        chat = input_peers.channel(self._world, request.channel, call.user_id)
        missed = self._world.messages.events_since(chat.id, request.pts)
        if not missed:
            pts = self._world.messages.pts(chat.id)
            return types.updates.ChannelDifferenceEmpty(pts, final=True)
        events = missed[: min(max(request.limit, 1), _SLICE)]
        is_final = len(events) == len(missed)
        new, others, known_chats, known = self._told(events, call.user_id)
        return types.updates.ChannelDifference(
            events[-1].pts, new, others, known_chats, known, final=is_final or None
        )

    def _told(
        self, events: Sequence[BoxEvent], viewer_id: int
    ) -> tuple[list[TL], list[TL], list[TL], list[TL]]:
        """New messages, other updates, and the chats and users that they name."""
        people = {p for event in events for p in views.people_of(self._world, event)}
        new = [
            views.message(self._world, copy, viewer_id)
            for event in events
            if (copy := self._news(event))
        ]
        others = [
            views.update(self._world, event, viewer_id)
            for event in events
            if not isinstance(event, NewMessage)
        ]
        known = views.users(self._world, people, viewer_id)
        return new, others, chats(self._world, people, viewer_id), known

    def _news(self, event: BoxEvent) -> Message | None:
        """The new message of an event; one that was deleted since is not told of."""
        if not isinstance(event, NewMessage):
            return None
        return self._world.messages.get(event.message.owner_id, event.message.id)

    def _at(self, pts: int) -> TL:
        return types.updates.State(pts, 0, self._world.now(), 0, 0)
