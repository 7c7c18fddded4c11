"""Whole orders in one line."""

from datetime import UTC, datetime

import pytest

from bot.oneline import Order, parse_order
from bot.splitting import Piece
from bot.times import BadTime
from userbot.targets import BadTarget

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
HALF_SEVEN = datetime(2026, 11, 22, 18, 30, tzinfo=UTC)


def read(line: str) -> Order:
    return parse_order(Piece(line), now=NOW, zone=UTC)


@pytest.mark.parametrize(
    ("line", "order"),
    [
        ("/send", Order()),
        ("/send #7", Order(7)),
        ("/send @bobby", Order(target="@bobby")),
        ("/send @bobby hello", Order(target="@bobby", content=Piece("hello"))),
        ("/draft@my_bot @bobby hello", Order(target="@bobby", content=Piece("hello"))),
        ("/send @bobby\nhello\n\nthere", Order(target="@bobby", content=Piece("hello\n\nthere"))),
        ("/send @bobby at 18:30 hello", Order(None, "@bobby", HALF_SEVEN, Piece("hello"))),
        ("/send @bobby at 18:30", Order(None, "@bobby", HALF_SEVEN)),
        ("/send #7 @bobby hello", Order(7, "@bobby", content=Piece("hello"))),
        ("/send #7 me #7 is me", Order(7, "me", content=Piece("#7 is me"))),
        ("/send https://t.me/bobby hi", Order(target="@bobby", content=Piece("hi"))),
        ("/send -1001234567 hi", Order(target="-1001234567", content=Piece("hi"))),
        ("/send +442079460000 hi", Order(target="+442079460000", content=Piece("hi"))),
        ("/send +44 20 7946 0000 hi", Order(target="+442079460000", content=Piece("hi"))),
        ("/send +44 (20) 7946-0000", Order(target="+442079460000")),
        ("/start_bot @bobby /start", Order(target="@bobby", content=Piece("/start"))),
    ],
)
def test_a_line_is_an_order(line: str, order: Order) -> None:
    assert read(line) == order


def test_formatting_moves_with_its_text() -> None:
    bold = {"type": "bold", "offset": 16, "length": 5}
    found = parse_order(Piece("/send @bobby 🎉 hello", (bold,)), now=NOW, zone=UTC)
    assert found.content == Piece("🎉 hello", ({"type": "bold", "offset": 3, "length": 5},))


@pytest.mark.parametrize(
    "line", ["/send hello @bobby", "/send #x @bobby hi", "/send +44 hi", "/send ü"]
)
def test_where_nobody_is_named_that_is_said(line: str) -> None:
    assert isinstance(read(line).error, BadTarget)


def test_a_time_that_does_not_exist_is_named_and_the_target_stays() -> None:
    found = read("/send #7 @bobby at 25:00 hello")
    assert isinstance(found.error, BadTime)
    assert (found.account_id, found.target, found.content) == (7, "@bobby", Piece(""))
