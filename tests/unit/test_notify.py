"""What systemd is told, over a real socket."""

import asyncio
import os
import socket
from collections.abc import Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path
from threading import Thread

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


def fill(listening: socket.socket) -> int:
    """So many messages nobody has read when no more are taken."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as to:
        for sent in count():
            try:
                to.sendto(b"x", socket.MSG_DONTWAIT, listening.getsockname())
            except BlockingIOError:
                return sent
    raise AssertionError("it is never full")


def test_where_a_socket_is_full_nothing_waits(heard: socket.socket) -> None:
    fill(heard)
    # A daemon: one that waits is told of here, and does not hold up the end of the tests.
    saying = Thread(target=Notifier(address_of(heard)).ready, daemon=True)
    saying.start()
    saying.join(limit(5))
    assert not saying.is_alive()


async def test_that_we_are_ready_is_said_again_until_it_was_taken_and_then_no_more(
    heard: socket.socket,
) -> None:
    unread = fill(heard)
    systemd = Notifier(address_of(heard), watchdog_s=0.03)
    systemd.ready()
    async with asyncio.timeout(limit(10)):
        keeping = asyncio.get_running_loop().create_task(systemd.keep(lambda: "all connected"))
        await asyncio.sleep(0)  # its first message is not taken either
        for _ in range(unread):
            assert heard.recv(1000) == b"x"
        said = await asyncio.to_thread(heard.recv, 1000)
        assert said == b"READY=1\nWATCHDOG=1\nSTATUS=all connected"
        said = await asyncio.to_thread(heard.recv, 1000)
        assert said == b"WATCHDOG=1\nSTATUS=all connected"
        keeping.cancel()
        with suppress(asyncio.CancelledError):
            await keeping


async def test_nobody_is_told_that_we_are_ready_once_we_stop(heard: socket.socket) -> None:
    unread = fill(heard)
    systemd = Notifier(address_of(heard))
    systemd.ready()
    for _ in range(unread):
        heard.recv(1000)
    systemd.stopping()
    assert heard.recv(1000).startswith(b"STOPPING=1\n")
    keeping = asyncio.get_running_loop().create_task(systemd.keep(lambda: "closing"))
    assert await asyncio.to_thread(heard.recv, 1000) == b"STATUS=closing"
    keeping.cancel()
    with suppress(asyncio.CancelledError):
        await keeping


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
