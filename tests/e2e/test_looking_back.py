"""What was, in the chat: pictures, events, and a status that changes by itself."""

import re

import pytest

from bot.live import Live
from storage import journal
from tests.e2e.harness import Mooring
from tests.e2e.telegram import Shown, Telegram


async def drop(
    mooring: Mooring, telegram: Telegram, person: dict[str, object], number: int
) -> None:
    """Cut the account's line and wait until it is back."""
    await telegram.post("connections/cut", user=person["id"])
    await mooring.until_noted(number, "state.retrying")
    await mooring.until_state(number, "ONLINE")


async def test_uptime_is_a_picture_with_its_figures_in_words(mooring: Mooring, telegram: Telegram):
    alice, carol = await telegram.person("Alice"), await telegram.person("Carol")
    number, other = await mooring.start_with(alice, carol)
    await drop(mooring, telegram, alice, number)
    for bad, words in (("bla", "I don’t know bla"), ("4711", "There is no account 4711")):  # noqa: RUF001 - the text has it
        assert words in (await mooring.chat.ask(f"/uptime {bad}")).text

    assert "Drawing" in (await mooring.chat.ask("/uptime")).text
    fleet = await mooring.chat.shows("Uptime, last 24 hours", "2 accounts", limit_s=60)
    assert re.search(r"Connected: [\d.]+ % of the time", fleet.text)
    assert re.search(r"Reconnects: [3-9]", fleet.text)
    assert {f"#{number}", f"#{other}"} <= set(fleet.labels)
    assert await pictures(mooring) == [fleet.id]

    await mooring.chat.press("7 d")
    week = await mooring.chat.shows("Uptime, last 7 days", limit_s=60)
    assert week.id == fleet.id
    await mooring.chat.press(f"#{number}")
    own = await mooring.chat.until(
        lambda m: m.text.startswith(f"#{number} Alice") and "last 7 days" in m.text, 60
    )
    assert own.id == fleet.id
    await mooring.chat.press("‹ Account")  # noqa: RUF001 - the text has it
    await mooring.chat.shows(f"#{number} Alice", "Proxy:", "connected for")
    assert [m.text for m in await mooring.chat.read() if "Drawing" in m.text] == []


async def pictures(mooring: Mooring) -> list[int]:
    """The messages of the chat that are pictures."""
    path = f"users/{mooring.operator['id']}/chats/{mooring.bot['id']}/messages"
    return [m["id"] for m in (await mooring.telegram.get(path))["messages"] if m["attachment"]]


async def test_events_are_paged_and_new_ones_shift_nothing(mooring: Mooring, telegram: Telegram):
    alice = await telegram.person("Alice")
    (number,) = await mooring.start_with(alice)
    assert mooring.app
    database = mooring.app.database

    async def note(*names: str) -> None:
        async with database.transaction() as tx:
            for name in names:
                await journal.note(
                    tx, "proxy.removed", actor="command line", data={"proxy": f"{name}:1080"}
                )

    def shown(message: Shown) -> list[str]:
        return re.findall(r"\((\w+):1080\)", message.text)

    await note(*(f"p{n}" for n in range(12)))
    newest = await mooring.chat.ask("/events proxies")
    assert shown(newest) == [f"p{n}" for n in range(11, 1, -1)]
    await note("late")
    await mooring.chat.press("Older")
    older = await mooring.chat.until(lambda m: m.id == newest.id and "p1:" in m.text)
    assert shown(older)[:2] == ["p1", "p0"]
    await mooring.chat.press("Newer")
    back = await mooring.chat.until(lambda m: m.id == newest.id and "p11:" in m.text)
    assert shown(back) == shown(newest)
    await mooring.chat.press("Newest")
    await mooring.chat.until(lambda m: m.id == newest.id and "late:" in m.text)
    await mooring.chat.press("connection")
    line = await mooring.chat.shows("Events", f"#{number} Alice", ": connected")
    assert "proxy removed" not in line.text

    own = await mooring.chat.ask(f"/events {number}")
    assert f"of #{number} Alice" in own.text
    assert "connected" in own.text
    assert alice["phone"].lstrip("+") not in own.text
    for bad, words in (("bla", "I don’t know bla"), ("4711", "There is no account 4711")):  # noqa: RUF001 - the text has it
        assert words in (await mooring.chat.ask(f"/events {bad}")).text


@pytest.mark.req("S4.7")
async def test_an_open_status_changes_by_itself(mooring: Mooring, telegram: Telegram):
    alice = await telegram.person("Alice")
    (number,) = await mooring.start_with(alice)
    opened = await mooring.chat.ask("/status")
    assert "1 of 1 connected" in opened.text
    assert "Refreshes itself until" in opened.text
    await telegram.post(f"proxies/{mooring.proxy['id']}/stop")
    await mooring.chat.until(
        lambda m: m.id == opened.id and "0 of 1 connected" in m.text and f"#{number}" in m.text
    )
    await telegram.post(f"proxies/{mooring.proxy['id']}/start")
    await mooring.chat.until(lambda m: m.id == opened.id and "1 of 1 connected" in m.text, 40)

    newer = await mooring.chat.ask("/status")
    await mooring.chat.until(lambda m: m.id == opened.id and "As of " in m.text)
    await mooring.chat.press("Legend")
    await mooring.chat.until(lambda m: m.id == newer.id and "needs you" in m.text)
    await mooring.chat.press("Back")
    await mooring.chat.until(lambda m: m.id == newer.id and "Refreshes itself until" in m.text)


@pytest.mark.req("S4.7")
async def test_a_status_stops_refreshing_after_its_time_and_says_of_when_it_is(
    mooring: Mooring, telegram: Telegram
):
    await mooring.start_with(await telegram.person("Alice"))
    assert mooring.app
    parts = mooring.app.poller._dispatcher.workflow_data
    ctx = parts["ctx"]
    database = mooring.app.database
    parts["live"] = Live(
        ctx.following, ctx.t, database.now, ctx.desk.changes, limit_s=1, every_s=0.1
    )
    opened = await mooring.chat.ask("/status")
    frozen = await mooring.chat.until(lambda m: m.id == opened.id and "As of " in m.text)
    assert "Refresh" in " ".join(frozen.labels)
    await telegram.post(f"proxies/{mooring.proxy['id']}/stop")
    await mooring.chat.shows("is down since")
    assert "1 of 1 connected" in next(
        m.text for m in await mooring.chat.read() if m.id == opened.id
    )
    await mooring.chat.press("Refresh")
    await mooring.chat.until(lambda m: m.id == opened.id and "0 of 1 connected" in m.text)


async def test_a_429_on_a_refresh_holds_all_refreshes_and_nothing_else(
    mooring: Mooring, telegram: Telegram
):
    (number,) = await mooring.start_with(await telegram.person("Alice"))
    opened = await mooring.chat.ask("/status")
    fault = await telegram.post(
        "botapi/faults/throttle", method="editMessageText", retry_after=2, times=None
    )
    await telegram.post(f"proxies/{mooring.proxy['id']}/stop")
    await mooring.chat.shows(f"#{number} Alice", "is down since")
    assert "0 of 1 connected" in (await mooring.chat.ask("/start")).text
    newer = await mooring.chat.ask("/status")
    assert "0 of 1 connected" in newer.text
    await telegram.delete(f"botapi/faults/{fault['id']}")
    await mooring.chat.until(lambda m: m.id == opened.id and "As of " in m.text, 60)
    await telegram.post(f"proxies/{mooring.proxy['id']}/start")
    await mooring.chat.until(lambda m: m.id == newer.id and "1 of 1 connected" in m.text, 60)
