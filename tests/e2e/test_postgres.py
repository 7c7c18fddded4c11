"""The main job on PostgreSQL."""

import asyncio
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.app import running
from storage.errors import DatabaseInUse
from tests.e2e.harness import Mooring
from tests.e2e.telegram import Telegram
from tests.postgres import Postgres
from tests.timing import seconds


@pytest.fixture
def on_postgres(mooring: Mooring, postgres: Postgres) -> Mooring:
    url = SecretStr(postgres.new())
    mooring.settings = mooring.settings.model_copy(update={"database_url": url})
    return mooring


async def test_enrol_send_and_return_after_a_restart_of_mooring_and_of_the_server(
    on_postgres: Mooring, telegram: Telegram, postgres: Postgres
):
    mooring = on_postgres
    await mooring.start()
    await mooring.add_proxy()
    alice = await telegram.person("Alice")
    bob = await telegram.person("Bob", username=f"bob_{alice['id']}")
    number = await mooring.enrol(alice)
    await mooring.stop()
    app = await mooring.start()
    userbot = app.registry.get(number)
    assert userbot is not None
    async with asyncio.timeout(seconds(20)):
        while (line := userbot.line) is None:  # noqa: ASYNC110 - the row says what was before
            await asyncio.sleep(0.05)

    await asyncio.to_thread(postgres.restart)
    await mooring.write_draft(number, f"@{bob['username']}", "after the restart")
    await mooring.chat.press("Send as account")
    await mooring.chat.shows("Sent as the account")

    inbox = await (await telegram.chat(bob, alice)).read()
    assert [m.text for m in inbox] == ["after the restart"]
    assert userbot.line is line, "the server's restart cost no line"


async def test_a_second_mooring_on_the_same_database_is_refused(
    on_postgres: Mooring, tmp_path: Path
):
    await on_postgres.start()
    other = on_postgres.settings.model_copy(update={"data_dir": tmp_path / "other"})

    # Another data directory has another key; with the same one only the lock stands between.
    (tmp_path / "other").mkdir()
    key = (on_postgres.settings.data_dir / "secret.key").read_bytes()
    (tmp_path / "other" / "secret.key").write_bytes(key)
    async with asyncio.timeout(seconds(30)):
        with pytest.raises(DatabaseInUse, match="in use by mooring"):
            async with running(other):
                pytest.fail("two processes run the same accounts")
