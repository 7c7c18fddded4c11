"""A clock that can be put forward, a data centre in this process, and a check of what is left."""

import asyncio
import gc
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.faults.fleet import Clock
from tests.sandbox.conftest import datacentre, server_key, world

__all__ = ["datacentre", "server_key", "world"]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(autouse=True)
async def _nothing_is_left_over() -> AsyncIterator[None]:
    """Each test ends with the tasks it began with, and no error that nobody looked at."""
    unseen: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: unseen.append(context))
    before = {task for task in asyncio.all_tasks() if task is not asyncio.current_task()}
    yield
    await asyncio.sleep(0)
    assert asyncio.all_tasks() - before - {asyncio.current_task()} == set()
    gc.collect()
    assert [context["message"] for context in unseen] == []
