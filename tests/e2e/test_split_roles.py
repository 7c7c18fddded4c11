"""The bot in one process and the userbots in another: what operators do crosses as rows."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
from pydantic import SecretStr

from bot.app import App, running
from bot.instance import Part
from storage.instances import Role
from tests.e2e.harness import Mooring
from tests.e2e.telegram import Telegram
from tests.postgres import Postgres


@pytest.fixture
async def workers(mooring: Mooring, postgres: Postgres) -> AsyncIterator[list[App]]:
    """Two workers; the bot runs in a third instance, which has no userbots."""
    url = SecretStr(postgres.new())
    mooring.settings = mooring.settings.model_copy(update={"database_url": url})
    async with AsyncExitStack() as stack:
        settings, both = mooring.settings, Part(Role.WORKER, expected=2)
        yield [await stack.enter_async_context(running(settings, both)) for _ in range(2)]


@pytest.mark.req("S1.2")
async def test_an_account_is_enrolled_sends_and_logs_in_again_on_whichever_worker_has_it(
    workers: list[App], mooring: Mooring, telegram: Telegram
) -> None:
    alice = await telegram.person("Alice")
    await telegram.person("Bob", username=f"bob_{alice['id']}")
    async with running(mooring.settings, Part(Role.CONTROL)) as control:
        mooring.app = control
        with pytest.raises(LookupError):
            _ = control.registry
        await mooring.add_proxy()
        number = await mooring.enrol(alice)
        (owner,) = [app for app in workers if app.registry.get(number)]
        assert owner.registry.get(number)

        chat = mooring.chat
        await chat.say(f"/send #{number} @bob_{alice['id']} Ahoy.")
        await chat.shows("Not sent yet", "Ahoy.")
        await chat.press("Send as account")
        await chat.shows("Sent as the account")

        await telegram.post("sessions/revoke", user=alice["id"])
        await telegram.post("connections/cut")
        await mooring.until_state(number, "NEEDS_LOGIN")
        await chat.shows(f"#{number} Alice", "needs a login", "session")
        before = max(message.id for message in await chat.read())
        await chat.press("Log in")
        await chat.until(lambda m: "Login code for" in m.text and m.id > before)
        await mooring.type_code(alice)
        await mooring.until_state(number, "ONLINE")
        assert owner.registry.get(number), "the one that has the account logs it in again"
    assert [h for h in await telegram.get("hazards") if h["user"] == alice["id"]] == []
