"""messages.*: reading chats: core.telegram.org/api/offsets."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime

from telethon.tl import functions, types

from sandbox.datacentre import input_peers, views
from sandbox.datacentre.dispatcher import Call, Method, Methods
from sandbox.datacentre.tl import TL
from sandbox.world import World
from sandbox.world.messages import Message

_NO_DATE = datetime.fromtimestamp(0, UTC)
_MOST = 100
"""Of messages or dialogs in one answer."""


class HistoryService:
    def __init__(self, world: World) -> None:
        self._world = world
        self._read_up_to: dict[tuple[int, int], int] = defaultdict(int)
        """By reader and chat."""

    def methods(self) -> Methods:
        return {
            functions.messages.GetHistoryRequest: Method(self._history),
            functions.messages.GetDialogsRequest: Method(self._dialogs),
            functions.messages.GetMessagesRequest: Method(self._by_ids),
            functions.messages.ReadHistoryRequest: Method(self._read),
        }

    def _history(self, call: Call, request: TL) -> TL:
        person = input_peers.peer(self._world, request.peer, call.user_id)
        chat = self._world.messages.history(call.user_id, person.id)[::-1]
        page = _page(chat, request)
        people = {call.user_id, person.id}
        known = views.users(self._world, people, call.user_id)
        shown = [views.message(copy) for copy in page]
        if len(page) == len(chat):
            return types.messages.Messages(shown, [], [], known)
        return types.messages.MessagesSlice(len(chat), shown, [], [], known)

    def _dialogs(self, call: Call, request: TL) -> TL:
        """Latest first. Pinned and archived dialogs there are none."""
        chats = [] if request.folder_id else self._world.messages.chats(call.user_id)
        tops = [(c, self._world.messages.history(call.user_id, c)[-1]) for c in chats]
        after = [
            (c, top) for c, top in tops if not request.offset_id or top.id < request.offset_id
        ]
        page = after[: min(request.limit, _MOST)]
        dialogs = [self._dialog(call.user_id, chat, top) for chat, top in page]
        shown = [views.message(top) for _, top in page]
        people = {call.user_id, *(chat for chat, _ in page)}
        known = views.users(self._world, people, call.user_id)
        if len(page) == len(tops):
            return types.messages.Dialogs(dialogs, shown, [], known)
        return types.messages.DialogsSlice(len(tops), dialogs, shown, [], known)

    def _dialog(self, user_id: int, chat_id: int, top: Message) -> TL:
        read = self._read_up_to[user_id, chat_id]
        history = self._world.messages.history(user_id, chat_id)
        return types.Dialog(
            peer=types.PeerUser(chat_id),
            top_message=top.id,
            read_inbox_max_id=read,
            read_outbox_max_id=0,
            unread_count=sum(m.id > read and not m.is_outgoing for m in history),
            unread_mentions_count=0,
            unread_reactions_count=0,
            unread_poll_votes_count=0,
            notify_settings=types.PeerNotifySettings(),
        )

    def _by_ids(self, call: Call, request: TL) -> TL:
        """In the order asked for; a gap where there is no such message."""
        shown, people = [], {call.user_id}
        for stated in request.id:
            number = getattr(stated, "id", 0)
            copy = self._world.messages.get(call.user_id, number)
            if copy is None:
                shown.append(types.MessageEmpty(number, None))
                continue
            shown.append(views.message(copy))
            people |= {copy.chat_id, copy.sender_id}
        known = views.users(self._world, people, call.user_id)
        return types.messages.Messages(shown, [], [], known)

    def _read(self, call: Call, request: TL) -> TL:
        person = input_peers.peer(self._world, request.peer, call.user_id)
        at = (call.user_id, person.id)
        history = self._world.messages.history(*at)
        last = history[-1].id if history else 0
        self._read_up_to[at] = max(self._read_up_to[at], min(request.max_id or last, last))
        return types.messages.AffectedMessages(self._world.messages.pts(call.user_id), 0)


def _page(newest_first: Sequence[Message], request: TL) -> Sequence[Message]:
    """The part of a chat that offset, add_offset, limit, max_id and min_id ask for."""
    start = 0
    if request.offset_id:
        start = sum(m.id >= request.offset_id for m in newest_first)
    elif request.offset_date > _NO_DATE:
        start = sum(m.date >= request.offset_date for m in newest_first)
    start += request.add_offset
    stop = start + min(request.limit, _MOST)
    page = newest_first[max(start, 0) : max(stop, 0)]
    return [
        m for m in page if (not request.max_id or m.id < request.max_id) and m.id > request.min_id
    ]
