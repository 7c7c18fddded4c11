"""What the database does with what it is asked, and a fail-over."""

from collections.abc import Iterator

from docs.lease_model.protocol import Protocol
from docs.lease_model.shortening import tidy
from docs.lease_model.state import (
    ANSWERED,
    ASKED,
    NOBODY,
    PASSED,
    RELEASE,
    Doomed,
    Instance,
    Renewal,
    Rows,
    State,
)

Commits = Iterator[tuple[str, Rows, Instance]]


def commits(protocol: Protocol, state: State, number: int, instance: Instance) -> Commits:
    """What the instance has asked for, done now.

    A claim that commits while nobody hears of it leaves a row that is claimed again. The lease of
    who owns nothing is not kept: at its claim it is taken to be as old as it can be.
    """
    rows, renewal, order = state.rows, instance.renewal, instance.order
    if renewal is not None and renewal.phase == ASKED:
        yield "renewal is done", *_renewal_done(protocol, state, number, renewal)
    if order is None:
        return
    after = instance._replace(order=None)
    if order.kind == RELEASE:
        yield "release is done", Rows(NOBODY, rows.epoch + 1, 0), after
        return
    rows = Rows(number, rows.epoch + 1, _least_lease(protocol, instance))
    yield "claim is done, answer lost", rows, after
    if not (instance.is_stopped or order.is_orphan or instance.right == PASSED):
        yield "claim is done", rows, after._replace(mine=rows.epoch, kept=None)


def _least_lease(protocol: Protocol, instance: Instance) -> int:
    """How soon others may take over from it, if its renewals were done when it asked for them.

    A lease that was begun later lasts longer than the one under which it has left a line.
    """
    renewal = instance.renewal
    is_answered = renewal is not None and renewal.phase == ANSWERED
    left = max(instance.right, renewal.left if renewal and is_answered else PASSED)
    lasts = 0 if left == PASSED else protocol.free - protocol.deadline + left
    return max(0, lasts, instance.free_in)


def _renewal_done(
    protocol: Protocol, state: State, number: int, renewal: Renewal
) -> tuple[Rows, Instance]:
    rows, instance, answer = state.rows, state.instances[number], None
    if renewal.left != PASSED or protocol.deadline_from_answer:
        is_surprise = instance.mine is not None and (number, instance.mine) != rows[:2]
        answer = Renewal(ANSWERED, renewal.left, state.timeline, is_surprise)
    if rows.owner == number:
        rows = rows._replace(free_in=protocol.free)
    return rows, instance._replace(renewal=answer)


def fates(protocol: Protocol, state: State, what: str) -> Iterator[Doomed | None]:
    """Whether what is committed now stays, or is lost by a fail-over that must come then."""
    doomed = state.doomed
    if doomed is None:
        yield None
        may_lose = what == "renewal is done" or not protocol.loses_only_renewals
        if state.failovers and may_lose:
            yield Doomed(state.rows, protocol.lost_commits - 1, protocol.lag)
    elif doomed.may_lose:
        yield doomed._replace(may_lose=doomed.may_lose - 1)


def failed_over(protocol: Protocol, state: State, rows: Rows) -> State:
    """Those rows are back, and what was asked of the old server is not done."""
    instances = tuple(
        i._replace(
            order=None,
            renewal=i.renewal if i.renewal and i.renewal.phase == ANSWERED else None,
            free_in=0,
        )
        for i in state.instances
    )
    after = State(
        instances,
        rows,
        timeline=state.timeline + 1,
        grace=protocol.free if protocol.waits_after_failover else 0,
        failovers=state.failovers - 1,
    )
    return tidy(protocol, after)
