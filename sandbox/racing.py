"""Waiting for whichever of several things happens first."""

import asyncio
from collections.abc import Coroutine
from typing import Any


async def first(*awaited: Coroutine[Any, Any, object]) -> None:
    """Return when one of them has ended; the others are cancelled. What one raises is raised."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(each, name=str(each)) for each in awaited]
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in tasks:
                task.cancel()
    except BaseExceptionGroup as raised:  # of one that failed: its own error says more
        raise raised.exceptions[0] from None
