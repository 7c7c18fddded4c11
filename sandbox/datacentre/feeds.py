"""Updates to the sessions of those whom they concern: core.telegram.org/api/updates."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from sandbox.datacentre import views
from sandbox.datacentre.session import Session
from sandbox.world.messages import EVERY_CHANNEL, BoxEvent, DeletedMessages

if TYPE_CHECKING:
    from sandbox.datacentre.datacentre import DataCentre


@dataclass(slots=True)
class _Feed:
    """The connected sessions of one user that want updates."""

    sessions: dict[int, Session]
    """By unique id."""
    stop: Callable[[], None]


class Feeds:
    """Who is told of what. A user's box is listened to while a session of theirs is connected."""

    def __init__(self, dc: "DataCentre") -> None:
        self._dc = dc
        self._feeds: dict[int, _Feed] = {}
        dc.world.messages.listen(EVERY_CHANNEL, self._push_to_members)
        self._cause: Session | None = None

    def join(self, user_id: int, session: Session) -> None:
        """Push the user's updates to that session from now on."""
        if session.feed_of == user_id:
            return
        self.leave(session)
        feed = self._feeds.get(user_id)
        if feed is None:
            stop = self._dc.world.messages.listen(user_id, partial(self._push, user_id))
            feed = self._feeds[user_id] = _Feed({}, stop)
        feed.sessions[session.unique_id] = session
        session.feed_of = user_id

    def leave(self, session: Session) -> None:
        """Push nothing more to that session."""
        if session.feed_of is None:
            return
        feed = self._feeds[session.feed_of]
        del feed.sessions[session.unique_id]
        if not feed.sessions:
            feed.stop()
            del self._feeds[session.feed_of]
        session.feed_of = None

    @contextmanager
    def caused_by(self, session: Session) -> Iterator[None]:
        """What happens meanwhile to the session's own user is not pushed to it, but answered."""
        outer, self._cause = self._cause, session
        try:
            yield
        finally:
            self._cause = outer

    def _push(self, user_id: int, event: BoxEvent) -> None:
        targets = [s for s in self._feeds[user_id].sessions.values() if s is not self._cause]
        if not targets:
            return
        world = self._dc.world
        update, people = views.update(world, event, user_id), views.people_of(world, event)
        body = bytes(views.updates(world, [update], people, user_id))
        for session in targets:
            self._dc.tell(session, body)

    def _push_to_members(self, event: BoxEvent) -> None:
        """What happens in a supergroup or channel concerns all who are in it."""
        chat_id = event.chat_id if isinstance(event, DeletedMessages) else event.message.chat_id
        for user_id in self._dc.world.chats.by_id[chat_id].present():
            if user_id in self._feeds:
                self._push(user_id, event)
