"""Why an order was not carried out, in a shell."""

import re
from pathlib import Path
from typing import Any

import pytest

from bot.cli import order_words as words
from userbot.states import State

USERBOT = Path(__file__).parents[2] / "userbot"
ORDERS = ("orders.py", "leaving.py")


@pytest.mark.parametrize("state", list(State))
def test_every_state_has_words_of_its_own(state: State) -> None:
    assert state not in words.state(state)
    assert words.state(state) == words.why_not({"error": "parked", "state": str(state)})


def test_every_answer_of_an_order_has_words() -> None:
    source = "".join((USERBOT / name).read_text() for name in ORDERS)
    errors = set(re.findall(r'"error": "([a-z_]+)"', source))
    assert {"not_closed", "overtaken"} <= errors
    # These are of other orders: of a log-out and of Telegram's answer to it, and of any crash.
    for error in errors - {"not_online", "unknown", "refused", "internal"}:
        said = words.why_not({"error": error, "state": "STOPPED", "seconds": 9})
        assert "_" not in said
        assert "something went wrong" not in said, error


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        ({"error": "parked", "state": "NEEDS_LOGIN"}, "it needs a login: mooring login"),
        ({"error": "parked", "state": "STOPPED", "why": "unconfirmed"}, "--nothing-else-uses-it"),
        ({"error": "not_closed", "state": "ONLINE"}, "did not close in time; the order stands"),
        ({"error": "flood", "seconds": 90}, "Telegram makes it wait 90 s"),
        ({"error": "internal"}, "look at its log"),
        ({"error": "of a later version"}, "look at its log"),
    ],
)
def test_an_answer_says_what_can_be_done(outcome: dict[str, Any], said: str) -> None:
    assert said in words.why_not(outcome)


def test_a_state_of_another_version_is_told_as_it_is() -> None:
    assert words.state("ASLEEP") == "ASLEEP"
