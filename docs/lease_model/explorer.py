"""Breadth-first over everything that can happen; knows nothing of leases."""

from collections import Counter, deque
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

State = TypeVar("State", bound=Hashable)
Action = TypeVar("Action")


class TooMany(Exception):
    """More states than allowed: nothing is shown, neither way."""


@dataclass(frozen=True, slots=True)
class Found(Generic[State, Action]):
    """What a search came to."""

    states: int
    taken: Counter[Action]
    """How often each action was possible: one that never was has not been checked."""
    trace: list[tuple[Action | None, State]] | None
    """The shortest way to a state that breaks the invariant; None where there is no such state."""


def explore(
    start: State,
    steps: Callable[[State], Iterable[tuple[Action, State]]],
    breaks: Callable[[State], bool],
    same: Callable[[State], Hashable],
    *,
    at_most: int,
) -> Found[State, Action]:
    """Visit every state that can be reached, or stop at the first that breaks the invariant.

    Of states for which `same` answers the same, one is visited. Raises `TooMany` where there are more than `at_most`.
    """
    came_by: dict[State, tuple[Action, State] | None] = {start: None}
    known = {same(start)}
    taken: Counter[Action] = Counter()
    queue = deque([start])
    while queue:
        state = queue.popleft()
        for action, after in steps(state):
            taken[action] += 1
            if (name := same(after)) in known:
                continue
            known.add(name)
            came_by[after] = (action, state)
            if breaks(after):
                return Found(len(known), taken, _way_to(after, came_by))
            queue.append(after)
        if len(known) > at_most:
            raise TooMany(f"more than {at_most} states")
    return Found(len(known), taken, None)


def _way_to(
    state: State, came_by: dict[State, tuple[Action, State] | None]
) -> list[tuple[Action | None, State]]:
    way: list[tuple[Action | None, State]] = []
    while (step := came_by[state]) is not None:
        way.append((step[0], state))
        state = step[1]
    way.append((None, state))
    return way[::-1]
