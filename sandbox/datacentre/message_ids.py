"""Rules for msg_id and seqno: core.telegram.org/mtproto/description#message-identifier-msg-id.

The error codes are those of bad_msg_notification
(core.telegram.org/mtproto/service_messages_about_messages).
"""

from collections.abc import Callable
from datetime import datetime
from enum import IntEnum

from sandbox.datacentre.session import Session

OLDEST_S, NEWEST_S = 300, 30
"""How far a msg_id may lie behind and ahead of the data centre's clock."""


class BadMessage(IntEnum):
    """Why a message was not taken."""

    MSG_ID_TOO_LOW = 16
    MSG_ID_TOO_HIGH = 17
    MSG_ID_NOT_BY_FOUR = 18
    CONTAINER_ID_USED = 19
    TOO_OLD_TO_VERIFY = 20
    SEQNO_TOO_LOW = 32
    SEQNO_TOO_HIGH = 33
    SEQNO_NOT_EVEN = 34
    SEQNO_NOT_ODD = 35
    WRONG_SALT = 48
    INVALID_CONTAINER = 64


def check_id(msg_id: int, now_s: float) -> BadMessage | None:
    """Whether a msg_id is possible now. Not for messages in containers, which may be old."""
    if msg_id % 4:
        return BadMessage.MSG_ID_NOT_BY_FOUR
    sent_s = msg_id >> 32
    if sent_s < now_s - OLDEST_S:
        return BadMessage.MSG_ID_TOO_LOW
    if sent_s > now_s + NEWEST_S:
        return BadMessage.MSG_ID_TOO_HIGH
    return None


def check_order(session: Session, msg_id: int, seqno: int) -> BadMessage | None:
    """Whether an odd seqno fits the highest one so far; even ones say nothing here.

    Only contradictions that are certain are found: a later message with a seqno not above, or an
    earlier one with a seqno not below.
    """
    highest_id, highest_seqno = session.highest
    if msg_id > highest_id:
        return BadMessage.SEQNO_TOO_LOW if seqno <= highest_seqno else None
    return BadMessage.SEQNO_TOO_HIGH if seqno >= highest_seqno else None


class MessageIds:
    """Gives the data centre's message ids: time, rising, 1 mod 4 for answers, else 3."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._last = 0

    def next(self, *, is_answer: bool) -> int:
        by_clock = int(self._now().timestamp() * (1 << 32)) & ~3
        self._last = max(by_clock, self._last + 4)
        return self._last | (1 if is_answer else 3)
