"""`mooring account forget`, beside a Mooring that runs and where none seems to."""

import asyncio

import pytest
from pydantic import SecretStr

from bot.cli import forgetting
from storage import accounts, link
from tests.e2e.harness import Mooring
from tests.e2e.shell import Said, beside, talking
from tests.e2e.telegram import Telegram
from tests.postgres import Postgres
from tests.timing import limit

_LINKS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE application_name LIKE 'mooring %' AND datname = current_database();
"""
"""Ends the connections that hold the lock, as a restart of the server does."""


async def forget(mooring: Mooring, number: int) -> Said:
    label = f"#{number}"
    return await beside(mooring, "account", "forget", str(number), "--force", "--label", label)


async def test_who_lost_the_connection_with_its_lock_still_forgets_what_it_is_told_to(
    mooring: Mooring, telegram: Telegram, postgres: Postgres, monkeypatch: pytest.MonkeyPatch
):
    url = SecretStr(postgres.new())
    mooring.settings = mooring.settings.model_copy(update={"database_url": url})
    alice = await telegram.person("Alice")
    (number,) = await mooring.start_with(alice)
    monkeypatch.setattr(link, "RECONNECT_S", 600)
    await asyncio.to_thread(postgres.run, mooring.settings.database, _LINKS)

    said = await forget(mooring, number)

    assert (said.code, said.err) == (0, "#1 is forgotten; its session is kept for 30 days.\n")
    assert await telegram.lines(alice) == []
    refused = await beside(mooring, "rotate-key")
    assert (refused.code, "is in use by process" in refused.err) == (3, True)


async def test_while_a_label_is_asked_for_a_mooring_can_start(
    mooring: Mooring, telegram: Telegram
):
    alice = await telegram.person("Alice")
    (number,) = await mooring.start_with(alice)
    await mooring.stop()
    async with talking(mooring, "account", "forget", str(number), "--force") as talk:
        await talk.until("type its number with the #")
        await mooring.start()
        await mooring.until_state(number, "ONLINE")
        await talk.answer(f"#{number}")
        said = await talk.end()
    assert (said.code, "is forgotten" in said.err) == (0, True)
    assert await telegram.lines(alice) == []
    assert (await mooring.account(number)).removed_at is not None


async def test_a_mooring_that_runs_unseen_closes_the_line_of_what_is_forgotten(
    mooring: Mooring, telegram: Telegram
):
    """Nobody can be seen to run in every case: the order reaches it all the same."""
    alice = await telegram.person("Alice")
    (number,) = await mooring.start_with(alice)
    assert mooring.app
    async with mooring.app.database.transaction() as tx:
        assert await forgetting._order(tx, number, force=True, is_alone=True) is None

    async with asyncio.timeout(limit(20)):
        while await telegram.lines(alice):  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0.05)
    gone = await mooring.account(number)
    assert gone.removed_at is not None
    assert gone.observed.state == "STOPPED"


async def test_what_was_forgotten_while_nothing_ran_is_taken_back_and_started_for_good(
    mooring: Mooring, telegram: Telegram
):
    """What is left of the order to forget it takes no account away again."""
    alice = await telegram.person("Alice")
    (number,) = await mooring.start_with(alice)
    await mooring.stop()
    assert (await forget(mooring, number)).code == 0
    assert (await beside(mooring, "account", "restore", str(number))).code == 0
    assert (await beside(mooring, "start", str(number))).code == 0
    await mooring.start()
    await mooring.until_state(number, "ONLINE")
    back = await mooring.account(number)
    assert (back.removed_at, back.desired) == (None, accounts.Desired.RUN)


async def test_after_a_start_what_was_forgotten_while_nothing_ran_stays_out(
    mooring: Mooring, telegram: Telegram
):
    alice, carol = await telegram.person("Alice"), await telegram.person("Carol")
    number, other = await mooring.start_with(alice, carol)
    await mooring.stop()
    assert (await forget(mooring, number)).code == 0
    await mooring.start()
    await mooring.until_state(other, "ONLINE")

    # A later order: those before it are carried out.
    again = await beside(mooring, "stop", str(other), "--force")

    assert again.code == 0
    gone = await mooring.account(number)
    assert (gone.removed_at is None, gone.observed.state) == (False, "STOPPED")
    assert await telegram.lines(alice) == []
    assert mooring.app
    assert mooring.app.registry.get(number) is None
