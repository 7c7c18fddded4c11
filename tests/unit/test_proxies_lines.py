"""Many proxies at once: a message, or a text file."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.proxies import Endpoint
from tests.unit.test_proxies import pieces
from userbot.proxies import Flaw, Parsed, TooManyLines, parse_many
from userbot.proxies.lines import MOST_LINES, Bad, Duplicate, Good


@given(text=st.lists(pieces | st.sampled_from(["\n", "\r\n", "\r"]), max_size=40).map("".join))
def test_every_line_of_any_text_has_one_answer(text: str) -> None:
    parsing = parse_many(text)
    answers: list[Good | Bad | Duplicate] = [*parsing.good, *parsing.bad, *parsing.duplicates]
    numbers = [answer.line for answer in answers]
    assert len(numbers) == len(set(numbers))


def test_a_file_is_read_line_by_line() -> None:
    text = (
        "\ufeff# bought in May\r\n"
        "203.0.113.7:1080:user:one\r\n"
        "\r\n"
        "nonsense\r\n"
        "203.0.113.7:1080:user:two # the same\r\n"
        "http://203.0.113.7:1080\n"
        "socks5://user@203.0.113.7:1080\r"
        "203.0.113.7:1080:other:one"
    )
    parsing = parse_many(text)
    first = Endpoint("socks5", "203.0.113.7", 1080, "user", "one")
    assert parsing.good == [
        Good(2, Parsed(first, is_guess=True)),
        Good(6, Parsed(Endpoint("http", "203.0.113.7", 1080))),
        Good(8, Parsed(Endpoint("socks5", "203.0.113.7", 1080, "other", "one"), is_guess=True)),
    ]
    assert parsing.bad == [Bad(4, Flaw.NO_PORT)]
    assert [(each.line, each.first_line) for each in parsing.duplicates] == [(5, 2), (7, 2)]
    assert isinstance(parsing.duplicates[0], Duplicate)
    assert parse_many("") == parse_many("\n# nothing\n")


def test_ten_thousand_lines_are_read_and_one_more_is_refused_as_a_whole() -> None:
    lines = [f"u{n}:p%40@gate{n}.example.com:{n % 60000 + 1}" for n in range(MOST_LINES)]
    began = time.perf_counter()
    parsing = parse_many("\n".join(lines) + "\n")
    assert len(parsing.good) == MOST_LINES
    assert time.perf_counter() - began < 5, "a tenth of that, on an ordinary machine"
    with pytest.raises(TooManyLines, match="10,001 lines are too many") as caught:
        parse_many("\n".join([*lines, "x"]))
    assert caught.value.lines == MOST_LINES + 1
