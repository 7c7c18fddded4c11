"""A restored Mooring stands still until an operator says otherwise."""

import asyncio
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.botroute import BotChanges
from bot.callbacks import DeliveryAct
from bot.control import make_bot
from bot.delivery_desk import DeliveryDesk, Presser
from bot.desk import Desk
from bot.texts import Texts
from bot.vault import existing_vault
from bot.zones import Zones
from storage import accounts, deliveries
from storage.backup import back_up
from storage.delivery import DeliveryState
from storage.restore import restore
from tests.e2e.harness import Mooring
from tests.e2e.telegram import Telegram
from tests.timing import limit


def bring_the_key(old: Path, new: Path) -> None:
    new.mkdir(mode=0o700)
    shutil.copy(old / "secret.key", new / "secret.key")


@pytest.mark.req("S2.9")
async def test_after_a_restore_nothing_connects_until_an_operator_starts_the_account(
    mooring: Mooring, telegram: Telegram, tmp_path: Path
):
    alice = await telegram.person("Alice")
    bob = await telegram.person("Bob", username=f"bob_{alice['id']}")
    (number,) = await mooring.start_with(alice)
    await mooring.write_draft(number, f"@{bob['username']}", "exactly once")
    # The backup is of the moment before the message went out.
    await back_up(mooring.settings.database, tmp_path / "copy.db")
    await mooring.chat.press("Send as account")
    await mooring.chat.shows("Sent as the account")
    await mooring.stop()
    dials = len(await telegram.get(f"proxies/{mooring.proxy['id']}/dials"))

    old, new = mooring.settings.data_dir, tmp_path / "new"
    await asyncio.to_thread(bring_the_key, old, new)
    mooring.settings = mooring.settings.model_copy(update={"data_dir": new})
    vault = existing_vault(mooring.settings)
    await restore(tmp_path / "copy.db", mooring.settings.database, vault, now=datetime.now(UTC))
    await mooring.start()
    await mooring.chat.say("/status")
    await mooring.chat.shows("0 of 1 connected", "All is well")
    await mooring.chat.say("/accounts")
    await mooring.chat.press(f"#{number} ")
    await mooring.shows_state(number, "stopped, stays logged in")
    assert len(await telegram.get(f"proxies/{mooring.proxy['id']}/dials")) == dials

    await mooring.chat.press("Start")
    await mooring.chat.shows("Not started", "the Mooring that a backup was made of")
    assert len(await telegram.get(f"proxies/{mooring.proxy['id']}/dials")) == dials
    await mooring.chat.press("It runs nowhere else")
    await mooring.shows_state(number, "connected for")
    # What the backup held as a draft has gone out since: as the bot it may not, and as the
    # account the identical request changes nothing.
    await approve_again(mooring)
    inbox = await telegram.chat(bob, alice)
    assert [m.text for m in await inbox.read()] == ["exactly once"]


async def test_a_restored_list_starts_after_one_question_and_not_before(
    mooring: Mooring, telegram: Telegram, tmp_path: Path
):
    people = [await telegram.person(name) for name in ("Alice", "Bob", "Carol")]
    one, two, three = await mooring.start_with(*people)
    await back_up(mooring.settings.database, tmp_path / "copy.db")
    await mooring.stop()
    old, new = mooring.settings.data_dir, tmp_path / "new"
    await asyncio.to_thread(bring_the_key, old, new)
    mooring.settings = mooring.settings.model_copy(update={"data_dir": new})
    vault = existing_vault(mooring.settings)
    await restore(tmp_path / "copy.db", mooring.settings.database, vault, now=datetime.now(UTC))
    await mooring.start()
    assert mooring.app
    # Of one it was said already.
    async with mooring.app.database.transaction() as tx:
        await accounts.set_elsewhere(tx, three, None)
    dials = len(await telegram.get(f"proxies/{mooring.proxy['id']}/dials"))

    chat = mooring.chat
    await chat.ask("/accounts")
    await chat.press("Act on these 3")
    await chat.press("Start 3")
    asked = await chat.shows("Start 3 accounts?", "The sessions of 2 of them may be in use")
    assert "▶️ Start only the other 1" in asked.labels
    assert len(await telegram.get(f"proxies/{mooring.proxy['id']}/dials")) == dials
    await chat.press("Start only the other 1")
    await chat.shows("Started 1 of 1")
    await mooring.until_state(three, "ONLINE")

    await chat.press("‹ Accounts")  # noqa: RUF001 - the label
    await chat.press("Act on these 3")
    await chat.press("Start 2")
    asked = await chat.shows("Start 2 accounts?", "The sessions of 2 of them may be in use")
    assert not any("only the other" in label for label in asked.labels)
    await chat.press("Nothing else uses them, start all")
    await chat.shows("Started 2 of 2")
    await mooring.until_state(one, "ONLINE")
    await mooring.until_state(two, "ONLINE")


async def approve_again(mooring: Mooring) -> None:
    assert mooring.app
    database = mooring.app.database
    desk = Desk(database)
    bot = make_bot("123456:unused", api_url=None, proxy=None)
    presses = DeliveryDesk(
        database, BotChanges(database, bot, Texts()), desk.order, zones=Zones(database)
    )
    with database.wakeups.subscribe(deliveries.CHANGED) as changed:
        assert not await presses.press(DeliveryAct.AS_BOT, 1, by=Presser(1))
        assert await presses.press(DeliveryAct.AS_ACCOUNT, 1, by=Presser(1))
        async with asyncio.timeout(limit(20)):
            while True:
                delivery = await desk.delivery(1)
                assert delivery
                if delivery.state.is_final:
                    break
                await changed.wait(1)
    assert delivery.state is DeliveryState.SENT
