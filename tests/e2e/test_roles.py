"""Who may do what in the chat: viewers, operators, owners, and people with an invitation."""

import asyncio
import re

from bot.texts import Texts
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


COMMANDS: dict[str, tuple[Role, str]] = {
    "/start": (Role.VIEWER, "Keeps your accounts connected"),
    "/help": (Role.VIEWER, "What I can do"),
    "/status": (Role.VIEWER, "Status"),
    "/accounts": (Role.VIEWER, "Alice"),
    "/account 1": (Role.VIEWER, "#1 Alice"),
    "/a1": (Role.VIEWER, "#1 Alice"),
    "/add_account": (Role.OPERATOR, "Which number?"),
    "/proxies": (Role.VIEWER, "Proxies"),
    "/add_proxy": (Role.OPERATOR, "Send me proxies"),
    "/send": (Role.OPERATOR, "Send as which account"),
    "/draft": (Role.OPERATOR, "Send as which account"),
    "/sent": (Role.VIEWER, "Deliveries"),
    "/pause": (Role.OPERATOR, "paused"),
    "/resume": (Role.OPERATOR, "Sending"),
    "/fallback": (Role.VIEWER, "what shall new drafts do?"),
    "/reconnect": (Role.OPERATOR, ""),
    "/why 1": (Role.VIEWER, "#1 Alice"),
    "/events": (Role.VIEWER, "Events"),
    "/uptime": (Role.VIEWER, "Drawing"),
    "/costs": (Role.VIEWER, "Costs"),
    "/alerts": (Role.VIEWER, ""),
    "/operators": (Role.OWNER, "Who may use me"),
    "/settings": (Role.OWNER, "Settings"),
    "/instances": (Role.VIEWER, "One process runs everything"),
    "/cancel": (Role.VIEWER, "left|leave"),
}
"""Each command, whose it is, and what its answer says (a pattern)."""
QUIET = {Role.OPERATOR: "You may look, not act", Role.OWNER: "Only an owner"}


def test_every_command_of_the_help_is_in_the_list() -> None:
    named = set(re.findall(r"(?<![\w<])/[a-z_0-9]+", Texts()("help"))) - {"/a17"}
    tried = {command.split()[0] for command in COMMANDS}
    assert tried == named | {"/start", "/help", "/a1"}


async def test_each_command_answers_whom_it_is_for_and_nobody_else(
    mooring: Mooring, telegram: Telegram
):
    await mooring.start_with(await telegram.person("Alice"))
    complaints: list[str] = []

    async def try_all(role: Role) -> None:
        chat = await admit(mooring, telegram, role.value, role)
        for command, (needed, words) in COMMANDS.items():
            wanted = words if role.covers(needed) else QUIET[needed]
            answer = await chat.ask(command)
            if re.search(wanted, answer.text) is None:
                complaints.append(f"{role}, {command}: {answer.text[:80]!r}")

    async def try_as_stranger() -> None:
        eve = await telegram.chat(await telegram.person("Eve"), mooring.bot)
        for command in COMMANDS:
            await eve.say(command)
        await mooring.chat.ask("/start")  # handled after the stranger's
        complaints.extend(f"stranger: {m.text[:80]!r}" for m in await eve.read() if not m.out)

    await asyncio.gather(*map(try_all, Role), try_as_stranger())
    assert complaints == []


async def test_a_whole_number_is_shown_to_those_who_act(mooring: Mooring, telegram: Telegram):
    alice = await telegram.person("Alice")
    (number,) = await mooring.start_with(alice)
    digits = alice["phone"].lstrip("+")
    viewer = await admit(mooring, telegram, "Vera", Role.VIEWER)
    operator = await admit(mooring, telegram, "Otto", Role.OPERATOR)
    for chat, words in ((viewer, QUIET[Role.OPERATOR]), (operator, "")):
        card = await chat.ask(f"/a{number}")
        assert digits not in card.text
        assert words in await chat.press("Show number")
    await operator.shows(digits)
    assert not [m for m in await viewer.read() if digits in m.text]


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
