"""What is told when, and in which order."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.alerts.plan import Plan, Rank, Remind, TellTogether, make_plan
from bot.alerts.rules import Rules
from storage.alert_switches import AlertKind, of_incident
from storage.alerts import Alert
from storage.incidents import About, Ending
from tests.unit.test_alert_causes import AFTER, NOW, alert

RULES = Rules(NOW, AFTER)


def ranks(plan: Plan) -> list[Rank]:
    return [act.rank for act in plan.acts]


def about(kind: About, **changed: object) -> Alert:
    found = alert(1, **changed)  # type: ignore[arg-type]
    return replace(
        found,
        incident=replace(found.incident, account_id=None, kind=str(kind), subject="spending"),
    )


def said(found: Alert, at: datetime | None) -> Alert:
    return replace(found, incident=replace(found.incident, reminded_at=at))


@pytest.mark.parametrize(
    ("found", "is_told"),
    [
        (alert(1, lasted_s=59), False),
        (alert(1, lasted_s=60), True),
        (alert(1, lasted_s=9, importance=1), False),
        (alert(1, lasted_s=10, importance=1), True),
        (alert(1, lasted_s=0, kind="needs_login"), True),
        (alert(1, lasted_s=0, kind="banned"), True),
        (about(About.SPENDING, lasted_s=0), True),
        (alert(1, is_muted=True), False),
        (alert(1, is_muted=True, importance=1), True),
        (alert(1, is_muted=True, kind="banned"), True),
    ],
)
def test_when_an_open_one_is_told(found: Alert, *, is_told: bool) -> None:
    assert bool(make_plan([found], RULES).acts) is is_told


def test_the_debounce_of_important_ones_is_never_longer_than_that_of_others() -> None:
    found = alert(1, lasted_s=3, importance=1)
    assert make_plan([found], Rules(NOW, timedelta(seconds=3))).acts


@pytest.mark.parametrize(
    ("found", "is_unsaid"),
    [
        (alert(1, lasted_s=41, ending=Ending.RECOVERED), True),
        (alert(1, lasted_s=61, ending=Ending.RECOVERED), False),
        (alert(1, lasted_s=41, ending=Ending.RECOVERED, message=5), False),
        (alert(1, lasted_s=900, ending=Ending.RECOVERED, is_muted=True), True),
        (alert(1, lasted_s=900, ending=Ending.RECOVERED, is_muted=True, message=5), False),
    ],
)
def test_whose_end_nobody_is_to_hear_of(found: Alert, *, is_unsaid: bool) -> None:
    plan = make_plan([found], RULES)
    assert (list(plan.unsaid) == [1], not plan.acts) == (is_unsaid, is_unsaid)


def test_the_most_urgent_is_said_first() -> None:
    plan = make_plan(
        [
            alert(1, ending=Ending.RECOVERED),
            alert(2),
            alert(3, key="proxy 7", message=9),
            alert(4, importance=1),
            alert(5, key="proxy 8"),
            said(alert(6, kind="needs_login", message=6), None),
            alert(7, kind="banned"),
        ],
        RULES,
    )
    assert ranks(plan) == [
        Rank.FOR_OPERATORS,
        Rank.OUTAGE,
        Rank.IMPORTANT,
        Rank.DOWN,
        Rank.REMINDER,
        Rank.END,
        Rank.PROGRESS,
    ]


@pytest.mark.parametrize(
    ("kind", "ago_h", "is_due"),
    [
        ("needs_login", 23, False),
        ("needs_login", 24, True),
        ("needs_login", None, True),
        ("banned", None, True),
        ("banned", 48, False),
        ("offline", None, False),
    ],
)
def test_a_needed_login_is_said_daily_and_a_ban_once(
    kind: str, ago_h: int | None, *, is_due: bool
) -> None:
    at = None if ago_h is None else NOW - timedelta(hours=ago_h)
    plan = make_plan([said(alert(1, kind=kind, message=5), at)], RULES)
    assert [isinstance(act, Remind) for act in plan.acts] == ([True] if is_due else [])


def test_those_that_share_a_message_are_one_act_also_when_some_are_back() -> None:
    plan = make_plan(
        [
            alert(1, key="proxy 7", message=9, ending=Ending.RECOVERED),
            alert(2, key="proxy 7", message=9),
            alert(3, key="proxy 7", message=4),
        ],
        RULES,
    )
    found = {act.place: act.numbers for act in plan.acts if isinstance(act, TellTogether)}
    assert found == {(1, 9): [1, 2], (1, 4): [3]}


def test_an_outage_whose_kind_is_off_is_never_begun_and_one_that_was_told_goes_on() -> None:
    rules = Rules(NOW, AFTER, frozenset({AlertKind.OUTAGE}))
    untold = alert(1, key="proxy 7")
    assert make_plan([untold], rules) == Plan([], [])
    over = alert(1, key="proxy 7", ending=Ending.RECOVERED)
    assert make_plan([over], rules) == Plan([], [1])
    assert ranks(make_plan([alert(1, key="proxy 7", message=4)], rules)) == [Rank.PROGRESS]


@pytest.mark.parametrize(
    ("found", "is_worth_a_sound"),
    [
        (alert(1, lasted_s=300, ending=Ending.RECOVERED), False),
        (alert(1, lasted_s=301, ending=Ending.RECOVERED), True),
        (alert(1, lasted_s=301, ending=Ending.RECOVERED, is_muted=True), False),
        (about(About.SPENDING, lasted_s=301, ending=Ending.RECOVERED), False),
        (about(About.PROVIDER, lasted_s=301, ending=Ending.RECOVERED), True),
    ],
)
def test_which_ends_are_said_aloud(found: Alert, *, is_worth_a_sound: bool) -> None:
    assert RULES.wants_reply(found) is is_worth_a_sound


def test_everything_that_an_incident_can_be_about_has_a_switch() -> None:
    assert {str(kind) for kind in About} <= {str(kind) for kind in AlertKind}
    assert of_incident("failed") is AlertKind.OFFLINE
    assert of_incident("of another version") is AlertKind.OFFLINE
    assert {k for k in AlertKind if k.is_fixed} == {AlertKind.NEEDS_LOGIN, AlertKind.BANNED}
