"""One MTProto session: the numbering of its messages, both ways, and answers not yet acknowledged.

Source: core.telegram.org/mtproto/description, .../service_messages_about_messages.
A session belongs to an auth key, lives on while its connection is gone, and may come back on
another one.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.datacentre.authorizations import Authorization
    from sandbox.datacentre.connection import Connection

REMEMBERED_IDS = 1024
"""How many of the client's message ids are known for certain; older ones can't be verified."""
KEPT_ANSWERS = 256
KEPT_BYTES = 8 << 20
"""Of the bodies of kept answers in all; the latest one is kept whatever its size."""

_UNKNOWN, _NOT_RECEIVED, _NOT_YET, _RECEIVED = 1, 2, 3, 4
"""Nothing is known of it; it has certainly not come; the same, and it is later than all that did;
it has come (mtproto/service_messages_about_messages)."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message to the client, numbered."""

    msg_id: int
    seqno: int
    body: bytes


class Session:
    """The state of one session. What it sends goes out through `connection`, if there is one."""

    __slots__ = (
        "_answered_by",
        "_content_sent",
        "_kept_bytes",
        "_received",
        "answers",
        "authorization",
        "connection",
        "feed_of",
        "forgotten_up_to",
        "highest",
        "id",
        "is_greeted",
        "unique_id",
    )

    def __init__(self, session_id: int, unique_id: int, authorization: "Authorization") -> None:
        self.id = session_id
        self.unique_id = unique_id
        self.authorization = authorization
        self.connection: Connection | None = None
        self.is_greeted = False
        """Whether new_session_created was sent."""
        self.feed_of: int | None = None
        """Whose updates this session receives."""
        self.forgotten_up_to = 0
        self.highest = (0, 0)
        """The highest msg_id received of a content-related message, and its seqno."""
        self.answers: dict[int, Outgoing] = {}
        """By request, until acknowledged."""
        self._kept_bytes = 0
        self._answered_by: dict[int, int] = {}
        self._received: dict[int, None] = {}
        self._content_sent = 0

    def note_received(self, msg_id: int) -> None:
        self._received[msg_id] = None
        if len(self._received) > REMEMBERED_IDS:
            oldest = next(iter(self._received))
            del self._received[oldest]
            self.forgotten_up_to = max(self.forgotten_up_to, oldest)

    def has_received(self, msg_id: int) -> bool:
        return msg_id in self._received

    def next_seqno(self, *, is_content: bool) -> int:
        """Twice the number of content-related messages before, and one more for such a one."""
        seqno = 2 * self._content_sent + is_content
        self._content_sent += is_content
        return seqno

    def keep_answer(self, request_id: int, answer: Outgoing) -> None:
        """Keep an answer until the client acknowledges it, for the case that it asks again."""
        self.drop_answer(request_id)
        self.answers[request_id] = answer
        self._answered_by[answer.msg_id] = request_id
        self._kept_bytes += len(answer.body)
        while len(self.answers) > 1 and (
            len(self.answers) > KEPT_ANSWERS or self._kept_bytes > KEPT_BYTES
        ):
            self.drop_answer(next(iter(self.answers)))

    def acknowledge(self, answer_ids: Iterable[int]) -> None:
        for answer_id in answer_ids:
            if (request_id := self._answered_by.get(answer_id)) is not None:
                self.drop_answer(request_id)

    def drop_answer(self, request_id: int) -> Outgoing | None:
        answer = self.answers.pop(request_id, None)
        if answer is not None:
            self._answered_by.pop(answer.msg_id, None)
            self._kept_bytes -= len(answer.body)
        return answer

    def state_of(self, msg_id: int) -> int:
        """What msgs_state_info says of a message of the client's."""
        if self.has_received(msg_id):
            return _RECEIVED
        if msg_id <= self.forgotten_up_to or not self._received:
            return _UNKNOWN
        return _NOT_YET if msg_id > max(self._received) else _NOT_RECEIVED

    def answer_with_id(self, answer_id: int) -> Outgoing | None:
        return self.answers.get(self._answered_by.get(answer_id, 0))
