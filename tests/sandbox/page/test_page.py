"""The page in a real Chromium: what an operator sees and does."""

import asyncio
import re
from base64 import b64encode

import pytest
from playwright.async_api import Page, expect

from sandbox.control.view import SHOWN
from sandbox.world.images import blank
from sandbox.world.messages import Content
from tests.chromium import ARTEFACTS, needs_chromium
from tests.sandbox.control_fixtures import Caller
from tests.sandbox.page_fixtures import DESKTOP, PHONE, SCHEMES, barriers
from tests.timing import limit

RICH = (
    "<b>Fleet</b>, <i>3 accounts</i>\n\n"
    "1. <b>Anna</b> · connected · <code>203.0.113.7:1080</code>\n"
    "2. <b>Boris <i>and <u>nested</u></i></b> · <s>down</s> back after 41 s 🚢\n"
    '3. <a href="https://example.org/docs">Clara</a> · <tg-spoiler>+99966••••12</tg-spoiler>\n'
    "<blockquote>Every account keeps its own proxy.</blockquote>"
    '<pre><code class="language-py">print("1 &lt; 2")</code></pre>'
    "See /help, @harbour_bot or https://example.org."
)
KEYBOARD = {
    "inline_keyboard": [
        [
            {"text": "⚓ Add account", "callback_data": "add"},
            {"text": "🔄 Refresh", "callback_data": "refresh"},
        ],
        [{"text": "Documentation", "url": "https://example.org/docs"}],
    ]
}

OPEN_CHAT = "ids => import('/chat/chat.js').then(chat => chat.openChat(...ids))"

pytestmark = [needs_chromium, pytest.mark.asyncio(loop_scope="module")]


async def answer(caller: Caller, offset: int, text: str, *, show_alert: bool) -> int:
    """Wait for a press as the bot, answer it, and return the next offset."""
    (update,) = await caller.bot("getUpdates", offset=offset, timeout=20)
    query = update["callback_query"]
    await caller.bot(
        "answerCallbackQuery", callback_query_id=query["id"], text=text, show_alert=show_alert
    )
    return int(update["update_id"]) + 1


async def test_an_operator_starts_the_bot_writes_and_presses(page: Page, caller: Caller) -> None:
    async with asyncio.timeout(limit(60)):
        await expect(page.locator("#hint")).to_have_text("There is no bot yet.")
        await caller.post(
            "/bots",
            token="7000000001:AAH-sandbox_token_of_35_characters_x",
            username="harbour_bot",
            first_name="Harbour",
        )
        user_id = (await caller.post("/users", first_name="Olga"))["id"]
        await page.click("#start")
        (start,) = await caller.bot("getUpdates", timeout=20)
        assert start["message"]["text"] == "/start"
        sent = await caller.bot(
            "sendMessage", chat_id=user_id, text=RICH, parse_mode="HTML", reply_markup=KEYBOARD
        )
        message = page.locator(".message").last
        await expect(message.locator("strong").first).to_have_text("Fleet")
        await expect(message.locator("strong em u")).to_have_text("nested")
        await expect(message.locator("pre")).to_have_text('print("1 < 2")')
        await expect(message.locator(".body a").first).to_have_attribute(
            "href", "https://example.org/docs"
        )

        key = page.get_by_role("button", name="Refresh")
        await key.click()
        await expect(key).to_be_disabled()
        offset = await answer(caller, start["update_id"] + 1, "All is well", show_alert=False)
        await expect(page.locator(".toast")).to_have_text("All is well")
        await expect(key).to_be_enabled()
        await page.get_by_role("button", name="Add account").click()
        offset = await answer(caller, offset, "Not yet", show_alert=True)
        await expect(page.locator("#alert")).to_be_visible()
        await page.get_by_role("button", name="OK").click()

        where = {"chat_id": user_id, "message_id": sent["message_id"]}
        await caller.bot("editMessageText", text="Edited", **where)
        await expect(message.locator(".body")).to_contain_text("Edited")
        await expect(message.locator(".keys")).to_have_count(0)
        await caller.bot("deleteMessage", **where)
        await expect(page.locator(".message")).to_have_count(1)

        hostile = "<img src=x onerror=alert(1)> & <b>"
        await page.fill("#text", hostile)
        await page.press("#text", "Enter")
        await expect(page.locator(".message.out").last).to_contain_text(hostile)
        assert (await caller.bot("getUpdates", offset=offset))[0]["message"]["text"] == hostile


async def test_a_question_is_answered_as_a_reply(page: Page, caller: Caller) -> None:
    _, user_id = await caller.meet()
    asked = await caller.bot(
        "sendMessage", chat_id=user_id, text="Which number?", reply_markup={"force_reply": True}
    )
    await expect(page.locator("#replying")).to_have_text("Reply to: Which number?")
    await page.fill("#text", "+99966")
    await page.click("#send")
    await expect(page.locator(".quote")).to_have_text("Which number?")
    update = (await caller.bot("getUpdates"))[-1]
    assert update["message"]["reply_to_message"]["message_id"] == asked["message_id"]
    await expect(page.locator("#replying")).to_be_hidden()


async def test_one_chooses_who_one_is_and_with_whom_one_talks(page: Page, caller: Caller) -> None:
    bot_id, user_id = await caller.meet()
    peter = await caller.post("/users", first_name="Peter", phone="+99966001")
    await caller.post("/groups", title="Crew", creator=user_id, members=[bot_id, peter["id"]])
    await expect(page.locator(".message")).to_have_count(1)
    await page.fill("#text", "half a thought")

    await page.click("#bot")
    await page.locator(".choice", has_text="Crew").click()
    await expect(page.locator("#bot")).to_have_text("Crew")
    await page.fill("#text", "Hello, crew")
    await page.press("#text", "Enter")
    await expect(page.locator(".message.out")).to_contain_text("Hello, crew")

    await page.click("#who")
    await page.locator(".choice", has_text="Peter").click()
    await expect(page.locator("#user")).to_have_text("Peter")
    await expect(page.locator(".message:not(.out) .author")).to_have_text("Olga")
    await expect(page).to_have_url(re.compile(rf"\?user={peter['id']}&bot=-\d+$"))

    # To a person, whose side shows it too; and back to the bot, where the draft still is.
    await page.click("#bot")
    await page.locator(".choice", has_text="Olga").click()
    await page.fill("#text", "Psst")
    await page.press("#text", "Enter")
    await expect(page.locator(".message.out")).to_contain_text("Psst")
    await page.evaluate(OPEN_CHAT, [user_id, peter["id"]])
    await expect(page.locator(".message:not(.out)")).to_contain_text("Psst")
    await page.evaluate(OPEN_CHAT, [user_id, bot_id])
    await expect(page.locator("#text")).to_have_value("half a thought")
    await page.go_back()
    await expect(page.locator("#bot")).to_have_text("Peter")

    await page.goto(f"{caller.addresses['page']}?user=@olga&bot=@harbour_bot")
    await expect(page.locator("#user")).to_have_text("Olga")
    await expect(page.locator(".message.out")).to_contain_text("/start")


async def test_a_lost_line_is_said_and_mended(page: Page, caller: Caller) -> None:
    _, user_id = await caller.meet()
    await expect(page.locator(".message")).to_have_count(1)
    port = caller.sandbox.control.port
    await caller.sandbox.control.stop()
    await expect(page.locator("#line")).to_be_visible()
    await page.fill("#text", "typed meanwhile")
    await page.press("#text", "Enter")
    await expect(page.locator(".toast.bad").first).to_have_text("The sandbox does not answer.")
    await expect(page.locator("#text")).to_have_value("typed meanwhile")
    await caller.bot("sendMessage", chat_id=user_id, text="sent meanwhile")
    await caller.sandbox.control.start(port)
    await expect(page.locator("#line")).to_be_hidden()
    await expect(page.locator(".message").last).to_contain_text("sent meanwhile")


async def test_a_long_chat_stays_at_its_end(page: Page, caller: Caller) -> None:
    _, user_id = await caller.meet()
    for number in range(40):
        await caller.bot("sendMessage", chat_id=user_id, text=f"message {number}")
    await expect(page.locator(".message").last).to_contain_text("message 39")
    await expect(page.locator(".message").last).to_be_in_viewport()
    await page.locator("#log").evaluate("log => { log.scrollTop = 0; }")
    await caller.bot("sendMessage", chat_id=user_id, text="new one")
    await expect(page.locator(".message").last).to_contain_text("new one")
    assert await page.locator("#log").evaluate("log => log.scrollTop") == 0
    await expect(page.locator("#unseen")).to_have_text("1")
    await page.click("#to-end")
    await expect(page.locator(".message").last).to_be_in_viewport()
    await expect(page.locator("#to-end")).to_be_hidden()


async def test_an_older_message_that_comes_into_view_stands_where_it_belongs(
    page: Page, caller: Caller
) -> None:
    bot_id, user_id = await caller.meet()
    world = caller.sandbox.world
    sent = [world.say(bot_id, user_id, Content(f"number {n}."))[0] for n in range(SHOWN)]
    messages = page.locator(".message")
    await expect(messages.last).to_contain_text(f"number {SHOWN - 1}.")
    await expect(messages.first).to_contain_text("number 0.")
    where = {"chat_id": user_id, "message_id": sent[100].id}
    await caller.bot("deleteMessage", **where)
    await expect(messages.first).to_contain_text("/start")
    await expect(messages).to_have_count(SHOWN)
    await expect(messages.last).to_contain_text(f"number {SHOWN - 1}.")


async def test_an_edit_leaves_the_focus_where_it_was(page: Page, caller: Caller) -> None:
    _, user_id = await caller.meet()
    sent = await caller.bot("sendMessage", chat_id=user_id, text="Before", reply_markup=KEYBOARD)
    message = page.locator(".message").last
    await expect(message.locator(".key")).to_have_count(3)

    async def edit(text: str) -> None:
        where = {"chat_id": user_id, "message_id": sent["message_id"]}
        await caller.bot("editMessageText", text=text, reply_markup=KEYBOARD, **where)
        await expect(message.locator(".body")).to_contain_text(text)

    await message.focus()
    await edit("Once")
    await expect(message).to_be_focused()
    await message.get_by_role("button", name="Reply").focus()
    await edit("Twice")
    await expect(message.get_by_role("button", name="Reply")).to_be_focused()
    await message.get_by_role("button", name="Refresh").focus()
    await edit("Thrice")
    await expect(message.get_by_role("button", name="Refresh")).to_be_focused()


async def test_the_page_fits_every_width_and_bars_nobody(page: Page, caller: Caller) -> None:
    bot_id, user_id = await caller.meet()
    await caller.post("/users", first_name="Peter", phone="+99966001")
    await caller.post("/proxies", username="ann", password="pw")
    await caller.post("/proxies/1/stop")
    caller.sandbox.world.send_login_code("+99966001")
    await caller.bot(
        "sendMessage",
        chat_id=user_id,
        text=RICH,
        parse_mode="HTML",
        reply_markup=KEYBOARD,
        disable_notification=True,
    )
    await expect(page.get_by_role("img", name="Sent without a sound")).to_be_visible()
    chat = f"/users/{user_id}/chats/{bot_id}"
    await caller.post(f"{chat}/messages", text="Thanks! " + "x" * 90, reply_to=2)
    pictures = [{"kind": "photo", "data": b64encode(blank(60, 40)).decode()}] * 2
    await caller.post(f"{chat}/media", files=pictures)
    await caller.post(
        f"{chat}/media", files=[{**pictures[0], "kind": "document", "name": "a.bin"}]
    )
    await caller.post(f"{chat}/contact", phone="+99966001", first_name="Peter")
    await expect(page.locator(".message")).to_have_count(6)
    await page.click(".message:last-child .bubble")
    for scheme in SCHEMES:
        await page.emulate_media(color_scheme=scheme)
        for width, height in (DESKTOP, PHONE, (360, 640)):
            await page.set_viewport_size({"width": width, "height": height})
            name = f"page-{width}-{scheme}.png"
            await page.screenshot(path=ARTEFACTS / name)
            assert await page.evaluate("document.documentElement.scrollWidth") == width, name
            if width != 360:
                assert await barriers(page) == [], name


async def test_a_phone_shows_the_chat_or_the_world(page: Page, caller: Caller) -> None:
    _, user_id = await caller.meet()
    await page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    await expect(page.locator(".message")).to_have_count(1)
    await expect(page.locator("#world")).to_be_hidden()
    await page.get_by_role("button", name="World").click()
    await expect(page.locator("#chat")).to_be_hidden()
    await expect(page.locator("#world")).to_be_visible()
    await caller.bot("sendMessage", chat_id=user_id, text="Come back")
    await expect(page.locator("#chat-tab.new")).to_be_visible()
    assert await page.evaluate("document.documentElement.scrollWidth") == PHONE[0]
    await page.get_by_role("button", name="Chat", exact=True).click()
    await expect(page.locator(".message").last).to_contain_text("Come back")
    await expect(page.locator("#chat-tab.new")).to_have_count(0)
    await page.click("#bot")
    assert await barriers(page) == []
