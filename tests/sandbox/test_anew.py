"""A fresh world in the place of an old one."""

import asyncio
import json
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE
from pathlib import Path

from aiohttp import ClientSession

from sandbox.sandbox import Sandbox
from tests.sandbox.control_fixtures import running_sandbox
from tests.timing import limit

ROOT = Path(__file__).parents[2]


async def test_a_fresh_world_has_the_ports_and_the_key_of_the_old_one(tmp_path: Path) -> None:
    old = Sandbox(proxy_count=1, key_file=tmp_path / "key.pem")
    async with old:
        old.world.people.create("Ann")
        before = old.addresses()
        key = (tmp_path / "key.pem").read_text()
    new = old.anew()
    async with new:
        after = new.addresses()
        assert (tmp_path / "key.pem").read_text() == key
    same = ("telegram_dc", "bot_api", "control", "page", "proxies", "public_key_file")
    assert {name: after[name] for name in same} == {name: before[name] for name in same}
    assert [user.first_name for user in new.world.people.by_id.values()] == ["Telegram"]


async def test_a_sandbox_whose_host_offers_nothing_is_not_started_anew() -> None:
    async with running_sandbox() as caller:
        reason = await caller.error("/anew", status=409)
    assert reason == "whoever runs this sandbox does not start it anew"


async def test_the_program_starts_its_world_anew_and_goes_on(tmp_path: Path) -> None:
    target = tmp_path / "sandbox.json"
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "sandbox", "--json", str(target)),
        cwd=ROOT,
        stdout=PIPE,
        stderr=DEVNULL,
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(limit(30)), ClientSession() as http:
            first = json.loads(await process.stdout.readline())
            control = first["control"]
            await http.post(f"{control}/users", json={"first_name": "Ann"})
            async with http.post(f"{control}/anew") as response:
                assert response.status == 202
            again = json.loads(await process.stdout.readline())
            assert (again["control"], again["telegram_dc"]) == (control, first["telegram_dc"])
            assert json.loads(target.read_text()) == again
            async with http.get(f"{control}/users") as response:
                assert [user["first_name"] for user in await response.json()] == ["Telegram"]
            process.send_signal(signal.SIGINT)
            assert await process.wait() == 0
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()
