"""What is set, and where each of it is changed; and in which time zone somebody lives."""

from collections.abc import Mapping

from bot.callbacks import AlertAct, DraftAct, Go, OnAlert, OnDraft, OnZone, Room
from bot.texts import Html, Texts
from bot.views.view import Button, View, back, in_columns, lines, rows
from storage.delivery import Fallback

ZONES = (
    "UTC",
    "Europe/London",
    "Europe/Berlin",
    "Europe/Kyiv",
    "Europe/Moscow",
    "Africa/Lagos",
    "Asia/Dubai",
    "Asia/Kolkata",
    "Asia/Singapore",
    "America/New_York",
    "America/Los_Angeles",
    "America/Sao_Paulo",
)
"""That buttons offer; all others are typed."""


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
            [
                (t("button-zone"), Go(room=Room.ZONE)),
                (t("button-instances"), Go(room=Room.INSTANCES)),
            ],
            [back(t)],
        ),
    )


def zone(t: Texts, clock: str, *, usual: str, is_own: bool, told: Html | None = None) -> View:
    """What time it is for this operator, and other zones to choose from; `told` stands above."""
    own = t("zone-own") if is_own else t("zone-usual")
    asked = lines([*([told, ""] if told else []), t("zone", clock=clock, own=own)])
    buttons: list[Button] = [(name, OnZone(name=name)) for name in ZONES]
    as_set: list[Button] = [(t("zone-button-usual", zone=usual), OnZone())] if is_own else []
    return View(asked, rows(*in_columns(buttons, 2), as_set, [back(t)]))


def bad_zone(t: Texts) -> View:
    """That is none; another one can be sent."""
    return View(t("zone-bad"), rows([(t("button-cancel"), Go(room=Room.CANCEL))]))
