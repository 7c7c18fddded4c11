"""What is told of by itself while it lasts: accounts that Telegram froze, backups that fail."""

from typing import Any

from tests.e2e.harness import Mooring
from tests.e2e.telegram import Telegram


async def send(mooring: Mooring, number: int, to: dict[str, Any], text: str) -> None:
    await mooring.write_draft(number, f"@{to['username']}", text)
    await mooring.chat.press("Send as account")


async def test_the_chat_is_told_that_an_account_is_frozen_what_that_means_and_when_it_is_over(
    mooring: Mooring, telegram: Telegram
):
    alice = await telegram.person("Alice")
    bob = await telegram.person("Bob", username=f"bob_{alice['id']}")
    mooring.settings = mooring.settings.model_copy(update={"ping_every": 1.0})
    (number,) = await mooring.start_with(alice)
    fault = await telegram.post("faults/freeze_account", user=alice["id"])
    await send(mooring, number, bob, "hello")
    told = await mooring.chat.shows(
        f"❄️ Telegram has frozen #{number} Alice",
        "It stays connected and can read",
        "Telegram deletes it on",
        "own app, logged in as this account: https://t.me/spambot",
    )
    assert told.labels == ["👤 Account"]

    await telegram.delete(f"faults/{fault['id']}")
    # Nothing is sent as the account: a new line asks whether it is over.
    await telegram.post("connections/cut", user=alice["id"])
    over = await mooring.chat.shows(f"✅ #{number} Alice", "is no longer frozen", "write again")
    assert over.id == told.id
    why = await mooring.chat.ask(f"/events {number}")
    assert "frozen by Telegram: it reads and" in why.text
    assert "no longer frozen" in why.text


async def test_the_chat_is_told_that_no_backup_can_be_made_and_when_one_is_again(
    mooring: Mooring,
):
    folder = mooring.settings.backups
    folder.parent.mkdir()
    folder.write_text("a file where the folder should be")
    await mooring.start()
    await mooring.chat.say("/start")
    told = await mooring.chat.shows(
        "⚠️ No backup can be made: its folder",
        f"Folder: {folder}",
        "There is no good backup in it.",
    )
    assert told.labels == ["📊 Status"]
    await mooring.stop()
    folder.unlink()
    await mooring.start()
    over = await mooring.chat.shows("✅ The trouble with backups is over", "written to")
    assert over.id == told.id
