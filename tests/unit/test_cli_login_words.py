"""What `mooring login` says of what Telegram answers."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.cli import login_words as words
from userbot.login_answers import ERRORS, WAYS

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize("kind", sorted(ERRORS))
def test_every_error_has_words_without_html_and_buttons(kind: str) -> None:
    said = words.error({"error": kind, "account": 7, "seconds": 90, "words": "NO_WAY"})
    assert not said.startswith("Not logged in: the Mooring that runs says")
    assert not set("<>{}") & set(said)
    assert "/cancel" not in said


@pytest.mark.parametrize("via", sorted(WAYS))
def test_every_way_of_a_code_has_words(via: str) -> None:
    said = words.where({"via": via, "length": 5, "where": "a***@b", "url": "https://fragment.com"})
    assert said.endswith("It has 5 digits.")
    assert said != "Telegram sent a code. It has 5 digits."
    assert "digits;" not in said


def test_what_is_not_known_is_told_as_it_is() -> None:
    assert "says quite_new" in words.error({"error": "quite_new"})
    assert words.where({"via": "pigeon"}) == "Telegram sent a code."


def test_a_hint_can_not_move_the_cursor() -> None:
    assert words.hint({"hint": "my <b>dog\x1b[2J"}) == " (hint: my dog�[2J)"
    assert words.hint({"hint": ""}) == ""


def test_the_wait_for_another_way_is_rounded_up() -> None:
    at = (NOW + timedelta(seconds=29.2)).isoformat()
    assert words.too_early_s({"resend_at": at}, NOW) == 30
    assert words.too_early_s({"resend_at": at}, NOW + timedelta(minutes=1)) == 0
    assert words.too_early_s({}, NOW) == 0
