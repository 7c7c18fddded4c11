"""What is set, and where each of it is changed."""

from collections.abc import Mapping

from bot.callbacks import AlertAct, DraftAct, Go, OnAlert, OnDraft, Room
from bot.texts import Texts
from bot.views.view import View, back, lines, rows
from storage.delivery import Fallback


def shown(
    t: Texts, environment: Mapping[str, str], *, fallback: Fallback, is_paused: bool
) -> View:
    """What the chat can change, and below it what only the environment can."""
    fixed = [t("settings-line", name=name, value=value) for name, value in environment.items()]
    text = t("settings", fallback=str(fallback), paused="yes" if is_paused else "no")
    pause = DraftAct.RESUME if is_paused else DraftAct.PAUSE
    held = t("button-resume" if is_paused else "button-pause")
    return View(
        lines([text, *fixed]),
        rows(
            [(t("button-people"), Go(room=Room.PEOPLE)), (held, OnDraft(act=pause))],
            [
                (t("button-fallback"), Go(room=Room.FALLBACK)),
                (t("button-alerts"), OnAlert(act=AlertAct.SWITCHES)),
            ],
            [back(t)],
        ),
    )
