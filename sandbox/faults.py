"""What every fault of the sandbox has in common: it is set, it strikes, it is lifted."""

import asyncio
from collections.abc import Callable, Iterator
from itertools import count
from types import TracebackType
from typing import Any, Self, TypeVar


class Fault:
    """Something that is broken until it is lifted or used up; in a `with`, until its end.

    Without `user_id` and `key_id` it concerns everybody. `times` None means until lifted.
    """

    kind = "fault"

    def __init__(
        self, *, user_id: int | None = None, key_id: int | None = None, times: int | None = None
    ) -> None:
        self.id = 0
        self.user_id = user_id
        self.key_id = key_id
        self.times = times
        self.struck = 0
        """How often it has had an effect."""
        self.is_active = False
        self._on_lift: Callable[[Fault], None] | None = None
        self._strike = asyncio.Event()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.lift()

    @property
    def has_scope(self) -> bool:
        """Whether it concerns one user or one key only."""
        return self.user_id is not None or self.key_id is not None

    def concerns(self, user_id: int | None, key_id: int | None) -> bool:
        return self.user_id in {None, user_id} and self.key_id in {None, key_id}

    def strike(self) -> None:
        """Count one effect; the last one lifts the fault."""
        self.struck += 1
        self._strike.set()
        if self.times is not None and self.struck >= self.times:
            self.lift()

    async def has_struck(self, times: int = 1) -> None:
        """Return as soon as the fault has had its effect so often."""
        while self.struck < times:
            self._strike.clear()
            await self._strike.wait()

    def lift(self) -> None:
        """Mend it. A second time is nothing."""
        if self.is_active and self._on_lift is not None:
            self._on_lift(self)

    async def mend(self) -> None:
        """`lift`, also for a fault that takes time to be lifted."""
        self.lift()

    def placed(self, number: int, on_lift: "Callable[[Fault], None]") -> None:
        """The board has taken it."""
        self.id, self._on_lift, self.is_active = number, on_lift, True

    def details(self) -> dict[str, Any]:
        """What tells it from others of its kind, ready for JSON."""
        return {}


F = TypeVar("F", bound=Fault)


class Board:
    """The faults that are set. False where there are none, so that asking costs nothing."""

    def __init__(self) -> None:
        self._ids = count(1)
        self._active: dict[int, Fault] = {}
        self.listeners: list[Callable[[Fault], None]] = []
        """Told of each fault when it is placed and when it is over: `is_active` says which."""

    def __bool__(self) -> bool:
        return bool(self._active)

    def active(self) -> list[Fault]:
        return list(self._active.values())

    def get(self, number: int) -> Fault | None:
        return self._active.get(number)

    def place(self, fault: F) -> F:
        """From now on the fault is there."""
        number = next(self._ids)
        fault.placed(number, self._take_off)
        self._active[number] = fault
        self._tell(fault)
        return fault

    def matching(
        self, kind: type[F], user_id: int | None = None, key_id: int | None = None
    ) -> Iterator[F]:
        """The faults of that class that concern this user and key, in the order of their setting."""
        for fault in self.active():
            if isinstance(fault, kind) and fault.concerns(user_id, key_id):
                yield fault

    def first(
        self, kind: type[F], user_id: int | None = None, key_id: int | None = None
    ) -> F | None:
        return next(self.matching(kind, user_id, key_id), None)

    async def lift_all(self) -> None:
        for fault in self.active():
            await fault.mend()

    def forget(self, kind: type[Fault]) -> None:
        """Take faults of that class off without mending anything."""
        for fault in self.matching(kind):
            self._take_off(fault)

    def lifted(self, fault: Fault) -> None:
        """What a board does when one of its faults is over."""

    def _take_off(self, fault: Fault) -> None:
        fault.is_active = False
        del self._active[fault.id]
        self.lifted(fault)
        self._tell(fault)

    def _tell(self, fault: Fault) -> None:
        for listener in self.listeners:
            listener(fault)
