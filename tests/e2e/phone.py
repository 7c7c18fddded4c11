"""The operator's chat on a phone: the sandbox's page in a real Chromium, and pictures of it."""

import io
import os
from collections.abc import Sequence
from pathlib import Path

from PIL import Image
from playwright.async_api import FloatRect, Locator, Page, expect

from tests.chromium import ARTEFACTS
from tests.timing import seconds

WIDTH, HEIGHT = 390, 844
TALL = 1600
"""So that no message of the manual's pictures is cut."""
PICTURES = os.environ.get("MOORING_PICTURES", "")
"""A directory in which the manual's pictures are made anew; `make pictures` sets it."""
SCALE = 2 if PICTURES else 1
MOST_BYTES = 100_000
COLOURS = 256
MARGIN = 12
FLAT = "document.querySelector('.chat').style.background = 'var(--back)'"
"""A background that shades off takes all the colours that there are."""
SMALLEST_KEY = 36
"""Points. A finger takes 44 with the room around it; rows of keys stand close."""


class Phone:
    """What an operator does with a thumb, and sees."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self._messages = page.locator(".message:not(.out)")
        self._own = page.locator(".message.out")
        self._answers = page.locator(".message:not(.out):not(:has(~ .message.out))")

    async def say(self, text: str) -> None:
        await self.page.fill("#text", text)
        await self.page.click("#send")

    async def ask(self, text: str, *parts: str) -> Locator:
        """Say it, and wait for what comes after it and holds all these parts."""
        before = await self._own.count()
        await self.say(text)
        await expect(self._own).to_have_count(before + 1)
        return await self._one_of(self._answers, parts)

    async def press(self, label: str) -> None:
        """Press the latest button whose label holds this text."""
        await self.page.locator("button.key", has_text=label).last.click()

    async def press_key(self, digit: str) -> None:
        """Press one of the keypad's."""
        await self.page.get_by_role("button", name=digit, exact=True).last.click()

    async def count(self, part: str) -> int:
        """How many messages of the bot hold this."""
        return await self._messages.filter(has_text=part).count()

    async def shows(self, *parts: str) -> Locator:
        """Wait for a message of the bot that holds all these parts; the latest of them."""
        return await self._one_of(self._messages, parts)

    async def _one_of(self, found: Locator, parts: Sequence[str]) -> Locator:
        for part in parts:
            found = found.filter(has_text=part)
        await expect(found.last).to_be_visible(timeout=seconds(20) * 1000)
        return found.last

    async def shows_picture(self, caption: str) -> None:
        """Wait until a message has a picture above these words, and it is drawn."""
        image = (await self.shows(caption)).locator("img")
        await expect(image).to_have_js_property("complete", value=True)
        assert await image.evaluate("image => image.naturalWidth") > 0

    async def picture(self, name: str, *, last: int = 2) -> None:
        """Keep what the phone shows now, which must fit it; the manual gets the last messages."""
        await self.fits()
        # A press spins until it is answered.
        await expect(self.page.locator(".key[aria-busy=true]")).to_have_count(0)
        await self.page.evaluate("document.activeElement?.blur()")
        await self.page.locator(".toast").evaluate_all("all => all.forEach(each => each.remove())")
        ARTEFACTS.mkdir(exist_ok=True)
        await self.page.screenshot(path=ARTEFACTS / f"phone-{name}.png")
        if PICTURES:
            await self.page.evaluate(FLAT)
            await self.page.set_viewport_size({"width": WIDTH, "height": TALL})
            data = await self.page.screenshot(clip=await self._around(last))
            (Path(PICTURES) / f"{name}.png").write_bytes(reduced(data))
            await self.page.set_viewport_size({"width": WIDTH, "height": HEIGHT})

    async def _around(self, last: int) -> FloatRect:
        """Where the last messages lie."""
        log = await self.page.locator("#log").bounding_box()
        first = await self.page.locator(".block").nth(-last).bounding_box()
        assert log
        assert first
        top = max(log["y"], first["y"] - MARGIN)
        return {"x": 0, "y": top, "width": WIDTH, "height": log["y"] + log["height"] - top}

    async def fits(self) -> None:
        """Nothing is wider than the phone, and every key can be hit."""
        assert await self.page.evaluate("document.documentElement.scrollWidth") == WIDTH
        cut = await self.page.locator(".key, .bubble").evaluate_all(
            "all => all.filter(e => e.scrollWidth > e.clientWidth + 1).map(e => e.textContent)"
        )
        assert cut == []
        heights = await self.page.locator(".key").evaluate_all(
            "all => all.map(e => e.getBoundingClientRect().height)"
        )
        assert min(heights, default=SMALLEST_KEY) >= SMALLEST_KEY


def reduced(png: bytes) -> bytes:
    """The same picture in few colours: a page of text needs no more."""
    out = io.BytesIO()
    with Image.open(io.BytesIO(png)) as picture:
        few = picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
        few.save(out, "PNG", optimize=True)
    assert out.tell() < MOST_BYTES, out.tell()
    return out.getvalue()
