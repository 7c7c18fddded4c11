"""The command line writes orders beside the running process: no lock error, no lost row."""

import asyncio
import os
import sys
from pathlib import Path

from cryptography.fernet import Fernet

from storage import commands, journal
from storage.commands import Command
from storage.database import Database, open_database
from storage.floods import FloodWait
from storage.vault import Vault
from tests.storage.fleet import START, add_account
from tests.timing import limit

CHILD = Path(__file__).with_name("ordering_child.py")
LASTING_S = 2.0
CHILDREN = 2


async def order_from_outside(url: str, key: str) -> int:
    """Let a process of its own write orders; returns how many it says it wrote."""
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        str(CHILD),
        url,
        str(LASTING_S),
        env={**os.environ, "SECRET_KEY": key, "PYTHONPATH": str(CHILD.parents[2])},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    said, errors = await child.communicate()
    assert child.returncode == 0, errors.decode()
    return int(said)


async def carry_out(database: Database, done: list[Command], over: asyncio.Event) -> None:
    """What the running process does with orders, meanwhile and at the end."""
    while True:
        was_over = over.is_set()
        async with database.transaction() as tx:
            taken = await commands.take(tx)
            for command in taken:
                await commands.finish(tx, command.id, {})
        done += taken
        if was_over and not taken:
            return
        await asyncio.sleep(0.01)


async def write_much(database: Database, account: int, over: asyncio.Event) -> int:
    """The load of the running process: the journal, and the group-commit writer."""
    count = 0
    while not over.is_set():
        await database.writer.write(FloodWait(account, f"method {count % 10}", START))
        async with database.transaction() as tx:
            await journal.note(tx, "load", actor="test")
        count += 1
    return count


async def test_orders_written_from_outside_under_load_are_all_carried_out_once(
    database_url: str,
) -> None:
    key = Fernet.generate_key().decode()
    database = await open_database(database_url, Vault([key]))
    async with database.transaction() as tx:
        account = await add_account(tx)
    over = asyncio.Event()
    done: list[Command] = []

    async with asyncio.timeout(limit(90)), asyncio.TaskGroup() as group:
        group.create_task(carry_out(database, done, over))
        load = group.create_task(write_much(database, account, over))
        written = await asyncio.gather(
            *(order_from_outside(database_url, key) for _ in range(CHILDREN))
        )
        over.set()

    assert load.result() > 0
    assert min(written) > 0, "neither was starved"
    assert len({command.id for command in done}) == len(done) == sum(written)
    numbers = sorted(command.args["number"] for command in done)
    assert numbers == sorted(number for count in written for number in range(count))
    await database.close()
