"""The right side of the page in a real Chromium, with real Telethon clients on the sandbox."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Locator, Page, expect
from telethon import errors
from telethon.tl import functions

from sandbox.datacentre.hazards import HazardKind
from sandbox.world.messages import Content
from tests.chromium import ARTEFACTS, needs_chromium
from tests.sandbox.control_fixtures import Caller
from tests.sandbox.page_clients import Connect, connecting
from tests.sandbox.page_fixtures import DESKTOP, PHONE, SCHEMES, barriers
from tests.timing import limit

pytestmark = [needs_chromium, pytest.mark.asyncio(loop_scope="module")]

TOO_WIDE = """() => [...document.querySelectorAll("#world, #world *")]
    .filter((node) => node.getBoundingClientRect().right > innerWidth + 1)
    .map((node) => node.outerHTML.slice(0, 80))"""
STATE = functions.updates.GetStateRequest()


@pytest_asyncio.fixture(loop_scope="module")
async def connect(caller: Caller) -> AsyncIterator[Connect]:
    async with connecting(caller) as make:
        yield make


def account(page: Page, name: str) -> Locator:
    return page.locator("#world .account").filter(has=page.get_by_text(name, exact=True))


def light(page: Page, name: str) -> Locator:
    return account(page, name).locator(".opener .light")


def said(page: Page, words: str) -> Locator:
    return page.locator("#world .timeline li", has_text=words)


async def test_a_cut_is_seen_in_lights_and_timeline_and_heals(
    page: Page, caller: Caller, connect: Connect
) -> None:
    async with asyncio.timeout(limit(60)):
        alice = await connect("Alice")
        await connect("Bob")
        for name in ("Alice", "Bob"):
            await expect(light(page, name)).to_have_accessible_name("connected")
        await expect(page.locator("#world .chip").first).to_have_text("2/2 accounts")
        await expect(account(page, "Alice").locator("small").first).to_contain_text("for")

        await account(page, "Alice").locator(".opener").click()
        await expect(account(page, "Alice").locator(".lines")).to_contain_text("Bench")
        await page.get_by_role("button", name="Cut: Alice").click()
        await expect(said(page, "Alice disconnected: it was cut")).to_have_count(1)
        await expect(said(page, "Alice connected")).to_have_count(2)
        await expect(light(page, "Alice")).to_have_accessible_name("connected")

        await page.get_by_role("button", name="Freeze lines: Alice").click()
        await expect(light(page, "Alice")).to_have_accessible_name("held by a fault")
        await expect(page.locator("#world-faults .faults")).to_contain_text("Alice")
        await page.get_by_role("button", name="Unfreeze lines: Alice").click()
        await expect(light(page, "Alice")).to_have_accessible_name("connected")

        ban = page.get_by_role("button", name="Ban: Alice")
        await ban.click()
        assert await caller.get("/faults") == []  # the first press only asks
        await page.get_by_role("button", name="Really ban?: Alice").click()
        await expect(account(page, "Alice").locator(".state")).to_have_text("banned")
        with pytest.raises(errors.UserDeactivatedBanError):
            await alice(STATE)

        await page.select_option("#timeline-of", label="Bob")
        await expect(said(page, "Alice")).to_have_count(0)
        await expect(said(page, "Bob connected")).to_have_count(1)


async def test_a_fault_is_placed_by_the_form_and_lifted(
    page: Page, caller: Caller, connect: Connect
) -> None:
    async with asyncio.timeout(limit(60)):
        alice = await connect("Alice")
        faults = page.locator("#world-faults")
        await faults.get_by_text("Any fault…").click()
        form = faults.locator("form")
        kinds = await caller.get("/faults/kinds")
        await expect(page.locator("#fault-kind option")).to_have_count(len(kinds))
        await page.select_option("#fault-kind", label="Flood wait")
        await form.get_by_label("Account").select_option(label="Alice")
        await form.get_by_label("Method").fill("help.getNearestDc")
        await form.get_by_label("Seconds, slider").fill("40")
        await expect(form.get_by_label("Seconds", exact=True)).to_have_value("40")
        await form.get_by_role("button", name="Set").click()
        await expect(faults.locator(".faults li")).to_contain_text("Alice gets FLOOD_WAIT of 40 s")
        with pytest.raises(errors.FloodWaitError):
            await alice(functions.help.GetNearestDcRequest())
        await expect(faults.locator(".faults li small")).to_contain_text("struck once")
        await faults.get_by_role("button", name="Lift: Alice").click()
        await expect(faults.get_by_text("Nothing is broken.")).to_be_visible()

        # An empty number means until lifted; a wrong word is refused with the server's reason.
        await page.select_option("#fault-kind", label="Rpc error")
        await form.get_by_label("Text").fill("no such text")
        await form.get_by_label("Code", exact=True).fill("500")
        await form.get_by_role("button", name="Set").click()
        assert await caller.get("/faults") == []
        await form.get_by_label("Text").fill("RPC_CALL_FAIL")
        await form.get_by_label("Times", exact=True).fill("")
        await form.get_by_role("button", name="Set").click()
        await expect(faults.locator(".faults li small")).to_contain_text("until lifted")

        await faults.get_by_role("button", name="Bot API is down").click()
        await faults.get_by_role("button", name="Start the Bot API").click()
        await expect(said(page, "The Bot API was started")).to_have_count(1)
        for name in ("Telegram is down", "Bot API 409", "Bot API 502", "Bot API 429"):
            await faults.get_by_role("button", name=name, exact=True).click()
        await page.locator("#quick-delay").fill("1.5")
        await expect(faults.locator(".faults li")).to_have_count(6)
        await expect(said(page, "Set: Everything reaches everybody 1.5 s late")).to_have_count(1)
        await page.locator("#quick-delay").fill("0")
        await expect(faults.locator(".faults li")).to_have_count(5)
        await faults.get_by_role("button", name="Lift all").click()
        await expect(faults.locator(".faults li")).to_have_count(0)
        await expect(light(page, "Alice")).to_have_accessible_name("connected")


async def test_a_proxy_is_added_stopped_and_started(
    page: Page, caller: Caller, connect: Connect
) -> None:
    async with asyncio.timeout(limit(60)):
        proxies = page.locator("#world-proxies")
        await proxies.get_by_text("Add a proxy…").click()
        await proxies.get_by_label("Country").fill("NL")
        await proxies.get_by_role("button", name="Add").click()
        row = proxies.locator(".proxies > li")
        await expect(row).to_contain_text("1 · SOCKS5 · NL")
        placed = caller.sandbox.proxies.named(1)
        await connect("Alice", proxy=("socks5", placed.host, placed.port))
        await expect(row).to_contain_text("1 line")
        await proxies.get_by_role("button", name="Stop: proxy 1").click()
        await expect(said(page, "Alice disconnected: proxy 1 was stopped")).to_have_count(1)
        await expect(light(page, "Alice")).to_have_accessible_name("not connected")
        await expect(row.locator(".light")).to_have_accessible_name("stopped")
        await proxies.get_by_role("button", name="Start: proxy 1").click()
        await expect(light(page, "Alice")).to_have_accessible_name("connected")

        await row.locator(".opener").click()
        await proxies.get_by_role("button", name="3 s slow: proxy 1").click()
        await expect(row.locator(".faults")).to_contain_text("Proxy 1 waits 3 s before it dials")
        await row.get_by_role("button", name="Lift").click()
        await expect(row.locator(".faults li")).to_have_count(0)


async def test_codes_chats_and_hazards_are_shown(
    page: Page, caller: Caller, connect: Connect
) -> None:
    async with asyncio.timeout(limit(60)):
        alice = await connect("Alice")
        await caller.meet()
        world = caller.sandbox.world
        code = world.send_login_code(world.people.by_id[alice.user_id].phone or "").code
        await expect(page.locator("#world-codes .code")).to_have_text(code)
        await expect(account(page, "Alice").locator(".state")).to_have_text("code out")
        await account(page, "Alice").locator(".opener").click()
        await page.get_by_role("button", name="Open: Alice's chat with Telegram").click()
        await expect(page.locator("#messages")).to_contain_text(code)

        hazards = page.locator("#world-hazards")
        await expect(hazards.locator(".count")).to_have_text("no hazard")
        noted = caller.sandbox.data_centre.hazards.note
        noted(HazardKind.TWO_LINES, alice.user_id, "requests on connections 1 and 2")
        await expect(hazards.locator(".alarm")).to_contain_text("1 hazard")
        await expect(hazards.locator("li")).to_contain_text("two lines, Alice")
        await hazards.get_by_role("button", name="Clear the log").click()
        await expect(hazards.locator(".count")).to_have_text("no hazard")


async def test_updates_leave_the_focus_and_open_forms_alone(
    page: Page, caller: Caller, connect: Connect
) -> None:
    async with asyncio.timeout(limit(60)):
        await connect("Alice")
        await connect("Bob")
        hers = account(page, "Alice").locator(".opener")
        await page.locator("#world-faults .any > summary").click()
        await page.select_option("#fault-kind", label="Delay")
        typed = page.locator("#world-faults form").get_by_label("Seconds", exact=True)
        await typed.fill("77")
        await hers.click()
        await hers.focus()
        # A row before hers, one fewer login, another proxy: all lists change round the focus.
        await connect("Zoë")
        await caller.post("/faults/freeze")
        await caller.post("/proxies")
        await caller.post("/connections/cut")
        await expect(page.locator("#world .account")).to_have_count(3)
        await expect(page.locator("#world-proxies .proxies > li")).to_have_count(1)
        await expect(hers).to_be_focused()
        await expect(hers).to_have_attribute("aria-expanded", "true")
        await expect(typed).to_have_value("77")
        await expect(page.locator("#fault-kind option:checked")).to_have_text("Delay")

        # What goes hands the focus on; what was folded away stays so after a reload.
        lift = page.locator("#world-faults").get_by_role("button", name="Lift: Lines")
        await lift.focus()
        await page.keyboard.press("Enter")
        await expect(page.locator("#world-faults > summary")).to_be_focused()
        await page.locator("#world-proxies > summary").press("Enter")
        await page.wait_for_function("localStorage.getItem('world.proxies.open') === 'false'")
        await page.reload()
        await expect(account(page, "Alice")).to_be_visible()
        assert not await page.locator("#world-proxies").evaluate("node => node.open")
        await page.locator("#world-proxies > summary").click()


async def test_the_timeline_rests_while_one_reads_it(page: Page, caller: Caller) -> None:
    async with asyncio.timeout(limit(60)):
        world = caller.sandbox.world
        anna, boris = (world.people.create(name) for name in ("Anna", "Boris"))
        await page.mouse.move(0, 0)
        world.say(anna.id, boris.id, Content("1"))
        await expect(said(page, "Anna wrote to Boris")).to_have_count(1)
        await page.locator("#world .timeline").focus()
        world.say(boris.id, anna.id, Content("2"))
        await expect(page.locator("#world .waiting")).to_have_text(
            "Paused while you look; 1 more."
        )
        await expect(said(page, "Boris wrote to Anna")).to_have_count(0)
        await page.locator("#timeline-of").focus()
        await expect(page.locator("#world .timeline li").first).to_contain_text("Boris wrote")


async def test_the_panel_comes_back_after_a_lost_line(page: Page, caller: Caller) -> None:
    async with asyncio.timeout(limit(60)):
        await expect(page.locator("#world .account")).to_have_count(0)
        control = caller.sandbox.control
        await control.stop()
        await expect(page.locator("#world .lost")).to_contain_text("lost")
        caller.sandbox.world.people.create("Alice")
        await control.start(control.port)
        await expect(account(page, "Alice")).to_be_visible()
        await expect(page.locator("#world .lost")).to_have_text("")


async def test_a_full_world_fits_and_bars_nobody(page: Page, caller: Caller) -> None:
    async with asyncio.timeout(limit(90)):
        world = caller.sandbox.world
        made = await caller.post("/users/bulk", count=12)
        await caller.post("/users", first_name="W" * 64, phone="+999999999999999")
        await caller.post("/faults/ban", user=made[0]["id"])
        await caller.post("/faults/rpc_error", method="m" * 100, code=500, text="X" * 100)
        await caller.post("/proxies", kind="mtproto", country="NL")
        world.send_login_code(made[1]["phone"])
        caller.sandbox.data_centre.hazards.note(HazardKind.DOUBLED, made[2]["id"], "x" * 200)
        await expect(page.locator("#world .account")).to_have_count(13)
        await account(page, "Account 1").locator(".opener").click()
        await page.locator("#world-proxies .opener").click()
        for more in await page.locator("#world .any > summary").all():
            await more.click()
        await expect(page.locator("#fault-kind option").first).to_be_attached()
        ARTEFACTS.mkdir(exist_ok=True)
        for (width, height), scheme in zip((DESKTOP, PHONE), SCHEMES, strict=True):
            await page.set_viewport_size({"width": width, "height": height})
            await page.emulate_media(color_scheme=scheme)
            if width == PHONE[0]:
                await page.click("#world-tab")
            assert await page.evaluate(TOO_WIDE) == []
            await page.screenshot(path=ARTEFACTS / f"world_{scheme}_{width}.png")
            assert await barriers(page) == []
