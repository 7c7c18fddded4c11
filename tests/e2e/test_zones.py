"""Each operator's own time zone, and a group that became a supergroup."""

import pytest

from storage.operators import Role
from tests.e2e.harness import Mooring
from tests.e2e.telegram import Telegram
from tests.e2e.test_roles import admit


async def test_each_operator_sees_and_types_times_in_their_own_zone(
    mooring: Mooring, telegram: Telegram
):
    (number,) = await mooring.start_with(await telegram.person("Alice"))
    chat = mooring.chat
    other = await admit(mooring, telegram, "Otto", Role.OPERATOR)
    await chat.say("/settings")
    await chat.press("My time zone")
    await chat.shows("My time zone", "(UTC) for you, as in the settings")
    for text in ("Mars/Olympus", "UTC+99", "<b>Berlin</b>"):
        answer = await chat.ask(text)
        assert "no time zone of that name" in answer.text
        assert any("Cancel" in label for label in answer.labels)
    assert "(Asia/Kolkata) for you, as you have set" in (await chat.ask("kolkata")).text
    assert "(Asia/Kolkata)" in (await chat.ask("/status")).text
    assert "(Asia/Kolkata, the newest first)" in (await chat.ask(f"/why {number}")).text
    assert "times in Asia/Kolkata" in (await chat.ask("/events")).text
    assert "(UTC, the newest first)" in (await other.ask(f"/why {number}")).text

    await chat.say("/send @bobby tomorrow 9:00 early bird")
    await chat.shows("early bird", "09:00 (Asia/Kolkata)")
    await other.say("/sent drafts")
    await other.press("@bobby")
    await other.shows("early bird", "03:30 (UTC)")
    await chat.press("At once")
    await chat.press("Send at…")
    await chat.shows("When?", "(Asia/Kolkata)")
    await chat.say("tomorrow 10:00")
    await chat.shows("early bird", "10:00 (Asia/Kolkata)")  # edited by the loop that keeps cards

    await chat.say("/help")
    await chat.press("My time zone")
    await chat.press("Europe/Berlin")
    await chat.shows("Saved", "(Europe/Berlin) for you")
    await chat.press("As in the settings: UTC")
    await chat.shows("(UTC) for you, as in the settings")


async def test_a_zone_is_kept_across_a_restart_and_is_a_viewers_too(
    mooring: Mooring, telegram: Telegram
):
    await mooring.start()
    chat = await admit(mooring, telegram, "Vera", Role.VIEWER)
    await chat.say("/help")
    await chat.press("My time zone")
    await chat.shows("My time zone")
    assert "(UTC+5:30) for you" in (await chat.ask("+5:30")).text
    await mooring.stop()
    await mooring.start()
    assert "(UTC+5:30)" in (await chat.ask("/status")).text


@pytest.mark.req("C4")
async def test_an_admin_group_that_became_a_supergroup_is_followed(
    mooring: Mooring, telegram: Telegram
):
    alice = await telegram.person("Alice")
    (number,) = await mooring.start_with(alice)
    await mooring.stop()
    members = [mooring.bot["id"]]
    group = await telegram.post(
        "groups", kind="group", title="Watch", creator=mooring.operator["id"], members=members
    )
    before = await telegram.chat(mooring.operator, group)
    await mooring.start(admin_chat_id=group["id"])
    await mooring.until_state(number, "ONLINE")
    await telegram.post(f"proxies/{mooring.proxy['id']}/stop")
    told = await before.shows(f"#{number} Alice", "is down since")

    grown = await telegram.post(f"groups/{group['id']}/upgrade")
    after = await telegram.chat(mooring.operator, grown)
    await telegram.post(f"proxies/{mooring.proxy['id']}/start")
    await after.shows(f"#{number} Alice", "back")
    assert [m.id for m in await before.read() if not m.out][-1] == told.id

    await mooring.stop()  # what was found out is kept
    await mooring.start(admin_chat_id=group["id"])
    await mooring.until_state(number, "ONLINE")
    await telegram.post("connections/cut", user=alice["id"])
    await telegram.post(f"proxies/{mooring.proxy['id']}/stop")
    await after.shows(f"#{number} Alice", "is down since")
