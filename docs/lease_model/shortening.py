"""One name for states from which the same can follow."""

from docs.lease_model.instances import has_nothing
from docs.lease_model.protocol import Compare, Protocol
from docs.lease_model.state import (
    ANSWERED,
    ASKED,
    NOBODY,
    PASSED,
    STALE,
    Instance,
    Renewal,
    Rows,
    State,
)


def tidy(protocol: Protocol, state: State) -> State:
    """The same state by its least name: without orders that will be refused, epochs from zero."""
    rows, doomed = state.rows, state.doomed
    base = min(rows.epoch, doomed.rows.epoch) if doomed else rows.epoch
    instances = tuple(tidied(protocol, i, rows, base) for i in state.instances)
    if base:
        rows = rows._replace(epoch=rows.epoch - base)
        if doomed:
            kept = doomed.rows
            doomed = doomed._replace(rows=kept._replace(epoch=kept.epoch - base))
    return state._replace(instances=instances, rows=rows, doomed=doomed)


def tidied(protocol: Protocol, instance: Instance, rows: Rows, base: int) -> Instance:
    """One instance of it; `base` is the epoch that becomes zero."""
    order, renewal = instance.order, instance.renewal
    if order is not None:
        is_refused = (order.owner, order.epoch) != (rows.owner, rows.epoch)
        if is_refused and protocol.compare is Compare.OWNER_AND_EPOCH:
            order = None
        elif base:
            order = order._replace(epoch=max(STALE, order.epoch - base))
    if _says_nothing(protocol, instance, renewal):
        renewal = None
    if order is not instance.order or renewal is not instance.renewal or base:
        mine, kept = instance.mine, instance.kept
        instance = instance._replace(
            renewal=renewal,
            order=order,
            mine=None if mine is None else max(STALE, mine - base),
            kept=None if kept is None else max(STALE, kept - base),
        )
    return _short(protocol, instance) if protocol.forgets else instance


def _says_nothing(protocol: Protocol, instance: Instance, renewal: Renewal | None) -> bool:
    return (
        renewal is not None
        and renewal.phase == ANSWERED
        and renewal.left <= instance.right
        and not (renewal.is_surprise or protocol.deadline_from_answer)
        and (renewal.timeline == instance.timeline or not protocol.checks_timeline)
    )


def _short(protocol: Protocol, instance: Instance) -> Instance:
    """Without what can change nothing any more."""
    order, line = instance.order, instance.line
    if instance.right != PASSED or not protocol.fences_before_it_renews:
        blank = Instance(timeline=instance.timeline, left=instance.left, free_in=instance.free_in)
        return blank if has_nothing(instance) else instance
    if line is not None and not protocol.counts_past_gate:
        line = None if line.is_late or not line.is_open else line._replace(holds_packet=False)
    if line is None:
        orphan = order and order._replace(is_orphan=True)
        return Instance(
            timeline=instance.timeline,
            order=orphan,
            left=instance.left,
            free_in=instance.free_in,
        )
    renewal = instance.renewal
    asked = Renewal(ASKED, PASSED) if renewal and renewal.phase == ASKED else None
    return instance._replace(renewal=asked, mine=STALE, kept=None, line=line)


def canonical(state: State) -> State:
    """The same state whatever the instances are called: with them in an order of their own."""
    them, rows, doomed = state.instances, state.rows, state.doomed
    old = sorted(range(len(them)), key=lambda i: hash((them[i], rows.owner == i)))
    if old == [*range(len(them))]:
        return state
    new = {NOBODY: NOBODY} | {number: place for place, number in enumerate(old)}
    return state._replace(
        instances=tuple(
            one._replace(order=one.order._replace(owner=new[one.order.owner]))
            if one.order
            else one
            for one in (them[i] for i in old)
        ),
        rows=rows._replace(owner=new[rows.owner]),
        doomed=doomed and doomed._replace(rows=doomed.rows._replace(owner=new[doomed.rows.owner])),
    )
