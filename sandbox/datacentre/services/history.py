"""messages.*: reading chats: core.telegram.org/api/offsets."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from telethon.tl import functions, types

from sandbox.datacentre import input_peers, views
from sandbox.datacentre.chats import chats, peer
from sandbox.datacentre.dispatcher import Call, Method, Methods
from sandbox.datacentre.tl import TL
from sandbox.world import World
from sandbox.world.chats import box_of, is_channel
from sandbox.world.messages import Message, NewMessage

_NO_DATE = datetime.fromtimestamp(0, UTC)
Top = tuple[int, Message | None]
"""A chat and its last message."""
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
            functions.channels.ReadHistoryRequest: Method(self._read_channel),
        }

    def _history(self, call: Call, request: TL) -> TL:
        place = input_peers.place(self._world, request.peer, call.user_id)
        box = box_of(call.user_id, place.id)
        chat = self._world.messages.history(box, place.id)[::-1]
        page = _page(chat, request)
        if is_channel(place.id):
            return channel_messages(self._world, call.user_id, place.id, page, len(chat))
        shown, *known = told(self._world, call.user_id, page, {place.id})
        if len(page) == len(chat):
            return types.messages.Messages(shown, [], *known)
        return types.messages.MessagesSlice(len(chat), shown, [], *known)

    def _dialogs(self, call: Call, request: TL) -> TL:
        """Latest first. Pinned and archived dialogs there are none."""
        chats = [] if request.folder_id else self._chats(call.user_id)
        start = _start(chats, request, call.user_id)
        page = chats[start : start + min(request.limit, _MOST)]
        dialogs = [self._dialog(call.user_id, chat_id) for chat_id, _ in page]
        tops = [top for _, top in page if top]
        shown, *known = told(self._world, call.user_id, tops, [chat_id for chat_id, _ in page])
        if len(page) == len(chats):
            return types.messages.Dialogs(dialogs, shown, *known)
        return types.messages.DialogsSlice(len(chats), dialogs, shown, *known)

    def _chats(self, user_id: int) -> list[Top]:
        """Everything with a message in it, and all groups and channels of that user.

        At Telegram none of them is without a message: each begins with the one that tells of its
        making. Here such messages do not exist, and a new group has 0 for its last one.
        """
        world = self._world
        groups = {chat.id: chat.created_at for chat in world.chats.of(user_id)}
        ids = dict.fromkeys((*world.messages.chats(user_id), *groups))
        found = []
        for chat_id in ids:
            history = world.messages.history(box_of(user_id, chat_id), chat_id)
            top = history[-1] if history else None
            found.append((top.date if top else groups[chat_id], (chat_id, top)))
        latest_first = sorted(found, key=lambda dated: dated[0], reverse=True)
        return [each for _, each in latest_first]

    def _dialog(self, user_id: int, chat_id: int) -> TL:
        read = self._read_up_to[user_id, chat_id]
        history = self._world.messages.history(box_of(user_id, chat_id), chat_id)
        has_own_pts = is_channel(chat_id)
        return types.Dialog(
            peer=peer(chat_id),
            top_message=history[-1].id if history else 0,
            read_inbox_max_id=read,
            read_outbox_max_id=0,
            unread_count=sum(m.id > read and m.sender_id != user_id for m in history),
            unread_mentions_count=0,
            unread_reactions_count=0,
            unread_poll_votes_count=0,
            notify_settings=types.PeerNotifySettings(),
            pts=self._world.messages.pts(chat_id) if has_own_pts else None,
        )

    def _by_ids(self, call: Call, request: TL) -> TL:
        """In the order asked for; a gap where there is no such message."""
        found = by_ids(self._world, call.user_id, request.id)
        shown, *known = told(self._world, call.user_id, found, {call.user_id})
        return types.messages.Messages(shown, [], *known)

    def _read(self, call: Call, request: TL) -> TL:
        place = input_peers.place(self._world, request.peer, call.user_id)
        self._mark_read(call.user_id, place.id, request.max_id)
        return types.messages.AffectedMessages(self._world.messages.pts(call.user_id), 0)

    def _read_channel(self, call: Call, request: TL) -> bool:
        chat = input_peers.channel(self._world, request.channel, call.user_id)
        self._mark_read(call.user_id, chat.id, request.max_id)
        return True

    def _mark_read(self, user_id: int, chat_id: int, max_id: int) -> None:
        history = self._world.messages.history(box_of(user_id, chat_id), chat_id)
        last, at = history[-1].id if history else 0, (user_id, chat_id)
        self._read_up_to[at] = max(self._read_up_to[at], min(max_id or last, last))


def by_ids(world: World, box: int, stated: Iterable[TL]) -> list[Message | int]:
    """The messages of a box with these ids; the id itself where there is none."""
    numbers = [getattr(each, "id", 0) for each in stated]
    return [world.messages.get(box, number) or number for number in numbers]


def told(
    world: World, viewer_id: int, found: Sequence[Message | int], people: Iterable[int]
) -> tuple[list[TL], list[TL], list[TL]]:
    """TL messages with a gap for each bare id, and the chats and users that they name."""
    known, shown = {viewer_id, *people}, []
    for copy in found:
        if isinstance(copy, int):
            shown.append(types.MessageEmpty(copy, None))
            continue
        shown.append(views.message(world, copy, viewer_id))
        known |= views.people_of(world, NewMessage(copy, 0))
    return shown, chats(world, known, viewer_id), views.users(world, known, viewer_id)


def channel_messages(
    world: World, viewer_id: int, chat_id: int, found: Sequence[Message | int], count: int
) -> TL:
    """Messages of a supergroup or channel, with its pts."""
    shown, *known = told(world, viewer_id, found, {chat_id})
    return types.messages.ChannelMessages(world.messages.pts(chat_id), count, shown, [], *known)


def _start(chats: Sequence[Top], request: TL, viewer_id: int) -> int:
    """How many dialogs lie before the page; the last one before it is `offset_peer`."""
    after = input_peers.stated_id(request.offset_peer, viewer_id)
    ids = [chat_id for chat_id, _ in chats]
    return ids.index(after) + 1 if after in ids else 0


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
