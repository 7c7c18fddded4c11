"""Taking a session out by the chat: an owner's act, sealed, and gone after a minute."""

import asyncio

import pytest

from bot.control import make_bot
from bot.exporter import Exporter
from storage import accounts
from tests.e2e.harness import Mooring
from tests.e2e.telegram import Telegram
from tests.timing import limit
from userbot.foreign import BadSession
from userbot.importing import Source, read

PASSPHRASE = "a long passphrase ☂"


async def press_export(mooring: Mooring, number: int) -> None:
    await mooring.chat.say(f"/a{number}")
    await mooring.chat.shows(f"#{number} ")
    await mooring.chat.press("More")
    await mooring.chat.press("Export")


async def test_a_session_is_taken_out_stopped_sealed_and_its_message_goes(
    mooring: Mooring, telegram: Telegram
):
    alice = await telegram.person("Alice")
    (number,) = await mooring.start_with(alice)
    await press_export(mooring, number)
    await mooring.chat.shows("Take the session of", "is stopped first")
    await mooring.chat.say("too short")
    await mooring.chat.shows("at least 12 characters")
    await mooring.chat.say(PASSPHRASE)
    sent = await mooring.chat.shows("sealed. I delete this after 1 min")
    await mooring.chat.shows("is exported and stopped")
    assert all(PASSPHRASE not in m.text for m in await mooring.chat.read())
    assert await mooring.status(number) == "STOPPED"
    content = await telegram.document_in(mooring.operator, mooring.bot, sent.id)
    made = read(Source(content), lambda: PASSPHRASE)
    assert made.phone == f"+{alice['phone'].lstrip('+')}"
    with pytest.raises(BadSession):
        read(Source(content), lambda: "another passphrase")
    assert mooring.app
    async with mooring.app.database.read() as tx:
        account = await accounts.get(tx, number)
    assert account
    assert account.elsewhere is not None  # no button starts it now without a question


async def test_what_needs_a_login_is_not_exported_and_no_passphrase_is_asked(
    mooring: Mooring, telegram: Telegram
):
    alice = await telegram.person("Alice")
    (number,) = await mooring.start_with(alice)
    await press_export(mooring, number)
    await mooring.chat.shows("Take the session of", "is stopped first")
    await telegram.post("sessions/revoke", user=alice["id"])
    await telegram.post("connections/cut")
    await mooring.until_state(number, "NEEDS_LOGIN")
    await mooring.chat.say(PASSPHRASE)  # it was asked for while there was a session
    told = await mooring.chat.shows("Not exported", "needs a login, so it has no session")
    assert "mooring account stop" not in told.text
    await press_export(mooring, number)
    await mooring.chat.until(lambda m: m.id > told.id and "Not exported" in m.text)
    assert not [m for m in await mooring.chat.read() if m.id > told.id and "passphrase" in m.text]


async def test_a_refused_export_ends_the_question_about_another_account(
    mooring: Mooring, telegram: Telegram
):
    people = [await telegram.person(name) for name in ("Alice", "Bob")]
    one, two = await mooring.start_with(*people)
    await telegram.post("sessions/revoke", user=people[1]["id"])
    await telegram.post("connections/cut")
    await mooring.until_state(two, "NEEDS_LOGIN")
    await mooring.until_state(one, "ONLINE")
    for number, words in ((one, "is stopped first"), (two, "Not exported")):
        await press_export(mooring, number)
        await mooring.chat.shows(words)
    await mooring.chat.ask(PASSPHRASE)
    assert await mooring.status(one) == "ONLINE"


async def test_an_export_that_a_restart_met_is_deleted_all_the_same(
    mooring: Mooring,
):
    app = await mooring.start()
    await mooring.chat.say("/start")
    shown = await mooring.chat.shows("Keeps your accounts")
    token = mooring.settings.bot_token.get_secret_value()
    bot = make_bot(token, api_url=mooring.settings.bot_api_url, proxy=None)
    await Exporter(app.database, bot, shown_for_s=0).delete_later(mooring.operator["id"], shown.id)
    await mooring.stop()
    await mooring.start()
    async with asyncio.timeout(limit(20)):
        while shown.id in {m.id for m in await mooring.chat.read()}:  # noqa: ASYNC110 - it is polled
            await asyncio.sleep(0.05)
