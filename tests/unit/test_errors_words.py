"""Errors in an operator's words."""

import asyncio
import re
import ssl

from hypothesis import given
from hypothesis import strategies as st
from telethon import errors as tl

from tests.unit.shipped_errors import REQUEST, SECONDS, SECRET, SHIPPED, made
from userbot import errors
from userbot.errors import in_words

OTHERS: list[type[BaseException]] = [KeyError, OSError, ssl.SSLError, asyncio.CancelledError]
QUOTES = (SECRET, "203", "113", str(SECONDS), f"{SECONDS:x}", "Config", "caused by", "\n")


def test_words_are_one_line_and_quote_nothing_of_the_error() -> None:
    for kind in (*SHIPPED, *errors._LISTED, *OTHERS):
        words = in_words(made(kind))
        assert words.strip() == words != "", kind
        assert not [part for part in QUOTES if part in words], kind


@given(quoted=st.text("0123456789+.:", min_size=4), kind=st.sampled_from(list(errors._LISTED)))
def test_words_do_not_depend_on_what_the_error_holds(
    quoted: str, kind: type[BaseException]
) -> None:
    error = made(kind)
    error.args = (quoted, *error.args)
    error.__cause__ = OSError(111, quoted)
    assert in_words(error) == in_words(made(kind))


def test_what_is_listed_has_words_that_name_no_class() -> None:
    for kind, (_, words) in errors._LISTED.items():
        assert kind.__name__ not in words
        assert "rror" not in words
        assert re.fullmatch(r"[A-Za-z'_;: -]+", words), words


def test_what_is_not_understood_is_named_for_whoever_reads_the_journal() -> None:
    assert in_words(KeyError(SECRET)) == "something unexpected happened (KeyError)"
    refusal = tl.MessageIdInvalidError(REQUEST)
    assert in_words(refusal) == "Telegram refused a request (MessageIdInvalidError)"
