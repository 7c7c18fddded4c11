"""A restore brings everything back, at a standstill, or changes nothing."""

from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import create_engine, insert, select, update

from storage import (
    accounts,
    alerts,
    commands,
    deliveries,
    dialogs,
    due,
    incidents,
    instances,
    journal,
    ownership,
    sessions,
)
from storage.accounts import Desired, Observed
from storage.backup import back_up
from storage.database import Database, open_database
from storage.delivery import DeliveryState
from storage.errors import SecretKeyMismatch
from storage.migrate import migrate
from storage.restore import NotRestored, Restored, restore
from storage.schema import deliveries as deliveries_table
from storage.schema import incidents as incidents_table
from storage.schema import instances as instances_table
from storage.schema import key_check, metadata
from storage.standstill import GAP, NEEDS_AN_OPERATOR, WHY
from storage.vault import Vault
from tests.postgres import Postgres
from tests.storage.fleet import START, add_account, log_in, only_on_sqlite, url_of
from tests.storage.spoilt import WRONG, spoilt_backup
from tests.storage.test_backup import entries
from tests.storage.test_copy import content
from tests.storage.test_secrets_at_rest import AUTH_KEY, store_all_secrets
from userbot import elsewhere
from userbot.elsewhere import Elsewhere
from userbot.states import State

NOW = START + timedelta(days=3)
OPEN = [s for s in DeliveryState if not s.is_final and s is not DeliveryState.DRAFT]


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    return tmp_path / "backup.db"


@pytest.fixture
def target_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where there is no database yet."""
    if getattr(request, "param", "sqlite") == "sqlite":
        return url_of(tmp_path / "new" / "mooring.db")
    postgres: Postgres = request.getfixturevalue("postgres")
    return postgres.new()


into_both = pytest.mark.parametrize("target_url", ["sqlite", "postgres"], indirect=True)


async def a_delivery(db: Database, account_id: int, state: DeliveryState, **more: object) -> int:
    async with db.transaction() as tx:
        made = await deliveries.draft(tx, account_id=account_id, target="@a", text=str(state))
        await deliveries.move(tx, made, {DeliveryState.DRAFT}, state, **more)
    return made


async def restored(
    db: Database, backup: Path, url: str, vault: Vault, *, is_only_copy: bool = False
) -> tuple[Restored, Database]:
    await back_up(db.url, backup)
    done = await restore(backup, url, vault, now=NOW, nothing_else_uses_them=is_only_copy)
    return done, await open_database(url, vault, now=lambda: NOW)


@pytest.mark.req("S2.9")
@into_both
async def test_all_that_was_kept_comes_back_and_opens(
    db: Database, backup: Path, target_url: str, vault: Vault
) -> None:
    account_id = await store_all_secrets(db)
    async with db.read() as tx:
        before = await content(tx)
    done, other = await restored(db, backup, target_url, vault, is_only_copy=True)
    async with other.read() as tx:
        after = await content(tx)
        session = await tx.one(select(metadata.tables["sessions"]))
        assert session is not None
        assert tx.vault.open(session.sealed_auth_key) == AUTH_KEY
        assert (await accounts.identity_of(tx, account_id)).api_id == 12345
    await other.close()

    changed = {"accounts", "commands", "events"}
    for table in metadata.sorted_tables:
        if table.name not in changed:
            assert after[table.name] == before[table.name], table.name
    assert done.accounts == 1


@only_on_sqlite
async def test_every_account_is_stopped_and_stays_so_at_the_next_start(
    db: Database, backup: Path, target_url: str, vault: Vault
) -> None:
    numbers: dict[int, State] = {}
    for n, state in enumerate(State):
        async with db.transaction() as tx:
            number = await add_account(tx, n)
            await accounts.set_desired(tx, number, Desired.RUN)
            why = "exported" if state is State.STOPPED else "because"
            seen = Observed(state, why, 4, tx.now, tx.now)
            await accounts.set_observed(tx, number, seen, is_online=False)
            await ownership.claim(tx, [number], "somebody")
        numbers[number] = state

    done, other = await restored(db, backup, target_url, vault)
    async with other.read() as tx:
        found = await accounts.page(tx)
        rows = await tx.all(select(metadata.tables["accounts"]))
    await other.close()

    assert done.accounts == len(State)
    assert {a.desired for a in found} == {Desired.STOP}
    for account in found:
        state = State(account.observed.state)
        was = numbers[account.id]
        assert state.is_parked, "no supervisor may dial"
        assert state is (was if was in NEEDS_AN_OPERATOR else State.STOPPED)
        assert (account.observed.attempt, account.observed.retry_at) == (0, None)
        kept = {State.STOPPED: "exported"} | dict.fromkeys(
            map(State, NEEDS_AN_OPERATOR), "because"
        )
        assert account.observed.reason == kept.get(was, WHY), (
            "why it must not run is not forgotten"
        )
    assert {row.owner for row in rows} == {None}
    assert {row.epoch for row in rows} == {1}


def test_what_needs_an_operator_is_what_is_parked_without_a_stop() -> None:
    assert set(NEEDS_AN_OPERATOR) == {s for s in State if s.is_parked} - {State.STOPPED}


MARKED = {State.STOPPED, State.ONLINE}
"""States of accounts that a start alone would bring back on the session of the backup."""


@only_on_sqlite
@into_both
@pytest.mark.parametrize("is_only_copy", [False, True])
async def test_no_session_of_a_backup_is_used_without_a_word_that_nothing_else_uses_it(
    *, is_only_copy: bool, db: Database, backup: Path, target_url: str, vault: Vault
) -> None:
    numbers: dict[int, State] = {}
    async with db.transaction() as tx:
        for n, state in enumerate((*MARKED, State.NEEDS_LOGIN, State.BANNED)):
            number = await add_account(tx, n)
            await log_in(tx, number)
            seen = Observed(state, "", 0, None, tx.now)
            await accounts.set_observed(tx, number, seen, is_online=False)
            numbers[number] = state
        exported = await add_account(tx, 20)
        account = await accounts.get(tx, exported)
        assert account is not None
        stopped = Observed(State.STOPPED, "", 0, None, tx.now)
        await accounts.set_observed(tx, exported, stopped, is_online=False)
        await elsewhere.mark(tx, account, Elsewhere.EXPORTED)

    _, other = await restored(db, backup, target_url, vault, is_only_copy=is_only_copy)
    async with other.read() as tx:
        found = {each.id: each.elsewhere for each in await accounts.page(tx)}
        (noted,) = await journal.latest(tx, kind="database.")
    await other.close()

    asks = None if is_only_copy else Elsewhere.RESTORED
    assert found.pop(exported) == Elsewhere.EXPORTED, "that is another program, and still so"
    assert found == {n: asks if state in MARKED else None for n, state in numbers.items()}
    assert noted.data.get("nothing_else_uses_them", False) is is_only_copy


@only_on_sqlite
@pytest.mark.parametrize("is_only_copy", [False, True])
async def test_a_login_that_was_under_way_begins_anew_unless_nothing_else_can_have_finished_it(
    *, is_only_copy: bool, db: Database, backup: Path, target_url: str, vault: Vault
) -> None:
    account_id = await store_all_secrets(db)  # with a session that is no account's yet
    _, other = await restored(db, backup, target_url, vault, is_only_copy=is_only_copy)
    async with other.transaction() as tx:
        again = await sessions.start_enrolling(
            tx, account_id, dc_id=2, server_address="192.0.2.1", port=443
        )
        kept = await tx.all(select(metadata.tables["sessions"].c.sealed_auth_key))
    await other.close()
    assert again.auth_key == (AUTH_KEY if is_only_copy else None)
    assert AUTH_KEY in [vault.open(row.sealed_auth_key) for row in kept if row.sealed_auth_key]


@only_on_sqlite
async def test_what_was_to_be_sent_waits_for_an_operator_and_a_repeat_stays_safe(
    db: Database, account: int, backup: Path, target_url: str, vault: Vault
) -> None:
    ids = {state: await a_delivery(db, account, state) for state in DeliveryState}
    async with db.read() as tx:
        before = {state: await deliveries.get(tx, ids[state]) for state in ids}
    done, other = await restored(db, backup, target_url, vault)
    async with other.read() as tx:
        after = {state: await deliveries.get(tx, ids[state]) for state in ids}
        waiting = [await due.in_state(tx, state) for state in OPEN]
    await other.close()

    assert [d.state for found in waiting for d in found] == [DeliveryState.UNKNOWN] * len(OPEN)
    assert done.in_doubt == len(OPEN) - 1  # one was in doubt before
    for state, was in before.items():
        now = after[state]
        assert was is not None
        assert now is not None
        assert now.random_id == was.random_id, "a repeat as the account is the identical request"
        if state in OPEN and state is not DeliveryState.UNKNOWN:
            assert (now.version, now.not_before) == (was.version + 1, None)
            assert "backup" in now.error
            assert now.is_possibly_sent == ("BOT" not in state)
        elif state in {DeliveryState.DRAFT, DeliveryState.FAILED}:
            # It may have been approved since: never as the bot, and the card may know better.
            assert (now.state, now.version) == (was.state, was.version)
            assert now.is_possibly_sent
        else:
            assert now == was


@only_on_sqlite
async def test_an_attempt_that_counted_still_counts(
    db: Database, account: int, backup: Path, target_url: str, vault: Vault
) -> None:
    sending = await a_delivery(db, account, DeliveryState.SENDING, attempts=3)
    _, other = await restored(db, backup, target_url, vault)
    async with other.read() as tx:
        found = await deliveries.get(tx, sending)
    await other.close()
    assert found is not None
    assert found.attempts == 3


@only_on_sqlite
@into_both
async def test_a_button_of_a_message_made_after_the_backup_meets_no_other_message(
    db: Database, account: int, backup: Path, target_url: str, vault: Vault
) -> None:
    old = await a_delivery(db, account, DeliveryState.SENT)
    _, other = await restored(db, backup, target_url, vault)
    async with other.transaction() as tx:
        new = await deliveries.draft(tx, account_id=account, target="@a", text="x")
    await other.close()
    assert new == old + GAP + 1


@only_on_sqlite
async def test_orders_dialogs_outages_and_processes_are_over(
    db: Database, account: int, backup: Path, target_url: str, vault: Vault
) -> None:
    async with db.transaction() as tx:
        await commands.order(tx, "code", account_id=account, args={"code": "12345"})
        await commands.take(tx)
        await commands.order(tx, "code", account_id=account, args={"code": "54321"})
        await dialogs.save(tx, "k", "asks", {"a": 1})
        await incidents.open_one(tx, account_id=account, kind="offline", cause="down")
        await instances.start(tx, "me", host="h", pid=1, version="1")
    _, other = await restored(db, backup, target_url, vault)
    async with other.read() as tx:
        orders = await tx.all(select(metadata.tables["commands"]))
        assert await dialogs.load(tx, "k") == (None, {})
        assert await alerts.unsettled(tx) == []
        told = await tx.all(select(incidents_table.c.closed_at, incidents_table.c.told))
        ended = await tx.all(select(instances_table.c.stopped_at))
        (noted,) = await journal.latest(tx, kind="database.")
    await other.close()

    assert [(o.state, o.outcome, o.sealed_args) for o in orders] == [
        ("DONE", {"error": "restored"}, None)
    ] * 2
    assert [tuple(row) for row in told] == [(NOW, "closed")]
    assert [row.stopped_at for row in ended] == [NOW]
    assert (noted.kind, noted.at, noted.data["accounts"]) == ("database.restored", NOW, 1)
    assert datetime.fromisoformat(noted.data["backup_of"]) is not None


@only_on_sqlite
async def test_the_backup_itself_is_only_read(
    db: Database, backup: Path, target_url: str, vault: Vault
) -> None:
    await back_up(db.url, backup)
    before = sha256(backup.read_bytes()).digest()  # noqa: ASYNC240 - a small file
    await restore(backup, target_url, vault, now=NOW)
    assert sha256(backup.read_bytes()).digest() == before  # noqa: ASYNC240 - a small file


@pytest.mark.parametrize("name", WRONG)
@only_on_sqlite
async def test_what_is_no_good_backup_is_refused_and_nothing_is_left(
    name: str, db: Database, backup: Path, target_url: str, vault: Vault
) -> None:
    error, words = await spoilt_backup(db, backup, name)
    there = entries(backup.parent)

    with pytest.raises(error, match=words):
        await restore(backup, target_url, vault, now=NOW)

    new = backup.parent / "new"
    assert entries(backup.parent) == sorted({*there, *([new.name] if new.exists() else [])})
    assert not new.exists() or entries(new) == []
    # The same place takes a good one.
    again = backup.with_name("again.db")
    await back_up(db.url, again)
    await restore(again, target_url, vault, now=NOW)


@only_on_sqlite
async def test_another_key_is_refused_with_what_may_help_and_nothing_is_left(
    db: Database, backup: Path, target_url: str
) -> None:
    await back_up(db.url, backup)
    with pytest.raises(SecretKeyMismatch, match="rotate-key"):
        await restore(backup, target_url, Vault([Fernet.generate_key().decode()]), now=NOW)
    new = backup.parent / "new"
    assert not new.exists() or entries(new) == []


async def test_a_database_that_is_there_is_not_touched(
    db: Database, backup: Path, vault: Vault, database_url: str
) -> None:
    await store_all_secrets(db)
    await back_up(db.url, backup)
    async with db.read() as tx:
        before = await content(tx)
    with pytest.raises(NotRestored, match="restore into an empty"):
        await restore(backup, database_url, vault, now=NOW)
    async with db.read() as tx:
        assert await content(tx) == before


@pytest.mark.parametrize("end", ["-wal", "-shm", "-journal"])
@only_on_sqlite
async def test_what_a_database_left_behind_would_be_played_into_the_new_one(
    end: str, db: Database, backup: Path, vault: Vault, tmp_path: Path
) -> None:
    await back_up(db.url, backup)
    (tmp_path / f"other.db{end}").write_bytes(b"x")
    with pytest.raises(NotRestored, match="empty data directory"):
        await restore(backup, url_of(tmp_path / "other.db"), vault, now=NOW)


async def test_a_backup_of_an_older_version_is_brought_up_to_date(
    target_url: str, vault: Vault, tmp_path: Path
) -> None:
    old = tmp_path / "old.db"
    engine = create_engine(f"sqlite:///{old}")
    with engine.begin() as connection:
        migrate(connection, "0001")
        connection.execute(insert(key_check).values(sealed=vault.seal(b"mooring")))
    engine.dispose()

    await restore(old, target_url, vault, now=NOW)

    opened = await open_database(target_url, vault, may_migrate=False)
    async with opened.read() as tx:
        assert await journal.latest(tx, kind="database.restored")
    await opened.close()


@only_on_sqlite
async def test_the_time_of_a_plain_copy_is_that_of_its_file(
    db: Database, path: Path, target_url: str, vault: Vault
) -> None:
    async with db.transaction() as tx:
        await tx.execute(update(deliveries_table).values(text=""))
    await db.close()
    done = await restore(path, target_url, vault, now=NOW)
    assert abs(done.taken_at.timestamp() - path.stat().st_mtime) < 2  # noqa: ASYNC240 - a stat
