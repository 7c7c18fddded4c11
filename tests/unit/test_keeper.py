"""Housekeeping: when a backup is due, what goes, and what is told when one fails."""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from bot.desk import Backups, Desk
from bot.keeper import CHUNK, Keeper
from bot.texts import Texts
from bot.views import overview
from storage import (
    accounts,
    attachments,
    commands,
    deliveries,
    floods,
    forgetting,
    journal,
    proxy_checks,
    sessions,
    shelf,
)
from storage.attachments import File
from storage.database import Database, open_database
from storage.delivery import DeliveryState, Media
from storage.proxy_checks import Check
from storage.schema import commands as commands_table
from storage.schema import events, flood_waits
from storage.schema import sessions as sessions_table
from storage.vault import Vault
from tests.storage.fleet import START, Clock, add_account, add_proxy, url_of
from tests.timing import limit
from tests.unit.situations import situation

DAY_S = 24 * 3600.0


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def backups(tmp_path: Path) -> Path:
    return tmp_path / "backups"


def keeper(db: Database, backups: Path, **changed: float) -> Keeper:
    wanted = {"backup_every_s": DAY_S, "events_kept_s": 90 * DAY_S} | changed
    return Keeper(db, backups, backups_kept=3, **wanted)


def names(directory: Path) -> list[str]:
    return sorted(p.name for p in directory.iterdir()) if directory.exists() else []


def put(path: Path, content: str) -> None:
    path.write_text(content)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Another program is in the middle of a write."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield


async def kinds(db: Database) -> list[str]:
    async with db.read() as tx:
        return [e.kind for e in await journal.latest(tx)][::-1]


@pytest.mark.req("S2.9")
async def test_a_backup_is_made_when_the_newest_one_is_a_day_old(
    db: Database, backups: Path, clock: Clock
) -> None:
    mine = keeper(db, backups)
    await mine.look()
    assert names(backups) == ["mooring-20260301T120000Z.db"]
    clock.forward(DAY_S - 1)
    await mine.look()
    assert len(names(backups)) == 1
    clock.forward(1)
    await mine.look()
    assert names(backups) == ["mooring-20260301T120000Z.db", "mooring-20260302T120000Z.db"]


async def test_it_looks_after_the_database_until_it_is_cancelled(
    db: Database, backups: Path
) -> None:
    async with asyncio.timeout(limit(20)), asyncio.TaskGroup() as group:
        task = group.create_task(keeper(db, backups).run())
        while "backup.made" not in await kinds(db):
            assert not task.done()
        task.cancel()
    assert len(names(backups)) == 1


async def test_a_restart_neither_makes_a_backup_nor_puts_one_off(
    db: Database, backups: Path, clock: Clock
) -> None:
    await keeper(db, backups).look()
    for _ in range(4):
        clock.forward(DAY_S / 4)
        await keeper(db, backups).look()
    assert names(backups) == ["mooring-20260301T120000Z.db", "mooring-20260302T120000Z.db"]


async def test_only_the_newest_are_kept(db: Database, backups: Path, clock: Clock) -> None:
    mine = keeper(db, backups)
    for _ in range(5):
        await mine.look()
        clock.forward(DAY_S)
    assert names(backups) == [f"mooring-2026030{n}T120000Z.db" for n in (3, 4, 5)]


async def test_no_backup_is_made_where_none_is_wanted(db: Database, backups: Path) -> None:
    await keeper(db, backups, backup_every_s=0).look()
    assert names(backups) == []


async def test_a_backup_that_fails_is_told_once_and_tried_again_after_ten_minutes(
    db: Database, backups: Path, clock: Clock
) -> None:
    put(backups, "a file where the directory should be")
    mine = keeper(db, backups)
    for _ in range(3):
        await mine.look()
        clock.forward(600)
    assert await kinds(db) == ["backup.failed"]
    seen = (await Desk(db, backups).situation()).backups
    assert seen is not None
    assert seen.newest_at is None
    assert seen.failure == f"No backup was made in {backups}: File exists."

    backups.unlink()  # noqa: ASYNC240 - one file of a test
    await mine.look()
    assert len(names(backups)) == 1
    assert await kinds(db) == ["backup.failed", "backup.made"]
    made_at = clock.now.replace(microsecond=0)
    clock.forward(60)
    assert (await Desk(db, backups).situation()).backups == Backups(made_at)


async def test_a_failure_is_not_tried_again_at_once(
    db: Database, backups: Path, clock: Clock
) -> None:
    put(backups, "in the way")
    mine = keeper(db, backups)
    await mine.look()
    backups.unlink()  # noqa: ASYNC240 - one file of a test
    clock.forward(599)
    await mine.look()
    assert names(backups) == []
    clock.forward(1)
    await mine.look()
    assert len(names(backups)) == 1


async def test_a_private_answer_goes_after_ten_minutes_not_with_the_hourly_tidying(
    db: Database, backups: Path, clock: Clock
) -> None:
    async with db.transaction() as tx:
        command_id = await commands.order(tx, "enrol.qr")
        await commands.take(tx)
        await commands.finish(tx, command_id, {"step": "qr", "url": "tg://x"}, is_private=True)
    mine = keeper(db, backups, backup_every_s=0)

    async def is_kept() -> bool:
        async with db.read() as tx:
            row = await tx.one(select(commands_table.c.sealed_outcome))
        assert row is not None
        return row.sealed_outcome is not None

    for after_s, expected in ((0, True), (599, True), (2, False)):
        clock.forward(after_s)
        await mine.look()
        assert await is_kept() == expected


async def test_not_even_the_first_backup_has_what_an_older_version_left_open_of_logins(
    db: Database, backups: Path
) -> None:
    async with db.transaction() as tx:
        command_id = await commands.order(tx, "enrol.qr")
        await commands.take(tx)
        left = {"step": "qr", "url": "tg://left-open"}
        this = commands_table.c.id == command_id
        await tx.execute(
            update(commands_table).where(this).values(state="DONE", outcome=left, done_at=tx.now)
        )
    await keeper(db, backups).look()
    (copy,) = backups.iterdir()  # noqa: ASYNC240 - one file of a test
    assert b"left-open" not in copy.read_bytes()


async def test_old_entries_go_however_many_and_young_ones_stay(
    db: Database, backups: Path, clock: Clock
) -> None:
    old = {"at": START, "kind": "old", "actor": "mooring", "cause": "", "data": {}}
    async with db.transaction() as tx:
        await tx.execute(events.insert(), [old] * (2 * CHUNK + 1))
    clock.forward(10)
    async with db.transaction() as tx:
        await journal.note(tx, "young", actor="mooring")
    clock.forward(90 * DAY_S - 5)

    await keeper(db, backups, backup_every_s=0, events_kept_s=0).look()
    async with db.read() as tx:
        assert (await tx.all(select(func.count()).select_from(events)))[0][0] == 2 * CHUNK + 2
    await keeper(db, backups, backup_every_s=0).look()
    assert await kinds(db) == ["young"]


async def test_checks_of_proxies_go_after_thirty_days_however_many(
    db: Database, backups: Path, clock: Clock
) -> None:
    async with db.transaction() as tx:
        proxy = await add_proxy(tx)
        await Check.apply(tx, [Check(proxy, START, "REFUSED")] * (2 * CHUNK + 1))
        await Check.apply(tx, [Check(proxy, START + timedelta(seconds=10), "", 5)])
    clock.forward(30 * DAY_S + 5)
    await keeper(db, backups, backup_every_s=0, events_kept_s=0).look()
    async with db.read() as tx:
        assert [c.latency_ms for c in await proxy_checks.latest(tx, proxy, limit=10)] == [5]


async def test_waits_that_are_over_and_sessions_replaced_long_ago_go(
    db: Database, backups: Path, clock: Clock
) -> None:
    async with db.transaction() as tx:
        account = await add_account(tx)
        await floods.store(tx, account, "over", clock.now)
        await floods.store(tx, account, "runs", clock.now + timedelta(days=60))
        for _ in range(2):
            begun = await sessions.start_enrolling(
                tx, account, dc_id=2, server_address="192.0.2.1", port=443
            )
            kept = sessions.StoredSession(begun.id, 2, "192.0.2.1", 443, bytes(256))
            await sessions.save_enrolling(tx, kept)
            await sessions.finish_enrolling(tx, account)
    mine = keeper(db, backups, backup_every_s=0)

    async def left() -> tuple[int, list[str]]:
        async with db.read() as tx:
            rows = await tx.all(select(sessions_table.c.status).order_by(sessions_table.c.id))
            waits = await tx.all(select(flood_waits.c.method))
        return len(waits), [row.status for row in rows]

    await mine.look()
    assert await left() == (1, ["REPLACED", "CURRENT"])
    clock.forward(30 * DAY_S - 1)
    await mine.look()
    assert await left() == (1, ["REPLACED", "CURRENT"])
    clock.forward(3602)
    await mine.look()
    assert await left() == (1, ["CURRENT"])


async def test_files_go_once_they_are_sent_and_a_week_after_they_failed(
    db: Database, backups: Path, clock: Clock
) -> None:
    async with db.transaction() as tx:
        account = await add_account(tx)
        numbers = []
        for state in (DeliveryState.SENT, DeliveryState.FAILED):
            number = await deliveries.draft(tx, account_id=account, target="me", text="")
            await attachments.add(tx, number, [File(Media.PHOTO, b"picture")])
            await deliveries.move(tx, number, {DeliveryState.DRAFT}, state)
            numbers.append(number)
    mine = keeper(db, backups, backup_every_s=0)

    async def left() -> list[bool]:
        async with db.read() as tx:
            items = [item for n in numbers for item in await attachments.of(tx, n)]
            return [await attachments.data(tx, item.id) is not None for item in items]

    await mine.look()
    assert await left() == [False, True]
    clock.forward(7 * DAY_S + 1)
    await mine.look()
    assert await left() == [False, False]


async def test_an_account_that_was_forgotten_goes_after_thirty_days_and_the_journal_says_so(
    db: Database, backups: Path, clock: Clock
) -> None:
    async with db.transaction() as tx:
        gone, back = await add_account(tx, 1), await add_account(tx, 2)
        for number in (gone, back):
            await forgetting.forget(tx, number)
    mine = keeper(db, backups, backup_every_s=0)

    async def left() -> set[int]:
        async with db.read() as tx:
            return {n for n in (gone, back) if await accounts.get(tx, n)}

    clock.forward(30 * DAY_S)
    await mine.look()
    assert await left() == {gone, back}
    async with db.transaction() as tx:
        await forgetting.restore(tx, back)
    clock.forward(3600)
    await mine.look()
    assert await left() == {back}
    async with db.read() as tx:
        (purged,) = await journal.latest(tx, kind="account.purged")
    assert (purged.account_id, purged.actor) == (gone, "mooring")


async def test_while_the_database_is_locked_backups_are_made_and_the_rest_waits(
    path: Path, vault: Vault, backups: Path, clock: Clock
) -> None:
    db = await open_database(url_of(path), vault, now=clock, busy_limit_s=0.05)
    old = {"at": START - timedelta(365), "kind": "old", "actor": "a", "cause": "", "data": {}}
    async with db.transaction() as tx:
        await tx.execute(events.insert(), [old])
    mine = keeper(db, backups)

    with locked(path):
        await mine.look()
    assert len(names(backups)) == 1
    assert await kinds(db) == ["old"]
    clock.forward(600)
    await mine.look()
    assert await kinds(db) == []
    await db.close()


@pytest.mark.parametrize(
    ("backups", "words", "absent"),
    [
        (None, [], "backup"),
        (Backups(None), ["No backup yet."], "failed"),
        (Backups(START), ["Last backup: 3 h 0 min ago."], "failed"),
        (
            Backups(START, "the disk is full."),
            ["Last backup: 3 h 0 min ago.", "failed: the disk is full. I try again"],
            "No backup",
        ),
    ],
)
def test_the_status_tells_how_old_the_last_backup_is(
    t: Texts, backups: Backups | None, words: list[str], absent: str
) -> None:
    now = START + timedelta(hours=3)
    text = overview.status(t, situation(now=now, backups=backups), attempts=10).text
    for word in words:
        assert word in text
    assert absent not in text


async def test_without_automatic_backups_their_age_is_no_concern(db: Database) -> None:
    assert (await Desk(db).situation()).backups is None


def test_the_shelf_is_where_the_keeper_puts_them(backups: Path) -> None:
    shelf.make(backups)
    shelf.periodic(backups, START).touch()
    assert shelf.newest(backups, START + timedelta(1)) == START.replace(microsecond=0)


async def test_a_folder_that_can_not_be_read_is_told_wherever_the_age_of_backups_is(
    db: Database, t: Texts, tmp_path: Path
) -> None:
    unreadable = tmp_path / ("x" * 300)  # for whoever runs the tests: root reads the others
    why = f"{unreadable} can't be read: File name too long"
    seen = (await Desk(db, unreadable).situation()).backups
    assert seen == Backups(None, unread=why)
    text = overview.status(t, situation(now=START, backups=seen), attempts=10).text
    assert "How old the last backup is" in text
    assert f"{unreadable} can" in text
    assert "No backup yet" not in text
    assert shelf.look(tmp_path / "nowhere", START) == shelf.Seen(None)
