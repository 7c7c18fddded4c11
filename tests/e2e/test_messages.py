"""The last messages of an account, and its freeze: what its card shows of what Telegram keeps."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from loguru import logger
from sqlalchemy import select

from storage import journal
from storage.operators import Role
from storage.schema import commands
from tests.e2e.harness import Mooring
from tests.e2e.secret_scan import content_of
from tests.e2e.telegram import Telegram
from tests.e2e.test_roles import admit

SECRET = "the parcel is under the blue stone"


async def write(telegram: Telegram, sender: dict[str, Any], to: dict[str, Any], text: str) -> None:
    await telegram.post(f"users/{sender['id']}/chats/{to['id']}/messages", text=text)


def files_of(mooring: Mooring) -> str:
    found = content_of(Path(mooring.settings.data_dir))
    return b"\0".join(found.values()).decode("latin-1")


@pytest.fixture
def logged() -> Iterator[list[str]]:
    """All that is logged, down to the least of it."""
    said: list[str] = []
    sink = logger.add(said.append, level=0)
    yield said
    logger.remove(sink)


async def test_the_last_messages_are_shown_and_kept_nowhere(
    mooring: Mooring, telegram: Telegram, logged: list[str]
):
    alice, bob = await telegram.person("Alice"), await telegram.person("Bob <b>")
    (number,) = await mooring.start_with(alice)
    await write(telegram, bob, alice, SECRET)
    await write(telegram, alice, bob, "thank you " * 30)
    await mooring.chat.say(f"/a{number}")
    await mooring.chat.press("Last messages")
    shown = await mooring.chat.shows(f"Last messages of #{number} Alice", SECRET)
    newest, oldest = shown.text.index("thank you"), shown.text.index(SECRET)
    assert newest < oldest
    assert "➡️ Bob <b>" in shown.text
    assert "⬅️ Bob <b>" in shown.text
    assert shown.text.count("thank you") == 10

    await write(telegram, bob, alice, "one more thing")
    await mooring.chat.press("Refresh")
    await mooring.chat.shows("one more thing")
    await mooring.chat.press("‹ Account")  # noqa: RUF001 - the text has it
    card = await mooring.chat.shows(f"#{number} ", "its last messages were looked at")
    assert SECRET not in card.text
    assert mooring.app
    async with mooring.app.database.read() as tx:
        kinds = [(e.kind, e.actor, e.data) for e in await journal.latest(tx, kind="account.read")]
        rows = await tx.all(select(commands).where(commands.c.kind == "account.last"))
    assert kinds == 2 * [("account.read", f"operator {mooring.operator['id']}", {})]
    assert [row.sealed_outcome for row in rows] == [None, None]
    assert [row.outcome for row in rows] == 2 * [{"error": "erased"}]
    assert SECRET not in files_of(mooring)
    assert logged
    assert SECRET not in "".join(logged)


async def test_login_codes_are_for_owners_alone(mooring: Mooring, telegram: Telegram):
    alice = await telegram.person("Alice")
    (number,) = await mooring.start_with(alice)
    chat = await admit(mooring, telegram, "Otto", Role.OPERATOR)
    viewer = await admit(mooring, telegram, "Vera", Role.VIEWER)
    await write(telegram, {"id": 777000}, alice, "Login code: 48151")
    await mooring.chat.say(f"/a{number}")
    await mooring.chat.press("Last messages")
    await mooring.chat.shows("Last messages of", "Login code: 48151")
    await chat.say(f"/a{number}")
    await chat.press("Last messages")
    told = await chat.shows("Last messages of", "Login code: •••••")
    assert "48151" not in told.text
    await viewer.say(f"/a{number}")
    assert "You may look, not act" in await viewer.press("Last messages")


async def test_in_a_group_they_are_not_shown(mooring: Mooring, telegram: Telegram):
    alice, bob = await telegram.person("Alice"), await telegram.person("Bob")
    (number,) = await mooring.start_with(alice)
    await write(telegram, bob, alice, SECRET)
    group = await telegram.post("groups", title="Ops", creator=mooring.operator["id"])
    await telegram.post(f"groups/{group['id']}/members", user=mooring.bot["id"])
    there = await telegram.chat(mooring.operator, group)
    await there.say(f"/a{number}@{mooring.bot['username']}")
    await there.press("Last messages")
    offered = await there.shows("private chat only")
    assert offered.labels == ["Open the private chat"]
    await mooring.chat.say(f"/start last_{number}")
    await mooring.chat.shows("Last messages of", SECRET)
    assert not [m for m in await there.read() if SECRET in m.text]
    assert "not there any more" in (await mooring.chat.ask("/start last_999")).text


async def test_where_they_can_not_be_read_the_card_says_why_and_how_long(
    mooring: Mooring, telegram: Telegram
):
    alice = await telegram.person("Alice")
    (number,) = await mooring.start_with(alice)
    fault = await telegram.post(
        "faults/flood_wait", user=alice["id"], method="messages.getDialogs", seconds=1000
    )
    await mooring.chat.say(f"/a{number}")
    await mooring.chat.press("Last messages")
    await mooring.chat.shows("wait 16 min")
    await mooring.chat.press("Refresh")  # the wait is kept: nothing more is asked
    await mooring.chat.shows("wait 16 min")
    hazards = await telegram.get("hazards")
    assert not [h for h in hazards if h.get("user") == alice["id"]]
    await telegram.delete(f"faults/{fault['id']}")
    await telegram.post(f"proxies/{mooring.proxy['id']}/stop")
    await mooring.until_noted(number, "state.retrying")
    await mooring.chat.press("Refresh")
    await mooring.chat.shows("it is not connected (")


@pytest.mark.parametrize(
    ("url", "is_shown"), [("https://t.me/spambot", True), ("https://t.me.evil.example/x", False)]
)
async def test_a_frozen_account_tells_since_when_and_where_to_appeal(
    mooring: Mooring, telegram: Telegram, url: str, *, is_shown: bool
):
    alice = await telegram.person("Alice")
    bob = await telegram.person("Bob", username=f"bob_{alice['id']}")
    (number,) = await mooring.start_with(alice)
    fault = await telegram.post("faults/freeze_account", user=alice["id"], appeal_url=url)
    await mooring.write_draft(number, f"@{bob['username']}", "hello")
    await mooring.chat.press("Send as account")
    await mooring.chat.until(lambda m: "hello" in m.text and "frozen" in m.text)
    await mooring.chat.say(f"/a{number}")
    card = await mooring.chat.shows("❄️ Frozen by Telegram since", "; it deletes the account on")
    assert (url in card.text, "To appeal" in card.text) == (is_shown, is_shown)
    await telegram.delete(f"faults/{fault['id']}")
    await mooring.write_draft(number, f"@{bob['username']}", "hello again")
    await mooring.chat.press("Send as account")
    await mooring.chat.shows("hello again", "Sent as the account")
    assert "❄️" not in (await mooring.chat.ask(f"/a{number}")).text
