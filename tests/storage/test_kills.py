"""Killed at any moment, a process loses nothing that it said was written.

`make chaos` kills hundreds of times, `make test` a dozen; the seed makes a failure repeatable.
"""

import asyncio
import os
import sys
from pathlib import Path
from random import Random

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import select, text

from storage import schema, sessions
from storage.database import Database, open_database
from storage.delivery import DeliveryState
from storage.vault import Vault
from tests.storage.fleet import add_account
from tests.timing import limit, seconds

KILLS = int(os.environ.get("MOORING_KILLS", "6"))
SEED = int(os.environ.get("MOORING_SEED", "1"))
CHILD = Path(__file__).with_name("killed_child.py")
LONGEST_LIFE_S = 0.4


class Acknowledged:
    """What the children said they had written."""

    def __init__(self) -> None:
        self.drafted: set[int] = set()
        self.moved: dict[int, int] = {}
        self.key = 0

    def hear(self, said: bytes) -> None:
        for line in said.decode().splitlines():
            match line.split():
                case ["drafted", number]:
                    self.drafted.add(int(number))
                case ["moved", number, task]:
                    self.moved[int(number)] = int(task)
                case ["key", number]:
                    self.key = int(number)


async def live_and_die(url: str, key: str, account: int, first: int, life_s: float) -> bytes:
    """Run a child, let it live for a while after its first write, and kill it."""
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        str(CHILD),
        url,
        str(account),
        str(first),
        cwd=CHILD.parents[2],
        env={**os.environ, "SECRET_KEY": key, "PYTHONPATH": str(CHILD.parents[2])},
        stdout=asyncio.subprocess.PIPE,
    )
    assert child.stdout is not None
    async with asyncio.timeout(limit(60)):
        begun = await child.stdout.readline()
        await asyncio.sleep(life_s)
        child.kill()
        rest = await child.stdout.read()
        await child.wait()
    return begun + rest


async def check(database: Database, account: int, said: Acknowledged) -> None:
    async with database.read() as tx:
        rows = await tx.all(
            select(schema.deliveries.c.id, schema.deliveries.c.state, schema.deliveries.c.attempts)
        )
        session = await sessions.load(tx, account, sessions.SessionStatus.ENROLLING)
    states = {row.id: row.state for row in rows}
    attempts = {row.id: row.attempts for row in rows}
    assert said.drafted <= states.keys(), "an acknowledged draft is gone"
    for number, task in said.moved.items():
        assert (states[number], attempts[number]) == (DeliveryState.PENDING, task)
    # A child that died young may not have come to its first key.
    stored = int.from_bytes((session.auth_key if session else None) or b"", "big")
    assert said.key <= stored <= said.key + 1, "the key is the last one, or one on its way"
    said.key = stored


async def is_whole(database: Database) -> bool:
    async with database.read() as tx:
        found = await tx.all(text("PRAGMA integrity_check"))
        orphans = await tx.all(text("PRAGMA foreign_key_check"))
    return [row[0] for row in found] == ["ok"] and orphans == []


@pytest.mark.timeout(seconds(60 + KILLS * 10))
async def test_what_was_acknowledged_survives_a_kill_at_any_moment(database_url: str) -> None:
    random = Random(SEED)  # noqa: S311 - repeatable
    key = Fernet.generate_key().decode()
    database = await open_database(database_url, Vault([key]))
    async with database.transaction() as tx:
        account = await add_account(tx)
    said = Acknowledged()

    for number in range(KILLS):
        life_s = random.uniform(0, LONGEST_LIFE_S)
        said.hear(await live_and_die(database_url, key, account, said.key, life_s))
        assert said.drafted, f"kill {number}: the child wrote nothing"
        await check(database, account, said)
        if database_url.startswith("sqlite"):
            assert await is_whole(database)
    await database.close()
    assert said.moved
    assert said.key
