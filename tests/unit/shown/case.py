"""What a view's snapshot is made of: the view, and what it shows."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import ParamSpec

from bot.texts import Texts
from bot.views.view import View

P = ParamSpec("P")
T = Texts()


@dataclass(frozen=True)
class Case:
    title: str
    view: Callable[..., View]
    render: Callable[[], View]

    @property
    def module(self) -> str:
        """The view's, below `bot.views`."""
        return self.view.__module__.removeprefix("bot.views.")

    def __str__(self) -> str:
        """The text as it is sent, and below it the keyboard, row by row."""
        shown = self.render()
        keyboard = shown.keyboard.inline_keyboard if shown.keyboard else []
        keys = [
            " ".join(f"[{key.text} → {key.callback_data or key.url}]" for key in row)
            for row in keyboard
        ]
        head = f"=== {self.view.__name__}: {self.title}"
        return "\n".join([head, shown.text, *(["", *keys] if keys else [])])


def case(title: str, view: Callable[P, View], *args: P.args, **kwargs: P.kwargs) -> Case:
    """The arguments are checked against the view's."""
    return Case(title, view, partial(view, *args, **kwargs))
