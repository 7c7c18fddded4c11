"""What goes out by the page's text field, and what becomes of it: by mouse and by keyboard."""

import asyncio
from base64 import b64encode
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import FilePayload, Page, Route, expect

from sandbox.world.images import blank
from tests.chromium import needs_chromium
from tests.sandbox.control_fixtures import Caller
from tests.sandbox.page_fixtures import at_desk

COMMANDS = [
    {"command": "status", "description": "How all accounts are"},
    {"command": "start", "description": "The menu"},
    {"command": "help", "description": "What I can do"},
]
HOSTILE = "<img src=x onerror=alert(1)>.html"
SCRIPT = b"<script>parent.document.title = 'taken'</script>"
DROP = """([name, text, kind]) => {
    const data = new DataTransfer();
    data.items.add(new File([text], name, { type: "text/plain" }));
    const event = kind === "paste"
        ? new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true })
        : new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true });
    document.getElementById("text").dispatchEvent(event);
}"""
LARGE = """() => {
    const data = new DataTransfer();
    data.items.add(new File([new Uint8Array(65 * 1024 * 1024)], "huge.iso"));
    document.getElementById("files").files = data.files;
    document.getElementById("files").dispatchEvent(new Event("change"));
}"""
OPEN_CHAT = "ids => import('/chat/chat.js').then(chat => chat.openChat(...ids))"
LINKS = "urls => import('/chat/entities.js').then(({ link }) => urls.map(u => link('x', u).href))"

pytestmark = [needs_chromium, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(loop_scope="module")
async def page(only_page: Page, caller: Caller) -> AsyncIterator[Page]:
    """Olga's chat with the bot, which has commands; she has started it."""
    await caller.meet()
    await caller.bot("setMyCommands", commands=COMMANDS)
    async with at_desk(only_page, caller) as there:
        await expect(there.locator(".message")).to_have_count(1)
        await caller.bot("getUpdates", offset=-1)
        yield there


async def said(caller: Caller) -> dict[str, Any]:
    """The latest message that the bot got."""
    message: dict[str, Any] = (await caller.bot("getUpdates"))[-1]["message"]
    return message


def file(name: str, data: bytes, kind: str = "application/octet-stream") -> FilePayload:
    return {"name": name, "mimeType": kind, "buffer": data}


async def test_commands_are_suggested_while_one_types(page: Page, caller: Caller) -> None:
    text, options = page.locator("#text"), page.locator("#suggestions li")
    await text.focus()
    await page.keyboard.type("/st")
    await expect(options).to_have_text(["/statusHow all accounts are", "/startThe menu"])
    await expect(page.get_by_role("combobox", name="Message")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(options).to_have_count(0)
    await page.keyboard.press("Backspace")
    await expect(options).to_have_count(0)

    await text.fill("")
    await page.keyboard.type("/h")
    await page.keyboard.press("Tab")
    await expect(text).to_have_value("/help ")
    await expect(options).to_have_count(0)
    await text.fill("/")
    await page.keyboard.press("ArrowDown")
    await expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    await expect(text).to_have_attribute("aria-activedescendant", "suggestion-1")
    await page.keyboard.press("Enter")
    await expect(page.locator(".message.out").last).to_contain_text("/start")
    assert (await said(caller))["text"] == "/start"

    await page.get_by_role("button", name="Commands").click()
    await options.filter(has_text="/help").click()
    await expect(page.locator(".message.out").last).to_contain_text("/help")
    await expect(text).to_have_value("")


async def test_one_answers_changes_and_deletes_by_keyboard(page: Page, caller: Caller) -> None:
    _, user_id = (update := await said(caller))["chat"]["type"], update["from"]["id"]
    asked = await caller.bot("sendMessage", chat_id=user_id, text="Tea or coffee?")
    await expect(page.locator(".message")).to_have_count(2)
    await page.focus("#log")
    await page.keyboard.press("ArrowUp")
    await page.keyboard.press("r")
    await expect(page.locator("#replying")).to_contain_text("Reply to: Tea or coffee?")
    await page.keyboard.type("Tee")
    await page.keyboard.press("Enter")
    answer = page.locator(".message.out").last
    await expect(answer.locator(".quote")).to_have_text("Tea or coffee?")
    assert (await said(caller))["reply_to_message"]["message_id"] == asked["message_id"]

    await expect(page.locator("#text")).to_be_focused()
    await page.keyboard.press("ArrowUp")
    await expect(page.locator("#text")).to_have_value("Tee")
    await page.keyboard.press("Escape")
    await expect(page.locator("#text")).to_have_value("")
    await page.keyboard.press("ArrowUp")
    await page.locator("#text").fill("Tea")
    await page.keyboard.press("Enter")
    await expect(answer.locator(".body")).to_contain_text("Tea")
    await expect(answer.locator(".meta")).to_contain_text("edited")

    # Forward with Tab, from the messages to the tools of the last one.
    await page.focus("#log")
    await page.keyboard.press("End")
    for name in ("Tea or coffee?", "Reply", "Edit", "Delete"):
        await page.keyboard.press("Tab")
        await expect(page.locator(":focus")).to_have_accessible_name(name)
    await page.keyboard.press("Enter")
    await expect(page.locator(".message")).to_have_count(2)
    await caller.bot("deleteMessage", chat_id=user_id, message_id=asked["message_id"])
    await expect(page.locator(".message")).to_have_count(1)


async def test_files_go_out_as_album_and_documents(page: Page, caller: Caller) -> None:
    picture = blank(64, 48)
    await page.set_input_files(
        "#files",
        [
            file("a.png", picture, "image/png"),
            file("b.png", picture, "image/png"),
            file("c", b"c"),
        ],
    )
    await expect(page.locator("#chosen li")).to_have_count(3)
    await page.get_by_role("button", name="Leave out c").click()
    await page.evaluate(DROP, [HOSTILE, SCRIPT.decode(), "drop"])
    await page.fill("#text", "three of them")
    await page.press("#text", "Enter")
    await expect(page.locator("#tray")).to_be_hidden()
    album = page.locator(".message.out").nth(1)
    await expect(album.locator("img")).to_have_count(2)
    await expect(album).to_contain_text("three of them")
    await expect(album.locator("img").first).to_have_js_property("naturalWidth", 64)
    link = page.locator(".message.out").last.locator("a.file")
    await expect(link).to_contain_text(f"{HOSTILE}48 bytes · HTML")
    assert (await said(caller))["document"]["file_name"] == HOSTILE
    async with page.expect_download() as download:
        await link.click()
    assert (await download.value).suggested_filename.endswith(".html")

    await album.locator(".open").first.click()
    await expect(page.locator("#viewer img")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.locator("#viewer")).to_be_hidden()

    await page.evaluate(LARGE)
    await expect(page.locator(".toast.bad")).to_contain_text("huge.iso is too large: 65 MB")
    await expect(page.locator("#tray")).to_be_hidden()
    await page.evaluate(DROP, ["note.txt", "pasted", "paste"])
    await page.click("#send")
    await expect(page.locator(".message.out").last).to_contain_text("note.txt6 bytes · TXT")


async def test_what_is_sent_while_something_is_on_its_way_comes_after_it(page: Page) -> None:
    await page.evaluate(
        """() => {
            for (const text of ["one", "two", "three"]) {
                document.getElementById("text").value = text;
                document.getElementById("form").requestSubmit();
            }
        }"""
    )
    await expect(page.locator(".message.out .body")).to_contain_text(
        ["/start", "one", "two", "three"]
    )


async def test_a_picture_that_is_none_stays_in_the_tray(page: Page) -> None:
    await page.set_input_files("#files", file("broken.png", b"no picture", "image/png"))
    await page.fill("#text", "see")
    await page.click("#send")
    await expect(page.locator(".toast.bad")).to_contain_text("IMAGE_PROCESS_FAILED")
    await expect(page.locator("#text")).to_have_value("see")
    await page.get_by_label("Send photos as files").check()
    await page.click("#send")
    await expect(page.locator(".message.out").last).to_contain_text("broken.png10 bytes · PNGsee")


async def test_contacts_forwards_and_sounds_are_shown(page: Page, caller: Caller) -> None:
    user_id = (await said(caller))["from"]["id"]
    peter = await caller.post("/users", first_name="Peter", phone="+99966001")
    await page.get_by_role("button", name="Attach").click()
    await page.locator(".choice", has_text="Contact").click()
    await page.get_by_role("searchbox").fill("peter")
    await page.keyboard.press("Enter")
    await expect(page.locator(".contact")).to_contain_text("Peter+99966001")
    assert (await said(caller))["contact"]["user_id"] == peter["id"]

    chat = f"/users/{user_id}/chats/@harbour_bot"
    await caller.post(f"{chat}/forward", text="Ahoy", from_name="Captain Nemo")
    await expect(page.locator(".forwarded")).to_have_text("Forwarded from Captain Nemo")
    sound = b64encode(b"OggS").decode()
    await caller.post(f"{chat}/media", files=[{"kind": "voice", "data": sound, "duration": 2}])
    await expect(page.locator("audio")).to_have_attribute("aria-label", "Voice message")
    film = {"kind": "document", "data": sound, "name": "a.mp4", "mime_type": "video/mp4"}
    await caller.post(f"{chat}/media", files=[film])
    await expect(page.locator("video")).to_have_js_property("controls", value=True)

    await page.get_by_role("button", name="Message Peter").click()
    await expect(page.locator("#bot")).to_have_text("Peter")


async def test_a_link_never_runs_anything(page: Page) -> None:
    urls = {
        "example.org:8080/a": "http://example.org:8080/a",
        "localhost:8080": "http://localhost:8080/",
        "tg://resolve?domain=a": "tg://resolve?domain=a",
        "tel:+99966001": "tel:+99966001",
        "javascript:alert(1)": "",
        "JavaScript:alert(1)": "",
        "data:text/html,<script>alert(1)</script>": "",
        "blob:http://a/b": "",
    }
    assert await page.evaluate(LINKS, list(urls)) == list(urls.values())


async def test_what_could_not_be_sent_waits_in_the_chat_that_was_left(
    page: Page, caller: Caller
) -> None:
    user_id = (await said(caller))["from"]["id"]
    bot_id = (await caller.get("/bots"))[0]["id"]
    peter = await caller.post("/users", first_name="Peter", phone="+99966001")
    asked, left = asyncio.Event(), asyncio.Event()

    async def lose(route: Route) -> None:
        asked.set()
        await left.wait()
        await route.abort()

    await page.route("**/messages", lose, times=1)
    await page.fill("#text", "never to be lost")
    await page.press("#text", "Enter")
    await asked.wait()
    await page.evaluate(OPEN_CHAT, [user_id, peter["id"]])
    await expect(page.locator("#text")).to_have_value("")
    left.set()
    await expect(page.locator(".toast.bad").first).to_be_visible()
    await expect(page.locator("#text")).to_have_value("")
    await page.evaluate(OPEN_CHAT, [user_id, bot_id])
    await expect(page.locator("#text")).to_have_value("never to be lost")


async def test_hidden_text_is_shown_by_a_key(page: Page, caller: Caller) -> None:
    user_id = (await said(caller))["from"]["id"]
    text = '<tg-spoiler>the keeper</tg-spoiler> <a href="tg://user?id=1">x</a>'
    await caller.bot("sendMessage", chat_id=user_id, text=text, parse_mode="HTML")
    spoiler = page.get_by_role("button", name="Hidden text: show")
    await spoiler.focus()
    await page.keyboard.press("Enter")
    await expect(page.locator(".spoiler.open")).to_have_text("the keeper")
