"""Looking into the chat for what Telegram will not settle: its waits, and a session's end."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from sandbox.datacentre import DataCentre
from sandbox.world import World
from sandbox.world.people import User
from storage import floods
from storage.database import Database
from storage.delivery import DeliveryState
from tests.network.sending import QUICK, Sender, sending
from tests.sandbox.hazards import assert_no_hazards
from userbot.reading import HISTORY
from userbot.schedule import Patience
from userbot.states import State


@pytest.fixture
async def sender(
    db: Database, datacentre: DataCentre, world: World, alice: User, bob: User
) -> AsyncIterator[Sender]:
    """Bob is known, and Telegram says of whatever is repeated that its first call still runs."""
    assert bob.username == "bobby"
    repeats = replace(QUICK, in_doubt_after_s=0.5)
    patience = Patience(request_s=(3,))  # Telethon sleeps 2 s over a fault of Telegram
    async with sending(db, datacentre, world, alice, patience=patience, repeats=repeats) as found:
        await found.until(await found.send("@bobby", "zero"), DeliveryState.SENT)
        datacentre.faults.first_call_runs(seconds=3600, user_id=alice.id)
        yield found


async def test_a_wait_on_looking_into_chats_is_kept_and_the_operator_is_told_of_it(
    sender: Sender, datacentre: DataCentre, alice: User, db: Database
) -> None:
    datacentre.faults.flood_wait(HISTORY, 60, user_id=alice.id)
    for text in ("one", "two"):
        datacentre.faults.drop_reply("messages.sendMessage", times=1, user_id=alice.id)
        found = await sender.until(await sender.send("@bobby", text), DeliveryState.UNKNOWN)
        assert "the first try still runs" in found.error
        assert "Telegram makes the account wait" in found.error
        assert "does not show it" not in found.error
    assert datacentre.dispatcher.calls[HISTORY] == 1
    async with db.read() as tx:
        assert await floods.active(tx, sender.number, HISTORY) is not None
    assert_no_hazards(datacentre)


async def test_a_short_wait_on_looking_into_chats_is_waited_for(
    sender: Sender, datacentre: DataCentre, alice: User
) -> None:
    datacentre.faults.flood_wait(HISTORY, 2, user_id=alice.id)
    datacentre.faults.drop_reply("messages.sendMessage", times=1, user_id=alice.id)
    number = await sender.send("@bobby", "one")
    found = await sender.until(number, DeliveryState.SENT, DeliveryState.UNKNOWN)
    assert found.state is DeliveryState.SENT
    assert datacentre.dispatcher.calls[HISTORY] == 2
    assert_no_hazards(datacentre)


async def test_a_dead_session_that_looking_into_the_chat_meets_ends_the_line(
    sender: Sender, datacentre: DataCentre, alice: User
) -> None:
    datacentre.faults.rpc_error(HISTORY, 401, "SESSION_REVOKED", user_id=alice.id)
    datacentre.faults.drop_reply("messages.sendMessage", times=1, user_id=alice.id)
    number = await sender.send("@bobby", "one")
    await sender.until_state(State.NEEDS_LOGIN)
    found = await sender.found(number)
    assert found.state is DeliveryState.SENDING, found.error
    assert found.is_possibly_sent
