"""What a press on a card does to a delivery and to the later parts of its text."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bot.callbacks import DeliveryAct
from storage.delivery import Delivery, DeliveryState, Fallback
from storage.drafting import approved

DRAFT, PENDING, FAILED = DeliveryState.DRAFT, DeliveryState.PENDING, DeliveryState.FAILED
BOT_PENDING, UNKNOWN = DeliveryState.BOT_PENDING, DeliveryState.UNKNOWN


@dataclass(frozen=True, slots=True)
class Turn:
    """One part goes on, if nobody was first."""

    part: Delivery
    to: DeliveryState
    values: Mapping[str, object] = field(default_factory=dict)


Rule = Callable[[Delivery, datetime], Turn | None]
"""What becomes of a part at that time; None: it stays as it is."""


def turns(act: DeliveryAct, parts: Sequence[Delivery], now: datetime) -> list[Turn]:
    """What the press does; nothing where it comes too late."""
    if act is DeliveryAct.AS_BOT and not _may_go_as_bot(parts):
        return []
    rule = _RULES.get(act)
    found = [rule(part, now) for part in parts] if rule else []
    return [turn for turn in found if turn is not None]


def _may_go_as_bot(parts: Sequence[Delivery]) -> bool:
    """A draft, what failed, and what an operator is asked about; nothing that may be out already."""
    is_open = any(p.state in {DRAFT, FAILED} or p.is_asking for p in parts)
    has_doubt = any(p.is_possibly_sent for p in parts if p.state in {DRAFT, FAILED, PENDING})
    return is_open and not has_doubt


def _as_account(part: Delivery, now: datetime) -> Turn | None:
    # The identical request settles what an earlier one may have done.
    to = DeliveryState.SENDING if part.is_possibly_sent else PENDING
    if part.state is DRAFT:
        return Turn(part, to, approved(now))
    return Turn(part, to, _again(now)) if part.state is FAILED else None


def _as_bot(part: Delivery, now: datetime) -> Turn | None:
    if part.state is DRAFT:
        return Turn(part, BOT_PENDING, approved(now))
    if part.state is FAILED:
        return Turn(part, BOT_PENDING, _again(now))
    if part.state is PENDING:
        # Why the account can't stays: the receipt tells it.
        return Turn(part, BOT_PENDING, {"error": "", "not_before": None})
    return None


def _discard(part: Delivery, _: datetime) -> Turn | None:
    return Turn(part, DeliveryState.CANCELLED, {"error": ""}) if part.state is DRAFT else None


def _cancel(part: Delivery, _: datetime) -> Turn | None:
    """What has certainly not gone out."""
    is_waiting = part.state in {PENDING, BOT_PENDING}
    return Turn(part, DeliveryState.CANCELLED, {"error": ""}) if is_waiting else None


def _wait(part: Delivery, _: datetime) -> Turn | None:
    if part.state is not PENDING or part.fallback is not Fallback.ASK:
        return None
    return Turn(part, PENDING, {"fallback": Fallback.NEVER, "detour": "", "error": ""})


def _arrived(part: Delivery, _: datetime) -> Turn | None:
    if part.state is not UNKNOWN:
        return None
    as_account = part.is_possibly_sent
    to = DeliveryState.SENT if as_account else DeliveryState.SENT_BY_BOT
    return Turn(part, to, {"error": ""})


def _send_again(part: Delivery, now: datetime) -> Turn | None:
    """The way it went."""
    if part.state is not UNKNOWN:
        return None
    to = DeliveryState.SENDING if part.is_possibly_sent else BOT_PENDING
    return Turn(part, to, _again(now) | {"detour": part.detour})


def _again(now: datetime) -> dict[str, object]:
    """Begun anew, at once."""
    return approved(now) | {"not_before": None, "handed_at": None, "steps": []}


_RULES: dict[DeliveryAct, Rule] = {
    DeliveryAct.AS_ACCOUNT: _as_account,
    DeliveryAct.AS_BOT: _as_bot,
    DeliveryAct.DISCARD: _discard,
    DeliveryAct.CANCEL: _cancel,
    DeliveryAct.WAIT: _wait,
    DeliveryAct.ARRIVED: _arrived,
    DeliveryAct.AGAIN: _send_again,
}
