"""Cancel a piece of work at exactly the await that a test names."""

import asyncio
from collections.abc import Collection, Coroutine, Generator
from typing import Any


class Interrupted:
    """Runs a coroutine and cancels the task around it at its n-th suspension, for each n named.

    The cancellation is a real one: it reaches whatever future the task is about to wait for.
    """

    def __init__(self, work: Coroutine[Any, Any, Any], at: Collection[int]) -> None:
        self._work = work
        self._at = at
        self.suspensions = 0

    def __await__(self) -> Generator[Any, None, None]:
        task = asyncio.current_task()
        assert task is not None
        steps = self._work.__await__()
        error: BaseException | None = None
        while True:
            try:
                awaited = steps.throw(error) if error else steps.send(None)
            except StopIteration:
                return
            self.suspensions += 1
            if self.suspensions in self._at:
                task.cancel()
            error = None
            try:
                yield awaited
            except BaseException as exc:  # noqa: BLE001 - handed on to the work, whatever it is
                error = exc


async def interrupt(work: Coroutine[Any, Any, Any], *at: int) -> bool:
    """Run the work in a task of its own; True where it was cancelled, False where it ended."""

    async def run() -> None:
        await Interrupted(work, at)

    async with asyncio.TaskGroup() as group:
        task = group.create_task(run(), name="interrupted work")
    return task.cancelled()
