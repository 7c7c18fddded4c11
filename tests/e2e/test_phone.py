"""The chat on a phone, in a real Chromium: the operator's main ways, from a press to its picture.

One sandbox, Mooring and browser serve all of it; each way leaves every account as it found it.
`make pictures` runs this to make the manual's pictures (docs/pictures) anew.
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.chromium import chromium, needs_chromium, tab, visiting
from tests.e2e.conftest import sandbox_running
from tests.e2e.harness import Mooring
from tests.e2e.phone import HEIGHT, SCALE, WIDTH, Phone
from tests.e2e.telegram import Telegram


@dataclass(frozen=True)
class Fleet:
    """Alice behind a proxy of her own, four others behind another; all are connected."""

    telegram: Telegram
    mooring: Mooring
    phone: Phone
    proxies: tuple[dict[str, Any], dict[str, Any]]
    alice: int

    @asynccontextmanager
    async def stopped(self, proxy: dict[str, Any]) -> AsyncIterator[None]:
        await self.telegram.post(f"proxies/{proxy['id']}/stop")
        try:
            yield
        finally:
            await self.telegram.post(f"proxies/{proxy['id']}/start")

    async def open_card(self, number: int) -> None:
        await self.phone.ask(f"/a{number}", f"#{number} ", "Proxy:")


@pytest.fixture
async def fleet(tmp_path: Path, migrated: Path) -> AsyncIterator[Fleet]:
    """In a sandbox of its own: the page shows all of a sandbox, and is to show this alone."""
    async with AsyncExitStack() as stack:
        sandbox = stack.enter_context(sandbox_running(tmp_path))
        http = await stack.enter_async_context(aiohttp.ClientSession())
        telegram = Telegram(sandbox, http)
        mooring = await Mooring.make(telegram, tmp_path / "data", stack, migrated)
        mooring.settings.data_dir.mkdir()
        proxies = (await telegram.post("proxies"), await telegram.post("proxies"))
        numbers = []
        for name in ("Alice", "Bruno", "Chandra", "Emil", "Farah"):
            person = await telegram.person(name)
            proxy = proxies[0 if name == "Alice" else 1]
            numbers.append(await mooring.import_account(person, proxy))
        await mooring.start(alert_after=0.5)
        browser = await stack.enter_async_context(chromium())
        page = await stack.enter_async_context(
            tab(browser, width=WIDTH, height=HEIGHT, scale=SCALE)
        )
        address = f"{sandbox['page']}?user={mooring.operator['id']}&bot={mooring.bot['id']}"
        await stack.enter_async_context(visiting(page, address))
        for number in numbers:
            await mooring.until_state(number, "ONLINE")
        phone = Phone(page)
        await page.click("#start")
        await phone.shows("Keeps your accounts connected")
        yield Fleet(telegram, mooring, phone, proxies, numbers[0])


async def menu(fleet: Fleet) -> None:
    await fleet.phone.ask("/start", "Keeps your accounts connected", "connected")
    await fleet.phone.picture("start")


async def add_proxies(fleet: Fleet) -> None:
    phone = fleet.phone
    good = [await fleet.telegram.post("proxies", username="moor", password="s3cret")]
    good.append(await fleet.telegram.post("proxies"))
    first, second = (f"{proxy['host']}:{proxy['port']}" for proxy in good)
    await phone.ask("/add_proxy", "Send me proxies")
    await phone.ask(
        f"{first}:moor:s3cret\n{second}\nhello",
        "Added 2 proxies.",
        "Checked all 2: 2 work",
        "Line 3",
    )
    await phone.picture("add-proxies")
    await phone.ask("/proxies", "Proxies: 4", first)
    await phone.picture("proxies")


async def enrol(fleet: Fleet) -> None:
    phone = fleet.phone
    dana = await fleet.telegram.person("Dana", password="anchor")
    await phone.ask("/add_account", "Which number?")
    await phone.picture("add-account")
    await phone.ask(f"+{dana['phone'].lstrip('+')}", "Login code for")
    shown = phone.page.locator("#world .codes li", has_text=dana["phone"].lstrip("+")).locator(
        ".code"
    )
    code = await shown.text_content()
    assert code
    for digit in code[:-1]:
        await phone.press_key(digit)
    await phone.picture("code")
    await phone.press_key(code[-1])
    await phone.shows("Two-step verification")
    await phone.say("anchor")  # it is deleted at once
    await phone.shows("Dana", "is logged in")
    await phone.picture("enrolled")


async def pictures(fleet: Fleet) -> None:
    phone = fleet.phone
    await phone.ask("/add_account", "Which number?")
    await phone.press("QR code")
    await phone.shows_picture("Scan this with")
    await phone.picture("qr", last=1)
    await phone.press("Cancel")
    await phone.shows("Left.")
    await phone.ask("/uptime", "Uptime")
    await phone.shows_picture("Uptime")
    await phone.picture("uptime", last=1)


async def status(fleet: Fleet) -> None:
    phone = fleet.phone
    await phone.ask("/status", "Status", "connected", "All is well")
    await phone.picture("status")
    await phone.press("Legend")
    await phone.shows("The lights")
    await phone.picture("legend")


async def send(fleet: Fleet) -> None:
    phone = fleet.phone
    await fleet.telegram.person("Bob", username="bob_phone")
    await phone.ask(
        "/send @bob_phone The parcel has arrived.", "Not sent yet", "The parcel has arrived."
    )
    await phone.press("Send as account")
    await phone.shows("Sent as the account")
    await phone.picture("sent")


async def fall_back_and_reconnect(
    fleet: Fleet,
) -> None:
    phone, telegram = fleet.phone, fleet.telegram
    eve = await telegram.person("Eve", username="eve_phone")
    await (await telegram.chat(eve, fleet.mooring.bot)).say("/start")
    async with fleet.stopped(fleet.proxies[0]):
        await phone.shows("Alice", "is down since")
        await phone.picture("alert", last=1)
        await phone.ask(
            f"/send #{fleet.alice} @eve_phone I am late.", "Not sent yet", "I am late."
        )
        await phone.picture("draft")
        await phone.press("Send as account")
        await phone.shows("Sent as the bot, because")
        await phone.picture("fallback")
        await fleet.open_card(fleet.alice)
    await phone.press("🔌")
    await fleet.mooring.until_noted(fleet.alice, "reconnect.forced")
    await phone.shows("Alice", "is back")
    await fleet.mooring.until_state(fleet.alice, "ONLINE")
    await fleet.open_card(fleet.alice)
    await phone.picture("account")


async def outage(
    fleet: Fleet,
) -> None:
    phone, proxy = fleet.phone, fleet.proxies[1]
    async with fleet.stopped(proxy):
        await phone.shows(f"{proxy['port']} refuses connections", "4 accounts wait since")
        await phone.picture("outage", last=1)
    await phone.shows(f"{proxy['port']} is over: down", "4 of 4")
    await phone.picture("outage-over", last=1)
    assert await phone.count("accounts wait since") == 0


@needs_chromium
@pytest.mark.req("C2", "C3", "C4", "S4.6", "S4.7")
async def test_the_main_ways_on_a_phone(fleet: Fleet) -> None:
    for way in (menu, add_proxies, enrol, pictures, status, send, fall_back_and_reconnect, outage):
        await way(fleet)
