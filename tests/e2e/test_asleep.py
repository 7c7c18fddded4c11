"""An account that connects only when it is needed, as its operator sees it."""

from datetime import timedelta
from typing import Any

from sqlalchemy import update

from bot.vault import open_vault
from storage import schema, traits
from storage.database import open_database
from tests.e2e.harness import Mooring
from tests.e2e.telegram import Telegram


async def fallen_asleep(mooring: Mooring, person: dict[str, Any]) -> int:
    """The number of an account that this start of Mooring has left asleep."""
    (number,) = await mooring.start_with(person)
    await mooring.stop()
    database = await open_database(mooring.settings.database, open_vault(mooring.settings))
    async with database.transaction() as tx:
        await traits.set_always_online(tx, number, always_online=False)
        long_ago = tx.now - timedelta(days=30)
        await tx.execute(update(schema.accounts).values(last_online_at=long_ago))
    await database.close()
    await mooring.start()
    await mooring.until_state(number, "STOPPED")
    return number


async def test_an_account_asleep_is_told_from_a_stopped_one_and_sends(
    mooring: Mooring, telegram: Telegram
):
    alice = await telegram.person("Alice")
    number = await fallen_asleep(mooring, alice)
    bob = await telegram.person("Bob", username="bob_awake")
    await mooring.chat.say(f"/why {number}")
    why = await mooring.chat.shows("Next:", "nothing to do; it connects when something")
    assert "presses Start" not in why.text
    card = await mooring.chat.ask(f"/a{number}")
    assert "asleep: connects by itself when something is to be sent" in card.text
    assert {"🔌 Connect now", "✉️ Send", "⏹ Stop (stays logged in)"} <= set(card.labels)
    await mooring.chat.press("✉️ Send")
    await mooring.chat.shows("to whom?")
    await mooring.chat.say("@bob_awake")
    await mooring.chat.shows("What is the text?")
    await mooring.chat.say("good morning")
    await mooring.chat.shows("Not sent yet", "good morning")
    await mooring.chat.press("Send as account")
    await mooring.until_state(number, "ONLINE")
    await (await telegram.chat(bob, alice)).shows("good morning")


async def test_an_account_asleep_is_stopped_or_connected_by_a_press(
    mooring: Mooring, telegram: Telegram
):
    number = await fallen_asleep(mooring, await telegram.person("Alice"))
    await mooring.chat.say(f"/a{number}")
    await mooring.chat.press("Stop (stays logged in)")
    await mooring.chat.press("Stop it")
    stopped = await mooring.chat.shows(f"#{number} Alice", "stopped, stays logged in")
    assert "needed" not in stopped.text
    await mooring.stop()
    await mooring.start()  # a start leaves it as it is
    await mooring.chat.say(f"/why {number}")
    await mooring.chat.shows("it stays stopped until somebody presses Start")
    await mooring.chat.say(f"/a{number}")
    await mooring.chat.press("▶️ Start")
    await mooring.until_state(number, "ONLINE")


async def test_connect_now_wakes_it(mooring: Mooring, telegram: Telegram):
    number = await fallen_asleep(mooring, await telegram.person("Alice"))
    await mooring.chat.say(f"/a{number}")
    await mooring.chat.press("Connect now")
    await mooring.until_state(number, "ONLINE")
