"""The instances that share the accounts, what a drain would do, and those that died."""

from dataclasses import replace
from datetime import timedelta

from bot.views import instances
from storage.deaths import Death
from storage.instances import Role
from storage.team import Condition, Leaving, Member
from tests.unit.ann import NOW
from tests.unit.shown.case import T, case
from tests.unit.test_alert_causes import alert
from tests.unit.test_alert_views import ON

WELL = Member(
    "0a1b2c3d4e5f6071",
    "harbour <1>",
    4711,
    "0.1.0",
    Role.RUN,
    NOW - timedelta(days=2, hours=3),
    NOW + timedelta(seconds=12),
    timedelta(seconds=3),
    Condition.WELL,
    400,
    ["house", "bot"],
)
WORKER = replace(
    WELL,
    id="1b2c3d4e5f60710a",
    pid=12,
    host="pier",
    role=Role.WORKER,
    seats=[],
    recovering=(30, 400),
    started_at=NOW - timedelta(seconds=20),
)
DRAINING = replace(WORKER, state=Condition.DRAINING, accounts=1, recovering=None)
SILENT = replace(
    WORKER,
    id="2c3d4e5f60710a1b",
    state=Condition.SILENT,
    heard=timedelta(seconds=40),
    recovering=None,
)
CONTROL = replace(WELL, id="3d4e5f60710a1b2c", role=Role.CONTROL, seats=["bot"], accounts=0)
DEATH = Death(
    "0a1b",
    "harbour <1>",
    "",
    4711,
    Role.WORKER,
    NOW - timedelta(minutes=2),
    400,
    400,
    0,
    2,
    has_left=False,
)
BOT_DEATH = replace(DEATH, role=Role.CONTROL, accounts=0, waiting=0)
OVER = replace(alert(1, kind="instance_died").incident, closed_at=NOW)
MANY = [replace(WORKER, id=f"{n:016x}", recovering=None) for n in range(9)]

CASES = [
    case("all kinds", instances.listing, T, [WELL, WORKER, DRAINING, SILENT, CONTROL], now=NOW),
    case("one, after a press", instances.listing, T, [WELL], now=NOW, told=T("instances-gone")),
    case("the second page of many", instances.listing, T, MANY, now=NOW, page=1),
    case("none", instances.listing, T, [], now=NOW),
    case("on SQLite", instances.alone, T),
    case("others take over", instances.ask, T, Leaving(WELL, heirs=2, speakers=1)),
    case("one other takes over", instances.ask, T, Leaving(WORKER, heirs=1, speakers=1)),
    case("nobody takes over", instances.ask, T, Leaving(WELL, heirs=0, speakers=0)),
    case("nobody takes over", instances.ask_again, T, Leaving(WELL, heirs=0, speakers=0)),
    case("the only bot", instances.ask_again, T, Leaving(CONTROL, heirs=2, speakers=0)),
    case("others take over", instances.died, ON, DEATH),
    case("nobody takes over", instances.died, ON, replace(DEATH, heirs=0)),
    case("without accounts", instances.died, ON, replace(DEATH, accounts=0)),
    case("one with the bot", instances.died, ON, BOT_DEATH),
    case("all are back", instances.died_over, ON, OVER, replace(DEATH, waiting=0)),
    case("some are not", instances.died_over, ON, OVER, replace(DEATH, waiting=0, troubled=2)),
    case("one account", instances.died_over, ON, OVER, replace(DEATH, accounts=1, waiting=0)),
    case("without accounts", instances.died_over, ON, OVER, replace(DEATH, accounts=0, waiting=0)),
    case("one with the bot", instances.died_over, ON, OVER, BOT_DEATH),
]
