"""`make demo` as a stranger sees it: the page, its tour in a real Chromium, and a clean end.

One demo for all of it: it takes longer to start than to play.
"""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
from playwright.async_api import Page, expect

from tests.chromium import ARTEFACTS, chromium, needs_chromium, tab, visiting
from tests.e2e.telegram import Chat, Telegram
from tests.timing import limit, seconds

ROOT = Path(__file__).parents[2]
OVER_SSH = {"SSH_CONNECTION": "203.0.113.7 50000 203.0.113.9 2222"}
OWN = {"DATABASE_URL": "postgresql+asyncpg://me@127.0.0.1:1/mine", "DATA_DIR": "/nowhere"}
"""The settings of somebody's own Mooring: the demo must not take them up."""


async def until_told(demo: Process, start: str) -> str:
    """The rest of the first line that begins so."""
    assert demo.stdout is not None
    heard = ""
    async with asyncio.timeout(limit(90)):
        while line := (await demo.stdout.readline()).decode():
            heard += line
            if line.startswith(start):
                return line.removeprefix(start).strip()
    raise AssertionError(f"the demo ended before it said {start!r}:\n{heard}")


@asynccontextmanager
async def playing() -> AsyncIterator[Process]:
    demo = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "sandbox.demo"),
        cwd=ROOT,
        env=os.environ | OVER_SSH | OWN,
        stdout=PIPE,
    )
    try:
        yield demo
    finally:
        if demo.returncode is None:
            demo.terminate()  # not killed: it has a Mooring to stop
        await demo.communicate()


async def people_of(telegram: Telegram) -> tuple[dict[str, dict[str, Any]], Chat]:
    """Everybody by name, and Olga's chat with the bot."""
    people = {p["first_name"]: p for p in await telegram.get("users")}
    (bot,) = await telegram.get("bots")
    return people, await telegram.chat(people["Olga (you)"], bot)


async def sees_all(telegram: Telegram) -> None:
    people, chat = await people_of(telegram)
    await chat.shows("Mooring", "12 of 12 connected")
    world = await telegram.get("world")
    lines = {a["name"]: a["lines"] for a in world["accounts"] if a["light"] == "on"}
    assert len(lines) == 12
    assert {line["country"] for each in lines.values() for line in each} == {"NL", "DE", "BR"}
    kinds = [(proxy["kind"], proxy["is_running"]) for proxy in world["proxies"]]
    assert kinds == [("socks5", True), ("http", True), ("mtproto", True), ("socks5", False)]
    assert world["can_start_anew"]
    assert {"Piet", "Bob", "Eve", "Dana"} < set(people)
    card = await chat.shows("Good morning Bob", "Not sent yet")
    assert any("Send as account" in label for label in card.labels)
    (bot,) = await telegram.get("bots")
    await (await telegram.chat(people["Piet"], bot)).shows("Mooring", "connected")


class Tour:
    def __init__(self, page: Page) -> None:
        self.page = page

    async def says(self, words: str) -> None:
        await expect(self.page.locator("#tour")).to_contain_text(words, timeout=seconds(60) * 1000)

    async def do(self, words: str) -> None:
        """Press what the step points at, which the tour has brought to the front."""
        await self.says(words)
        pointed = self.page.locator(".pointed")
        await expect(pointed).to_be_in_viewport()
        await pointed.click()


async def take_the_tour(page: Page) -> None:
    tour = Tour(page)
    await tour.says("New here?")
    await page.get_by_role("button", name="Start the tour").click()
    await tour.do("press Status")
    await tour.says("Done.")
    await tour.do("Cut Alice's line")
    await tour.says("/a1")
    await page.screenshot(path=ARTEFACTS / "tour-desktop.png")
    await page.fill("#text", "/a1")
    await page.press("#text", "Enter")
    await tour.do("press Reconnect")
    await page.set_viewport_size({"width": 390, "height": 844})
    await tour.do("Take proxy 1 down")
    await tour.do("Approve the draft")
    await page.screenshot(path=ARTEFACTS / "tour-phone.png")
    await tour.do("Start proxy 1 again")
    await tour.says("That was the tour")


async def start_anew(page: Page, telegram: Telegram, demo: Process) -> None:
    """Everybody is new, at the same address, and the page has noticed by itself."""
    before, _ = await people_of(telegram)
    await page.click("#world-tab")
    button = page.get_by_role("button", name="Start the world anew")
    await button.click()
    await page.get_by_role("button", name="Really? All of it goes").click()
    await until_told(demo, "The world starts anew")
    await expect(page.locator("#tour")).to_be_hidden(timeout=seconds(30) * 1000)
    after, chat = await people_of(telegram)
    assert list(after) == list(before)
    assert await chat.read() == []


@needs_chromium
async def test_the_demo_plays_its_tour_starts_anew_and_ends_cleanly_on_ctrl_c() -> None:
    async with playing() as demo, chromium() as browser, tab(browser) as page:
        address = await until_told(demo, "page: ")
        port = address.split(":")[2].rstrip("/")
        forward = await until_told(demo, "  ssh ")
        assert forward.startswith(f"-p 2222 -L {port}:127.0.0.1:{port} ")
        async with aiohttp.ClientSession() as http:
            telegram = Telegram({"control": f"{address}control"}, http)
            await sees_all(telegram)
            async with visiting(page, address):
                await take_the_tour(page)
                await start_anew(page, telegram, demo)
        demo.send_signal(signal.SIGINT)
        async with asyncio.timeout(limit(15)):
            assert await demo.wait() == 0
