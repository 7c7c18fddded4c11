"""One of many accounts is found in the chat: by number, filter and search; and acts on many."""

import asyncio
import re
from dataclasses import replace
from typing import Any

import aiohttp
import pytest
from sqlalchemy import func, select

from bot import desk
from bot.vault import open_vault
from storage import accounts, commands, forgetting, journal, labels, traits
from storage.accounts import Desired
from storage.database import Database, open_database
from storage.schema import commands as commands_table
from tests.e2e.harness import Mooring
from tests.e2e.telegram import Shown, Telegram
from tests.timing import limit, seconds
from userbot.telegram import identity

_NEWEST = select(func.max(commands_table.c.id).label("id"))
API_HASH = "0123456789abcdef0123456789abcdef"


async def fleet(mooring: Mooring, *names: str) -> list[int]:
    """Accounts that have not logged in, so that none of them dials; each has its name as label."""
    mooring.settings.data_dir.mkdir(parents=True, exist_ok=True)
    database = await open_database(mooring.settings.database, open_vault(mooring.settings))
    numbers = []
    async with database.transaction() as tx:
        for n, name in enumerate(names, start=1):
            number = await accounts.add(
                tx,
                phone=f"+4420794600{n:02}",
                identity=identity(17349, API_HASH),
                proxy_id=None,
                state="NEW",
            )
            await labels.set_label(tx, number, name)
            numbers.append(number)
    await database.close()
    return numbers


def database_of(mooring: Mooring) -> Database:
    assert mooring.app
    return mooring.app.database


async def tag(mooring: Mooring, tag: str, *numbers: int) -> None:
    async with database_of(mooring).transaction() as tx:
        await labels.add_tag(tx, numbers, tag)


async def stop(mooring: Mooring, number: int) -> None:
    database = database_of(mooring)
    async with database.transaction() as tx:
        args = {"force": True}
        order = await commands.order(tx, "stop", account_id=number, args=args, ordered_by=1)
    await commands.outcome_of(database, order, limit_s=limit(20))


async def forged(mooring: Mooring, *presses: str) -> None:
    """A message of the bot with buttons that carry just that."""
    url = f"{mooring.settings.bot_api_url}/bot{mooring.settings.bot_token.get_secret_value()}"
    keyboard = [[{"text": f"forged {n}", "callback_data": p}] for n, p in enumerate(presses)]
    body = {
        "chat_id": mooring.operator["id"],
        "text": "forged",
        "reply_markup": {"inline_keyboard": keyboard},
    }
    async with aiohttp.request("POST", f"{url}/sendMessage", json=body) as response:
        assert response.status == 200, await response.text()


def numbers_in(shown: Shown) -> list[int]:
    return [int(n) for n in re.findall(r"/a(\d+) ", shown.text)]


@pytest.mark.req("C2", "S0.7")
async def test_the_list_is_narrowed_by_state_proxy_country_and_tag(
    mooring: Mooring, telegram: Telegram
):
    people = [await telegram.person(name) for name in ("Alice", "Bob", "Carol")]
    one, two, three = await mooring.start_with(*people)
    await stop(mooring, two)
    await tag(mooring, "shop", one, two)
    chat = mooring.chat
    listed = await chat.ask("/accounts")
    assert numbers_in(listed) == [one, two, three]
    assert {"🟢 Connected 2", "🔴 Trouble 0", "⚪ Stopped 1"} <= set(listed.labels)

    await chat.press("Stopped 1")
    assert numbers_in(await chat.shows("stopped: 1")) == [two]
    await chat.press("Trouble 0")
    empty = await chat.shows("in trouble: 0", "There are none.")
    assert not any("Act on" in label for label in empty.labels)
    await chat.press("All 3")
    await chat.shows("all: 3")

    await chat.press("By tag")
    await chat.shows("with which tag?")
    await chat.press("shop (2)")
    assert numbers_in(await chat.shows("all, tagged shop: 2")) == [one, two]
    await chat.press("Connected 1")
    assert numbers_in(await chat.shows("connected, tagged shop: 1")) == [one]
    await chat.press("Not only these")
    assert numbers_in(await chat.shows("connected: 2")) == [one, three]

    await chat.press("By proxy")
    await chat.press(f"{mooring.proxy['host']}:{mooring.proxy['port']} (3)")
    await chat.shows("connected, on", "2")
    await chat.press("Not only these")
    await chat.press("By country")
    await chat.shows("I know the country of no account")
    await chat.press("‹ Accounts")  # noqa: RUF001 - the label
    await chat.shows("connected: 2")
    async with database_of(mooring).transaction() as tx:
        await traits.set_country(tx, three, "de")
    await chat.press("By country")
    await chat.press("DE (1)")
    assert numbers_in(await chat.shows("connected, in DE: 1")) == [three]


async def test_an_account_is_opened_by_its_short_number_for_life(mooring: Mooring):
    one, two = await fleet(mooring, "Berlin", "<b>&")
    await mooring.start()
    chat = mooring.chat
    assert f"#{one} Berlin" in (await chat.ask(f"/a{one}")).text
    assert f"#{two} <b>&" in (await chat.ask(f"/a{two}@{mooring.bot['username']}")).text
    assert "no account #999" in (await chat.ask("/a999")).text
    for made_up in ("/a", "/a1x", f"/a{10**18}", "/a-1"):
        assert "#" not in (await chat.ask(made_up)).text.splitlines()[0]

    async with database_of(mooring).transaction() as tx:
        await forgetting.forget(tx, one)
    for who in (f"/a{one}", f"/account {one}", f"/account #{one}", "/account +442079460001"):
        assert "was forgotten here" in (await chat.ask(who)).text
    assert "found no account" in (await chat.ask("Berlin")).text
    await chat.ask(f"/a{one}")
    await chat.press("Take it back")
    await chat.shows(f"#{one} Berlin", "is back")


async def test_account_takes_whatever_an_operator_knows_of_it(mooring: Mooring):
    one, two, _ = await fleet(mooring, "Berlin shop", "Hamburg shop", "Özgür 🚀 ابج")
    await mooring.start()
    chat = mooring.chat
    for who in (str(one), f"#{one}", "+44 20 7946 0001", "0001", "berlin", "BERLIN shop"):
        card = await chat.ask(f"/account {who}")
        assert f"#{one} Berlin shop" in card.text, who
        assert "7946" not in card.text
    for who in ("ÖZGÜR", "🚀", "ابج"):
        assert "#3 " in (await chat.ask(f"/account {who}")).text, who
    several = await chat.ask("/account shop")
    assert numbers_in(several) == [one, two]
    assert "found for “shop”: 2" in several.text
    for who in ("#99", "nobody", "%", "_", "+99 999 999 999", "x" * 500, "<b>"):
        none = await chat.ask(f"/account {who}")
        assert "found no account" in none.text
        assert "last digits" in none.text
        assert "999 999" not in none.text
    assert "Which account?" in (await chat.ask("/account")).text


async def test_any_text_outside_a_dialog_searches_and_its_pages_outlive_a_restart(
    mooring: Mooring,
):
    names = [f"shop {n}" for n in range(1, 11)]
    numbers = await fleet(mooring, *names, "50% off_here", "<i>HTML</i>")
    await mooring.start()
    chat = mooring.chat
    assert numbers_in(await chat.ask("SHOP")) == numbers[:8]
    assert f"#{numbers[4]} shop 5" in (await chat.ask("shop 5")).text
    for odd in ("%", "_", "50% off_"):
        assert f"#{numbers[10]} " in (await chat.ask(odd)).text
    assert "<i>HTML</i>" in (await chat.ask("<i>html")).text
    assert f"#{numbers[0]} shop 1" in (await chat.ask(f"#{numbers[0]}")).text
    none = await chat.ask("hello")
    assert "found no account for “hello”" in none.text
    assert any("Status" in label for label in none.labels), "the menu is there all the same"
    assert "don’t know what to do" in (await chat.ask("/nonsense")).text  # noqa: RUF001
    assert "don’t know what to do" in (await chat.ask("long " * 50)).text  # noqa: RUF001
    assert "207946" not in (await chat.ask("+442079460099")).text

    assert "page 1 of 2" in (await chat.ask("shop")).text
    await mooring.stop()
    await mooring.start()
    await chat.press("Next")
    second = await chat.shows("found for “shop”: 10, page 2 of 2")
    assert numbers_in(second) == numbers[8:10]

    await chat.ask("/add_account")
    await chat.shows("Which number?")
    assert "no phone number" in (await chat.ask("shop")).text, "a dialog keeps its answers"


async def test_made_up_and_stale_buttons_lead_to_the_list(mooring: Mooring):
    (one,) = await fleet(mooring, "Berlin")
    await mooring.start()
    await mooring.chat.ask("/start")
    gone = ("f:all:p:99:0", "f:all:t:0000000000:0", "f:all:s:0000000000:0", "f:bad:c:x<>:0",
            "f:all:p:9999999999999999999999999:0", "g:in:redo:all:t:nope::0",
            "g:now:stop:all:s:nope:abcdef:0", "f:all:p:-1:0")  # fmt: skip
    await forged(mooring, *gone)
    for n in range(len(gone)):
        if n:
            await forged(mooring, *gone)
        await mooring.chat.press(f"forged {n}")
        shown = await mooring.chat.shows("is not there any more; here are all")
        assert numbers_in(shown) == [one]
        await mooring.chat.press("Back")
    for press in ("f:nonsense:-::0", "f:all", "g:to:redo:all:-:::0", "r:x:all:-:", "f:all:-::1:2"):
        await forged(mooring, press)
        assert "That has changed" in await mooring.chat.press("forged 0")
    await forged(mooring, "r:99:all:-:")
    await mooring.chat.press("forged 0")
    await mooring.chat.shows("order is not there any more")
    await forged(mooring, f"f:all:-::{2**63 - 1}")
    await mooring.chat.press("forged 0")
    assert numbers_in(await mooring.chat.shows("all: 1")) == [one]
    await forged(mooring, "f:all:-::-9", "go:accounts:1")
    await mooring.chat.press("forged 1")
    await mooring.chat.shows("all: 1")


async def lines(telegram: Telegram, people: list[dict[str, Any]]) -> dict[int, int]:
    """The connection that each of these people has, by user."""
    ids = {person["id"] for person in people}
    return {
        c["user_id"]: c["id"] for c in await telegram.get("connections") if c["user_id"] in ids
    }


@pytest.mark.req("C2", "S4.6", "S4.7")
async def test_all_that_a_list_shows_reconnect_after_a_question(
    mooring: Mooring, telegram: Telegram
):
    people = [await telegram.person(name) for name in ("Alice", "Bob", "Carol")]
    one, two, three = await mooring.start_with(*people)
    await stop(mooring, three)
    await tag(mooring, "shop", one, two, three)
    before = await lines(telegram, people)
    chat = mooring.chat
    await chat.ask("/accounts")
    await chat.press("By tag")
    await chat.press("shop (3)")
    await chat.press("Act on these 3")
    choice = await chat.shows("tagged shop: 3", "What shall they do?")
    assert {"🔌 Reconnect 2", "▶️ Start 1", "⏹ Stop 2"} <= set(choice.labels)
    await chat.press("Reconnect 2")
    await chat.shows("Reconnect 2 accounts?", "a second dial", "For 1 more of this list")
    assert await lines(telegram, people) == before, "nothing was done yet"
    await chat.press("Reconnect them")
    await chat.shows("Reconnected 2 of 2")
    after = await lines(telegram, people)
    assert set(after) == set(before)
    assert all(after[user] != before[user] for user in before)
    await chat.press("‹ Accounts")  # noqa: RUF001 - the label
    await chat.shows("all, tagged shop: 3")

    await chat.press("Act on these 3")
    await chat.press("Start 1")
    await chat.shows("Start one account?", "For 2 more")
    await chat.press("Start it")
    await chat.shows("Started 1 of 1")
    await mooring.until_state(three, "ONLINE")


async def test_reconnect_as_a_command_takes_one_or_all_that_are_down(
    mooring: Mooring, telegram: Telegram
):
    people = [await telegram.person(name) for name in ("Alice", "Bob")]
    # What drops waits for the operator, and does not come back between two presses.
    mooring.settings = mooring.settings.model_copy(update={"auto_reconnect": False})
    one, two = await mooring.start_with(*people)
    chat = mooring.chat
    none = await chat.ask("/reconnect")
    assert "All accounts that should be connected are." in none.text
    assert none.labels == ["📊 Status"]
    before = await lines(telegram, people)
    await chat.say(f"/reconnect {one}")
    await chat.shows(f"#{one} Alice", "connected for")
    after = await lines(telegram, people)
    assert after[people[0]["id"]] != before[people[0]["id"]]
    assert after[people[1]["id"]] == before[people[1]["id"]]
    assert "found no account" in (await chat.ask("/reconnect nobody")).text

    for number, person in zip((one, two), people, strict=True):
        await telegram.post("connections/cut", user=person["id"])
        await mooring.until_state(number, "FAILED")
    await chat.say("/reconnect")
    await chat.shows("Reconnect 2 accounts?", "in trouble")
    await chat.press("Reconnect them")
    await chat.shows("Reconnected 2 of 2")
    assert set(await lines(telegram, people)) == {person["id"] for person in people}


async def test_an_order_that_nobody_answered_stands_and_leads_back_to_the_account(
    mooring: Mooring, telegram: Telegram, monkeypatch: pytest.MonkeyPatch
):
    (number,) = await mooring.start_with(await telegram.person("Alice"))
    monkeypatch.setattr(desk, "OUTCOME_LIMIT_S", 0.0)
    await mooring.chat.say(f"/reconnect {number}")
    late = await mooring.chat.shows("No answer within", "The order stands")
    assert late.labels == ["‹ Account"]  # noqa: RUF001 - the label
    await mooring.chat.press("Account")
    await mooring.chat.shows(f"#{number} Alice", "Proxy:")


async def test_where_reconnecting_helps_nobody_it_is_said_why(mooring: Mooring):
    numbers = await fleet(mooring, "one", "two")
    database = await open_database(mooring.settings.database, open_vault(mooring.settings))
    async with database.transaction() as tx:
        for number, state in zip(numbers, ("BANNED", "NEEDS_LOGIN"), strict=True):
            account = await accounts.get(tx, number)
            assert account is not None
            seen = replace(account.observed, state=state)
            await accounts.set_observed(tx, number, seen, is_online=False)
    await database.close()
    await mooring.start()
    none = await mooring.chat.ask("/reconnect")
    assert "helps none of these 2: they need a login, are banned" in none.text
    await mooring.chat.press("Accounts")
    await mooring.chat.shows("in trouble: 2", "one", "two")


@pytest.mark.req("S0.6")
async def test_a_group_stop_warns_takes_a_second_press_and_never_stops_others(
    mooring: Mooring, telegram: Telegram
):
    people = [await telegram.person(name) for name in ("Alice", "Bob", "Carol")]
    one, two, three = await mooring.start_with(*people)
    await tag(mooring, "shop", one)
    chat = mooring.chat
    await chat.ask("/accounts")
    await chat.press("By tag")
    await chat.press("shop (1)")
    await chat.press("Act on this one")
    await chat.press("Stop 1")
    asked = await chat.shows("Stop one account?", "⚠️ 1 of them")
    await tag(mooring, "shop", two)
    await chat.press("Stop it")
    await chat.shows("That list is another one now", "Stop 2 accounts?", "⚠️ 2 of them")
    assert len(await lines(telegram, people)) == 3, "nobody was asked about these two"
    press = f"users/{mooring.operator['id']}/chats/{mooring.bot['id']}/press"
    body = {"message_id": asked.id, "text": "⏹ Stop them", "timeout": seconds(10)}
    await asyncio.gather(telegram.post(press, **body), telegram.post(press, **body))
    await chat.shows("Stopped 2 of 2")
    assert set(await lines(telegram, people)) == {people[2]["id"]}
    async with database_of(mooring).read() as tx:
        found = [await accounts.get(tx, number) for number in (one, two, three)]
        stops = [
            e
            for n in (one, two)
            for e in await journal.latest(tx, account_id=n, kind="account.stop")
        ]
    wanted = [account.desired for account in found if account]
    assert wanted == [Desired.STOP, Desired.STOP, Desired.RUN]
    assert [e.actor for e in stops] == 2 * [f"operator {mooring.operator['id']}"]
    await mooring.stop()
    await mooring.start()
    await forged(mooring, f"r:{await newest(mooring, 'stop')}:all:-:")
    await chat.press("forged 0")
    await chat.shows("Stopped")


async def newest(mooring: Mooring, kind: str) -> int:
    """The id of the newest order of that kind."""
    async with database_of(mooring).read() as tx:
        row = await tx.one(_NEWEST.where(commands_table.c.kind == kind))
    assert row
    return int(row.id)


async def test_tags_are_given_and_taken_off_in_the_chat(mooring: Mooring):
    one, two = await fleet(mooring, "Berlin", "Hamburg")
    await mooring.start()
    chat = mooring.chat

    async def act() -> None:
        await chat.ask("/accounts")
        await chat.press("Act on these 2")
        await chat.press("Tag 2")
        await chat.shows("Which tag for these 2 accounts?")

    await act()
    for bad, words in (
        ("x" * 33, "up to 32 characters"), ("<b>", "so “<b>” is none"), ("🚀", "only letters"),
        ("-", "no tag in that"), (" ".join("abcdefghijk"), "more than 10 tags"), ("50%", "is none"),
    ):  # fmt: skip
        assert words in (await chat.ask(bad)).text, bad
    await chat.ask("Shop, #de")
    await chat.shows("Tag 2 accounts?", "They get: shop, de")
    async with database_of(mooring).read() as tx:
        assert await labels.tags(tx) == {}
    await chat.press("Tag them")
    await chat.shows("shop: given to 2", "de: given to 2")
    async with database_of(mooring).read() as tx:
        assert await labels.tags(tx) == {"de": 2, "shop": 2}
    assert "🏷 de shop" in (await chat.ask("/accounts")).text

    await act()
    await chat.shows("There are: de, shop")
    await chat.ask("-de vip shop")
    await chat.shows("They get: vip, shop", "They lose: de")
    await mooring.stop()
    await mooring.start()
    await chat.press("Tag them")
    await chat.shows("de: taken off 2", "vip: given to 2", "shop: given to 0; 2 had it already")

    await act()
    await chat.ask("late")
    await chat.shows("They get: late")
    await chat.ask("/cancel")
    await chat.press("Tag them")
    await chat.shows("done already, or left since")
    async with database_of(mooring).read() as tx:
        assert await labels.tags(tx) == {"shop": 2, "vip": 2}
    assert [one, two] == numbers_in(await chat.ask("/accounts"))


async def test_many_move_to_another_proxy_after_a_question(mooring: Mooring, telegram: Telegram):
    people = [await telegram.person(name) for name in ("Alice", "Bob")]
    one, two = await mooring.start_with(*people)
    other = await mooring.add_proxy()
    chat = mooring.chat
    await chat.ask("/accounts")
    await chat.press("Act on these 2")
    await chat.press("Move 2")
    await chat.shows("Move 2 accounts", "Where to?")
    name = f"{other['host']}:{other['port']}"
    await chat.press(name)
    await chat.shows(f"Move 2 accounts to {name}?", "part of what Telegram knows it by")
    await chat.press("Move them")
    await chat.shows(f"Moved 2 accounts to {name}", "2 of 2 connected")
    async with database_of(mooring).read() as tx:
        found = [await accounts.get(tx, number) for number in (one, two)]
    assert {account.proxy_name for account in found if account} == {name}


async def test_a_sender_is_found_by_what_it_is_called_and_the_last_used_come_first(
    mooring: Mooring, telegram: Telegram
):
    people = [await telegram.person(name) for name in ("Alice", "Bob", "Carol")]
    await telegram.person("Dave", username="dave_found")
    one, two, three = await mooring.start_with(*people)
    chat = mooring.chat
    assert _senders(await chat.ask("/send")) == [one, two, three]
    found = await chat.ask("arO")
    assert "Send as which of those called “arO”?" in found.text
    assert _senders(found) == [three]
    await chat.press(f"#{three} ")
    await chat.shows(f"#{three} Carol", "to whom?")
    await chat.say("@dave_found")
    await chat.shows("What is the text?")
    await chat.say("hello")
    await chat.shows("Not sent yet", "hello")
    assert _senders(await chat.ask("/send")) == [three, one, two]
    assert "nobody I can write to" in (await chat.ask("zzz")).text
    await chat.say("@dave_found")
    await chat.shows("What is the text?", "which suits best")


def _senders(shown: Shown) -> list[int]:
    return [int(found[1]) for label in shown.labels if (found := re.search(r"#(\d+) ", label))]
