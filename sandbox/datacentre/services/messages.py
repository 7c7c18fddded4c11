"""messages.*: sending, changing and pressing; reading is in `history`."""

import asyncio
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from telethon.tl import functions, types

from sandbox.datacentre import attachments, entities, input_peers, keyboards, views
from sandbox.datacentre.dispatcher import Call, Method, Methods, RpcFailure
from sandbox.datacentre.permissions import check_deleting, check_writing
from sandbox.datacentre.services.history import HistoryService
from sandbox.datacentre.tl import TL
from sandbox.world.chats import Chat, box_of
from sandbox.world.messages import Content, EditedMessage
from sandbox.world.presses import Answer

if TYPE_CHECKING:
    from sandbox.datacentre.datacentre import DataCentre

_TEXT_LIMIT = 4096
_PRESS_LIMIT_S = 15.0
"""How long a bot may take to answer a press."""


class MessagesService:
    def __init__(self, dc: "DataCentre") -> None:
        self._world = dc.world
        self._sender = dc.sender
        self._history = HistoryService(dc.world)

    def methods(self) -> Methods:
        return {
            functions.messages.SendMessageRequest: Method(self._send),
            functions.messages.EditMessageRequest: Method(self._edit),
            functions.messages.DeleteMessagesRequest: Method(self._delete),
            functions.messages.GetBotCallbackAnswerRequest: Method(self._press),
            **self._history.methods(),
        }

    def _send(self, call: Call, request: TL) -> TL:
        """In private chats answered in short: the client knows what it sent, and to whom."""
        place = self._sender.place(call, request, [request.random_id])
        content = _content(request)
        sent = self._sender.send(call, request, place, content, request.random_id)
        if isinstance(place, Chat) or not sent.is_new:
            return self._sender.told(call, [sent])
        return types.UpdateShortSentMessage(
            id=sent.message.id,
            pts=sent.pts,
            pts_count=1,
            date=sent.message.date,
            out=True,
            entities=entities.to_tl(sent.message.content.entities),
        )

    def _edit(self, call: Call, request: TL) -> TL:
        place = input_peers.place(self._world, request.peer, call.user_id)
        box = box_of(call.user_id, place.id)
        message = self._world.messages.get(box, request.id)
        if message is None or message.chat_id != place.id:
            raise RpcFailure(400, "MESSAGE_ID_INVALID")
        if message.sender_id != call.user_id:
            raise RpcFailure(403, "MESSAGE_AUTHOR_REQUIRED")
        check_writing(self._world, call.user_id, place)
        content = _edited(message.content, request)
        event = EditedMessage(message, self._world.messages.pts(box) + 1)
        if not self._world.edit(message, content):
            raise RpcFailure(400, "MESSAGE_NOT_MODIFIED")
        update = views.update(self._world, event, call.user_id)
        return views.updates(
            self._world, [update], views.people_of(self._world, event), call.user_id
        )

    def _delete(self, call: Call, request: TL) -> TL:
        """Messages of private chats and basic groups; those of channels have `channels.*`."""
        before, is_for_all = self._world.messages.pts(call.user_id), bool(request.revoke)
        if is_for_all:
            check_deleting(self._world, call.user_id, call.user_id, request.id)
        gone = self._world.messages.delete(call.user_id, request.id, revoke=is_for_all)
        return types.messages.AffectedMessages(before + len(gone), len(gone))

    def _press(self, call: Call, request: TL) -> "asyncio.Future[TL]":
        """Press a callback button; the bot's answer comes later, or BOT_RESPONSE_TIMEOUT."""
        place = input_peers.place(self._world, request.peer, call.user_id)
        message = self._world.messages.get(box_of(call.user_id, place.id), request.msg_id)
        if message is None or message.chat_id != place.id:
            raise RpcFailure(400, "MESSAGE_ID_INVALID")
        theirs = self._world.messages.copy_of(message, message.sender_id)
        if theirs is None or not self._world.people.by_id[message.sender_id].is_bot:
            raise RpcFailure(400, "MESSAGE_ID_INVALID")
        data = (request.data or b"").decode(errors="replace")
        if not keyboards.has_callback(theirs.content.markup, data):
            raise RpcFailure(400, "DATA_INVALID")
        press = self._world.presses.press(call.user_id, theirs, data)
        return _answer_of(press.answered)


def _edited(old: Content, request: TL) -> Content:
    """Of a message with a file only the caption can be changed here."""
    if request.media is not None:
        raise RpcFailure(400, "MEDIA_NEW_INVALID")
    if old.attachment is None:
        return _content(request)
    text, found = attachments.caption(request.message or "", request.entities)
    return replace(old, text=text, entities=found)


def _content(request: TL) -> Content:
    text = request.message or ""
    if not text.strip():
        raise RpcFailure(400, "MESSAGE_EMPTY")
    if len(text) > _TEXT_LIMIT:
        raise RpcFailure(400, "MESSAGE_TOO_LONG")
    found = entities.from_tl(request.entities, text)
    return Content(text, found, has_no_preview=bool(request.no_webpage))


def _answer_of(answered: "asyncio.Future[Answer]") -> "asyncio.Future[TL]":
    """The TL answer to a press, once the bot has given one or its time is over."""
    loop = asyncio.get_running_loop()
    result: asyncio.Future[TL] = loop.create_future()
    failure = RpcFailure(400, "BOT_RESPONSE_TIMEOUT")
    timer = loop.call_later(_PRESS_LIMIT_S, partial(_fail, result, failure))

    def pass_on(done: "asyncio.Future[Answer]") -> None:
        timer.cancel()
        if not done.cancelled() and not result.done():
            result.set_result(_callback_answer(done.result()))

    answered.add_done_callback(pass_on)
    return result


def _fail(result: "asyncio.Future[TL]", failure: RpcFailure) -> None:
    if not result.done():
        result.set_exception(failure)


def _callback_answer(answer: Answer) -> TL:
    return types.messages.BotCallbackAnswer(
        cache_time=0,
        alert=answer.show_alert or None,
        has_url=bool(answer.url) or None,
        native_ui=True,
        message=answer.text or None,
        url=answer.url or None,
    )
