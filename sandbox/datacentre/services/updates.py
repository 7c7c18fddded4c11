"""updates.*: what was missed: core.telegram.org/api/updates#fetching-state."""

from telethon.tl import functions, types

from sandbox.datacentre import views
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
        people = {p for event in events for p in views.people_of(event)}
        new = [views.message(copy) for event in events if (copy := self._news(event))]
        others = [views.update(event) for event in events if not isinstance(event, NewMessage)]
        kind = types.updates.Difference if len(missed) <= limit else types.updates.DifferenceSlice
        known = views.users(self._world, people, call.user_id)
        return kind(new, [], others, [], known, self._at(events[-1].pts))

    def _news(self, event: BoxEvent) -> Message | None:
        """The new message of an event; one that was deleted since is not told of."""
        if not isinstance(event, NewMessage):
            return None
        return self._world.messages.get(event.message.owner_id, event.message.id)

    def _at(self, pts: int) -> TL:
        return types.updates.State(pts, 0, self._world.now(), 0, 0)
