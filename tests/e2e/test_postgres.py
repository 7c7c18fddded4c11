"""The main job on PostgreSQL."""

import asyncio

import pytest
from pydantic import SecretStr

from tests.e2e.harness import Mooring
from tests.e2e.telegram import Telegram
from tests.postgres import Postgres
from tests.timing import limit


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
    async with asyncio.timeout(limit(20)):
        while (line := userbot.line) is None:  # noqa: ASYNC110 - the row says what was before
            await asyncio.sleep(0.05)

    await asyncio.to_thread(postgres.restart)
    await mooring.write_draft(number, f"@{bob['username']}", "after the restart")
    await mooring.chat.press("Send as account")
    await mooring.chat.shows("Sent as the account")

    inbox = await (await telegram.chat(bob, alice)).read()
    assert [m.text for m in inbox] == ["after the restart"]
    assert userbot.line is line, "the server's restart cost no line"
