"""`make demo` as a stranger sees it: a page, three connected accounts, a clean end."""

import asyncio
import signal
import sys
from pathlib import Path

import aiohttp

from tests.e2e.telegram import Telegram
from tests.timing import seconds

ROOT = Path(__file__).parents[2]


async def test_the_demo_shows_three_connected_accounts_and_ends_cleanly_on_ctrl_c():
    demo = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "sandbox.demo", cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    try:
        assert demo.stdout is not None
        async with asyncio.timeout(seconds(60)):
            while not (line := await demo.stdout.readline()).startswith(
                b"page: http://127.0.0.1:"
            ):
                assert line, "the demo ended before it named its page"
        page = line.decode().split()[1]
        async with aiohttp.ClientSession() as http, asyncio.timeout(seconds(30)):
            async with http.get(page) as response:
                assert response.status == 200
            telegram = Telegram({"control": f"{page}control"}, http)
            people = {p["first_name"]: p for p in await telegram.get("users")}
            (bot,) = await telegram.get("bots")
            chat = await telegram.chat(people["Olga (you)"], bot)
            await chat.shows("Mooring", "connected")
            await chat.press("Status")
            while "3 of 3 connected" not in (await chat.shows("Status")).text:
                await chat.press("Refresh")
            online = {c["name"] for c in await telegram.get("connections")}
            assert online == {"Alice", "Bruno", "Chandra"}
            assert "Dana" in people
        demo.send_signal(signal.SIGINT)
        async with asyncio.timeout(seconds(10)):
            assert await demo.wait() == 0
    finally:
        if demo.returncode is None:
            demo.terminate()  # not killed: it has a Mooring to stop
        await demo.communicate()
