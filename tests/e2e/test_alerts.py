"""What the admin chat is told of incidents: when, in which message, and how often."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from storage import alert_switches, alerts, incidents, instances
from storage.alert_switches import AlertKind
from storage.incidents import About
from tests.e2e.alerting import Watch, watching
from tests.e2e.telegram import Telegram
from tests.storage.fleet import add_proxy
from tests.timing import limit
from userbot.proxies.causes import Cause

REJECTED = Cause.LOGIN_REJECTED.words
DAY_S = 24 * 3600


@pytest.fixture
async def watch(telegram: Telegram, tmp_path: Path) -> AsyncIterator[Watch]:
    async with watching(telegram, tmp_path / "mooring.db") as made:
        yield made


async def settled(watch: Watch) -> None:
    """Wait until the chat knows how everything ended."""
    async with asyncio.timeout(limit(20)):
        while True:
            async with watch.database.read() as tx:
                if not await alerts.unsettled(tx):
                    return
            await asyncio.sleep(0.05)


async def behind_one_proxy(watch: Watch, count: int) -> list[int]:
    async with watch.database.transaction() as tx:
        proxy = await add_proxy(tx)
    return [await watch.account(proxy_id=proxy) for _ in range(count)]


@pytest.mark.req("C4")
async def test_what_heals_within_a_minute_is_not_told_and_ten_seconds_of_an_important_one_are(
    watch: Watch,
) -> None:
    plain, important = await watch.account(), await watch.account(importance=1)
    async with watch.telling():
        await watch.down(plain)
        await watch.down(important)
        await watch.forward(11)
        told = await watch.chat.shows(f"#{important} ", "is down since 12:00 UTC", "dropped")
        assert told.labels == ["🔌 Reconnect", "👤 Account", "🔕 Mute 8 h"]
        await watch.forward(30)
        await watch.back(plain, important)
        over = await watch.chat.shows(f"#{important} ", "down 12:00 UTC → back 12:00 UTC, 41 s")
        assert over.id == told.id
        await settled(watch)
        assert await watch.told(f"#{plain} ") == []
        await watch.down(plain)
        await watch.forward(61)
        await watch.chat.shows(f"#{plain} ", "is down since 12:00 UTC")


async def test_the_end_of_a_long_one_is_replied_once_whatever_restarts(watch: Watch) -> None:
    number = await watch.account()
    await watch.down(number)
    await watch.forward(60)
    async with watch.telling():
        told = await watch.chat.shows(f"#{number} ", "is down since")
    await watch.forward(600)
    await watch.back(number)
    async with watch.database.transaction() as tx:  # as a crash after the edit leaves it
        (alert,) = await alerts.unsettled(tx)
    async with watch.telling():
        await watch.chat.shows(f"#{number} ", "is back after 11 min")
        await settled(watch)
    async with watch.database.transaction() as tx:
        shown = alert.incident
        await alerts.set_told(
            tx, shown, "open", chat_id=shown.chat_id, message_id=shown.message_id
        )
    async with watch.telling():
        await settled(watch)
    assert [m.id for m in await watch.told("is back: down 12:00 UTC → back 12:11 UTC")] == [
        told.id
    ]
    assert len(await watch.told("is back after")) == 1


async def test_a_login_that_is_needed_is_said_every_day_until_it_is_done(watch: Watch) -> None:
    number = await watch.account()
    async with watch.telling():
        await watch.down(number, "needs_login", "the session was ended")
        await watch.chat.shows(f"🔑 #{number} ", "needs a login since", "The stored session")
    await watch.forward(DAY_S - 60)
    async with watch.telling():
        await watch.forward(60)
        first = await watch.chat.shows(f"#{number} ", "needs a login, since 2026-03-01 12:00 UTC")
        assert first.labels == ["🔑 Log in", "👤 Account"]
    await watch.forward(DAY_S)
    async with watch.telling():
        await watch.chat.until(lambda m: m.id > first.id and "I say this every day" in m.text)
        assert len(await watch.told("I say this every day")) == 2
        await watch.back(number)
        await watch.chat.shows(f"#{number} ", "is back:")
        await watch.forward(DAY_S)
        await settled(watch)
    assert len(await watch.told("I say this every day")) == 2


async def test_an_outage_that_turns_out_to_need_a_login_is_said_aloud(watch: Watch) -> None:
    number = await watch.account()
    await watch.down(number)
    await watch.forward(60)
    async with watch.telling():
        told = await watch.chat.shows(f"#{number} ", "is down since")
        await watch.down(number, "needs_login", "the session has expired")
        aloud = await watch.chat.shows(f"#{number} ", "I say this every day")
        edited = await watch.chat.shows(f"#{number} ", "needs a login since")
        assert (edited.id, aloud.id > told.id) == (told.id, True)


async def test_a_muted_account_is_silent_an_important_one_and_a_lost_login_are_not(
    watch: Watch,
) -> None:
    plain, lost = await watch.account(), await watch.account()
    important = await watch.account(importance=1)
    for number in (plain, lost, important):
        await watch.mute(number)
    await watch.down(plain)
    await watch.down(lost, "needs_login", "the session was ended")
    await watch.down(important)
    await watch.forward(61)
    async with watch.telling():
        await watch.chat.shows(f"#{lost} ", "needs a login")
        await watch.chat.shows(f"#{important} ", "is down since")
        await watch.back(plain, important, lost)
        await settled(watch)
    assert await watch.told(f"#{plain} ") == []


async def test_a_kind_that_is_switched_off_is_silent_until_it_is_on_again(watch: Watch) -> None:
    number = await watch.account()
    async with watch.database.transaction() as tx:
        await alert_switches.switch(tx, AlertKind.OFFLINE, is_on=False, by=1)
        await incidents.open_about(tx, "spending", About.SPENDING, cause="9 of 10")
    await watch.down(number)
    await watch.forward(61)
    async with watch.telling():
        await watch.chat.shows("Today's spending: 9 of 10")
        assert await watch.told(f"#{number} ") == []
        async with watch.database.transaction() as tx:
            await alert_switches.switch(tx, AlertKind.OFFLINE, is_on=True, by=1)
        await watch.chat.shows(f"#{number} ", "is down since")


async def test_many_behind_one_proxy_are_one_message_from_its_beginning_to_its_end(
    watch: Watch,
) -> None:
    numbers = await behind_one_proxy(watch, 7)
    for number in numbers[:6]:
        await watch.down(number, cause=REJECTED)
    await watch.forward(60)
    async with watch.telling():
        told = await watch.chat.shows(
            "Proxy 10.0.0.1:1080 rejects its password; 6 accounts wait since 12:00 UTC",
            f"#{numbers[0]} ",
            "and 1 more",
        )
        assert told.labels == [
            "✏️ Change password",
            "🔄 Check",
            "🚚 Move all 7 accounts…",
            "🔌 Reconnect all 6",
        ]
        await watch.down(numbers[6], cause=REJECTED)
        await watch.forward(60)
        await watch.chat.shows("7 accounts wait since 12:00 UTC")
    await watch.back(*numbers[:4])
    async with watch.telling():
        again = await watch.chat.shows("3 accounts wait", "4 of 7 are back")
        assert again.id == told.id, "a restart goes on in the same message"
        await watch.down(numbers[4], "needs_login", "the session has expired")
        await watch.chat.shows(f"#{numbers[4]} ", "needs a login since")
        await watch.forward(480)
        await watch.back(numbers[5], numbers[6])
        over = await watch.chat.shows(
            "The trouble with proxy 10.0.0.1:1080 is over: down 12:00 UTC → back 12:10 UTC, 10 min",
            "6 of 7 are back; 1 needs an operator now",
            REJECTED,
        )
        assert (over.id, over.labels) == (told.id, [])
        await watch.chat.shows("It is over after 10 min", "6 of 7 accounts are back")
        await watch.back(numbers[4])
        await settled(watch)
    assert len(await watch.told("rejects its password")) == 0
    assert len(await watch.told("It is over after")) == 1
    alone = {m.text.split()[1] for m in await watch.told("#")}
    assert alone == {f"#{numbers[4]}"}, "nobody but the one that needs a login"


async def test_nothing_is_lost_while_the_bot_api_is_away_and_the_urgent_comes_first(
    watch: Watch, telegram: Telegram
) -> None:
    short, long, lost = [await watch.account() for _ in range(3)]
    await telegram.post("botapi/stop")
    try:
        await watch.down(short)
        await watch.down(long)
        await watch.forward(61)
        await watch.back(short)
        await watch.down(lost, "needs_login", "the session was ended")
        async with watch.telling():
            await asyncio.sleep(0.2)  # it tries in vain
            await telegram.post("botapi/start")
            await watch.chat.shows(f"#{short} ", "is back: down 12:00 UTC → back 12:01 UTC")
            await watch.chat.shows(f"#{long} ", "is down since 12:00 UTC")
            await watch.chat.shows(f"#{lost} ", "needs a login since")
    finally:
        await telegram.post("botapi/start")
    seen = await watch.told("#")
    assert [m.text.split()[1] for m in seen] == [f"#{n}" for n in (lost, long, short)]


async def test_a_limit_of_the_bot_api_holds_alerts_as_long_as_it_asks(
    watch: Watch, telegram: Telegram
) -> None:
    number = await watch.account()
    await watch.down(number)
    await watch.forward(61)
    await telegram.post("botapi/faults/throttle", method="sendMessage", retry_after=2)
    began = asyncio.get_running_loop().time()
    async with watch.telling():
        await watch.chat.shows(f"#{number} ", "is down since")
    assert asyncio.get_running_loop().time() - began >= 2


async def test_an_alert_whose_message_is_gone_tells_its_end_in_a_new_one(watch: Watch) -> None:
    number = await watch.account()
    await watch.down(number)
    await watch.forward(61)
    async with watch.telling():
        told = await watch.chat.shows(f"#{number} ", "is down since")
        await watch.bot.delete_message(watch.operator, told.id)
        await watch.back(number)
        over = await watch.chat.shows(f"#{number} ", "is back:")
    assert over.id > told.id


async def test_how_long_nothing_ran_is_known_from_the_last_stop(watch: Watch) -> None:
    number = await watch.account()
    async with watch.database.transaction() as tx:
        await instances.start(tx, "first", host="here", pid=1, version="1")
        assert await instances.off_before(tx, "first") is None
    await watch.down(number)
    await watch.forward(60)
    async with watch.database.transaction() as tx:
        await instances.stop(tx, "first")
    await watch.forward(1740)
    async with watch.database.transaction() as tx:
        await instances.start(tx, "second", host="here", pid=2, version="1")
        off = await instances.off_before(tx, "second")
    assert off is not None
    assert ((off.until - off.since).total_seconds(), off.incidents) == (1740, 1)
