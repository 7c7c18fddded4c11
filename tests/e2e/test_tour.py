"""The tour's own ways, on a sandbox without any program: skipped, closed, remembered, taken again."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from playwright.async_api import Page, expect

from sandbox.sandbox import Sandbox
from sandbox.world.messages import Content
from tests.chromium import chromium, needs_chromium, tab, visiting

TOKEN = "7000000001:AAH-sandbox_token_of_35_characters_x"
DRAWN = """() => new Promise((done) =>
    requestAnimationFrame(() => requestAnimationFrame(done)))"""


@asynccontextmanager
async def touring() -> AsyncIterator[tuple[Sandbox, Page]]:
    """A page without a tour, and then with one: a message, a proxy that stops, and a message."""
    async with Sandbox(proxy_count=1) as sandbox, chromium() as browser, tab(browser) as page:
        people = sandbox.world.people
        bot, olga = people.create_bot(TOKEN, "harbour_bot", "Harbour"), people.create("Olga")
        sandbox.world.say(olga.id, bot.id, Content("/start"))
        steps: list[dict[str, Any]] = [
            {
                "id": "one",
                "user": olga.id,
                "peer": bot.id,
                "where": "chat",
                "text": "Write a word.",
                "point": {"name": "Message"},
                "until": {"message": "Ahoy"},
            },
            {
                "where": "world",
                "text": "Stop it.",
                "point": {"name": "Stop: proxy 1"},
                "until": {"event": "stopped", "words": "Proxy 1 "},
            },
            {
                "where": "chat",
                "text": "Hear more.",
                "point": {"message": "more"},
                "until": {"message": "more"},
            },
        ]
        async with visiting(page, sandbox.addresses()["page"]):
            await expect(page.locator("#world-accounts")).to_be_visible()
            await expect(page.locator("#tour")).to_be_hidden()
            await expect(page.get_by_role("button", name="Take the tour")).to_be_hidden()
            sandbox.offers.tour = steps
            yield sandbox, page


@needs_chromium
async def test_a_tour_comes_with_its_steps_goes_by_what_happens_and_waits_where_one_left_it() -> (
    None
):
    async with touring() as (sandbox, page):
        tour, pointed = page.locator("#tour"), page.locator(".pointed")
        await expect(tour).to_contain_text("New here? A tour of 3 small steps")
        await page.get_by_role("button", name="Not now").press("Enter")
        await expect(tour).to_be_hidden()
        again = page.get_by_role("button", name="Take the tour")
        await expect(again).to_be_focused()
        await page.reload()
        await expect(again).to_be_attached()
        await expect(tour).to_be_hidden()

        await page.set_viewport_size({"width": 390, "height": 844})
        await page.click("#world-tab")
        await again.press("Enter")
        await expect(tour).to_contain_text("1 of 3")
        await expect(page.locator("#text")).to_be_visible()
        await page.get_by_role("button", name="Show me").press("Enter")
        await expect(page.locator("#text")).to_be_focused()
        box, row = await pointed.bounding_box(), await tour.bounding_box()
        assert box is not None
        assert row is not None
        assert row["y"] + row["height"] <= box["y"]

        olga, bot = sandbox.offers.tour[0]["user"], sandbox.offers.tour[0]["peer"]
        sandbox.world.say(bot, olga, Content("Ahoy"))
        await expect(tour).to_contain_text("2 of 3")
        await expect(page.get_by_role("button", name="Stop: proxy 1")).to_be_in_viewport()
        await page.reload()
        await expect(tour).to_contain_text("Stop it.")

        # What is pointed at is unfolded once; after that it may be folded away.
        proxies = page.locator("#world-proxies")
        await expect(proxies.locator(".pointed")).to_be_attached()
        await page.click("#world-tab")
        await proxies.locator("summary").first.click()
        sandbox.world.say(bot, olga, Content("Something else"))
        await expect(page.locator(".message").last).to_contain_text("Something else")
        await page.evaluate(DRAWN)
        await expect(proxies).not_to_have_attribute("open", "")

        await page.get_by_role("button", name="Skip").click()
        await expect(tour).to_contain_text("3 of 3")
        await tour.press("Escape")
        await expect(tour).to_be_hidden()


@needs_chromium
async def test_a_tour_that_is_closed_while_it_says_done_stays_closed() -> None:
    async with touring() as (sandbox, page):
        tour = page.locator("#tour")
        await page.clock.install()
        await page.reload()
        await page.get_by_role("button", name="Start the tour").click()
        await expect(tour).to_contain_text("1 of 3")
        olga, bot = sandbox.offers.tour[0]["user"], sandbox.offers.tour[0]["peer"]
        sandbox.world.say(bot, olga, Content("Ahoy"))
        await expect(tour).to_contain_text("Done.")
        await page.get_by_role("button", name="Close").click()
        await expect(tour).to_be_hidden()
        await page.clock.run_for(5000)
        await expect(tour).to_be_hidden()
        await page.get_by_role("button", name="Take the tour").click()
        await expect(tour).to_contain_text("1 of 3")
        await expect(page.locator("#tour.done")).to_have_count(0)
