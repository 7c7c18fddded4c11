"""What an instance does, and what befalls it."""

from collections.abc import Iterator

from docs.lease_model.lines import arrived, begun, left_of, pinged, written
from docs.lease_model.protocol import Protocol
from docs.lease_model.state import (
    ANSWERED,
    ASKED,
    CLAIM,
    NOBODY,
    PASSED,
    RELEASE,
    UNHEARD,
    Instance,
    Line,
    Order,
    Renewal,
    State,
)

Changes = Iterator[tuple[str, Instance]]

DIE = "die"
HAND_OVER = "close and hand over"


def alone(protocol: Protocol, state: State, number: int, instance: Instance) -> Changes:
    """What changes one instance and its lines, and nothing else.

    Whatever ends a line may go unheard; a hand-over asks first, and closes what answers.
    """
    for what, after in _heard(protocol, state, number, instance):
        yield what, after
        is_asked = what == HAND_OVER and not protocol.hands_over_unheard
        has_ended = instance.line is not None and after.line is None
        if protocol.ends_unheard and has_ended and not is_asked:
            free_in = state.rows.free_in if state.rows.owner == number else 0
            left = left_of(instance)
            yield what + ", unheard", after._replace(left=left, free_in=free_in if left else 0)
    for name in ("line", "left"):
        line: Line | None = getattr(instance, name)
        if line is not None and line.flight != PASSED:
            yield "ping arrives", instance._replace(**{name: arrived(line)})


def _heard(protocol: Protocol, state: State, number: int, instance: Instance) -> Changes:
    if instance.is_stopped:
        yield "resume", instance._replace(is_stopped=False, line=written(protocol, instance))
    elif must_fence(instance):
        yield from _too_late(protocol, instance)
    elif protocol.forgets and has_nothing(instance):
        if _may_claim(state, number, instance):
            yield (
                "renew and ask for a claim",
                Instance(
                    right=protocol.deadline,
                    timeline=state.timeline,
                    order=Order(CLAIM, state.rows.owner, state.rows.epoch),
                    left=instance.left,
                    free_in=instance.free_in,
                ),
            )
    else:
        yield from _falls(instance)
        yield from _renews(protocol, instance)
        if instance.right != PASSED:
            yield from _with_line(protocol, instance)
            yield from _orders(protocol, state, number, instance)


def _too_late(protocol: Protocol, instance: Instance) -> Changes:
    """It runs, and its deadline has passed."""
    yield "fence", fenced(instance)
    yield "stop", instance._replace(is_stopped=True)
    if not protocol.has_gate and instance.line is not None:
        yield "ping", instance._replace(line=pinged(protocol, instance, instance.line))
    if not protocol.fences_before_it_renews:
        yield from _renews(protocol, instance)


def _falls(instance: Instance) -> Changes:
    """Whoever holds nothing can do so much by doing nothing."""
    line = instance.line
    if instance.mine is None:
        return
    yield DIE, fenced(instance)._replace(renewal=None)
    yield "stop", instance._replace(is_stopped=True)
    if instance.right == PASSED:
        return
    held = Line(UNHEARD) if line is None else line
    what = "stop between gate and first write" if line is None else "stop between gate and write"
    yield what, instance._replace(is_stopped=True, line=held._replace(holds_packet=True))


def _renews(protocol: Protocol, instance: Instance) -> Changes:
    renewal = instance.renewal
    yield "ask for a renewal", instance._replace(renewal=Renewal(ASKED, protocol.deadline))
    if renewal is not None and renewal.phase == ANSWERED:
        yield "hear of the renewal", _renewed(protocol, instance, renewal)


def _renewed(protocol: Protocol, instance: Instance, renewal: Renewal) -> Instance:
    left = protocol.deadline if protocol.deadline_from_answer else renewal.left
    instance = instance._replace(renewal=None)
    is_new = protocol.checks_timeline and renewal.timeline != instance.timeline
    if is_new or renewal.is_surprise:
        held = instance.mine if is_new and instance.right != PASSED else None
        return fenced(instance)._replace(right=left, kept=held, timeline=renewal.timeline)
    if instance.right == PASSED and protocol.fences_before_it_renews:
        instance = fenced(instance)
    return instance._replace(right=max(instance.right, left))


def _with_line(protocol: Protocol, instance: Instance) -> Changes:
    line = instance.line
    if line is None and instance.mine is not None:
        yield "dial", instance._replace(line=begun(protocol, instance))
    if line is not None and protocol.ends_unheard:
        yield "drop", instance._replace(line=None)
    if line is not None and protocol.has_timer:
        yield "ping", instance._replace(line=pinged(protocol, instance, line))


def _orders(protocol: Protocol, state: State, number: int, instance: Instance) -> Changes:
    rows = state.rows
    if instance.mine is not None:
        order = Order(RELEASE, number, instance.mine)
        if instance.left is None or protocol.hands_over_unheard:
            yield HAND_OVER, instance._replace(line=None, mine=None, order=order)
    elif _may_claim(state, number, instance):
        what = "ask again for what it held" if state.grace else "ask for a claim"
        yield what, instance._replace(order=Order(CLAIM, rows.owner, rows.epoch))


def _may_claim(state: State, number: int, instance: Instance) -> bool:
    rows = state.rows
    if state.grace:
        return rows.owner == number and instance.kept == rows.epoch
    return rows.owner in {NOBODY, number} or not rows.free_in


def has_nothing(instance: Instance) -> bool:
    """It holds no account and asks for none."""
    return (instance.mine, instance.kept, instance.order) == (None, None, None)


def must_fence(instance: Instance) -> bool:
    """It runs past its deadline, and has something left to let go."""
    return (
        instance.right == PASSED
        and not instance.is_stopped
        and (
            instance.line is not None
            or instance.mine is not None
            or instance.kept is not None
            or (instance.order is not None and not instance.order.is_orphan)
        )
    )


def fenced(instance: Instance) -> Instance:
    """It has closed its line and forgotten what it held; an order under way may still be done."""
    order = instance.order
    return instance._replace(
        right=PASSED,
        order=order and order._replace(is_orphan=True),
        mine=None,
        kept=None,
        line=None,
    )
