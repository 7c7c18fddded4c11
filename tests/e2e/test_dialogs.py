"""Wrong input is answered with what was wrong; the dialog stays where it was."""

import pytest
from loguru import logger

from storage import accounts, journal, labels
from tests.e2e.harness import Mooring
from tests.e2e.telegram import Telegram


@pytest.mark.req("S0.3")
@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("203.0.113.7", "the port is missing"),
        ("203.0.113.7:http", "the port is not a number"),
        ("203.0.113.7:70000", "the port is not between 1 and 65535"),
        ("203.0.113.777:1080", "that is not an IP address"),
        ("203.0.113.7:1080:user", "there is a user name but no password"),
        ("🙂", "the port is missing"),
    ],
)
async def test_a_malformed_proxy_line_is_answered_with_its_fault(
    mooring: Mooring, line: str, reason: str
):
    await mooring.start()
    await mooring.chat.say("/add_proxy")
    await mooring.chat.shows("Send me proxies")
    await mooring.chat.say(line)
    await mooring.chat.shows("That is no proxy I can use", reason)
    await mooring.chat.say("203.0.113.7:1080")
    await mooring.chat.shows("Added 203.0.113.7:1080")


async def test_a_proxy_that_is_there_already_is_named(mooring: Mooring):
    await mooring.start()
    for answer in ("Added 203.0.113.9:1080", "203.0.113.9:1080 is there already"):
        await mooring.chat.say("/add_proxy")
        await mooring.chat.shows("Send me proxies")
        await mooring.chat.say("203.0.113.9:1080")
        await mooring.chat.shows(answer)


async def test_a_wrong_code_and_a_wrong_password_can_be_typed_again(
    mooring: Mooring, telegram: Telegram
):
    await mooring.start()
    await mooring.add_proxy()
    alice = await telegram.person("Alice", password="correct horse")
    await mooring.chat.say("/add_account")
    await mooring.chat.shows("Which number?")
    await mooring.chat.say("020 7946")
    await mooring.chat.shows("the country code is missing")
    await mooring.chat.say("+" + alice["phone"])
    await mooring.chat.shows("Login code for")
    await mooring.type_code(alice, wrong=True)
    await mooring.chat.shows("That was not the code", "Login code for")
    await mooring.chat.say("12345")
    await mooring.chat.shows("Telegram makes a code worthless that is sent in a chat")
    await mooring.type_code(alice)
    await mooring.chat.shows("Two-step verification")
    await mooring.chat.say("wrong battery")
    shown = await mooring.chat.shows("That was not the password")
    assert any("Cancel" in label for label in shown.labels)
    await mooring.chat.say("correct horse")
    await mooring.chat.shows("Alice", "is logged in")
    told = [m.text for m in await mooring.chat.read()]
    assert not [text for text in told if "correct horse" in text or "wrong battery" in text]


async def test_a_login_that_is_left_is_forgotten(mooring: Mooring):
    await mooring.start()
    await mooring.add_proxy()
    await mooring.chat.say("/add_account")
    await mooring.chat.shows("Which number?")
    await mooring.chat.say("+4420794600111")
    await mooring.chat.shows("Login code for")
    for digit in "11111":
        await mooring.chat.press(digit)
    await mooring.chat.shows("was not the code")
    await mooring.chat.press("Cancel")
    await mooring.chat.shows("Nothing is kept of it")
    await mooring.chat.say("/accounts")
    await mooring.chat.shows("Accounts", "None yet")


async def test_without_a_proxy_no_login_begins(mooring: Mooring, telegram: Telegram):
    await mooring.start()
    alice = await telegram.person("Alice")
    await mooring.chat.say("/add_account")
    await mooring.chat.shows("Which number?")
    await mooring.chat.say("+" + alice["phone"])
    asked = await mooring.chat.shows("No proxy works and has room")
    assert any("Add proxy" in label for label in asked.labels)


async def test_a_number_that_telegram_does_not_know_can_be_sent_again_or_left(
    mooring: Mooring, telegram: Telegram
):
    await mooring.start()
    await mooring.add_proxy()
    await telegram.post(
        "faults/rpc_error", method="auth.sendCode", code=400, text="PHONE_NUMBER_INVALID", times=1
    )
    alice = await telegram.person("Alice")
    await mooring.chat.say("/add_account")
    await mooring.chat.shows("Which number?")
    await mooring.chat.say("+" + alice["phone"])
    told = await mooring.chat.shows("Telegram knows no such number", "/cancel")
    assert told.labels == ["✖️ Cancel"]
    await mooring.chat.say("+" + alice["phone"])
    await mooring.chat.shows("Login code for")


async def test_an_enrolled_number_is_named(mooring: Mooring, telegram: Telegram):
    alice = await telegram.person("Alice")
    (number,) = await mooring.start_with(alice)
    await mooring.chat.say("/add_account")
    await mooring.chat.shows("Which number?")
    await mooring.chat.say("+" + alice["phone"])
    await mooring.chat.shows(f"#{number} Alice", "is here already")


async def test_a_target_that_is_none_leaves_the_dialog_where_it_was(
    mooring: Mooring, telegram: Telegram
):
    (number,) = await mooring.start_with(await telegram.person("Alice"))
    await mooring.chat.say("/send")
    await mooring.chat.press(f"#{number} ")
    await mooring.chat.shows("to whom?")
    await mooring.chat.say("Bob with the <b>hat</b>")
    await mooring.chat.shows("That is nobody I can write to", "@username")
    await mooring.chat.say("me")
    await mooring.chat.shows("To me. What is the text?")
    await mooring.chat.say("/cancel")
    await mooring.chat.shows("OK, left.")


async def test_a_dialog_survives_a_restart(mooring: Mooring, telegram: Telegram):
    (number,) = await mooring.start_with(await telegram.person("Alice"))
    await mooring.chat.say("/send")
    await mooring.chat.press(f"#{number} ")
    await mooring.chat.shows("to whom?")
    await mooring.stop()
    await mooring.start()
    await mooring.chat.say("me")
    await mooring.chat.shows("To me. What is the text?")


async def test_a_login_that_a_restart_interrupted_goes_on(mooring: Mooring, telegram: Telegram):
    await mooring.start()
    await mooring.add_proxy()
    alice = await telegram.person("Alice")
    await mooring.chat.say("/add_account")
    await mooring.chat.shows("Which number?")
    await mooring.chat.say("+" + alice["phone"])
    await mooring.chat.shows("Login code for")
    await mooring.stop()
    await mooring.start()
    await mooring.type_code(alice)
    await mooring.chat.shows("This login was interrupted")
    await mooring.chat.press("Send a new code")
    await mooring.chat.shows("Login code for")
    await mooring.type_code(alice)
    await mooring.chat.shows("Alice", "is logged in")


async def test_a_stranger_gets_nothing_and_the_journal_notes_it(
    mooring: Mooring, telegram: Telegram
):
    lines: list[str] = []
    sink = logger.add(lines.append, format="{message}")
    await mooring.start()
    eve = await telegram.person("Eve")
    with_bot = await telegram.chat(eve, mooring.bot)
    await with_bot.say("/start")
    await with_bot.say("/status")
    await mooring.chat.say("/start")  # handled after the stranger's
    await mooring.chat.shows("Mooring")
    assert all(m.out for m in await with_bot.read())
    assert mooring.app
    async with mooring.app.database.read() as tx:
        entries = await journal.latest(tx)
    assert [e.actor for e in entries if e.kind == "stranger"] == [f"stranger {eve['id']}"]
    logger.remove(sink)
    noted = f"user {eve['id']} wrote to the bot and is not an operator"
    assert len([line for line in lines if noted in line]) == 1


async def test_what_nobody_understands_leads_to_the_menu(mooring: Mooring):
    await mooring.start()
    await mooring.chat.say("/do_the_thing")
    shown = await mooring.chat.shows("know what to do with that")
    assert any("Status" in label for label in shown.labels)
    await mooring.chat.say("/cancel")
    await mooring.chat.shows("There is nothing to leave")


@pytest.mark.req("S0.3")
async def test_a_dead_proxy_can_be_removed_and_the_number_tries_another(
    mooring: Mooring, telegram: Telegram
):
    await mooring.start()
    dead = await mooring.add_proxy()
    await telegram.post(f"proxies/{dead['id']}/stop")
    alice = await telegram.person("Alice")
    await mooring.chat.say("/add_account")
    await mooring.chat.shows("Which number?")
    await mooring.chat.say("+" + alice["phone"])
    await mooring.chat.shows("There was no connection to Telegram through")
    await mooring.chat.say("/accounts")
    await mooring.chat.shows("Accounts", "None yet")
    await mooring.chat.say("/proxies")
    await mooring.chat.press(f" {dead['host']}:{dead['port']}")
    await mooring.chat.press("Remove…")
    await mooring.chat.shows("No account has it, so it leaves the list")
    await mooring.chat.press("Remove it")
    await mooring.chat.shows("Removed", "No new account gets it")
    await mooring.add_proxy()
    await mooring.enrol(alice)


async def test_leaving_a_login_while_it_connects_leaves_it(mooring: Mooring, telegram: Telegram):
    await mooring.start()
    await mooring.add_proxy()
    alice = await telegram.person("Alice")
    await mooring.chat.say("/add_account")
    await mooring.chat.shows("Which number?")
    await mooring.chat.say("+" + alice["phone"])
    await mooring.chat.say("/cancel")
    await mooring.chat.until(lambda m: "Left" in m.text or "OK, left" in m.text)
    await mooring.chat.say("/send")
    await mooring.chat.shows("There is no account to send as")


async def test_an_old_keypad_does_not_touch_the_dialog_that_is_open(
    mooring: Mooring, telegram: Telegram
):
    (number,) = await mooring.start_with(await telegram.person("Alice"))
    dana = await telegram.person("Dana")
    await mooring.chat.say("/add_account")
    await mooring.chat.shows("Which number?")
    await mooring.chat.say("+" + dana["phone"])
    keypad = await mooring.chat.shows("Login code for")
    await mooring.chat.say("/send")
    await mooring.chat.press(f"#{number} ")
    await mooring.chat.shows("to whom?")
    press = f"users/{mooring.operator['id']}/chats/{mooring.bot['id']}/press"
    await telegram.post(press, message_id=keypad.id, text="✖️ Cancel")
    await mooring.chat.shows("Nothing is kept of it")
    await mooring.chat.say("me")
    await mooring.chat.shows("To me. What is the text?")


async def test_asking_twice_for_a_code_sends_one(mooring: Mooring, telegram: Telegram):
    await mooring.start()
    await mooring.add_proxy()
    alice = await telegram.person("Alice")
    for _ in range(2):
        await mooring.chat.say("/add_account")
        await mooring.chat.shows("Which number?")
        await mooring.chat.say("+" + alice["phone"])
        await mooring.chat.shows("Login code for")
    codes = await (await telegram.chat(alice, {"id": 777000})).read()
    assert len([m for m in codes if "Login code" in m.text]) == 1


async def test_more_senders_than_fit_are_paged_by_what_was_searched_for(
    mooring: Mooring, telegram: Telegram
):
    (number,) = await mooring.start_with(await telegram.person("Alice"))
    assert mooring.app
    async with mooring.app.database.transaction() as tx:
        alice = await accounts.get(tx, number)
        identity = await accounts.identity_of(tx, number)
        assert alice
        for n in range(9):
            phone = f"+44207946{n:04}"
            made = await accounts.add(
                tx, phone=phone, identity=identity, proxy_id=alice.proxy_id, state="STOPPED"
            )
            await labels.set_label(tx, made, f"crew {n}")
    await mooring.chat.say("/send")
    await mooring.chat.shows("Send as which account?")
    first = await mooring.chat.ask("crew")
    assert "called “crew”" in first.text
    assert len([label for label in first.labels if "crew" in label]) == 8
    await mooring.chat.press("Next")
    last = await mooring.chat.until(lambda m: m.id == first.id and m.labels != first.labels)
    assert "called “crew”" in last.text
    assert len([label for label in last.labels if "crew" in label]) == 1
    await mooring.chat.press("crew")
    await mooring.chat.shows("to whom?")
