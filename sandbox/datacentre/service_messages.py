"""Messages about messages, sessions, pings and salts; all others are calls of API methods.

Source: core.telegram.org/mtproto/service_messages, .../service_messages_about_messages.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from loguru import logger
from telethon.tl import functions, types

from sandbox.datacentre import tl
from sandbox.datacentre.message_ids import BadMessage
from sandbox.datacentre.reading import Unreadable
from sandbox.datacentre.receiver import Incoming
from sandbox.datacentre.session import Session
from sandbox.datacentre.tl import TL

if TYPE_CHECKING:
    from sandbox.datacentre.datacentre import DataCentre

_MOST_SALTS = 64
_NEVER_CONTENT = frozenset(
    kind.CONSTRUCTOR_ID for kind in (types.MsgsAck, types.HttpWait, types.MsgsStateInfo)
)


class ServiceMessages:
    """Answers what belongs to MTProto itself and passes the rest to the dispatcher."""

    def __init__(self, dc: "DataCentre") -> None:
        self._dc = dc
        self._handlers: dict[int, Callable[[Session, int, TL], None]] = {
            types.MsgsAck.CONSTRUCTOR_ID: self._acknowledged,
            types.MsgsStateReq.CONSTRUCTOR_ID: self._state_asked,
            types.MsgResendReq.CONSTRUCTOR_ID: self._resend_asked,
            types.HttpWait.CONSTRUCTOR_ID: self._ignore,
            types.MsgsStateInfo.CONSTRUCTOR_ID: self._ignore,
            types.MsgsAllInfo.CONSTRUCTOR_ID: self._ignore,
            types.MsgDetailedInfo.CONSTRUCTOR_ID: self._ignore,
            types.MsgNewDetailedInfo.CONSTRUCTOR_ID: self._ignore,
            functions.PingRequest.CONSTRUCTOR_ID: self._ping,
            functions.PingDelayDisconnectRequest.CONSTRUCTOR_ID: self._ping_delay_disconnect,
            functions.GetFutureSaltsRequest.CONSTRUCTOR_ID: self._future_salts,
            functions.DestroySessionRequest.CONSTRUCTOR_ID: self._destroy_session,
            functions.RpcDropAnswerRequest.CONSTRUCTOR_ID: self._drop_answer,
            functions.DestroyAuthKeyRequest.CONSTRUCTOR_ID: self._destroy_auth_key,
        }

    def handle(self, session: Session, message: Incoming) -> None:
        """Act on one message whose ids are checked."""
        constructor = int.from_bytes(message.body[:4], "little")
        handler = self._handlers.get(constructor)
        if handler is None:
            if message.seqno % 2:
                self._dc.dispatcher.call(session, message.msg_id, message.body)
            else:
                self._refuse(session, message, BadMessage.SEQNO_NOT_ODD)
        elif message.seqno % 2 and constructor in _NEVER_CONTENT:
            self._refuse(session, message, BadMessage.SEQNO_NOT_EVEN)
        else:
            self._run(handler, session, message)

    def _run(
        self, handler: Callable[[Session, int, TL], None], session: Session, message: Incoming
    ) -> None:
        try:
            content, _ = tl.read(message.body)
        except Unreadable as exc:
            logger.debug("a service message that can't be read: {}", exc)
            return
        handler(session, message.msg_id, content)

    def _refuse(self, session: Session, message: Incoming, fault: BadMessage) -> None:
        notice = types.BadMsgNotification(message.msg_id, message.seqno, fault)
        self._dc.tell(session, notice, is_content=False)

    def _acknowledged(self, session: Session, _msg_id: int, ack: TL) -> None:
        session.acknowledge(ack.msg_ids)

    def _ignore(self, session: Session, msg_id: int, content: TL) -> None:
        pass

    def _ping(self, session: Session, msg_id: int, ping: TL) -> None:
        self._dc.tell(session, types.Pong(msg_id, ping.ping_id), is_answer=True)

    def _ping_delay_disconnect(self, session: Session, msg_id: int, ping: TL) -> None:
        """Only a further ping of this kind puts the closing off."""
        self._ping(session, msg_id, ping)
        if session.connection is not None:
            session.connection.close_after(max(ping.disconnect_delay, 0))

    def _future_salts(self, session: Session, msg_id: int, request: TL) -> None:
        count = min(max(request.num, 1), _MOST_SALTS)
        upcoming = self._dc.salts.upcoming(session.authorization.key_id, count)
        salts = [types.FutureSalt(since, until, salt) for since, until, salt in upcoming]
        now = int(self._dc.now().timestamp())
        self._dc.tell(session, types.FutureSalts(msg_id, now, salts), is_answer=True)

    def _state_asked(self, session: Session, msg_id: int, request: TL) -> None:
        states = [session.state_of(msg_id) for msg_id in request.msg_ids]
        info = bytes(states).decode()
        state = types.MsgsStateInfo(msg_id, info)
        self._dc.tell(session, state, is_content=False, is_answer=True)

    def _resend_asked(self, session: Session, msg_id: int, request: TL) -> None:
        """Send the answers that are still kept again; state the others as unknown."""
        answers = [session.answer_with_id(answer_id) for answer_id in request.msg_ids]
        for answer in filter(None, answers):
            self._dc.send(session, answer)
        if not all(answers):
            self._state_asked(session, msg_id, request)

    def _destroy_session(self, session: Session, _msg_id: int, request: TL) -> None:
        """End another session of the same key; the session that asks can't end itself."""
        other = session.authorization.sessions.get(request.session_id)
        if other is None or other is session:
            answer = types.DestroySessionNone(request.session_id)
        else:
            self._dc.feeds.leave(other)
            del session.authorization.sessions[other.id]
            answer = types.DestroySessionOk(request.session_id)
        self._dc.tell(session, answer, is_answer=True)

    def _drop_answer(self, session: Session, msg_id: int, request: TL) -> None:
        answer = session.drop_answer(request.req_msg_id)
        if answer is not None:
            result = types.RpcAnswerDropped(answer.msg_id, answer.seqno, len(answer.body))
        elif session.has_received(request.req_msg_id):
            result = types.RpcAnswerDroppedRunning()
        else:
            result = types.RpcAnswerUnknown()
        self._dc.dispatcher.answer(session, msg_id, result)

    def _destroy_auth_key(self, session: Session, _msg_id: int, _request: TL) -> None:
        """Forget a key that is not logged in."""
        if session.authorization.key.user_id is not None:
            self._dc.tell(session, types.DestroyAuthKeyFail(), is_answer=True)
            return
        self._dc.tell(session, types.DestroyAuthKeyOk(), is_answer=True)
        self._dc.forget_key(session.authorization.key_id)
