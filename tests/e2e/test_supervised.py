"""Mooring under a supervisor: what systemd is told, what the log file and the health check say."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests import program
from tests.e2e.harness import Mooring
from tests.e2e.telegram import Telegram
from tests.timing import limit

ROOT = Path(__file__).parents[2]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def asked(bind: str) -> int:
    """The exit code of a container's health check."""
    command = [sys.executable, "-m", "bot.healthcheck"]
    environment = {"PATH": os.environ["PATH"], "HTTP_BIND": bind}
    return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode


async def until(listening: socket.socket, words: str) -> list[str]:
    """What systemd is told, up to a message with these words."""
    said: list[str] = []
    while not said or words not in said[-1]:
        said.append((await asyncio.to_thread(listening.recv, 4096)).decode())
    return said


async def lines_until(stream: asyncio.StreamReader, words: bytes) -> bytes:
    said = b""
    async with asyncio.timeout(limit(30)):
        while words not in said:
            said += await stream.readline()
    return said


async def test_systemd_hears_it_from_the_start_to_the_end_and_the_file_has_every_event(
    mooring: Mooring, telegram: Telegram, tmp_path: Path
):
    await asyncio.to_thread(mooring.settings.data_dir.mkdir, parents=True)
    alice = await telegram.person("Alice")
    number = await mooring.import_account(alice, await telegram.post("proxies"))
    log, bind = tmp_path / "logs" / "mooring.log", f"127.0.0.1:{free_port()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.settimeout(limit(30))
        systemd.bind(str(tmp_path / "notify"))
        running = await program.start(
            ["run"],
            cwd=tmp_path,
            env={
                "PATH": os.environ["PATH"],
                **mooring.environment(),
                "NOTIFY_SOCKET": str(tmp_path / "notify"),
                "WATCHDOG_USEC": "600000",
                "RECONNECT_DELAY": "50ms",
                "LOG_FORMAT": "json",
                "LOG_FILE": str(log),
                "HTTP_BIND": bind,
            },
        )
        try:
            assert await until(systemd, "READY=1") == ["READY=1"]
            fed = await until(systemd, "1 of 1 accounts are connected")
            assert all(message.startswith("WATCHDOG=1\nSTATUS=") for message in fed)
            assert await asyncio.to_thread(asked, bind) == 0
            await telegram.post("connections/cut", user=alice["id"])
            said = await lines_until(running.stderr, b"reconnect.ok")
            running.send_signal(signal.SIGTERM)
            await until(systemd, "STOPPING=1")
            async with asyncio.timeout(limit(30)):
                _, errors = await running.communicate()
        finally:
            if running.returncode is None:
                running.kill()
                await running.wait()
    assert running.returncode == 0
    assert await asyncio.to_thread(asked, bind) == 1
    written = await asyncio.to_thread(log.read_text)
    assert written == (said + errors).decode()
    lines: list[dict[str, Any]] = [json.loads(line) for line in written.splitlines()]
    events = [line["event"] for line in lines]
    assert "-" not in events
    of_alice = [line["event"] for line in lines if line.get("account") == number]
    for event in ("userbot.online", "connection.lost", "reconnect.attempt", "reconnect.ok"):
        assert event in of_alice
    order = ["recovery.started", "recovery.completed", "shutdown.signal", "stopped"]
    assert [event for event in events if event in order] == order
