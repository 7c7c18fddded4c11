"""The control API against real connections: a Telethon client, proxies, outages, the process."""

import asyncio
import base64
import json
import signal
import sys
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientConnectionError, ClientSession
from telethon import TelegramClient
from telethon.crypto import AuthKey
from telethon.sessions import MemorySession

from sandbox.__main__ import main
from tests.sandbox.control_fixtures import Caller, running_sandbox
from tests.timing import limit


def is_there(path: str) -> bool:
    return Path(path).exists()


def written(path: Path) -> Any:  # noqa: ANN401 - JSON
    return json.loads(path.read_text())


async def connected(caller: Caller, user_id: int) -> Any:  # noqa: ANN401 - Telethon has no types
    """A client of that user, with a ready key."""
    ready = await caller.post(f"/users/{user_id}/ready_key")
    session = MemorySession()
    session.set_dc(ready["dc_id"], ready["host"], ready["port"])
    session.auth_key = AuthKey(base64.b64decode(ready["auth_key"]))
    client = TelegramClient(
        session, 1, "hash", auto_reconnect=False, connection_retries=0, device_model="Lighthouse"
    )
    await client.connect()
    return client


async def test_what_the_bot_sends_reaches_the_persons_mtproto(caller: Caller) -> None:
    _, user_id = await caller.meet()
    async with asyncio.timeout(limit(20)):
        client = await connected(caller, user_id)
        try:
            assert (await client.get_me()).id == user_id
            await caller.bot(
                "sendMessage", chat_id=user_id, text="over <b>both</b>", parse_mode="HTML"
            )
            (message,) = await client.get_messages("harbour_bot", limit=1)
            assert message.text == "over **both**"
            await client.send_message("harbour_bot", "/from_mtproto")
            update = (await caller.bot("getUpdates"))[-1]
            assert update["message"]["text"] == "/from_mtproto"
            assert update["message"]["entities"][0]["type"] == "bot_command"
        finally:
            await client.disconnect()


async def test_connections_are_shown_and_cut_and_sessions_revoked(caller: Caller) -> None:
    _, user_id = await caller.meet()
    async with asyncio.timeout(limit(20)):
        client = await connected(caller, user_id)
        try:
            await client.get_me()
            (shown,) = [c for c in await caller.get("/connections") if c["user_id"] == user_id]
            assert (shown["name"], shown["device_model"]) == ("Olga", "Lighthouse")
            assert shown["requests"] > 0
            listed = (await caller.get("/overview"))["connections"]
            assert [c["user_id"] for c in listed] == [user_id]
            assert await caller.post("/connections/cut", user=user_id, reset=True) == {"cut": 1}
            await asyncio.wait([client.disconnected])
            assert await caller.post("/sessions/revoke", user=user_id) == {"revoked": 1}
        finally:
            await client.disconnect()


async def test_servers_stop_and_start_on_their_ports(caller: Caller) -> None:
    await caller.meet()
    for name, address in (
        ("botapi", caller.addresses["bot_api"].removeprefix("http://")),
        ("datacentre", caller.addresses["telegram_dc"].partition(":")[2]),
    ):
        host, _, port = address.partition(":")
        for _ in range(2):
            state = await caller.post(f"/{name}/stop")
            assert state == {"is_running": False, "port": int(port)}
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection(host, port)
        for _ in range(2):
            state = await caller.post(f"/{name}/start")
            assert state == {"is_running": True, "port": int(port)}
        _, writer = await asyncio.open_connection(host, port)
        writer.close()
        await writer.wait_closed()
    assert (await caller.bot("getMe"))["username"] == "harbour_bot"


async def test_proxies_are_made_stopped_started_and_tell_their_dials(caller: Caller) -> None:
    proxy = await caller.post("/proxies", username="ann", password="pw")
    names = {
        "id",
        "kind",
        "host",
        "port",
        "username",
        "password",
        "secret",
        "country",
        "is_running",
    }
    assert set(proxy) == names
    assert await caller.get("/proxies") == [proxy]
    path = f"/proxies/{proxy['id']}"
    assert await caller.get(f"{path}/dials") == []
    stopped = await caller.post(f"{path}/stop")
    assert stopped == proxy | {"is_running": False}
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection(proxy["host"], proxy["port"])
    assert await caller.post(f"{path}/start") == proxy
    reader, writer = await asyncio.open_connection(proxy["host"], proxy["port"])
    writer.write(b"\x05\x01\x00")
    await reader.read()
    writer.close()
    await writer.wait_closed()
    (dial,) = await caller.get(f"{path}/dials")
    assert dial["outcome"] != "connected"
    assert caller.sandbox.addresses()["proxies"] == [proxy]


async def test_nothing_listens_after_the_sandbox_has_ended() -> None:
    async with running_sandbox() as caller:
        proxy = await caller.post("/proxies")
        addresses = caller.addresses
    for url in (addresses["control"], addresses["bot_api"], f"http://127.0.0.1:{proxy['port']}"):
        async with ClientSession() as session:
            with pytest.raises(ClientConnectionError):
                await session.get(url)
    assert not is_there(addresses["public_key_file"])


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_the_process_prints_its_addresses_and_stops_cleanly(
    tmp_path: Path, number: signal.Signals
) -> None:
    target = tmp_path / "deep" / "addresses.json"
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "sandbox", "--json", str(target), "--proxies", "1"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(limit(30)):
            assert process.stdout
            addresses = json.loads(await process.stdout.readline())
            assert is_there(addresses["public_key_file"])
            assert written(target) == addresses
            assert len(addresses["proxies"]) == 1
            async with ClientSession() as session:
                async with session.get(addresses["page"]) as response:
                    assert response.status == 200
                async with session.ws_connect(
                    addresses["control"] + "/live?user=777000&peer=777000"
                ) as line:
                    await line.receive_json()
                    process.send_signal(number)
                    _, errors = await process.communicate()
        assert process.returncode == 0, errors.decode()
        assert "Traceback" not in errors.decode()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--host", "0.0.0.0"], "is not a loopback address"),  # noqa: S104 - to be refused
        (["--host", "localhost"], "is not a loopback address"),
        (["--page-port", "70000"], "is not a port"),
    ],
)
def test_bad_options_are_refused(
    arguments: list[str], reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as raised:
        main(arguments)
    assert raised.value.code == 2
    assert reason in capsys.readouterr().err


async def test_a_taken_port_is_named_without_a_traceback(caller: Caller) -> None:
    port = str(caller.sandbox.control.port)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "sandbox", "--page-port", port), stderr=asyncio.subprocess.PIPE
    )
    async with asyncio.timeout(limit(30)):
        _, errors = await process.communicate()
    assert process.returncode == 1
    assert "address already in use" in errors.decode()
    assert "Traceback" not in errors.decode()
