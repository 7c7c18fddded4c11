"""When something else that takes the bot's updates is told, and when it is over."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from bot.conflict import PATIENCE_S, POLLER, WEBHOOK, Conflict
from storage import alerts, incidents
from storage.database import Database, open_database
from storage.incidents import BOT, About
from storage.vault import Vault
from tests.storage.fleet import url_of

OTHER = "Conflict: terminated by other getUpdates request"
HOOK = "Conflict: can't use getUpdates method while webhook is active"


class Time:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = await open_database(
        url_of(tmp_path / "mooring.db"), Vault([Fernet.generate_key().decode()])
    )
    yield opened
    await opened.close()


async def told(database: Database) -> list[str]:
    async with database.read() as tx:
        return [
            alert.incident.cause
            for alert in await alerts.unsettled(tx)
            if alert.incident.closed_at is None
        ]


async def meet_for(conflict: Conflict, time: Time, seconds: float, words: str = OTHER) -> None:
    """By turns with polls that work, which say nothing."""
    for _ in range(round(seconds / 5)):
        conflict.met(words)
        await conflict.look()
        time.now += 5


async def test_a_former_holder_of_the_seat_is_no_alarm(database: Database) -> None:
    time = Time()
    conflict = Conflict(database, clock=time)
    await meet_for(conflict, time, PATIENCE_S - 10)
    assert await told(database) == []
    time.now += PATIENCE_S
    await conflict.look()
    await meet_for(conflict, time, PATIENCE_S - 10)  # another one, later
    assert await told(database) == []


async def test_what_lasts_is_told_until_it_is_quiet_for_as_long(database: Database) -> None:
    time = Time()
    conflict = Conflict(database, clock=time)
    await meet_for(conflict, time, PATIENCE_S + 10)
    assert await told(database) == [POLLER]
    await meet_for(conflict, time, 5, HOOK)
    assert await told(database) == [WEBHOOK]
    time.now += PATIENCE_S - 10
    await conflict.look()
    assert await told(database) == [WEBHOOK]
    time.now += 10
    await conflict.look()
    assert await told(database) == []


async def test_what_a_process_before_told_is_over_too(database: Database) -> None:
    async with database.transaction() as tx:
        await incidents.open_about(tx, BOT, About.BOT_CONFLICT, cause=POLLER)
    time = Time()
    conflict = Conflict(database, clock=time)
    await conflict.look()
    assert await told(database) == [POLLER]
    time.now += PATIENCE_S
    await conflict.look()
    assert await told(database) == []
