"""Enrolling by a picture, by a file and by a text, and what is set afterwards, in the chat."""

import asyncio
from pathlib import Path

import pytest

from sandbox.world.images import blank
from storage import accounts, journal
from tests.e2e.enrolling import attachment, begin, is_there, scan, send_file, session_file
from tests.e2e.enrolling import show_picture as show
from tests.e2e.harness import Mooring
from tests.e2e.telegram import Telegram
from tests.timing import limit


@pytest.mark.req("C2", "S0.1")
async def test_an_account_is_enrolled_by_a_picture_that_its_phone_scans(
    mooring: Mooring, telegram: Telegram
):
    await mooring.start()
    proxy = await mooring.add_proxy()
    alice = await telegram.person("Alice", password="correct horse")
    await begin(mooring)
    await mooring.chat.press("QR code")
    # The message that names it goes as the picture comes.
    await mooring.chat.shows("Scan this with")
    assert (await attachment(mooring))["kind"] == "photo"
    await scan(telegram, alice)
    await mooring.chat.shows("Two-step verification", "The account has a password")
    await mooring.chat.say("correct horse")
    done = await mooring.chat.shows("#1 Alice", "is logged in", f"{proxy['host']}:{proxy['port']}")
    assert any("Label" in label for label in done.labels)
    assert not [m for m in await mooring.chat.read() if "Scan this" in m.text]
    await mooring.online(1)
    assert mooring.app
    async with mooring.app.database.read() as tx:
        account = await accounts.get(tx, 1)
    assert account
    assert account.phone == f"+{alice['phone'].lstrip('+')}"


async def test_a_picture_is_replaced_as_it_expires_and_goes_when_it_is_left(
    mooring: Mooring, telegram: Telegram
):
    await mooring.start()
    await mooring.add_proxy()
    await telegram.post("logins/pace", token_lifetime_s=1)
    try:
        await show(mooring)
        first = (await attachment(mooring))["file"]
        async with asyncio.timeout(limit(20)):
            while (await attachment(mooring))["file"] == first:  # noqa: ASYNC110 - it has no event
                await asyncio.sleep(0.05)
        await mooring.chat.say("12345")
        await mooring.chat.shows("I wait for the picture above to be scanned")
        await mooring.chat.press("Cancel")
        await mooring.chat.shows("Nothing is kept of it")
        assert not [m for m in await mooring.chat.read() if "Scan this" in m.text]
        assert mooring.app
        with mooring.app.database.wakeups.subscribe(accounts.CHANGED) as changed:
            async with asyncio.timeout(limit(20)):
                while await _accounts(mooring):
                    await changed.wait(1)
    finally:
        await telegram.post("logins/pace", token_lifetime_s=30)


async def test_a_picture_that_a_restart_interrupted_goes_on_with_a_press(
    mooring: Mooring, telegram: Telegram
):
    await mooring.start()
    await mooring.add_proxy()
    alice = await telegram.person("Alice")
    await show(mooring)
    await mooring.stop()
    await mooring.start()
    await mooring.chat.press("New picture")
    await mooring.chat.shows("Scan this with")
    await scan(telegram, alice)
    await mooring.chat.shows("#1 Alice", "is logged in")


async def test_who_is_here_already_stays_as_they_were_and_the_new_login_is_ended_by_a_press(
    mooring: Mooring, telegram: Telegram
):
    alice = await telegram.person("Alice")
    (number,) = await mooring.start_with(alice)
    await show(mooring)
    await scan(telegram, alice)
    await mooring.chat.shows(f"the same Telegram account as #{number} Alice", "stays as it was")
    await mooring.chat.press("End the new login")
    await mooring.chat.shows("Ended.", "as it was")
    assert [a.id for a in await _accounts(mooring)] == [number]
    assert await mooring.status(number) == "ONLINE"


async def test_a_code_that_does_not_come_can_be_left_for_a_picture(
    mooring: Mooring, telegram: Telegram
):
    await mooring.start()
    await mooring.add_proxy()
    alice = await telegram.person("Alice")
    await begin(mooring)
    await mooring.chat.say("+" + alice["phone"])
    await mooring.chat.shows("Login code for")
    assert "Telegram allows that in" in await mooring.chat.press("Send it by SMS")
    await mooring.chat.press("QR code instead")
    await mooring.chat.shows("Scan this with")
    await scan(telegram, alice)
    await mooring.chat.shows("#1 Alice", "is logged in")


async def test_a_code_is_sent_another_way_once_telegram_allows_it(
    mooring: Mooring, telegram: Telegram
):
    await mooring.start()
    await mooring.add_proxy()
    alice = await telegram.person("Alice")
    await telegram.post("logins/pace", resend_after_s=0)
    try:
        await begin(mooring)
        await mooring.chat.say("+" + alice["phone"])
        await mooring.chat.shows("Telegram sent it to", "other devices")
        await mooring.chat.press("Send it by SMS")
        await mooring.chat.shows("Telegram sent it by SMS")
    finally:
        await telegram.post("logins/pace", resend_after_s=120)
    await mooring.type_code(alice)
    await mooring.chat.shows("#1 Alice", "is logged in")


async def test_a_session_file_is_taken_over_and_starts_only_at_a_word(
    mooring: Mooring, telegram: Telegram, tmp_path: Path
):
    await mooring.start()
    proxy = await mooring.add_proxy()
    alice = await telegram.person("Alice")
    file = await session_file(mooring, alice, tmp_path)
    dials = f"proxies/{proxy['id']}/dials"
    before = await telegram.get(dials)
    await begin(mooring)
    await mooring.chat.press("Import a session")
    await mooring.chat.shows("Which number does it belong to?")
    await mooring.chat.say("nobody's")
    await mooring.chat.shows("Not imported: a phone number has only digits")
    await mooring.chat.say("+" + alice["phone"])
    await mooring.chat.shows("Now send the session", "killed by Telegram for good")
    for data, name, reason in (
        (b"hello", "notes.txt", "this is not a Telethon StringSession"),
        (file[:3000], "cut.session", "damaged or cut short"),
        (b"SQLite format 3\0" + b"x" * 500, "no.session", "but is none"),
    ):
        wrong = await send_file(mooring, data, name)
        await mooring.chat.shows("Not imported", reason)
        assert not await is_there(mooring, wrong)
    await send_file(mooring, blank(9, 9), "photo.png", kind="photo")
    await mooring.chat.shows("I need a .session file or a StringSession here")
    sent = await send_file(mooring, file, "alice.session")
    await mooring.chat.shows("is imported behind", f"{proxy['host']}:{proxy['port']}", "stopped")
    assert not await is_there(mooring, sent)
    assert await mooring.status(1) == "STOPPED"
    assert await telegram.get(dials) == before, "nothing dialled"
    await mooring.chat.press("Keep it stopped")
    await mooring.chat.shows("stays stopped")
    await mooring.chat.press("It runs nowhere else: start it")
    await mooring.until_state(1, "ONLINE")


async def test_a_string_session_is_taken_over_once(mooring: Mooring, telegram: Telegram):
    await mooring.start()
    await mooring.add_proxy()
    alice = await telegram.person("Alice")
    string = await mooring.string_session(alice)

    async def send(number: str) -> None:
        await begin(mooring)
        await mooring.chat.press("Import a session")
        await mooring.chat.shows("Which number does it belong to?")
        await mooring.chat.say(number)

    await send("+" + alice["phone"])
    await mooring.chat.shows("Now send the session")
    await mooring.chat.say("/status")  # another command in the middle
    await mooring.chat.shows("Status")
    await mooring.chat.say(string)
    await mooring.chat.press("It runs nowhere else: start it")
    await mooring.until_state(1, "ONLINE")
    await send("+" + alice["phone"])
    await mooring.chat.shows("#1", "is here already")
    await send("+99966000000123")
    await mooring.chat.shows("Now send the session")
    await mooring.chat.say(string)
    await mooring.chat.shows("Not imported: that session is stored already")
    texts = [m.text for m in await mooring.chat.read()]
    assert not [text for text in texts if string[:40] in text]


async def test_what_is_set_of_an_account_is_shown_kept_and_noted(
    mooring: Mooring, telegram: Telegram
):
    await mooring.start()
    await mooring.add_proxy()
    number = await mooring.enrol(await telegram.person("Alice"))
    chat = mooring.chat
    await chat.press("Label")
    await chat.shows("What shall", "be called?")
    await send_file(mooring, blank(9, 9), "photo.png", kind="photo")
    await chat.shows("I need a text message here")
    await chat.say("x" * 65)
    await chat.shows("That label has 65 characters, and 64 fit")
    await chat.say("<b>Shop</b> & ☕ قهوة")
    await chat.shows("Saved.", "Label: <b>Shop</b> & ☕ قهوة")
    await chat.press("Tags")
    await chat.say("a/b")
    await chat.shows("A tag has only letters")
    await chat.say("Shop eu")
    await chat.shows("Saved.", "Tags: eu, shop")
    await chat.press("Country")
    await chat.say("Germany")
    await chat.shows("two letters")
    await chat.say("DE")
    await chat.shows("Saved.", "Country: DE")
    await chat.press("Importance")
    await chat.press("very important")
    await chat.shows("Saved.", "Importance: very important")
    await chat.press("Always online: yes")
    await chat.press("Always online: only when needed")
    await chat.press("Can log in again with this number: no")
    await chat.until(lambda m: "Can log in again with this number: yes" in m.labels)
    await chat.press("Tags")
    await chat.press("None")
    await chat.shows("Saved.", "Tags: none")

    assert mooring.app
    async with mooring.app.database.read() as tx:
        account = await accounts.get(tx, number)
        noted = await journal.latest(tx, account_id=number, kind="account.set")
    assert account
    assert (account.label, account.country, account.importance) == (
        "<b>Shop</b> & ☕ قهوة",
        "de",
        2,
    )
    assert (account.always_online, account.one_time_phone) == (True, False)
    assert {entry.actor for entry in noted} == {f"operator {mooring.operator['id']}"}
    assert [next(iter(entry.data)) for entry in reversed(noted)] == [
        "label", "tags", "country", "importance", "always_online", "always_online",
        "one_time_phone", "tags",
    ]  # fmt: skip


async def test_only_an_owner_says_that_a_number_can_be_used_again(
    mooring: Mooring, telegram: Telegram
):
    helper = await telegram.person("Helga")
    ids = [mooring.operator["id"], helper["id"]]
    mooring.settings = mooring.settings.model_copy(update={"admin_ids": ids})
    await mooring.start()
    await mooring.add_proxy()
    mooring.chat = with_bot = await telegram.chat(helper, mooring.bot)
    number = await mooring.enrol(await telegram.person("Alice"))
    assert "owner" in await with_bot.press("Can log in again with this number: no")
    assert mooring.app
    async with mooring.app.database.read() as tx:
        account = await accounts.get(tx, number)
    assert account
    assert account.one_time_phone


async def _accounts(mooring: Mooring) -> list[accounts.Account]:
    assert mooring.app
    async with mooring.app.database.read() as tx:
        return await accounts.page(tx)
