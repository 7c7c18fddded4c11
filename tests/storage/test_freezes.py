"""That Telegram has frozen an account is an incident for as long as it lasts."""

from datetime import UTC, datetime

import pytest

from storage import accounts, forgetting, incidents, journal
from storage.account import Freeze, Observed
from storage.alerts import unsettled
from storage.database import Database
from storage.freezes import FreezeSeen
from storage.incidents import About, Ending, Incident, account_of, account_subject
from storage.observations import Observation

TOLD = Freeze(
    datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC), "https://t.me/spambot"
)


async def see(db: Database, *changes: FreezeSeen) -> list[Incident]:
    """Write them, and read what the chat has not been told the end of."""
    for change in changes:
        await db.writer.write(change)
    async with db.read() as tx:
        return [alert.incident for alert in await unsettled(tx)]


async def kinds(db: Database, account: int) -> list[str]:
    async with db.read() as tx:
        return [e.kind for e in await journal.latest(tx, account_id=account)][::-1]


async def freeze_of(db: Database, account: int) -> Freeze:
    async with db.read() as tx:
        found = await accounts.get(tx, account)
    assert found is not None
    return found.freeze


async def test_a_freeze_opens_one_incident_and_its_end_closes_it(
    db: Database, account: int
) -> None:
    (opened,) = await see(db, FreezeSeen(account), FreezeSeen(account))
    assert (opened.kind, opened.subject) == (About.ACCOUNT_FROZEN, account_subject(account))
    assert account_of(opened.subject) == account
    assert await kinds(db, account) == ["account.frozen"]

    (closed,) = await see(db, FreezeSeen(account, is_frozen=False))
    assert (closed.id, closed.ending) == (opened.id, Ending.RECOVERED)
    assert closed.closed_at is not None
    await see(db, FreezeSeen(account, is_frozen=False))
    assert await kinds(db, account) == ["account.frozen", "account.thawed"]


async def test_what_telegram_tells_later_has_the_message_edited_and_stays_where_it_is_silent(
    db: Database, account: int
) -> None:
    (untold,) = await see(db, FreezeSeen(account))
    (told,) = await see(db, FreezeSeen(account, freeze=TOLD))
    assert told.id == untold.id
    assert told.cause == "until 2026-06-01 https://t.me/spambot"
    assert await freeze_of(db, account) == TOLD
    (same,) = await see(db, FreezeSeen(account))
    assert same.cause == told.cause
    assert await freeze_of(db, account) == TOLD
    await see(db, FreezeSeen(account, is_frozen=False))
    assert await freeze_of(db, account) == Freeze()


async def test_an_outage_of_a_frozen_account_is_an_incident_of_its_own(
    db: Database, account: int
) -> None:
    await see(db, FreezeSeen(account))
    async with db.transaction() as tx:
        await incidents.open_one(tx, account_id=account, kind="offline", cause="dropped")
    assert len(await see(db)) == 2
    async with db.transaction() as tx:
        await incidents.close_open(tx, account)
    assert [i.closed_at is None for i in await see(db)] == [True, False]


@pytest.mark.parametrize("on_its_way", [0, 1])
async def test_a_ban_ends_the_incident_of_a_freeze_and_none_is_opened_after(
    db: Database, account: int, on_its_way: int
) -> None:
    (frozen,) = await see(db, FreezeSeen(account))
    seen = Observed("BANNED", "USER_DEACTIVATED_BAN", 0, None, db.now())
    await db.writer.write(Observation(account, seen, came_from="ONLINE", opens="banned"))
    over, banned = await see(db, *[FreezeSeen(account)] * on_its_way)
    assert (over.id, over.ending) == (frozen.id, Ending.TURNED)
    assert over.closed_at is not None
    assert (banned.kind, banned.closed_at) == ("banned", None)


async def test_of_an_account_that_was_forgotten_nothing_is_told_any_more(
    db: Database, account: int
) -> None:
    await see(db, FreezeSeen(account))
    async with db.transaction() as tx:
        await incidents.close_open(tx, account, ending=Ending.STOPPED)
    assert [i.closed_at for i in await see(db)] == [None]
    async with db.transaction() as tx:
        await forgetting.forget(tx, account)
        await incidents.close_open(tx, account, ending=Ending.FORGOTTEN)
    assert await see(db, FreezeSeen(account)) == []
