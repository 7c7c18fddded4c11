"""messages.*: sending, changing and pressing; reading is in `history`."""

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from telethon.tl import functions, types

from sandbox.datacentre import entities, input_peers, keyboards, views
from sandbox.datacentre.dispatcher import Call, Method, Methods, RpcFailure
from sandbox.datacentre.services.history import HistoryService
from sandbox.datacentre.tl import TL
from sandbox.world.messages import Content, EditedMessage, Message
from sandbox.world.presses import Answer

if TYPE_CHECKING:
    from sandbox.datacentre.datacentre import DataCentre

_TEXT_LIMIT = 4096
_PRESS_LIMIT_S = 15.0
"""How long a bot may take to answer a press."""


class MessagesService:
    def __init__(self, dc: "DataCentre") -> None:
        self._world = dc.world
        self._watch = dc.watch
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
        """A repeated random_id is answered with the first message (core.telegram.org/api/updates).

        The pts is the next one of the sender's box: the message is the first event there.
        """
        person = input_peers.peer(self._world, request.peer, call.user_id)
        content = _content(request)
        if not request.random_id:
            raise RpcFailure(400, "RANDOM_ID_EMPTY")
        if request.schedule_date is not None:
            raise RpcFailure(400, "SCHEDULE_DATE_INVALID")
        pts = self._world.messages.pts(call.user_id) + 1
        mine, is_new = self._world.say(
            call.user_id,
            person.id,
            content,
            random_id=request.random_id,
            reply_to_id=getattr(request.reply_to, "reply_to_msg_id", 0),
        )
        if not is_new:
            return self._sent_before(call, mine, request.random_id)
        self._watch.sent(mine, request.random_id)
        return types.UpdateShortSentMessage(
            id=mine.id,
            pts=pts,
            pts_count=1,
            date=mine.date,
            out=True,
            entities=entities.to_tl(mine.content.entities),
        )

    def _sent_before(self, call: Call, mine: Message, random_id: int) -> TL:
        pts = self._world.messages.pts(call.user_id)
        found = [
            types.UpdateMessageID(mine.id, random_id),
            types.UpdateNewMessage(views.message(mine), pts, 0),
        ]
        return views.updates(self._world, found, (call.user_id, mine.chat_id), call.user_id)

    def _edit(self, call: Call, request: TL) -> TL:
        input_peers.peer(self._world, request.peer, call.user_id)
        message = self._world.messages.get(call.user_id, request.id)
        if message is None:
            raise RpcFailure(400, "MESSAGE_ID_INVALID")
        if not message.is_outgoing:
            raise RpcFailure(403, "MESSAGE_AUTHOR_REQUIRED")
        content = _content(request)
        event = EditedMessage(message, self._world.messages.pts(call.user_id) + 1)
        if not self._world.edit(message, content):
            raise RpcFailure(400, "MESSAGE_NOT_MODIFIED")
        return views.updates(
            self._world, [views.update(event)], views.people_of(event), call.user_id
        )

    def _delete(self, call: Call, request: TL) -> TL:
        before = self._world.messages.pts(call.user_id)
        gone = self._world.messages.delete(call.user_id, request.id, revoke=bool(request.revoke))
        return types.messages.AffectedMessages(before + len(gone), len(gone))

    def _press(self, call: Call, request: TL) -> "asyncio.Future[TL]":
        """Press a callback button; the bot's answer comes later, or BOT_RESPONSE_TIMEOUT."""
        bot = input_peers.peer(self._world, request.peer, call.user_id)
        message = self._world.messages.get(call.user_id, request.msg_id)
        theirs = self._world.messages.twin(message) if message else None
        if theirs is None or not bot.is_bot or theirs.owner_id != bot.id:
            raise RpcFailure(400, "MESSAGE_ID_INVALID")
        data = (request.data or b"").decode(errors="replace")
        if not keyboards.has_callback(theirs.content.markup, data):
            raise RpcFailure(400, "DATA_INVALID")
        press = self._world.presses.press(call.user_id, theirs, data)
        return _answer_of(press.answered)


def _content(request: TL) -> Content:
    text = request.message or ""
    if not text.strip():
        raise RpcFailure(400, "MESSAGE_EMPTY")
    if len(text) > _TEXT_LIMIT:
        raise RpcFailure(400, "MESSAGE_TOO_LONG")
    return Content(text, entities.from_tl(request.entities, text))


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
