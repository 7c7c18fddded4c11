"""Links that lead from a group to the private chat go on with the account that was pressed there."""

from typing import Any

from storage.operators import Role
from tests.e2e.harness import Mooring
from tests.e2e.telegram import Telegram
from tests.e2e.test_roles import QUIET, admit


async def group_with(mooring: Mooring, telegram: Telegram) -> dict[str, Any]:
    """A group of the operator and the bot."""
    group: dict[str, Any] = await telegram.post(
        "groups", title="Ops", creator=mooring.operator["id"]
    )
    await telegram.post(f"groups/{group['id']}/members", user=mooring.bot["id"])
    return group


async def link_in(mooring: Mooring, telegram: Telegram, group: dict[str, Any], words: str) -> str:
    """What the link of the answer with these words begins the private chat with."""
    chat = await telegram.chat(mooring.operator, group)
    shown = await chat.shows(words)
    assert shown.labels == ["Open the private chat"]
    path = f"users/{mooring.operator['id']}/chats/{group['id']}/messages"
    raw = (await telegram.get(path))["messages"]
    url = next(str(m["buttons"][0][0]["url"]) for m in raw if m["id"] == shown.id)
    assert url.startswith(f"https://t.me/{mooring.bot['username']}?start=")
    return url.partition("?start=")[2]


async def test_a_login_that_is_pressed_in_a_group_goes_on_with_that_account(
    mooring: Mooring, telegram: Telegram
):
    alice = await telegram.person("Alice")
    (number,) = await mooring.start_with(alice)
    await telegram.post("sessions/revoke", user=alice["id"])
    await telegram.post("connections/cut")
    await mooring.until_state(number, "NEEDS_LOGIN")
    group = await group_with(mooring, telegram)
    there = await telegram.chat(mooring.operator, group)
    await there.say(f"/a{number}@{mooring.bot['username']}")
    await there.press("Log in")
    link = await link_in(mooring, telegram, group, f"Logging #{number} Alice")
    assert link == f"login_{number}"
    viewer = await admit(mooring, telegram, "Vera", Role.VIEWER)
    assert QUIET[Role.OPERATOR] in (await viewer.ask(f"/start {link}")).text
    await there.say(f"/start@{mooring.bot['username']} {link}")
    await link_in(mooring, telegram, group, f"Logging #{number} Alice")
    await mooring.chat.say(f"/start {link}")
    await mooring.chat.shows("Login code for")
    await mooring.type_code(alice)
    await mooring.chat.shows(f"#{number} Alice", "is logged in")
    assert "not there any more" in (await mooring.chat.ask("/start login_999")).text


async def test_an_export_that_is_pressed_in_a_group_goes_on_with_that_account(
    mooring: Mooring, telegram: Telegram
):
    (number,) = await mooring.start_with(await telegram.person("Alice"))
    group = await group_with(mooring, telegram)
    there = await telegram.chat(mooring.operator, group)
    await there.say(f"/a{number}@{mooring.bot['username']}")
    await there.press("More")
    await there.press("Export")
    link = await link_in(mooring, telegram, group, "in our private chat only")
    assert link == f"export_{number}"
    operator = await admit(mooring, telegram, "Otto", Role.OPERATOR)
    assert QUIET[Role.OWNER] in (await operator.ask(f"/start {link}")).text
    await mooring.chat.say(f"/start {link}")
    await mooring.chat.shows("Take the session of", f"#{number} Alice")
    await mooring.chat.say("a long passphrase")
    await mooring.chat.shows("is exported and stopped")
    assert "not there any more" in (await mooring.chat.ask("/start export_999")).text
