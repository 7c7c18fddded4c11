"""The sandbox's page in a Chromium, and what is looked for on it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Literal

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page

from tests.chromium import visiting
from tests.sandbox.control_fixtures import Caller

DESKTOP, PHONE = (1280, 800), (390, 844)
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


@asynccontextmanager
async def at_desk(page: Page, caller: Caller, query: str = "") -> AsyncIterator[Page]:
    """The page of that sandbox, as a desktop shows it."""
    await page.set_viewport_size({"width": DESKTOP[0], "height": DESKTOP[1]})
    await page.emulate_media(color_scheme="light", reduced_motion="reduce")
    async with visiting(page, caller.addresses["page"] + query):
        yield page


async def barriers(page: Page) -> list[str]:
    """What axe finds on the page as it is now that keeps somebody from using it."""
    found = (await Axe().run(page)).response["violations"]
    return [
        f"{each['id']}: {node['html'][:150]} {node.get('failureSummary', '')}"
        for each in found
        if each["impact"] in {"serious", "critical"}
        for node in each["nodes"]
    ]
