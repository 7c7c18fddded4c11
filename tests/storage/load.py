"""Writers that never rest, for what must hold beside them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from sqlalchemy import insert

from storage import dialogs, journal
from storage.database import Database
from storage.schema import events

ROWS = 3
"""How many rows each transaction writes into the journal, and one into another table."""


@dataclass
class Load:
    """What the writers were told is committed."""

    acknowledged: set[str] = field(default_factory=set)
    moved: asyncio.Event = field(default_factory=asyncio.Event)

    async def go_on(self, count: int) -> None:
        """Wait until `count` more transactions were acknowledged."""
        wanted = len(self.acknowledged) + count
        while len(self.acknowledged) < wanted:
            self.moved.clear()
            await self.moved.wait()


async def fill_up(db: Database, rows: int, size: int) -> None:
    """Make the database so large that its backup takes a while."""
    entry = {"at": db.now(), "kind": "bulk", "actor": "mooring", "cause": "x" * size, "data": {}}
    async with db.transaction() as tx:
        await tx.execute(insert(events), [entry] * rows)


@asynccontextmanager
async def writing(db: Database, writers: int = 3) -> AsyncIterator[Load]:
    """Several tasks that write transactions into two tables until the block ends."""
    load = Load()
    stop = asyncio.Event()

    async def write(name: int) -> None:
        number = 0
        while not stop.is_set():
            number += 1
            mark = f"load-{name}-{number}"
            async with db.transaction() as tx:
                await dialogs.save(tx, mark, "load", {})
                for _ in range(ROWS):
                    await journal.note(tx, mark, actor="writer", cause="x" * 200)
            load.acknowledged.add(mark)
            load.moved.set()

    async with asyncio.TaskGroup() as group:
        for name in range(writers):
            group.create_task(write(name), name=f"writer {name}")
        try:
            yield load
        finally:
            stop.set()
