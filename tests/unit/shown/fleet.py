"""How everything is, what happened, who may see it, and what is set."""

from datetime import UTC, timedelta

from bot.callbacks import Days, EventGroup, OnEvents, OnUptime, Way
from bot.chronicle import Told
from bot.desk import Backups
from bot.people import Person
from bot.views import events, overview, people, settings, uptime
from storage.delivery import Fallback
from storage.liveness import Beat
from storage.operators import Role
from tests.unit.ann import ANN, NOW
from tests.unit.shown.case import T, case
from tests.unit.shown.crew import DRAINING, WELL
from tests.unit.shown.crew import SILENT as SILENT_ONE
from tests.unit.situations import situation, totals
from tests.unit.test_event_views import entry, told
from tests.unit.test_uptime_views import ALONE, SEEN
from tests.unit.test_views import account, ran

DOWN = account(8, "RETRYING", attempt=2, retry_at=NOW + timedelta(seconds=15))
LOGIN = account(9, "NEEDS_LOGIN")
FLEET = [ANN, DOWN, LOGIN, account(10, "STOPPED")]
BACKUPS = Backups(NOW - timedelta(hours=3))
FAILED = Backups(NOW - timedelta(days=3), "the disk is full.")
SILENT = ran(beat=Beat("a", NOW - timedelta(minutes=3)))
HAPPENED: Told = told(
    entry("state.retrying", 7, "cut", proxy="203.0.113.7:1080", latency_ms=38, before="ONLINE"),
    entry("reconnect.forced", 7, actor="operator 123"),
    entry("account.stopped", 8, actor="command line"),
    entry("proxy.changed", actor="operator 9", to="192.0.2.1:1", before="192.0.2.2:1"),
    entry("delivery.drafted", actor="cron <job>", delivery=13),
    newer=True,
    older=True,
)
OLGA = Person(1, Role.OWNER, "Olga", is_named=True)
ROB = Person(2, Role.VIEWER, "Rob <3")
VARIABLES = {"TIME_ZONE": "Europe/Berlin", "ALERT_AFTER": "60s"}

CASES = [
    case("all is well", overview.home, T, totals([ANN])),
    case("no account yet", overview.home, T, totals([])),
    case("sending is held", overview.home, T, totals(FLEET), paused=T("paused-now")),
    case(
        "all is well",
        overview.status,
        T,
        situation([ANN], now=NOW, instances=[ran()], backups=BACKUPS),
        attempts=10,
        freshness=T("status-live", at="12:10 (UTC)"),
    ),
    case(
        "trouble",
        overview.status,
        T,
        situation(FLEET, now=NOW, sick_proxies=2, instances=[SILENT], backups=FAILED),
        attempts=10,
        paused=T("paused-now"),
    ),
    case(
        "several processes, and another program with the same token",
        overview.status,
        T,
        situation(
            [ANN],
            now=NOW,
            instances=[ran()],
            members=[WELL, DRAINING, SILENT_ONE],
            has_conflict=True,
        ),
        attempts=10,
    ),
    case("no account yet", overview.status, T, situation(now=NOW), attempts=10),
    case("lights", overview.legend, T),
    case("while messages go out", overview.help_, T, is_paused=False),
    case("sending is held", overview.help_, T, is_paused=True),
    case("everything", events.listing, T, HAPPENED, OnEvents()),
    case(
        "of an account, in the middle",
        events.listing,
        T,
        HAPPENED,
        OnEvents(group=EventGroup.PROXIES, account=7, way=Way.OLDER, edge=101),
    ),
    case("nothing", events.listing, T, told(), OnEvents()),
    case("all accounts", uptime.caption, T, SEEN, OnUptime(), UTC),
    case("one account", uptime.caption, T, ALONE, OnUptime(account=7, days=Days.DAY), UTC),
    case("no account yet", uptime.nothing, T),
    case("everybody", people.listing, T, [OLGA, ROB]),
    case("of one who is named in the settings", people.card, T, OLGA),
    case("of a viewer, after a press", people.card, T, ROB, said=T("saved")),
    case("of a viewer", people.ask, T, ROB),
    case("for a viewer", people.invited, T, Role.VIEWER, "https://t.me/bot?start=abc", 10),
    case("as it is", settings.shown, T, VARIABLES, fallback=Fallback.AUTOMATIC, is_paused=False),
    case("sending is held", settings.shown, T, {}, fallback=Fallback.NEVER, is_paused=True),
    case("the usual one", settings.zone, T, "12:00 (UTC)", usual="UTC", is_own=False),
    case("one's own", settings.zone, T, "13:00 (Europe/Berlin)", usual="UTC", is_own=True),
    case("no such place", settings.bad_zone, T),
]
