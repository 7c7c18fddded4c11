from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from storage import accounts, sessions
from storage.database import Database
from storage.schema import accounts as accounts_table
from storage.schema import sessions as sessions_table
from storage.sessions import SessionStatus, StoredSession
from storage.tx import Tx
from tests.storage.fleet import Clock, add_account
from tests.storage.test_proxies import in_one_database
from tests.storage.undo import undone


async def begin(tx: Tx, account: int) -> StoredSession:
    return await sessions.start_enrolling(
        tx, account, dc_id=2, server_address="192.0.2.2", port=443
    )


async def log_in(tx: Tx, account: int, key: bytes) -> StoredSession:
    stored = replace(await begin(tx, account), auth_key=key)
    await sessions.save_enrolling(tx, stored)
    assert await sessions.finish_enrolling(tx, account)
    return stored


async def current(tx: Tx, account: int) -> StoredSession | None:
    return await sessions.load(tx, account, SessionStatus.CURRENT)


async def test_a_login_may_change_data_centre_and_key_until_it_has_finished(
    db: Database, account: int
) -> None:
    async with db.transaction() as tx:
        begun = await begin(tx, account)
        moved = StoredSession(begun.id, 4, "192.0.2.4", 80, b"key of dc 4")
        await sessions.save_enrolling(tx, moved)
        assert await sessions.load(tx, account, SessionStatus.ENROLLING) == moved
        assert await current(tx, account) is None

        assert await sessions.finish_enrolling(tx, account)
        assert await current(tx, account) == moved
        assert await sessions.load(tx, account, SessionStatus.ENROLLING) is None


async def test_an_interrupted_login_is_taken_up_again(db: Database, account: int) -> None:
    async with db.transaction() as tx:
        saved = replace(await begin(tx, account), dc_id=4, auth_key=b"key")
        await sessions.save_enrolling(tx, saved)
    async with db.transaction() as tx:
        assert await begin(tx, account) == saved


async def test_a_late_save_of_a_login_never_touches_a_current_session(
    db: Database, account: int
) -> None:
    async with db.transaction() as tx:
        stored = await log_in(tx, account, b"the key")
        for late in (
            replace(stored, dc_id=5, auth_key=b"another"),
            replace(stored, auth_key=None),
        ):
            with pytest.raises(LookupError):
                await sessions.save_enrolling(tx, late)

        assert await current(tx, account) == stored


async def test_a_new_login_replaces_the_session_and_keeps_the_old_one(
    db: Database, account: int, clock: Clock
) -> None:
    async with db.transaction() as tx:
        old = await log_in(tx, account, b"old")
    clock.forward(60)
    async with db.transaction() as tx:
        begun = await begin(tx, account)
        assert await current(tx, account) == old, "in use until the new login is through"
        new = await log_in(tx, account, b"new")
        row = await tx.one(select(sessions_table).where(sessions_table.c.id == old.id))

        assert begun.id == new.id
        assert await current(tx, account) == new
        assert await sessions.load(tx, account, SessionStatus.REPLACED) == old
        assert row is not None
        assert row.replaced_at == clock.now


async def test_a_login_that_is_finished_twice_keeps_its_session(
    db: Database, account: int
) -> None:
    async with db.transaction() as tx:
        stored = await log_in(tx, account, b"key")

        assert not await sessions.finish_enrolling(tx, account)
        assert await current(tx, account) == stored


async def test_a_login_without_a_key_replaces_nothing(db: Database, account: int) -> None:
    async with db.transaction() as tx:
        stored = await log_in(tx, account, b"key")
        await begin(tx, account)

        assert not await sessions.finish_enrolling(tx, account)
        assert await current(tx, account) == stored


async def test_the_session_of_one_account_is_not_that_of_another(
    db: Database, account: int
) -> None:
    async with db.transaction() as tx:
        other = await add_account(tx, 2)
        mine = await log_in(tx, account, b"mine")
        theirs = await log_in(tx, other, b"theirs")
        await begin(tx, account)
        await begin(tx, other)
        again = await log_in(tx, account, b"mine again")

        assert await current(tx, account) == again != mine
        assert await current(tx, other) == theirs


@in_one_database
@given(steps=st.lists(st.sampled_from(["begin", "key", "forget key", "finish"]), max_size=20))
async def test_whatever_logins_do_no_key_that_was_current_is_ever_lost(
    db: Database, account: int, steps: list[str]
) -> None:
    keys: set[bytes] = set()
    async with undone(db) as tx:
        for number, step in enumerate(steps):
            if step == "finish":
                await sessions.finish_enrolling(tx, account)
            else:
                begun = await begin(tx, account)
                if step != "begin":
                    key = f"key {number}".encode() if step == "key" else None
                    await sessions.save_enrolling(tx, replace(begun, auth_key=key))
            rows = await tx.all(select(sessions_table))
            statuses = [row.status for row in rows]
            used = [r for r in rows if r.status != SessionStatus.ENROLLING]
            now = {tx.vault.open(row.sealed_auth_key) for row in used}

            assert keys <= now
            assert statuses.count(SessionStatus.CURRENT) == bool(used)
            assert statuses.count(SessionStatus.ENROLLING) <= 1
            keys = now


async def test_an_account_stays_while_a_key_that_was_set_aside_may_be_logged_in(
    db: Database,
) -> None:
    async with db.transaction() as tx:
        new = await add_account(tx, 2)
        await tx.execute(
            update(accounts_table).where(accounts_table.c.id == new).values(state="NEW")
        )
        begun = await begin(tx, new)
        await sessions.save_enrolling(tx, replace(begun, auth_key=b"maybe logged in"))
        await sessions.set_aside_enrolling(tx, new)

        assert not await accounts.remove_unfinished(tx, new, state="NEW")
        kept = await sessions.load(tx, new, SessionStatus.REPLACED)
    assert kept is not None
    assert kept.auth_key == b"maybe logged in"


@pytest.mark.req("S2.9")
async def test_a_replaced_session_is_forgotten_after_its_time(
    db: Database, account: int, clock: Clock
) -> None:
    for key in (b"first", b"second", b"third"):
        clock.forward(60)
        async with db.transaction() as tx:
            await log_in(tx, account, key)
    a_minute = timedelta(seconds=60)
    async with db.transaction() as tx:
        assert await sessions.forget_replaced(tx, before=clock.now - a_minute) == 0
        assert await sessions.forget_replaced(tx, before=clock.now) == 1
        assert await keys(tx) == [b"second", b"third"]
        assert await sessions.forget_replaced(tx, before=clock.now + a_minute) == 1
        assert await keys(tx) == [b"third"]


@pytest.mark.req("S2.9")
async def test_a_key_that_may_be_the_only_one_is_never_forgotten(
    db: Database, account: int, clock: Clock
) -> None:
    async with db.transaction() as tx:
        other = await add_account(tx, 2)
        await log_in(tx, other, b"of another account")
        begun = await begin(tx, account)
        await sessions.save_enrolling(tx, replace(begun, auth_key=b"maybe logged in"))
        await sessions.set_aside_enrolling(tx, account)
        again = await begin(tx, account)
        await sessions.save_enrolling(tx, replace(again, auth_key=b"under way"))

        assert await sessions.forget_replaced(tx, before=clock.forward(1e9)) == 0
        assert len(await keys(tx)) == 3
        assert await sessions.finish_enrolling(tx, account)
        assert await sessions.forget_replaced(tx, before=clock.now) == 1
        assert await keys(tx) == [b"of another account", b"under way"]


async def keys(tx: Tx) -> list[bytes]:
    rows = await tx.all(select(sessions_table).order_by(sessions_table.c.id))
    return [tx.vault.open(row.sealed_auth_key) for row in rows]
