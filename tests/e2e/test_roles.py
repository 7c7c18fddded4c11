"""Who may do what in the chat: viewers, operators, owners, and people with an invitation."""

import re

from storage import journal, operators
from storage.operators import Role
from tests.e2e.harness import Mooring
from tests.e2e.telegram import Chat, Telegram


async def admit(mooring: Mooring, telegram: Telegram, name: str, role: Role) -> Chat:
    """Somebody with that role, in their chat with the bot."""
    assert mooring.app
    person = await telegram.person(name)
    async with mooring.app.database.transaction() as tx:
        await operators.admit(tx, person["id"], role, name=name, by=None)
    return await telegram.chat(person, mooring.bot)


async def test_an_invitation_lets_one_person_in_once(mooring: Mooring, telegram: Telegram):
    await mooring.start()
    await mooring.chat.say("/operators")
    await mooring.chat.shows("Who may use me", str(mooring.operator["id"]))
    await mooring.chat.press("Invite a viewer")
    told = await mooring.chat.shows("a viewer", "https://t.me/")
    code = re.search(r"\?start=(\S+)", told.text)
    assert code
    vera, eve = await telegram.person("Vera"), await telegram.person("Eve")
    vera_chat = await telegram.chat(vera, mooring.bot)
    eve_chat = await telegram.chat(eve, mooring.bot)
    assert "Keeps your accounts" in (await vera_chat.ask(f"/start {code[1]}")).text
    await eve_chat.say(f"/start {code[1]}")
    await mooring.chat.say("/operators")
    shown = await mooring.chat.shows("Who may use me", "Vera", "viewer")
    assert "Eve" not in shown.text
    assert not [m for m in await eve_chat.read() if not m.out]


async def test_a_viewer_looks_and_does_not_act(mooring: Mooring, telegram: Telegram):
    alice = await telegram.person("Alice")
    (number,) = await mooring.start_with(alice)
    chat = await admit(mooring, telegram, "Vera", Role.VIEWER)
    assert "connected" in (await chat.ask("/status")).text
    await chat.say("/accounts")
    await chat.press(f"#{number} ")
    await chat.shows("Alice", "Proxy:")
    assert "You may look, not act" in await chat.press("Reconnect")
    for command in ("/send", "/add_account", "/add_proxy", "/pause", "/draft"):
        assert "You may look, not act" in (await chat.ask(command)).text
    for command in ("/operators", "/settings"):
        assert "Only an owner" in (await chat.ask(command)).text


async def test_an_operator_acts_and_lets_nobody_in(mooring: Mooring, telegram: Telegram):
    await mooring.start()
    chat = await admit(mooring, telegram, "Otto", Role.OPERATOR)
    assert "Sending is paused" in (await chat.ask("/pause")).text
    assert "Only an owner" in (await chat.ask("/operators")).text


async def test_whoever_is_put_out_is_out_with_the_next_press(mooring: Mooring, telegram: Telegram):
    await mooring.start()
    chat = await admit(mooring, telegram, "Otto", Role.OPERATOR)
    await chat.say("/start")
    await chat.shows("Keeps your accounts")
    await mooring.chat.say("/operators")
    await mooring.chat.press("Otto")
    await mooring.chat.press("Make an owner")
    await mooring.chat.shows("Otto", "Owner", "Done")
    await mooring.chat.press("Put out")
    await mooring.chat.shows("Put Otto out?")
    await mooring.chat.press("Put out")
    await mooring.chat.shows("Who may use me")
    assert "for the operators of this bot" in await chat.press("Status")
    assert mooring.app
    async with mooring.app.database.read() as tx:
        kinds = [entry.kind for entry in await journal.latest(tx)]
    assert {"operator.role", "operator.put_out"} <= set(kinds)


async def test_the_last_owner_stays(mooring: Mooring):
    await mooring.start()
    await mooring.chat.say("/operators")
    await mooring.chat.press(str(mooring.operator["id"]))
    await mooring.chat.press("Make a viewer")
    await mooring.chat.shows("last owner")


async def test_without_an_admin_chat_alerts_go_to_whoever_becomes_owner(
    mooring: Mooring, telegram: Telegram
):
    alice = await telegram.person("Alice")
    (number,) = await mooring.start_with(alice)
    await mooring.stop()
    await mooring.start(admin_ids=[])
    await telegram.post(f"proxies/{mooring.proxy['id']}/stop")
    await mooring.until_noted(number, "state.retrying")
    chat = await admit(mooring, telegram, "Oona", Role.OWNER)
    await chat.say("/start")
    await chat.shows(f"#{number} Alice", "is down since")
