"""Alerts in a running Mooring: many accounts at once, what is pressed, and what is set."""

import sqlite3
from contextlib import closing

import pytest

from storage import operators
from storage.operators import Role
from tests.e2e.harness import Mooring
from tests.e2e.telegram import Telegram

PEOPLE = ("Alice", "Bob", "Carol", "Dave", "Erin")


@pytest.mark.req("C4", "S4.6")
async def test_five_accounts_behind_a_proxy_that_goes_down_are_one_message_to_its_end(
    mooring: Mooring, telegram: Telegram
) -> None:
    mooring.settings = mooring.settings.model_copy(update={"alert_after": 1.0})
    people = [await telegram.person(name) for name in PEOPLE]
    numbers = await mooring.start_with(*people)
    proxy = mooring.proxy
    await telegram.post(f"proxies/{proxy['id']}/stop")
    name = f"{proxy['host']}:{proxy['port']}"
    told = await mooring.chat.shows(
        f"Proxy {name} refuses connections; 5 accounts wait since", f"#{numbers[0]} Alice"
    )
    await mooring.stop()
    since = "UPDATE incidents SET opened_at = datetime(opened_at, '-6 minutes')"
    with closing(sqlite3.connect(mooring.settings.data_dir / "mooring.db")) as db, db:
        db.execute(since)
    await mooring.start()

    await mooring.chat.press("Check")
    shown = await mooring.chat.shows(name, "Here since")
    assert shown.id > told.id
    await telegram.post(f"proxies/{proxy['id']}/start")
    await mooring.chat.press("Reconnect all")
    # One may be back by itself before the press: the proxy works again.
    await mooring.chat.shows("accounts dial anew", "connected")
    over = await mooring.chat.shows(f"The trouble with proxy {name} is over", "5 of 5 are back")
    assert over.id == told.id
    aloud = await mooring.chat.shows("It is over after 6 min", "5 of 5 accounts are back")
    assert aloud.id > told.id
    seen = [m for m in await mooring.chat.read() if "is down since" in m.text]
    assert seen == [], "nobody was told of alone"


@pytest.mark.req("C4")
async def test_a_press_on_an_alert_is_answered_below_and_the_alert_is_edited_to_its_end(
    mooring: Mooring, telegram: Telegram
) -> None:
    (number,) = await mooring.start_with(await telegram.person("Alice"))
    await telegram.post(f"proxies/{mooring.proxy['id']}/stop")
    told = await mooring.chat.shows(f"#{number} Alice", "is down since", "I keep trying")
    await mooring.chat.press("👤 Account")
    card = await mooring.chat.shows(f"#{number} Alice", "Proxy:")
    await mooring.chat.press("Mute 8 h")
    muted = await mooring.chat.shows(f"🔕 #{number} Alice", "is muted until")
    assert told.id < card.id < muted.id
    await mooring.chat.press("Mute until I end it")
    await mooring.chat.shows(f"#{number} Alice", "is muted until you end it")
    await mooring.chat.press("Unmute")
    await mooring.chat.shows(f"#{number} Alice", "is not muted")
    await telegram.post(f"proxies/{mooring.proxy['id']}/start")
    over = await mooring.chat.shows(f"#{number} Alice", "is back: down", "→ back")
    assert over.id == told.id


@pytest.mark.req("C4")
async def test_kinds_of_alerts_are_switched_and_those_that_cannot_be_say_why(
    mooring: Mooring,
) -> None:
    await mooring.start()
    await mooring.chat.say("/alerts")
    shown = await mooring.chat.shows(
        "🔔 Connection lost: on", "🔒 Login needed: always, because nobody but you can mend it"
    )
    assert not any("Login" in label or "banned" in label for label in shown.labels)
    await mooring.chat.press("🔕 Connection lost")
    await mooring.chat.shows("Connection lost: off.", "🔕 Connection lost: off")
    await mooring.stop()
    await mooring.start()
    await mooring.chat.press("🔔 Connection lost")
    await mooring.chat.shows("Connection lost: on again.", "🔔 Connection lost: on")


async def test_who_may_not_act_gets_no_message_below(mooring: Mooring, telegram: Telegram) -> None:
    (number,) = await mooring.start_with(await telegram.person("Alice"))
    vera = await telegram.person("Vera")
    chat = await telegram.chat(vera, mooring.bot)
    assert mooring.app
    async with mooring.app.database.transaction() as tx:
        await operators.admit(tx, vera["id"], Role.VIEWER, name="Vera", by=None)
    await chat.say("/start")
    await chat.shows("Mooring")
    await mooring.stop()
    await mooring.start(admin_chat_id=vera["id"])
    await chat.shows("1 of 1", "back in")
    await telegram.post(f"proxies/{mooring.proxy['id']}/stop")
    told = await chat.shows(f"#{number} Alice", "is down since")
    assert "You may look, not act" in await chat.press("Mute 8 h")
    assert "You may look, not act" in await chat.press("Reconnect")
    await chat.press("👤 Account")
    card = await chat.shows(f"#{number} Alice", "Proxy:")
    assert [m.id for m in await chat.read() if m.id > told.id] == [card.id]
