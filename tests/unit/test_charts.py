"""Pictures are drawn by a child: a real PNG, a time limit, and nothing of ours in its hands."""

import struct
import subprocess
import sys
import time

import pytest

from bot.charts.child import PNG, Charts, NotDrawn
from bot.charts.picture import Bar, Curve, Picture, Row, from_json, to_json
from tests.timing import seconds

PICTURE = Picture(
    title="Uptime, last 24 hours",
    subtitle="Connected: 99.7 % of the time",
    ticks=[(0.25, "18:00"), (0.75, "06:00")],
    rows=[
        Row("#7 Ann 🎉 $x$ \n بوب ••00", "75 %", [("connected", 0, 0.7), ("down", 0.7, 1)]),
        Row("", "–", [("unknown", 0, 0.5), ("retrying", 0.5, 0.5001), ("stopped", 0.6, 1)]),  # noqa: RUF001 - as shown
    ],
    legend=[("connected", "connected"), ("down", "down")],
    counts_title="Reconnects per hour",
    counts=[0, 3, 1],
    bars_title="Latency per proxy",
    bars=[Bar("203.0.113.7:1080", None, "no answer"), Bar("203.0.113.8:1080", 40, "40 ms")],
)


def size(png: bytes) -> tuple[int, int]:
    width, height = struct.unpack(">II", png[16:24])
    return width, height


async def test_the_child_draws_a_png_of_a_phones_width() -> None:
    png = await Charts().draw(PICTURE)
    assert png.startswith(PNG)
    width, height = size(png)
    assert width == 1080
    assert 600 <= height <= 2000
    assert len(png) < 1 << 20


def test_the_bots_own_process_never_imports_what_draws() -> None:
    """Asked of a new process: in this one somebody else may have."""
    asked = "import sys, bot.control, bot.charts.child; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", asked], check=False).returncode == 0


async def test_an_account_without_anything_to_show_is_drawn_too() -> None:
    empty = Picture("", "", [], [Row("#1", "–", [])], [], "", [], "", curve=Curve("", []))  # noqa: RUF001 - as shown
    assert (await Charts().draw(empty)).startswith(PNG)


def test_a_picture_crosses_as_json() -> None:
    assert to_json(from_json(to_json(PICTURE))) == to_json(PICTURE)
    with pytest.raises(ValueError, match="rows"):
        from_json(b'{"title": "no picture"}')


async def test_a_child_that_takes_too_long_is_killed() -> None:
    began = time.monotonic()
    stuck = Charts([sys.executable, "-c", "import time; time.sleep(600)"], limit_s=0.2)
    with pytest.raises(NotDrawn) as caught:
        await stuck.draw(PICTURE)
    assert caught.value.is_late
    assert time.monotonic() - began < seconds(30)


@pytest.mark.parametrize(
    "command",
    [
        [sys.executable, "-c", "raise SystemExit(1)"],
        [sys.executable, "-c", "print('no picture')"],
        ["/nonexistent/python"],
    ],
)
async def test_a_child_that_fails_is_told(command: list[str]) -> None:
    with pytest.raises(NotDrawn) as caught:
        await Charts(command, limit_s=seconds(60)).draw(PICTURE)
    assert not caught.value.is_late


async def test_the_child_gets_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOT_TOKEN", "123:secret")
    code = (
        "import os, sys; sys.stdin.buffer.read();"
        "sys.stdout.buffer.write(b'\\x89PNG\\r\\n\\x1a\\n' + repr(dict(os.environ)).encode())"
    )
    png = await Charts([sys.executable, "-c", code], limit_s=seconds(60)).draw(PICTURE)
    assert b"secret" not in png
    assert b"PATH" in png
