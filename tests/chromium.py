"""A real Chromium for whoever looks at the sandbox's page."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Browser, ConsoleMessage, Error, Page, async_playwright

from tests.timing import limit

ARTEFACTS = Path(__file__).parent / "artefacts"
CHROMIUM = Path("/usr/bin/chromium")
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-component-update",
    "--disable-sync",
)
NETWORK = ("Failed to load resource", "WebSocket connection to")
needs_chromium = pytest.mark.skipif(
    not CHROMIUM.exists(), reason=f"{CHROMIUM} is not there: install Debian's chromium"
)


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """One that lives as long as the block: it takes longer to start than most tests to run."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        await browser.close()


@asynccontextmanager
async def tab(
    browser: Browser, *, width: int = 1280, height: int = 800, scale: float = 1
) -> AsyncIterator[Page]:
    """One page of it, empty. To go to another address is much quicker than to open another one."""
    context = await browser.new_context(
        viewport={"width": width, "height": height}, device_scale_factor=scale, locale="en-GB"
    )
    context.set_default_timeout(limit(10) * 1000)
    yield await context.new_page()
    await context.close()


@asynccontextmanager
async def visiting(page: Page, address: str) -> AsyncIterator[None]:
    """Go there; what is there must log no error and break no rule of its content policy.

    What a server refuses or a lost line costs is told by the browser, and no error of the page.
    """
    complaints: list[str] = []

    def thrown(error: Error) -> None:
        complaints.append(str(error))

    def said(message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith(NETWORK):
            complaints.append(message.text)

    page.on("pageerror", thrown)
    page.on("console", said)
    await page.goto(address)
    yield
    await page.goto("about:blank")  # so that it lets go of its lines
    page.remove_listener("pageerror", thrown)
    page.remove_listener("console", said)
    assert complaints == []
