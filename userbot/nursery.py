"""The one supervised place for background tasks."""

import asyncio
from collections.abc import Callable, Coroutine
from types import TracebackType
from typing import Any, Self

from loguru import logger

from storage.errors import StorageError

PAUSE_S = 5.0


class Nursery:
    """Owns tasks: each has a name, a crash is logged and ends only that task, none is lost.

    Leaving the block cancels what still runs and waits for it; an error of the block itself
    comes out as it was raised. `pause_s` is the pause before a loop that crashed starts anew.
    """

    def __init__(self, *, pause_s: float = PAUSE_S) -> None:
        self._pause_s = pause_s
        self._group = asyncio.TaskGroup()
        self._tasks: set[asyncio.Task[None]] = set()
        self._is_closing = False

    async def __aenter__(self) -> Self:
        await self._group.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._is_closing = True
        for task in tuple(self._tasks):
            task.cancel()
        # The group never sees the block's error: it would wrap it. No task lets one out either.
        await self._group.__aexit__(None, None, None)

    def start(self, work: Coroutine[Any, Any, None], *, name: str) -> asyncio.Task[None]:
        """Run `work` in the background."""
        task = self._group.create_task(_guard(work, name), name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        # Cancelled before its first step, a task never awaits its work.
        task.add_done_callback(lambda _: work.close())
        if self._is_closing:
            task.cancel()
        return task

    def keep(
        self, loop: Callable[[], Coroutine[Any, Any, None]], *, name: str
    ) -> asyncio.Task[None]:
        """Run a loop that is to run for as long as the nursery: where it crashes, start it anew."""
        return self.start(_anew(loop, name, self._pause_s), name=name)


async def _anew(loop: Callable[[], Coroutine[Any, Any, None]], name: str, pause_s: float) -> None:
    while True:
        await _guard(loop(), name)
        await asyncio.sleep(pause_s)


async def _guard(work: Coroutine[Any, Any, None], name: str) -> None:
    try:
        await work
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        # Somebody else's cancellation leaked out of what was awaited: a crash like any other.
        logger.bind(event="task.crashed", task=name).exception("{} was cut off", name)
    except StorageError as exc:
        # Not a bug: the database is locked or away, and the task is begun anew.
        logger.bind(event="task.waiting", task=name).warning("{} waits: {}", name, exc)
    except Exception:  # noqa: BLE001 - the outermost frame of every background task
        logger.bind(event="task.crashed", task=name).exception("{} crashed", name)
