"""What systemd is told, over a real socket."""

import asyncio
import os
import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from bot.notify import EVERY_S, Notifier, notifier
from tests.timing import limit


@pytest.fixture(params=["path", "abstract"])
def heard(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[socket.socket]:
    """The end that systemd listens at."""
    address = str(tmp_path / "notify")
    if request.param == "abstract":
        address = f"\0mooring-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.settimeout(limit(10))
        listening.bind(address)
        yield listening


def address_of(listening: socket.socket) -> str:
    name = listening.getsockname()
    return f"@{name[1:].decode()}" if isinstance(name, bytes) else str(name)


def test_it_hears_that_we_are_ready_and_that_we_stop(heard: socket.socket) -> None:
    systemd = notifier({"NOTIFY_SOCKET": address_of(heard)})
    systemd.ready()
    assert heard.recv(1000) == b"READY=1"
    systemd.stopping()
    assert heard.recv(1000).startswith(b"STOPPING=1\nSTATUS=")


async def test_the_watchdog_is_fed_while_the_loop_turns(heard: socket.socket) -> None:
    systemd = Notifier(address_of(heard), watchdog_s=0.03)
    async with asyncio.timeout(limit(10)):
        feeding = asyncio.get_running_loop().create_task(systemd.keep(lambda: "2 of 3 connected"))
        for _ in range(3):
            said = await asyncio.to_thread(heard.recv, 1000)
            assert said == b"WATCHDOG=1\nSTATUS=2 of 3 connected"
        feeding.cancel()
        with suppress(asyncio.CancelledError):
            await feeding


async def test_where_nobody_listens_any_more_nothing_fails(tmp_path: Path) -> None:
    systemd = Notifier(str(tmp_path / "gone"), watchdog_s=1)
    systemd.ready()
    systemd.stopping()


def test_where_a_socket_is_full_nothing_waits(heard: socket.socket) -> None:
    systemd = Notifier(address_of(heard))
    for _ in range(2000):
        systemd.ready()


def test_outside_of_systemd_nothing_is_told() -> None:
    systemd = notifier({})
    systemd.ready()
    assert systemd.every_s == EVERY_S


@pytest.mark.parametrize(
    ("environment", "every_s"),
    [
        ({"WATCHDOG_USEC": "60000000"}, 20.0),
        ({"WATCHDOG_USEC": "60000000", "WATCHDOG_PID": str(os.getpid())}, 20.0),
        ({"WATCHDOG_USEC": "60000000", "WATCHDOG_PID": "1"}, EVERY_S),
        ({"WATCHDOG_USEC": "0"}, EVERY_S),
        ({"WATCHDOG_USEC": "soon"}, EVERY_S),
    ],
)
def test_the_watchdog_is_fed_three_times_in_its_time_where_it_is_meant_for_us(
    environment: dict[str, str], every_s: float
) -> None:
    assert notifier(environment | {"NOTIFY_SOCKET": "/x"}).every_s == every_s


def test_our_children_do_not_speak_for_us() -> None:
    environment = {"NOTIFY_SOCKET": "/x", "WATCHDOG_USEC": "1", "WATCHDOG_PID": "1", "PATH": "/"}
    notifier(environment)
    assert environment == {"PATH": "/"}
