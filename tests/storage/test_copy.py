"""Rows move between the two kinds of database and stay what they were."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from storage import deliveries, dialogs, journal
from storage.connections import begun, patience
from storage.copy import CHUNK, NotEmpty, copy_tables
from storage.database import Database, open_database
from storage.delivery import DeliveryState, Step
from storage.engines import engine_for_migrations
from storage.migrate import migrate
from storage.schema import metadata
from storage.tx import Tx
from storage.vault import Vault
from tests.postgres import Postgres
from tests.storage.fleet import add_account, url_of
from tests.storage.test_secrets_at_rest import store_all_secrets


async def content(tx: Tx) -> dict[str, list[Any]]:
    """Every row of every table, as our own types read them."""
    return {
        table.name: [
            tuple(row) for row in await tx.all(select(table).order_by(*table.primary_key.columns))
        ]
        for table in metadata.sorted_tables
    }


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[AsyncConnection]:
    engine = engine_for_migrations(url)
    try:
        async with begun(engine, patience()) as connection:
            yield connection
            await connection.commit()
    finally:
        await engine.dispose()


@pytest.fixture(params=["sqlite", "postgres"])
def target_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return url_of(tmp_path / "target.db")
    postgres: Postgres = request.getfixturevalue("postgres")
    return postgres.new()


async def fill(db: Database) -> None:
    """Rows of all kinds: absent values, JSON, times, truths, bytes, and more than one chunk."""
    account_id = await store_all_secrets(db)
    async with db.transaction() as tx:
        kept = await deliveries.draft(tx, account_id=account_id, target="@a", text="ä🎈'\\")
        await deliveries.move(tx, kept, {DeliveryState.DRAFT},
            DeliveryState.PENDING, approved_at=tx.now,
            steps=[Step("registry", tx.now)])  # fmt: skip
        await dialogs.save(tx, "k", None, {"deep": [1, None, True, {"ä": 2.5}]})
        for n in range(CHUNK + 5):
            await journal.note(tx, f"kind {n}", actor="mooring", data={"n": n})


async def move(source_url: str, target_url: str) -> int:
    async with connected(target_url) as target, connected(source_url) as source:
        await target.run_sync(migrate)
        return await copy_tables(source, target)


async def test_every_row_arrives_as_it_was(db: Database, vault: Vault, target_url: str) -> None:
    await fill(db)
    copied = await move(db.url, target_url)

    other = await open_database(target_url, vault)
    async with db.read() as tx, other.read() as theirs:
        wanted, found = await content(tx), await content(theirs)
        absent = await theirs.all(text("SELECT 1 FROM commands WHERE outcome IS NULL"))
    await other.close()
    assert found == wanted
    assert len(absent) == len(found["commands"]) == 1, "an absent outcome is no JSON null"
    assert copied == sum(len(rows) for rows in wanted.values())
    assert len(found["events"]) > CHUNK


async def test_a_number_that_was_given_out_once_is_not_given_out_again(
    db: Database, vault: Vault, target_url: str
) -> None:
    async with db.transaction() as tx:
        account_id = await add_account(tx)
        for _ in range(3):
            last = await deliveries.draft(tx, account_id=account_id, target="@a", text="x")
        table = metadata.tables["deliveries"]
        await tx.execute(table.delete().where(table.c.id == last))
    await move(db.url, target_url)

    other = await open_database(target_url, vault)
    async with other.transaction() as tx:
        assert await deliveries.draft(tx, account_id=account_id, target="@a", text="x") > last
        assert await add_account(tx, 2) > account_id
    await other.close()


async def test_a_target_with_rows_is_refused_and_stays_as_it_is(
    db: Database, vault: Vault, target_url: str
) -> None:
    await fill(db)
    other = await open_database(target_url, vault)
    async with other.read() as tx:
        before = await content(tx)
    with pytest.raises(NotEmpty):
        await move(db.url, target_url)
    async with other.read() as tx:
        assert await content(tx) == before
    await other.close()
