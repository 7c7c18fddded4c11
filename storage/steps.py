"""Steps on a connection: each runs to its end, whoever is cancelled meanwhile."""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, TypeVar

T = TypeVar("T")


async def finish(step: Coroutine[Any, Any, T]) -> T:
    """Run one step on a connection to its end; a cancellation of the caller comes after it.

    Cut short, a statement would stay open in the driver and lock the database until its
    traceback is forgotten.
    """
    # Outside the nursery: it ends within this call, whoever is cancelled.
    task = asyncio.get_running_loop().create_task(step, name="database step")
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError as exc:
        cancelled = exc
    while not task.done():
        with suppress(asyncio.CancelledError):
            await asyncio.wait({task})
    # Also where the step failed: who was cancelled must hear of that, not of a locked file.
    raise cancelled from (None if task.cancelled() else task.exception())
