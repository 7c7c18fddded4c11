"""The tour's own ways, on a sandbox without any program: skipped, closed, remembered, taken again."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from playwright.async_api import Page, expect

from sandbox.sandbox import Sandbox
from sandbox.world.messages import Content
from tests.chromium import chromium, needs_chromium, tab, visiting

TOKEN = "7000000001:AAH-sandbox_token_of_35_characters_x"


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
        await page.get_by_role("button", name="Skip").click()
        await expect(tour).to_contain_text("3 of 3")
        await tour.press("Escape")
        await expect(tour).to_be_hidden()
