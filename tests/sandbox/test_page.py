"""The page in a real Chromium: what an operator sees and does."""

import asyncio
import base64
from collections.abc import AsyncIterator
from typing import Literal

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from tests.chromium import ARTEFACTS, chromium, needs_chromium, tab, visiting
from tests.sandbox.control_fixtures import Caller, running_sandbox
from tests.timing import seconds

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

pytestmark = [needs_chromium, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(loop_scope="module")
async def caller() -> AsyncIterator[Caller]:
    async with running_sandbox() as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def only_page() -> AsyncIterator[Page]:
    async with chromium() as browser, tab(browser) as page:
        yield page


@pytest_asyncio.fixture(loop_scope="module")
async def page(only_page: Page, caller: Caller) -> AsyncIterator[Page]:
    """The sandbox's page, as a desktop shows it."""
    await only_page.set_viewport_size({"width": 1280, "height": 800})
    await only_page.emulate_media(color_scheme="light")
    async with visiting(only_page, caller.addresses["page"]):
        yield only_page


async def answer(caller: Caller, offset: int, text: str, *, show_alert: bool) -> int:
    """Wait for a press as the bot, answer it, and return the next offset."""
    (update,) = await caller.bot("getUpdates", offset=offset, timeout=20)
    query = update["callback_query"]
    await caller.bot(
        "answerCallbackQuery", callback_query_id=query["id"], text=text, show_alert=show_alert
    )
    return int(update["update_id"]) + 1


async def test_an_operator_starts_the_bot_writes_and_presses(page: Page, caller: Caller) -> None:
    async with asyncio.timeout(seconds(60)):
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
        await expect(page.locator("dialog")).to_be_visible()
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


async def test_operators_are_chosen_and_panels_work(page: Page, caller: Caller) -> None:
    _, user_id = await caller.meet()
    peter = await caller.post("/users", first_name="Peter", phone="+99966001")
    proxy = await caller.post("/proxies")
    code = caller.sandbox.world.send_login_code("+99966001").code
    await expect(page.locator("#codes")).to_contain_text("+99966001")
    await expect(page.locator("#codes .code")).to_have_text(code)
    await expect(page.locator(".message")).to_have_count(1)

    stop = page.get_by_role("button", name=f"Stop proxy {proxy['id']}")
    await stop.click()
    start = page.get_by_role("button", name=f"Start proxy {proxy['id']}")
    await expect(start).to_be_visible()
    assert not (await caller.get("/proxies"))[0]["is_running"]
    await start.click()
    await expect(stop).to_be_visible()

    await page.select_option("#user", str(peter["id"]))
    await page.wait_for_url(f"**/?user={peter['id']}")
    await expect(page.locator("#start")).to_be_visible()
    await page.goto(f"{caller.addresses['page']}?user={user_id}")
    await expect(page.locator(".message")).to_have_count(1)


async def test_a_group_is_opened_and_written_in(page: Page, caller: Caller) -> None:
    bot_id, user_id = await caller.meet()
    await expect(page.locator(".message")).to_have_count(1)
    await expect(page.locator("#chats-panel")).to_be_hidden()
    group = await caller.post("/groups", title="Crew", creator=user_id, members=[bot_id])
    await caller.bot("sendMessage", chat_id=group["id"], text="Ahoy")
    await page.get_by_role("link", name="Open Crew").click()
    await expect(page.locator("#bot")).to_have_text("Crew")
    await expect(page.locator(".author")).to_have_text("Harbour")
    await page.fill("#text", "Hello, crew")
    await page.press("#text", "Enter")
    await expect(page.locator(".message.out")).to_contain_text("Hello, crew")
    await page.get_by_role("link", name="Open Harbour").click()
    await expect(page.locator("#bot")).to_have_text("Harbour")
    await expect(page.locator(".message")).to_have_count(1)


async def test_a_lost_line_is_said_and_mended(page: Page, caller: Caller) -> None:
    _, user_id = await caller.meet()
    await expect(page.locator(".message")).to_have_count(1)
    port = caller.sandbox.control.port
    await caller.sandbox.control.stop()
    await expect(page.locator("#line")).to_be_visible()
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


async def test_the_page_fits_every_width_in_light_and_dark(page: Page, caller: Caller) -> None:
    _, user_id = await caller.meet()
    await caller.post("/users", first_name="Peter", phone="+99966001")
    await caller.post("/proxies", username="ann", password="pw")
    await caller.post("/proxies/1/stop")
    await caller.post("/proxies")
    caller.sandbox.world.send_login_code("+99966001")
    await caller.bot(
        "sendMessage", chat_id=user_id, text=RICH, parse_mode="HTML", reply_markup=KEYBOARD
    )
    await caller.post(f"/users/{user_id}/chats/@harbour_bot/messages", text="Thanks! " + "x" * 90)
    await expect(page.locator(".message")).to_have_count(3)
    await expect(page.locator("#codes .code")).to_be_visible()
    schemes: tuple[Literal["light", "dark"], ...] = ("light", "dark")
    for scheme in schemes:
        await page.emulate_media(color_scheme=scheme)
        for width, height in ((1280, 800), (390, 844), (360, 640)):
            await page.set_viewport_size({"width": width, "height": height})
            name = f"page-{width}-{scheme}.png"
            await page.screenshot(path=ARTEFACTS / name, full_page=width < 760)
            assert await page.evaluate("document.documentElement.scrollWidth") == width, name


async def test_a_file_is_shown_by_its_kind_and_name(page: Page, caller: Caller) -> None:
    bot_id, user_id = await caller.meet()
    data = base64.b64encode(b"%PDF").decode()
    file = {"kind": "document", "data": data, "name": "<b>report</b>.pdf", "caption": "see"}
    await caller.post(f"/users/{user_id}/chats/{bot_id}/media", files=[file])
    await page.reload()
    message = page.locator(".message").last
    await expect(message.locator(".file")).to_have_text("📎 document <b>report</b>.pdf")
    await expect(message.locator(".body")).to_contain_text("see")
