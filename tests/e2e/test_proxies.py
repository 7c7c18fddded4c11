"""Proxies as an operator meets them in the chat: add, look, change, move, pay."""

import asyncio
import json
import os
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from storage import proxies
from storage.proxies import Proxy
from tests import program
from tests.e2e.attachments import attachments
from tests.e2e.harness import Mooring
from tests.e2e.telegram import Shown, Telegram
from tests.timing import limit


def name(proxy: dict[str, Any]) -> str:
    return f"{proxy['host']}:{proxy['port']}"


async def dead(telegram: Telegram) -> dict[str, Any]:
    """A proxy at whose address nothing listens."""
    proxy: dict[str, Any] = await telegram.post("proxies")
    await telegram.post(f"proxies/{proxy['id']}/stop")
    return proxy


async def listed(mooring: Mooring) -> list[Proxy]:
    assert mooring.app
    async with mooring.app.database.read() as tx:
        return await proxies.page(tx)


async def open_card(mooring: Mooring, proxy: dict[str, Any]) -> Shown:
    await mooring.chat.say("/proxies")
    await mooring.chat.shows("Proxies:", name(proxy))
    await mooring.chat.press(f" {name(proxy)}")
    return await mooring.chat.shows(name(proxy), "Here since")


@pytest.mark.req("S0.3", "C2")
async def test_many_lines_are_added_and_each_bad_dead_and_double_one_is_told(
    mooring: Mooring, telegram: Telegram
):
    await mooring.start()
    socks = await telegram.post("proxies")
    http = await telegram.post("proxies", kind="http", username="moor", password="s3cret-word")
    gone = await dead(telegram)
    await mooring.chat.say("/add_proxy")
    await mooring.chat.shows("Send me proxies")
    text = [name(socks), f"{name(http)}:moor:s3cret-word", "no proxy", name(gone), name(socks)]
    await mooring.chat.say("\n".join(text))
    shown = await mooring.chat.shows(
        "Added 3 proxies.",
        "Checked all 3: 2 work",
        f"🔴 {name(gone)} – the proxy refuses connections",  # noqa: RUF001 - the text has it
        "Line 3: it does not have a known form",
        "Line 5 names the proxy of line 1 again",
    )
    assert "s3cret-word" not in shown.text
    assert not [m for m in await mooring.chat.read() if "s3cret-word" in m.text]

    card = await open_card(mooring, http)
    assert "HTTP, static, login moor" in card.text
    assert "It works" in card.text
    card = await open_card(mooring, gone)
    assert "protocol not known yet" in card.text
    assert "Neither as SOCKS5 nor as HTTP" in card.text
    assert await mooring.chat.press("It is HTTP") == "From now on I take it for HTTP."
    await mooring.chat.shows(name(gone), "HTTP, static", "It does not work: the proxy refuses")
    assert [p.endpoint.scheme for p in await listed(mooring)] == ["socks5", "http", "http"]


@pytest.mark.req("S0.3")
async def test_a_text_file_is_read_and_any_other_file_is_answered_in_words(
    mooring: Mooring, telegram: Telegram
):
    socks = await telegram.post("proxies", username="moor", password="s3cret-word")
    lines = [f"{name(socks)}:moor:s3cret-word", "", "# the old one", "nonsense"]
    chat = mooring.chat
    async with attachments(mooring.settings.bot_api_url or "") as (address, mine):
        mine.files = {
            "list.txt": b"\xef\xbb\xbf" + "\r\n".join(lines).encode(),
            "list.pdf": b"%PDF",
            "latin.txt": b"\xff\xfe\x00\x01",
            "large.txt": b"",
            "huge.txt": b"203.0.113.7:1080\n" * 10_001,
        }
        mine.claimed_sizes = {"large.txt": 3_000_000, "lost.txt": 7}
        await mooring.start(bot_api_url=address)
        await chat.say("/add_proxy")
        await chat.shows("Send me proxies")
        for said, answer in {
            "[photo]": "I can take text or a .txt file here",
            "[file list.pdf]": "I can take a .txt file with one proxy to a line",
            "[file latin.txt]": "no text in UTF-8",
            "[file large.txt]": "larger than 2 MB",
            "[file lost.txt]": "I could not fetch that file",
            "[file huge.txt]": "That has 10,001 lines",
        }.items():
            await chat.say(said)
            await chat.shows(answer)
        await chat.say("[file list.txt]")
        await chat.shows(f"Added {name(socks)}", "It works", "Line 4: the port is missing")
        assert "[file list.txt]" not in [m.text for m in await chat.read()]
        await mooring.stop()


async def test_what_names_no_proxy_leaves_the_question_open(mooring: Mooring, telegram: Telegram):
    await mooring.start()
    good = await telegram.post("proxies")
    await mooring.chat.say("/add_proxy")
    await mooring.chat.shows("Send me proxies")
    for said, answer in {
        "🙂": "the port is missing",
        "<b>proxy</b>:1080": "the host is neither an IP address nor a host name",
        "# nothing": "There is no proxy in that",
        "one:x\ntwo:y": "None of these lines is a proxy I can use",
        "https://203.0.113.7:443": "proxies behind TLS are not supported",
        "ss://203.0.113.7:443": "this scheme is not known",
        "/proxies": "None yet",
    }.items():
        await mooring.chat.say(said)
        await mooring.chat.shows(answer)
    await mooring.chat.say(name(good))
    await mooring.chat.shows(f"Added {name(good)}", "It works")


@pytest.mark.req("S0.1")
async def test_a_new_address_is_taken_while_accounts_are_up_and_they_come_back_over_it(
    mooring: Mooring, telegram: Telegram
):
    numbers = await mooring.start_with(
        await telegram.person("Alice"), await telegram.person("Carol")
    )
    new = await telegram.post("proxies", kind="http", username="moor", password="s3cret-word")
    await open_card(mooring, mooring.proxy)
    await mooring.chat.press("Change address")
    await mooring.chat.shows("Send its new line")
    await mooring.chat.say("203.0.113.7")
    await mooring.chat.shows("the port is missing", "Send the line again")
    await mooring.chat.say(f"{name(new)}:moor:wrong-word")
    refused = await mooring.chat.shows(f"{name(new)} does not work", "rejected the user name")
    assert "Nothing was changed" in refused.text
    assert [p.endpoint.name for p in await listed(mooring)] == [name(mooring.proxy)]

    await mooring.chat.press("Change all the same")
    await mooring.chat.shows(
        f"Changed: {name(mooring.proxy)} is {name(new)} now", "of 2 connected"
    )
    await mooring.chat.press("‹ Proxy")  # noqa: RUF001 - the text has it
    await mooring.chat.shows(name(new), "2/5 accounts")
    await mooring.chat.press("Change address")
    await mooring.chat.say(f"http://moor:s3cret-word@{name(new)}")
    await mooring.chat.shows(f"Changed the login of {name(new)}", "2 of 2 connected")
    for number in numbers:
        assert await mooring.status(number) == "ONLINE"
    dials = await telegram.get(f"proxies/{new['id']}/dials")
    assert len([d for d in dials if d["login"] == "moor"]) >= 2
    told = [m.text for m in await mooring.chat.read()]
    assert not [text for text in told if "-word" in text]
    assert not [text for text in told if f"is {name(new)} now" in text], "it was left for the card"


async def test_a_line_that_a_restart_forgot_is_asked_for_again(
    mooring: Mooring, telegram: Telegram
):
    await mooring.start_with(await telegram.person("Alice"))
    gone = await dead(telegram)
    await open_card(mooring, mooring.proxy)
    await mooring.chat.press("Change address")
    await mooring.chat.say(f"socks5://{name(gone)}")
    await mooring.chat.shows(f"{name(gone)} does not work")
    await mooring.stop()
    await mooring.start()
    await mooring.chat.press("Change all the same")
    await mooring.chat.shows("I no longer have that line")
    await mooring.chat.say(f"socks5://{name(gone)}")
    await mooring.chat.shows(f"is {name(gone)} now", "0 of 1 connected")


@pytest.mark.req("S0.1")
async def test_one_account_is_moved_and_then_all_of_a_proxy(mooring: Mooring, telegram: Telegram):
    alice, carol, dora = [await telegram.person(n) for n in ("Alice", "Carol", "Dora")]
    one, two, three = await mooring.start_with(alice, carol, dora)
    other = await mooring.add_proxy(kind="http")
    await mooring.online(one)
    await mooring.chat.press("Move to another…")
    await mooring.chat.shows(f"Move #{one} Alice", "Where to?", f"{name(other)} – 0/5")  # noqa: RUF001 - the text has it
    await mooring.chat.press(f" {name(other)}")
    await mooring.chat.shows("part of what Telegram knows it by")
    await mooring.chat.press("🚚 Move")
    await mooring.chat.shows(f"Moved #{one} Alice", f"to {name(other)}", "1 of 1 connected")
    assert await mooring.status(two) == "ONLINE"

    await open_card(mooring, mooring.proxy)
    await mooring.chat.press("Move all 2 accounts")
    await mooring.chat.press("Each to the least loaded")
    await mooring.chat.shows("Move all 2 accounts", "the least loaded of the others")
    await mooring.chat.press("🚚 Move")
    await mooring.chat.shows("Moved 2 accounts", "2 of 2 connected")
    assert [p.accounts for p in await listed(mooring)] == [0, 3]
    assert [await mooring.status(n) for n in (one, two, three)] == ["ONLINE"] * 3


async def test_with_no_other_proxy_there_is_nowhere_to_move(mooring: Mooring, telegram: Telegram):
    await mooring.start_with(await telegram.person("Alice"))
    await open_card(mooring, mooring.proxy)
    await mooring.chat.press("Move its account")
    shown = await mooring.chat.shows("There is no other proxy that works", "nothing was moved")
    assert shown.labels == ["➕ Add proxy", "‹ Proxy"]  # noqa: RUF001 - the text has it


@pytest.mark.req("S0.3")
async def test_a_proxy_in_use_is_removed_for_new_accounts_and_taken_back(
    mooring: Mooring, telegram: Telegram
):
    (number,) = await mooring.start_with(await telegram.person("Alice"))
    await open_card(mooring, mooring.proxy)
    await mooring.chat.press("Remove…")
    await mooring.chat.shows("One account has it and keeps it")
    await mooring.chat.press("Remove it")
    await mooring.chat.shows("Removed", "No new account gets it; those that have it keep it")
    assert await mooring.status(number) == "ONLINE"
    await mooring.chat.press("‹ Proxies")  # noqa: RUF001 - the text has it
    await mooring.chat.shows("Proxies: 1", "no new accounts", "1/5 accounts")
    await mooring.chat.press(f" {name(mooring.proxy)}")
    await mooring.chat.press("Use it again")
    await mooring.chat.shows("New accounts may get it again")


@pytest.mark.req("S1.7", "C4")
async def test_a_proxy_that_is_soon_to_be_paid_is_told_until_it_has_a_new_date(
    mooring: Mooring, telegram: Telegram
):
    await mooring.start()
    proxy = await mooring.add_proxy()
    await open_card(mooring, proxy)
    await mooring.chat.press("Price")
    await mooring.chat.shows("cost a month?")
    for said, answer in {
        "🙂": "That amount I can’t read",  # noqa: RUF001 - the text has it
        "12.505": "at most two decimals",
        "12.50 tomorrow": "That date I can’t read",  # noqa: RUF001 - the text has it
        "12.50 2020-01-01": "That day is over",
        "12.50 a month": "Send an amount, and the day if you like",
    }.items():
        await mooring.chat.say(said)
        await mooring.chat.shows(answer)
    soon = (datetime.now(UTC) + timedelta(days=2)).date()
    await mooring.chat.say(f"12.50 {soon}")
    await mooring.chat.shows("Saved.", f"Price: 12.50 a month, paid until {soon}")
    await mooring.chat.shows(f"⏳ {name(proxy)} is paid until {soon}")
    await mooring.chat.say("/costs")
    await mooring.chat.shows("A month: 12.50", "your own – 1, 12.50 a month")  # noqa: RUF001 - the text has it

    alert = await mooring.chat.shows(f"⏳ {name(proxy)} is paid until")
    press = f"users/{mooring.operator['id']}/chats/{mooring.bot['id']}/press"
    await telegram.post(press, message_id=alert.id, text="🌐 Proxy")
    await mooring.chat.until(
        lambda m: m.id > alert.id and name(proxy) in m.text and "Here since" in m.text
    )
    await mooring.chat.press("Price")
    await mooring.chat.shows("cost a month?")
    later = (datetime.now(UTC) + timedelta(days=40)).date()
    await mooring.chat.say(f"12.50 {later}")
    await mooring.chat.shows("Saved.", f"paid until {later}")
    await mooring.chat.shows("nothing is to be paid now", f"It was paid until {soon}")


@pytest.mark.req("S1.6")
async def test_kind_and_country_are_told_and_wrong_ones_answered(mooring: Mooring):
    await mooring.start()
    proxy = await mooring.add_proxy()
    await open_card(mooring, proxy)
    await mooring.chat.press("Static or rotating")
    await mooring.chat.press("Rotating")
    await mooring.chat.shows("Saved.", "rotating: the exit address may change")
    await mooring.chat.press("Country")
    await mooring.chat.shows("Two letters")
    await mooring.chat.say("Germany")
    await mooring.chat.shows("That is no country’s code")  # noqa: RUF001 - the text has it
    await mooring.chat.say("DE")
    await mooring.chat.shows("Saved.", "Country: DE")
    await mooring.chat.press("Country")
    await mooring.chat.shows("Two letters")
    await mooring.chat.press("Cancel")
    await mooring.chat.shows("Country: DE", "Here since")
    await mooring.chat.say("fr")
    await mooring.chat.shows("found no account for “fr”")


async def test_all_are_checked_and_trouble_can_be_listed_alone(
    mooring: Mooring, telegram: Telegram
):
    await mooring.start()
    well, sick = await mooring.add_proxy(), await mooring.add_proxy()
    await telegram.post(f"proxies/{sick['id']}/stop")
    await mooring.chat.say("/proxies")
    await mooring.chat.press("Check all")
    await mooring.chat.shows("Checked all 2: 1 in trouble", "the proxy refuses connections")
    await mooring.chat.press("Only trouble (1)")
    shown = await mooring.chat.shows("Proxies in trouble: 1", name(sick))
    assert name(well) not in shown.text
    await mooring.chat.press(f" {name(sick)}")
    await mooring.chat.until(lambda m: any("Change address" in label for label in m.labels))
    await telegram.post(f"proxies/{sick['id']}/start")
    await mooring.chat.press("Check")
    await mooring.chat.shows(name(sick), "It works")


@pytest.mark.req("S0.2")
async def test_a_login_names_the_proxy_and_warns_where_that_carries_too_many(
    mooring: Mooring, telegram: Telegram
):
    await mooring.start(proxy_capacity=1)
    proxy = await mooring.add_proxy()
    await mooring.enrol(await telegram.person("Alice"))
    assert not [m for m in await mooring.chat.read() if "accounts with this one" in m.text]
    await mooring.enrol(await telegram.person("Bob"))
    await mooring.chat.shows(
        "Bob", "is logged in", name(proxy), "carries 2 accounts with this one"
    )
    await mooring.chat.say("/proxies")
    await mooring.chat.shows("⚠️ 2/1 accounts")


async def test_a_stranger_sees_and_presses_nothing(mooring: Mooring, telegram: Telegram):
    await mooring.start()
    proxy = await mooring.add_proxy()
    eve = await telegram.person("Eve")
    with_bot = await telegram.chat(eve, mooring.bot)
    for said in ("/proxies", "/costs", f"/add_proxy {name(proxy)}", "/start proxy_1"):
        await with_bot.say(said)
    await mooring.chat.say("/proxies")  # handled after the stranger's
    await mooring.chat.shows("Proxies: 1")
    assert all(m.out for m in await with_bot.read())


async def test_a_button_of_a_proxy_that_is_gone_says_so(mooring: Mooring):
    await mooring.start()
    await mooring.chat.say("/start proxy_4711")
    shown = await mooring.chat.shows("That proxy is not there any more")
    assert shown.labels == ["‹ Proxies"]  # noqa: RUF001 - the text has it
    await mooring.chat.say("/start add_proxy")  # the other link that groups get
    await mooring.chat.shows("Send me proxies")


async def mooring_cli(mooring: Mooring, *arguments: str) -> tuple[int, str, str]:
    """`mooring …` beside the running one: its exit code, what it printed, and what it said."""
    running = await program.start(
        arguments,
        cwd=mooring.settings.data_dir.parent,
        env={"PATH": os.environ["PATH"]} | mooring.environment(),
    )
    async with asyncio.timeout(limit(60)):
        out, said = await running.communicate()
    assert running.returncode is not None
    return running.returncode, out.decode(), said.decode()


async def test_the_command_line_adds_and_has_the_running_mooring_check(
    mooring: Mooring, telegram: Telegram
):
    await mooring.start()
    proxy = await telegram.post("proxies", kind="http")
    code, _, said = await mooring_cli(mooring, "proxies", "add", name(proxy))
    assert (code, said) == (0, "Added 1 proxy.\n")
    code, out, said = await mooring_cli(mooring, "proxies", "--check", "--json")
    assert (code, said) == (0, "")
    (shown,) = json.loads(out)
    assert (shown["scheme"], shown["works"]) == ("http", True)
