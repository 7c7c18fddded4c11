"""The main job, end to end, as an operator drives it from the chat."""

import asyncio
import sqlite3
from contextlib import closing

import pytest

from storage import accounts, deliveries, due
from storage.delivery import DeliveryState
from tests.e2e.harness import Mooring
from tests.e2e.telegram import Telegram
from tests.timing import limit


@pytest.mark.req("C1", "C2", "S3.4", "S0.1")
async def test_an_operator_enrols_an_account_and_sends_a_message_through_it(
    mooring: Mooring, telegram: Telegram
):
    await mooring.start()
    proxy = await mooring.add_proxy(username="moor", password="s3cret")
    alice = await telegram.person("Alice", password="correct horse")
    bob = await telegram.person("Bob", username=f"bob_{alice['id']}")
    number = await mooring.enrol(alice, "correct horse")

    await mooring.write_draft(number, f"@{bob['username']}", "Good morning, Bob <3")
    await mooring.chat.press("Send as account")
    await mooring.chat.shows("Sent as the account")
    await mooring.chat.press("Details")
    await mooring.chat.shows("Sent as the account", "registry", "connection", "recipient", "sent")

    inbox = await (await telegram.chat(bob, alice)).read()
    assert [m.text for m in inbox] == ["Good morning, Bob <3"]
    dials = await telegram.get(f"proxies/{proxy['id']}/dials")
    assert dials
    assert {d["login"] for d in dials} == {"moor"}
    ours = [c for c in await telegram.get("connections") if c["user_id"] == alice["id"]]
    assert len(ours) == 1
    assert int(ours[0]["peer"].rpartition(":")[2]) in {d["local_port"] for d in dials}
    assert ours[0]["device_model"] == "Mooring"


@pytest.mark.req("S3.5")
async def test_two_quick_presses_on_send_deliver_once(mooring: Mooring, telegram: Telegram):
    alice, bob = await telegram.person("Alice"), await telegram.person("Bob", username="bob_twice")
    (number,) = await mooring.start_with(alice)
    await mooring.write_draft(number, "@bob_twice", "only once")
    card = await mooring.chat.shows("Not sent yet")
    press = f"users/{mooring.operator['id']}/chats/{mooring.bot['id']}/press"
    body = {"message_id": card.id, "text": "✅ Send as account"}
    toasts = await asyncio.gather(telegram.post(press, **body), telegram.post(press, **body))
    await mooring.chat.shows("Sent as the account")
    assert [m.text for m in await (await telegram.chat(bob, alice)).read()] == ["only once"]
    assert sorted(bool(toast["text"]) for toast in toasts) == [False, True]


@pytest.mark.req("C3", "C4", "S3.5")
async def test_the_bot_sends_while_the_userbot_is_down_and_the_chat_hears_of_both(
    mooring: Mooring, telegram: Telegram
):
    alice, bob = await telegram.person("Alice"), await telegram.person("Bob", username="bob_down")
    (number,) = await mooring.start_with(alice)
    with_bot = await telegram.chat(bob, mooring.bot)
    await with_bot.say("/start")
    await telegram.post(f"proxies/{mooring.proxy['id']}/stop")
    await mooring.chat.shows(f"#{number} Alice", "is down since", "I keep trying")

    await mooring.write_draft(number, "@bob_down", "by another way")
    await mooring.chat.press("Send as account")
    await mooring.chat.shows("Sent as the bot, because", f"#{number} Alice", "is not connected")
    await with_bot.shows("by another way")
    assert await (await telegram.chat(bob, alice)).read() == []

    await telegram.post(f"proxies/{mooring.proxy['id']}/start")
    await mooring.chat.shows(f"#{number} Alice", "is back", "down", "back")


async def test_a_bot_that_may_not_write_says_so_and_nothing_is_sent(
    mooring: Mooring, telegram: Telegram
):
    alice, bob = await telegram.person("Alice"), await telegram.person("Bob", username="bob_shy")
    (number,) = await mooring.start_with(alice)
    await mooring.write_draft(number, "@bob_shy", "hello?")
    await mooring.chat.press("Send as bot")
    await mooring.chat.shows("Not sent", "the bot does not know @bob_shy")
    await mooring.chat.press("Retry as account")
    await mooring.chat.shows("Sent as the account")
    assert [m.text for m in await (await telegram.chat(bob, alice)).read()] == ["hello?"]


async def test_a_user_that_does_not_exist_is_named_for_what_it_is(
    mooring: Mooring, telegram: Telegram
):
    (number,) = await mooring.start_with(await telegram.person("Alice"))
    await mooring.write_draft(number, "@nobody_at_all", "hello?")
    await mooring.chat.press("Send as account")
    await mooring.chat.shows("Not sent: nobody has that username")


@pytest.mark.req("S3.2")
async def test_fifty_sends_use_one_connection_and_one_key_and_keep_their_order(
    mooring: Mooring, telegram: Telegram
):
    alice = await telegram.person("Alice")
    bob = await telegram.person("Bob", username="bob_fifty")
    (number,) = await mooring.start_with(alice)
    assert mooring.app
    database = mooring.app.database
    before = await telegram.get(f"proxies/{mooring.proxy['id']}/dials")
    async with database.transaction() as tx:
        for n in range(50):
            delivery = await deliveries.draft(
                tx, account_id=number, target="@bob_fifty", text=f"message {n}"
            )
            await deliveries.move(
                tx,
                delivery,
                {DeliveryState.DRAFT},
                DeliveryState.PENDING,
                approved_at=tx.now,
            )
    inbox = await telegram.chat(bob, alice)
    await inbox.shows("message 49")
    assert [m.text for m in await inbox.read()] == [f"message {n}" for n in range(50)]
    assert await telegram.get(f"proxies/{mooring.proxy['id']}/dials") == before
    ours = [c for c in await telegram.get("connections") if c["user_id"] == alice["id"]]
    assert len(ours) == 1


@pytest.mark.req("C2", "S4.6", "S4.7")
async def test_reconnect_makes_a_new_line_and_says_how_it_ended(
    mooring: Mooring, telegram: Telegram
):
    alice = await telegram.person("Alice")
    (number,) = await mooring.start_with(alice)

    async def lines() -> list[int]:
        return [c["id"] for c in await telegram.get("connections") if c["user_id"] == alice["id"]]

    before = await lines()
    await mooring.chat.say("/accounts")
    await mooring.chat.press(f"#{number} ")
    assert mooring.app
    with mooring.app.database.wakeups.subscribe(accounts.CHANGED) as changed:
        await mooring.chat.press("Reconnect")
        async with asyncio.timeout(limit(20)):
            # The card that was open says "connected" until the press is acted on.
            while (after := await lines()) in ([], before):
                await changed.wait(1)
    assert len(after) == 1
    await mooring.shows_state(number, "connected for")


@pytest.mark.req("S0.4", "S0.5")
async def test_a_cut_line_comes_back_by_itself_on_the_same_proxy(
    mooring: Mooring, telegram: Telegram
):
    alice = await telegram.person("Alice")
    (number,) = await mooring.start_with(alice)
    dials = f"proxies/{mooring.proxy['id']}/dials"
    before = len(await telegram.get(dials))
    assert (await telegram.post("connections/cut", user=alice["id"]))["cut"] == 1
    await mooring.chat.shows(f"#{number} Alice", "is back")
    assert len(await telegram.get(dials)) == before + 1
    assert await mooring.status(number) == "ONLINE"


@pytest.mark.req("S4.8")
async def test_a_revoked_session_asks_for_a_login_and_keeps_account_and_proxy(
    mooring: Mooring, telegram: Telegram
):
    alice = await telegram.person("Alice")
    (number,) = await mooring.start_with(alice)
    await telegram.post("sessions/revoke", user=alice["id"])
    await telegram.post("connections/cut")
    await mooring.chat.shows(f"#{number} Alice", "needs a login", "session")
    dials = f"proxies/{mooring.proxy['id']}/dials"
    tried = len(await telegram.get(dials))

    await mooring.chat.press("Log in")
    await mooring.chat.shows("Login code for")
    assert len(await telegram.get(dials)) == tried + 1  # only the login dialled meanwhile
    await mooring.type_code(alice)
    await mooring.chat.shows(f"#{number} Alice", "is logged in")
    await mooring.until_state(number, "ONLINE")
    await mooring.chat.shows(f"#{number} Alice", "is back")


@pytest.mark.req("S0.7")
async def test_status_counts_and_names_trouble_first(mooring: Mooring, telegram: Telegram):
    alice, carol = await telegram.person("Alice"), await telegram.person("Carol")
    one, two = await mooring.start_with(alice, carol)
    await mooring.chat.say("/status")
    await mooring.chat.shows("2 of 2 connected", "One proxy", "All is well")
    await telegram.post("sessions/revoke", user=carol["id"])
    await telegram.post("connections/cut")
    await mooring.until_state(two, "NEEDS_LOGIN")
    await mooring.until_state(one, "ONLINE")
    await mooring.chat.press("Refresh")
    shown = await mooring.chat.shows("1 of 2 connected", f"🔴 #{two} Carol", "needs a login")
    assert f"#{one} " not in shown.text


@pytest.mark.req("S2.7")
async def test_a_send_whose_outcome_a_crash_swallowed_is_settled_and_not_sent_twice(
    mooring: Mooring, telegram: Telegram
):
    """The row as a crash leaves it: handed over, and no answer recorded."""
    alice = await telegram.person("Alice")
    bob = await telegram.person("Bob", username="bob_once")
    (number,) = await mooring.start_with(alice)
    await mooring.write_draft(number, "@bob_once", "never twice")
    await mooring.chat.press("Send as account")
    await mooring.chat.shows("Sent as the account")
    assert mooring.app
    async with mooring.app.database.transaction() as tx:
        (sent,) = await due.in_state(tx, DeliveryState.SENT)
    await mooring.stop()
    file = mooring.settings.data_dir / "mooring.db"
    with closing(sqlite3.connect(file)) as database, database:
        database.execute(
            "UPDATE deliveries SET state='SENDING', message_id=NULL, finished_at=NULL"
        )
    app = await mooring.start()
    with app.database.wakeups.subscribe(deliveries.CHANGED) as changed:
        async with asyncio.timeout(limit(20)):
            settled = None
            while settled is None or settled.state is not DeliveryState.SENT:
                await changed.wait(1)
                async with app.database.read() as tx:
                    settled = await deliveries.get(tx, sent.id)
    assert settled.message_id == sent.message_id
    assert settled.attempts == 2
    assert [m.text for m in await (await telegram.chat(bob, alice)).read()] == ["never twice"]


async def test_who_calls_himself_by_another_ones_username_gets_none_of_his_messages(
    mooring: Mooring, telegram: Telegram
):
    alice = await telegram.person("Alice")
    eve = await telegram.person("Eve", username="eve_real")
    mallory = await telegram.person("@eve_real", username="mallory_m")
    (number,) = await mooring.start_with(alice)
    for target in ("@mallory_m", "@eve_real"):
        await mooring.write_draft(number, target, f"for {target}")
        await mooring.chat.press("Send as account")
        await mooring.chat.shows("Sent as the account", f"for {target}")
    for person, got in ((mallory, "for @mallory_m"), (eve, "for @eve_real")):
        assert [m.text for m in await (await telegram.chat(person, alice)).read()] == [got]


async def test_a_phone_number_is_a_target(mooring: Mooring, telegram: Telegram):
    alice, bob = await telegram.person("Alice"), await telegram.person("Bob")
    (number,) = await mooring.start_with(alice)
    await mooring.write_draft(number, f"+{bob['phone']}", "by number")
    await mooring.chat.press("Send as account")
    await mooring.chat.shows("Sent as the account")
    assert [m.text for m in await (await telegram.chat(bob, alice)).read()] == ["by number"]
