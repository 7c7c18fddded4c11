"""What operators read. A language is a directory of Fluent files beside this module.

What goes wrong below the chat is told in whole sentences, which also stand in rows and in what the
command line prints. In the chat each is a message too, found by its words: `said-…`.
"""

import html
import re
from functools import cache
from pathlib import Path

from fluent.runtime import FluentBundle
from fluent.syntax import FluentParser
from fluent.syntax.ast import Resource

SAID = "said-"
SAYING = {"reason", "cause", "why"}
"""The variables that hold such sentences."""
_LONGEST_SAID = 300
_NUMBER = re.compile(r"[0-9]+")
_NO_LETTERS = re.compile(r"[^a-z]+")


def key_of(sentence: str) -> str:
    """The message that says the same, if there is one; its numbers are `n1`, `n2` and so on."""
    return SAID + _NO_LETTERS.sub("-", sentence.lower()).strip("-")


class Html(str):
    """Text that is HTML already and is not escaped again."""

    __slots__ = ()


class Texts:
    """The messages of one language. Plain arguments are escaped for Telegram's HTML."""

    def __init__(self, language: str = "en") -> None:
        # Isolation marks would show as boxes round names in some clients.
        self._bundle = FluentBundle([language], use_isolating=False)
        for path in sorted((Path(__file__).parent / language).glob("*.ftl")):
            self._bundle.add_resource(_resource(path))

    def __call__(self, key: str, **args: str | float) -> Html:
        """The message `key` with its variables filled in. KeyError where there is none."""
        pattern = self._bundle.get_message(key).value
        if pattern is None:
            raise KeyError(key)
        told = {name: self._told(name, value) for name, value in args.items()}
        safe = {name: _safe(value) for name, value in told.items()}
        text, errors = self._bundle.format_pattern(pattern, safe)
        if errors:
            raise errors[0]
        return Html(text)

    def said(self, sentence: str) -> Html | str:
        """A sentence of the code in this language; one that it does not know as it is."""
        if len(sentence) > _LONGEST_SAID or not sentence:
            return sentence
        numbers = {f"n{n}": word for n, word in enumerate(_NUMBER.findall(sentence), 1)}
        try:
            return self(key_of(sentence), **numbers)
        except LookupError:
            return sentence

    def _told(self, name: str, value: str | float) -> str | float:
        is_plain = isinstance(value, str) and not isinstance(value, Html)
        return self.said(str(value)) if name in SAYING and is_plain else value


@cache
def _resource(path: Path) -> Resource:
    """A file's messages, without where each stands; to parse all files takes half a second."""
    return FluentParser(with_spans=False).parse(path.read_text(encoding="utf-8"))


def _safe(value: str | float) -> str | float:
    if isinstance(value, str) and not isinstance(value, Html):
        return html.escape(value, quote=False)
    return value
