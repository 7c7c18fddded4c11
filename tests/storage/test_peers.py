import asyncio
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, Row, delete, event, select
from sqlalchemy.exc import IntegrityError

from storage import sessions
from storage.database import Database
from storage.schema import peers
from storage.sessions import Peer, UpsertPeer
from storage.tx import Tx
from tests.storage.fleet import add_account, only_on_sqlite
from tests.storage.test_proxies import in_one_database
from tests.storage.undo import undone

ANN = Peer(1001, -(2**63), "ann", "15550001001", "Ann Example")
CHANNEL = Peer(-1001234567890, 2**63 - 1, "news", None, "News")


async def test_a_peer_is_found_by_all_that_is_known_of_it(db: Database, account: int) -> None:
    async with db.transaction() as tx:
        await sessions.upsert_peers(tx, account, [ANN, CHANNEL])

        assert await sessions.peer_by_id(tx, account, [1001]) == ANN
        assert await sessions.peer_by_id(tx, account, [7, -1001234567890]) == CHANNEL
        assert await sessions.peer_by_username(tx, account, "ANN") == ANN
        assert await sessions.peer_by_phone(tx, account, "+15550001001") == ANN
        assert await sessions.peer_by_name(tx, account, "News") == CHANNEL


async def test_what_was_never_met_is_not_found(db: Database, account: int) -> None:
    async with db.transaction() as tx:
        await sessions.upsert_peers(tx, account, [])
        await sessions.upsert_peers(tx, account, [Peer(1, 2)])

        assert await sessions.peer_by_id(tx, account, []) is None
        assert await sessions.peer_by_id(tx, account, [2]) is None
        assert await sessions.peer_by_username(tx, account, "") is None
        assert await sessions.peer_by_phone(tx, account, "") is None
        assert await sessions.peer_by_name(tx, account, "") is None


async def test_a_later_meeting_replaces_what_was_known(db: Database, account: int) -> None:
    later = Peer(1001, 5, "anna", None, "Anna")
    async with db.transaction() as tx:
        await sessions.upsert_peers(tx, account, [ANN])
        await sessions.upsert_peers(tx, account, [later])

        assert await sessions.peer_by_id(tx, account, [1001]) == later
        assert await sessions.peer_by_username(tx, account, "ann") is None
        assert await sessions.peer_by_phone(tx, account, "15550001001") is None


async def test_a_username_in_capitals_is_found(db: Database, account: int) -> None:
    async with db.transaction() as tx:
        await sessions.upsert_peers(tx, account, [Peer(1, 2, "Ann", "+1555")])
        found = await sessions.peer_by_username(tx, account, "aNN")

        assert found is not None
        assert found == await sessions.peer_by_phone(tx, account, "+1555")
        assert found.id == 1


async def test_a_peer_of_one_account_is_of_no_use_to_another(db: Database, account: int) -> None:
    async with db.transaction() as tx:
        other = await add_account(tx, 2)
        await sessions.upsert_peers(tx, account, [ANN])
        await sessions.upsert_peers(tx, other, [Peer(1001, 77)])

        assert await sessions.peer_by_id(tx, account, [1001]) == ANN
        assert await sessions.peer_by_id(tx, other, [1001]) == Peer(1001, 77)
        assert await sessions.peer_by_username(tx, other, "ann") is None


async def test_a_user_is_known_by_whoever_met_it_and_a_channel_is_no_user(
    db: Database, account: int
) -> None:
    async with db.transaction() as tx:
        await sessions.upsert_peers(tx, account, [ANN, CHANNEL, Peer(5, 6)])

        assert await sessions.user_id_of(tx, username="Ann") == 1001
        assert await sessions.user_id_of(tx, phone="+15550001001") == 1001
        assert await sessions.user_id_of(tx, username="news") is None
        assert await sessions.user_id_of(tx, username="nobody") is None
        assert await sessions.user_id_of(tx) is None


@in_one_database
@given(
    met=st.lists(st.tuples(st.integers(1, 3), st.sampled_from([None, "ann", "bob"])), max_size=12)
)
async def test_a_username_leads_to_whoever_was_last_seen_with_it(
    db: Database, account: int, met: list[tuple[int, str | None]]
) -> None:
    names: dict[int, str | None] = {}
    async with undone(db) as tx:
        for peer_id, username in met:
            await sessions.upsert_peers(tx, account, [Peer(peer_id, 1, username)])
            names = {who: None if name == username else name for who, name in names.items()}
            names[peer_id] = username
        for username in ("ann", "bob"):
            found = await sessions.peer_by_username(tx, account, username)
            holders = [who for who, name in names.items() if name == username]
            assert ([found.id] if found else []) == holders


MEETINGS = st.lists(
    st.tuples(
        st.integers(1, 2),
        st.builds(
            Peer,
            id=st.integers(1, 4),
            access_hash=st.integers(1, 2),
            username=st.sampled_from([None, "ann", "Bob"]),
            phone=st.sampled_from([None, "+15550001", "15550002"]),
        ),
    ),
    max_size=10,
)


async def peers_of_all(tx: Tx) -> list[Row[Any]]:
    return await tx.all(select(peers).order_by(peers.c.account_id, peers.c.id))


@in_one_database
@given(before=MEETINGS, met=MEETINGS)
async def test_peers_written_together_end_as_those_written_one_by_one(
    db: Database,
    account: int,
    before: list[tuple[int, Peer]],
    met: list[tuple[int, Peer]],
) -> None:
    async with undone(db) as tx:
        accounts = {1: account, 2: await add_account(tx, 2)}
        ends = []
        for size in (1, len(met) or 1):
            await tx.execute(delete(peers))
            for number, peer in before:
                await sessions.upsert_peers(tx, accounts[number], [peer])
            changes = [UpsertPeer(accounts[number], peer) for number, peer in met]
            for start in range(0, len(changes), size):
                await UpsertPeer.apply(tx, changes[start : start + size])
            ends.append(await peers_of_all(tx))
        assert ends[0] == ends[1]


async def test_peers_go_through_the_writer_and_those_of_no_account_fail_alone(
    db: Database, account: int
) -> None:
    unknown = db.writer.write(UpsertPeer(account + 7, Peer(5, 6)))
    known = [db.writer.write(UpsertPeer(account, peer)) for peer in (ANN, CHANNEL)]
    answers = await asyncio.gather(unknown, *known, return_exceptions=True)

    assert isinstance(answers[0], IntegrityError)
    assert answers[1:] == [None, None]
    async with db.read() as tx:
        assert [row.id for row in await peers_of_all(tx)] == [CHANNEL.id, ANN.id]


async def test_a_name_that_two_have_leads_to_neither(db: Database, account: int) -> None:
    async with db.transaction() as tx:
        await sessions.upsert_peers(tx, account, [Peer(1, 2, name="Ann"), Peer(3, 4, name="Ann")])
        assert await sessions.peer_by_name(tx, account, "Ann") is None


@only_on_sqlite
async def test_a_username_is_taken_through_the_index(db: Database, account: int) -> None:
    """Not by looking through all peers of the account, which takes seconds for thousands."""
    plans: list[str] = []

    @event.listens_for(Engine, "before_cursor_execute")
    def explain(_connection: Any, cursor: Any, statement: str, rows: Any, *_: object) -> None:  # noqa: ANN401
        if statement.startswith("UPDATE peers"):
            cursor.execute(f"EXPLAIN QUERY PLAN {statement}", rows[0])
            plans.extend(row[3] for row in cursor.fetchall())

    try:
        async with db.transaction() as tx:
            await sessions.upsert_peers(tx, account, [ANN, CHANNEL])
    finally:
        event.remove(Engine, "before_cursor_execute", explain)
    assert any("ix_peers_account_id_username" in plan for plan in plans)
    assert any("ix_peers_account_id_phone" in plan for plan in plans)
