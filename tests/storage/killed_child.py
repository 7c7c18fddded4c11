"""A process that writes until it is killed, and says of each write when it is durable.

Arguments: the database's address. Environment: SECRET_KEY. Each line on standard output is one
acknowledged write.
"""

import asyncio
import os
import sys

from storage import deliveries, sessions
from storage.database import Database, open_database
from storage.deliveries import Move
from storage.delivery import DeliveryState
from storage.sessions import StoredSession
from storage.vault import Vault

KEY_BYTES = 256


def say(*words: object) -> None:
    # One write of a short line is whole or not there.
    os.write(1, (" ".join(map(str, words)) + "\n").encode())


async def write_deliveries(database: Database, account_id: int, task: int) -> None:
    """Drafts by transaction, moves by the group-commit writer."""
    while True:
        async with database.transaction() as tx:
            number = await deliveries.draft(
                tx, account_id=account_id, target="@bob", text=f"by task {task}"
            )
        say("drafted", number)
        drafts = frozenset({DeliveryState.DRAFT})
        move = Move(number, drafts, DeliveryState.PENDING, {"attempts": task})
        assert await database.writer.write(move)
        say("moved", number, task)


async def change_keys(database: Database, account_id: int, first: int) -> None:
    """A login's key, made anew again and again; each is numbered."""
    async with database.transaction() as tx:
        begun = await sessions.start_enrolling(
            tx, account_id, dc_id=2, server_address="192.0.2.1", port=443
        )
    for number in range(first + 1, sys.maxsize):
        key = number.to_bytes(KEY_BYTES, "big")
        async with database.transaction() as tx:
            stored = StoredSession(begun.id, 2, "192.0.2.1", 443, key)
            await sessions.save_enrolling(tx, stored)
        say("key", number)


async def main() -> None:
    url, account_id, first_key = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    database = await open_database(url, Vault([os.environ["SECRET_KEY"]]))
    async with asyncio.TaskGroup() as group:
        for task in range(1, 5):
            group.create_task(write_deliveries(database, account_id, task))
        group.create_task(change_keys(database, account_id, first_key))


asyncio.run(main())
