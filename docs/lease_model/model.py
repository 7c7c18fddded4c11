"""What can happen next: the protocol's steps, every fault, and the passing of time.

Nothing has to happen but one thing: a running instance fences itself before time goes on past its
deadline. Everything else may come or stay out, in any order; so a request that is never done, an
answer that never comes, and a partition of any length are in it without a word of their own.
"""

from collections.abc import Iterator

from docs.lease_model.database import commits, failed_over, fates
from docs.lease_model.instances import DIE, alone, must_fence
from docs.lease_model.lines import older_line
from docs.lease_model.protocol import Protocol
from docs.lease_model.shortening import tidied, tidy
from docs.lease_model.state import ANSWERED, NOBODY, PASSED, Instance, Renewal, Rows, State

Action = tuple[str, int]
"""What, and the instance that does it or that it befalls; NOBODY where it is none."""
Steps = Iterator[tuple[Action, State]]


def steps(protocol: Protocol, state: State) -> Steps:
    """Everything that can happen next, and what comes of it."""
    for number, instance in enumerate(state.instances):
        for what, after in alone(protocol, state, number, instance):
            rows = state.rows
            if protocol.frees_the_gone and what.startswith(DIE) and rows.owner == number:
                rows = rows._replace(free_in=0)
            now = state._replace(rows=rows)
            yield (what, number), _with(now, number, tidied(protocol, after, rows, 0))
        for what, rows, after in commits(protocol, state, number, instance):
            for doomed in fates(protocol, state, what):
                fate = "" if doomed is None else ", to be lost"
                fated = state._replace(rows=rows, doomed=doomed)
                yield (what + fate, number), tidy(protocol, _with(fated, number, after))
    if state.doomed is not None:
        yield ("fail over", NOBODY), failed_over(protocol, state, state.doomed.rows)
    may_age = state.doomed is None or state.doomed.lag > 0
    if may_age and not any(must_fence(i) for i in state.instances):
        yield ("tick", NOBODY), _tick(protocol, state)


def breaks(protocol: Protocol, state: State) -> bool:
    """Whether the key is on lines of two instances that the data centre has open."""
    count = 0
    for instance in state.instances:
        lines = [each for each in (instance.line, instance.left) if each is not None]
        count += any(
            line.is_open and (protocol.counts_past_gate or not line.is_late) for line in lines
        )
    return count > 1


def _tick(protocol: Protocol, state: State) -> State:
    doomed = state.doomed
    after = state._replace(
        instances=tuple(_older(protocol, i) for i in state.instances),
        rows=_later(state.rows),
        doomed=doomed and doomed._replace(rows=_later(doomed.rows), lag=doomed.lag - 1),
        grace=max(0, state.grace - 1),
    )
    return tidy(protocol, after)


def _later(rows: Rows) -> Rows:
    return rows._replace(free_in=rows.free_in - 1) if rows.free_in else rows


def _older(protocol: Protocol, instance: Instance) -> Instance:
    if instance == Instance(timeline=instance.timeline):
        return instance
    line, left = instance.line, instance.left
    renewal, right = instance.renewal, instance.right
    if not (instance.is_stopped and protocol.clock_stops_in_suspend):
        right = max(PASSED, right - 1)
        renewal = _later_heard(protocol, renewal)
    left = left and older_line(left)
    return instance._replace(
        right=right,
        renewal=renewal,
        line=line and older_line(line),
        left=left,
        free_in=max(0, instance.free_in - 1) if left else 0,
    )


def _later_heard(protocol: Protocol, renewal: Renewal | None) -> Renewal | None:
    if renewal is None:
        return None
    renewal = renewal._replace(left=max(PASSED, renewal.left - 1))
    is_useless = renewal.phase == ANSWERED and renewal.left == PASSED
    return None if is_useless and not protocol.deadline_from_answer else renewal


def _with(state: State, number: int, instance: Instance) -> State:
    them = state.instances
    return state._replace(instances=(*them[:number], instance, *them[number + 1 :]))
