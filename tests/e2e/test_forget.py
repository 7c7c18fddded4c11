"""Stopping, forgetting and logging out, as an operator does it from the chat."""

import asyncio
from typing import Any

import pytest

from storage import accounts, commands, incidents, journal, labels, sessions, traits
from storage.accounts import Desired
from storage.freezes import FreezeSeen
from storage.incidents import About
from storage.sessions import SessionStatus
from tests.e2e.harness import Mooring
from tests.e2e.telegram import Telegram
from tests.timing import limit, seconds
from userbot import elsewhere
from userbot.elsewhere import Elsewhere


async def key_of(mooring: Mooring, number: int) -> bytes | None:
    """The stored key of the account's session."""
    assert mooring.app
    async with mooring.app.database.read() as tx:
        stored = await sessions.load(tx, number, SessionStatus.CURRENT)
    assert stored
    return stored.auth_key


async def noted(mooring: Mooring, number: int) -> list[tuple[str, str]]:
    """What was ordered of the account and by whom, the oldest first."""
    assert mooring.app
    async with mooring.app.database.read() as tx:
        entries = await journal.latest(tx, account_id=number, kind="account.", limit=100)
    return [(entry.kind, entry.actor) for entry in reversed(entries)]


async def ordered(mooring: Mooring, kind: str, number: int, **args: object) -> dict[str, Any]:
    """Order something past the chat; the outcome."""
    assert mooring.app
    async with mooring.app.database.transaction() as tx:
        order = await commands.order(tx, kind, account_id=number, args=args, ordered_by=7)
    return await commands.outcome_of(mooring.app.database, order, limit_s=limit(30))


async def open_card(mooring: Mooring, number: int) -> None:
    await mooring.chat.say("/accounts")
    await mooring.chat.press(f"#{number} ")
    await mooring.chat.shows(f"#{number} ", "Proxy:")


async def test_an_account_is_stopped_and_started_again_from_its_card(
    mooring: Mooring, telegram: Telegram
):
    alice = await telegram.person("Alice")
    (number,) = await mooring.start_with(alice)
    await open_card(mooring, number)
    await mooring.chat.press("Stop (stays logged in)")
    await mooring.chat.shows(f"Stop #{number} Alice", "may never be able to log in again")
    assert await mooring.status(number) == "ONLINE"
    await mooring.chat.press("Stop it")
    await mooring.chat.shows(f"#{number} ", "stopped, stays logged in")
    assert await telegram.lines(alice) == []
    await mooring.chat.press("Start")
    await mooring.until_state(number, "ONLINE")
    who = f"operator {mooring.operator['id']}"
    assert (await noted(mooring, number))[-2:] == [
        ("account.stopped", who),
        ("account.started", who),
    ]


@pytest.mark.req("S0.6")
@pytest.mark.parametrize("kind", ["stop", "forget", "log_out"])
async def test_without_force_no_order_ends_what_may_never_log_in_again(
    mooring: Mooring, telegram: Telegram, kind: str
):
    """Whoever writes the order: the check is where it is carried out."""
    alice = await telegram.person("Alice")
    (number,) = await mooring.start_with(alice)
    before = await telegram.lines(alice)
    for args in ({}, {"force": False}, {"force": "no"}):
        assert await ordered(mooring, kind, number, **args) == {"error": "needs_force"}
    assert await telegram.lines(alice) == before
    assert (await mooring.account(number)).removed_at is None
    assert await mooring.status(number) == "ONLINE"


async def test_a_forgotten_account_leaves_every_list_and_can_be_taken_back(
    mooring: Mooring, telegram: Telegram
):
    alice, carol = await telegram.person("Alice"), await telegram.person("Carol")
    number, other = await mooring.start_with(alice, carol)
    key = await key_of(mooring, number)
    await open_card(mooring, number)
    await mooring.chat.press("More")
    await mooring.chat.press("Forget here…")
    await mooring.chat.shows(f"Forget #{number} Alice", "For 30 days", "It has no label")
    await mooring.chat.say(f"#{number}")
    told = await mooring.chat.shows(f"#{number} Alice", "is forgotten here")
    assert await telegram.lines(alice) == []
    await mooring.chat.say("/accounts")
    listed = await mooring.chat.until(lambda m: m.id > told.id)
    assert f"/a{other} Carol" in listed.text
    assert "Alice" not in f"{listed.text} {listed.labels}"
    refused = await ordered(mooring, "start", number, nothing_else_uses_it=True)
    assert (refused["error"], refused["why"]) == ("parked", "forgotten")

    # A restart changes nothing: it is not dialled, and the way back is still there.
    await mooring.stop()
    await mooring.start()
    await mooring.until_state(other, "ONLINE")
    assert await telegram.lines(alice) == []
    await mooring.chat.press("Take it back")
    await mooring.chat.shows(f"#{number} Alice", "is back", "stopped, stays logged in")
    await mooring.chat.press("Start")
    await mooring.until_state(number, "ONLINE")
    assert await key_of(mooring, number) == key
    assert [kind for kind, _ in await noted(mooring, number)][-4:] == [
        "account.stopped", "account.forgotten", "account.restored", "account.started",
    ]  # fmt: skip


@pytest.mark.req("S0.6")
async def test_what_may_never_log_in_again_is_forgotten_by_its_typed_label_alone(
    mooring: Mooring, telegram: Telegram
):
    alice = await telegram.person("Alice")
    (number,) = await mooring.start_with(alice)
    assert mooring.app
    async with mooring.app.database.transaction() as tx:
        await labels.set_label(tx, number, "Shop <1>")
    before = await telegram.lines(alice)
    card = await mooring.chat.ask(f"/a{number}")
    # The second press of an older message asks for the label too.
    for act in ("forget", "forget_now"):
        await press_data(mooring, card.id, f"a:{act}:{number}")
        await mooring.chat.shows(f"Forget #{number} Shop <1>", "send me its label")
        for wrong in (f"#{number}", str(number), "Shop", "yes", "x" * 200):
            answer = await mooring.chat.ask(wrong)
            assert "nothing was forgotten" in answer.text
            assert "letter by letter" in answer.text
        await mooring.chat.press("‹ Account")  # noqa: RUF001 - the text has it
        await mooring.chat.shows(f"#{number} Shop <1>", "Proxy:")
        answer = await mooring.chat.ask("Shop <1>")  # nothing is asked any more: a search
        assert "Proxy:" in answer.text
        card = answer
    await press_data(mooring, card.id, f"a:forget:{number}")
    await mooring.chat.shows("send me its label")
    assert "left" in (await mooring.chat.ask("/cancel")).text.lower()
    assert "Proxy:" in (await mooring.chat.ask("Shop <1>")).text
    assert await telegram.lines(alice) == before
    assert (await mooring.account(number)).removed_at is None

    card = await mooring.chat.ask(f"/a{number}")
    await press_data(mooring, card.id, f"a:forget:{number}")
    await mooring.chat.shows("send me its label")
    await mooring.chat.say(" shop  <1> ")
    await mooring.chat.shows(f"#{number} Shop <1>", "is forgotten here")
    assert (await mooring.account(number)).removed_at is not None


async def test_other_accounts_are_forgotten_by_a_second_press(
    mooring: Mooring, telegram: Telegram
):
    alice = await telegram.person("Alice")
    (number,) = await mooring.start_with(alice)
    assert mooring.app
    async with mooring.app.database.transaction() as tx:
        await traits.set_one_time_phone(tx, number, one_time_phone=False)
    await mooring.chat.say(f"/a{number}")
    await mooring.chat.press("More")
    await mooring.chat.press("Forget here…")
    await mooring.chat.shows(f"Forget #{number} Alice")
    await mooring.chat.press("Forget it here")
    await mooring.chat.shows(f"#{number} Alice", "is forgotten here")


async def press_data(mooring: Mooring, message_id: int, data: str) -> None:
    """Press a button as it stands on any message."""
    path = f"users/{mooring.operator['id']}/chats/{mooring.bot['id']}/press"
    await mooring.telegram.post(
        path, message_id=message_id, data=data, is_made_up=True, timeout=seconds(10)
    )


async def test_a_login_within_thirty_days_takes_the_same_account_up_again(
    mooring: Mooring, telegram: Telegram
):
    alice = await telegram.person("Alice")
    (number,) = await mooring.start_with(alice)
    before, key = await mooring.account(number), await key_of(mooring, number)
    assert await ordered(mooring, "forget", number, force=True) == {"state": "FORGOTTEN"}
    gone = await mooring.account(number)
    assert gone.removed_at is not None
    assert mooring.app
    async with mooring.app.database.transaction() as tx:
        await elsewhere.mark(tx, gone, Elsewhere.RESTORED)
    await mooring.add_proxy()  # an emptier one: a new account would get it

    assert await mooring.enrol(alice) == number
    after = await mooring.account(number)
    assert (after.removed_at, after.proxy_id) == (None, before.proxy_id)
    assert await key_of(mooring, number) != key
    assert after.elsewhere is None, "the session is another one now"
    assert len(await telegram.lines(alice)) == 1


async def test_logging_out_ends_the_session_at_telegram_and_only_for_the_owner(
    mooring: Mooring, telegram: Telegram
):
    alice = await telegram.person("Alice")
    helper = await telegram.person("Harry")
    admins = [mooring.operator["id"], helper["id"]]
    mooring.settings = mooring.settings.model_copy(update={"admin_ids": admins})
    (number,) = await mooring.start_with(alice)
    theirs = await telegram.chat(helper, mooring.bot)
    await theirs.say("/accounts")
    await theirs.press(f"#{number} ")
    await theirs.press("More")
    assert "Only an owner" in await theirs.press("Log out…")
    assert "Only an owner" in await theirs.press("Forget here…")
    assert await mooring.status(number) == "ONLINE"

    await open_card(mooring, number)
    await mooring.chat.press("More")
    await mooring.chat.press("Log out…")
    await mooring.chat.shows(f"Log #{number} Alice", "nobody can undo that")
    await mooring.chat.press("Log it out")
    await mooring.chat.shows(f"#{number} Alice", "is logged out, and forgotten here")
    assert await telegram.lines(alice) == []
    gone = await mooring.account(number)
    assert (gone.observed.state, gone.observed.reason) == (
        "NEEDS_LOGIN", "logged out by an operator",
    )  # fmt: skip
    assert gone.removed_at is not None
    texts = [m.text for m in await mooring.chat.read()]
    assert not [text for text in texts if "needs a login since" in text]
    assert await mooring.enrol(alice) == number


async def test_an_account_that_is_not_connected_is_not_logged_out(
    mooring: Mooring, telegram: Telegram
):
    alice = await telegram.person("Alice")
    (number,) = await mooring.start_with(alice)
    await ordered(mooring, "stop", number, force=True)
    refused = await ordered(mooring, "log_out", number, force=True)
    assert refused == {"error": "not_online", "state": "STOPPED"}
    assert (await mooring.account(number)).removed_at is None
    await ordered(mooring, "start", number)
    await mooring.until_state(number, "ONLINE")  # the session is still good


async def test_logging_out_what_is_not_connected_is_refused_before_any_question(
    mooring: Mooring, telegram: Telegram
):
    alice = await telegram.person("Alice")
    (number,) = await mooring.start_with(alice)
    await ordered(mooring, "stop", number, force=True)
    await open_card(mooring, number)
    await mooring.chat.press("More")
    await mooring.chat.press("Log out…")
    refused = await mooring.chat.shows("must be connected for that (stopped", "Settings → Devices")
    assert refused.labels == ["‹ Account"]  # noqa: RUF001 - the label
    await ordered(mooring, "start", number)
    await mooring.until_state(number, "ONLINE")
    await telegram.post("sessions/revoke", user=alice["id"])
    await telegram.post("connections/cut")
    await mooring.until_state(number, "NEEDS_LOGIN")
    await open_card(mooring, number)
    await mooring.chat.press("More")
    await mooring.chat.press("Log out…")
    await mooring.chat.shows("no session here that could be ended (needs a login)")


async def test_an_outage_that_an_operator_ends_is_not_told_as_recovered(
    mooring: Mooring, telegram: Telegram
):
    alice = await telegram.person("Alice")
    (number,) = await mooring.start_with(alice)
    await telegram.post(f"proxies/{mooring.proxy['id']}/stop")
    await mooring.chat.shows(f"#{number} Alice", "is down since")
    assert (await ordered(mooring, "stop", number, force=True))["state"] == "STOPPED"
    told = await mooring.chat.shows(f"#{number} Alice", "stopped by an operator")
    assert "is back" not in told.text


async def test_where_nothing_dials_by_itself_the_chat_asks_and_a_press_connects(
    mooring: Mooring, telegram: Telegram
):
    alice = await telegram.person("Alice")
    mooring.settings = mooring.settings.model_copy(update={"auto_reconnect": False})
    (number,) = await mooring.start_with(alice)
    await telegram.post("connections/cut", user=alice["id"])
    await mooring.chat.shows(f"#{number} Alice", "is down since", "nothing dials until you say so")
    await open_card(mooring, number)
    await mooring.shows_state(number, "waiting for you")
    await mooring.chat.press("Connect now")
    await mooring.until_state(number, "ONLINE")
    await mooring.chat.shows(f"#{number} Alice", "is back")


async def test_of_a_forgotten_account_a_freeze_that_was_heard_of_late_is_not_told_for_good(
    mooring: Mooring, telegram: Telegram
):
    (number,) = await mooring.start_with(await telegram.person("Alice"))
    assert mooring.app
    database, registry = mooring.app.database, mooring.app.registry
    with database.wakeups.subscribe(accounts.CHANGED) as changed:
        async with asyncio.timeout(limit(30)), asyncio.TaskGroup() as group:
            async with registry.owned.lock:  # between its two transactions it waits for this
                forgetting = group.create_task(ordered(mooring, "forget", number, force=True))
                while (await mooring.account(number)).desired is not Desired.STOP:
                    await changed.wait(1)
                await database.writer.write(FreezeSeen(number))
            assert await forgetting == {"state": "FORGOTTEN"}
    async with database.read() as tx:
        assert await incidents.open_subjects(tx, About.ACCOUNT_FROZEN) == set()
