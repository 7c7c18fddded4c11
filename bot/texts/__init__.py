"""What operators read. A language is a directory of Fluent files beside this module."""

import html
from pathlib import Path

from fluent.runtime import FluentBundle, FluentResource


class Html(str):
    """Text that is HTML already and is not escaped again."""

    __slots__ = ()


class Texts:
    """The messages of one language. Plain arguments are escaped for Telegram's HTML."""

    def __init__(self, language: str = "en") -> None:
        # Isolation marks would show as boxes round names in some clients.
        self._bundle = FluentBundle([language], use_isolating=False)
        for path in sorted((Path(__file__).parent / language).glob("*.ftl")):
            self._bundle.add_resource(FluentResource(path.read_text(encoding="utf-8")))

    def __call__(self, key: str, **args: str | float) -> Html:
        """The message `key` with its variables filled in. KeyError where there is none."""
        pattern = self._bundle.get_message(key).value
        if pattern is None:
            raise KeyError(key)
        safe = {name: _safe(value) for name, value in args.items()}
        text, errors = self._bundle.format_pattern(pattern, safe)
        if errors:
            raise errors[0]
        return Html(text)


def _safe(value: str | float) -> str | float:
    if isinstance(value, str) and not isinstance(value, Html):
        return html.escape(value, quote=False)
    return value
