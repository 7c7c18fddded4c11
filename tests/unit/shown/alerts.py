"""What is told by itself, and what is told of it when it is over."""

from dataclasses import replace
from datetime import UTC, timedelta

from bot.backing_up import Why
from bot.views import about, alerts, backups, freezes, muting, outages
from bot.views.backups import Shelf
from storage.account import Freeze
from storage.alert_switches import AlertKind
from storage.incidents import (
    BACKUPS,
    NETWORK,
    TELEGRAM,
    Ending,
    Incident,
    account_subject,
    instance_network,
    proxy_subject,
)
from storage.mutes import FOREVER
from tests.unit.ann import ANN, NOW
from tests.unit.shown.case import T, case
from tests.unit.test_alert_causes import BLOCKED, DROPPED, SILENT, alert
from tests.unit.test_alert_views import ON, incident, outage
from tests.unit.test_views import account


def subject_of(kind: str) -> str | None:
    return proxy_subject(7) if kind.startswith(("proxy", "lease")) else None


KINDS = ("offline", "failed", "needs_login", "banned")
ABOUT = {
    "proxy_country": "Germany, and at first it was the Netherlands",
    "proxy_paid": "2026-03-04",
    "lease_lost": "it has given the address away",
    "spending": "19.80 of 20.00",
    "provider": "the key was rejected",
    "bot_conflict": "poller",
    "instance_died": "process 4711 on harbour, with 400 accounts",
    "backup_failed": "disk_full",
    "account_frozen": "",
}
TROUBLES = [
    replace(alert(1, cause, kind=kind).incident, subject=subject_of(kind))
    for kind, cause in ABOUT.items()
]
FOR_GOOD = account(7, "FAILED", reason="AUTO_RECONNECT is off", retry_at=None)
ENDINGS = [end for end in Ending if end is not Ending.TURNED]
"""The other one ends only a part of an outage."""
PLACES = [("harbour", 4711), ("pier", 12)]
CUT_OFF = instance_network("0a1b2c3d4e5f6071")
BACK = [incident(number, ending=Ending.RECOVERED) for number in (1, 2, 3)]
FROZEN = [
    replace(incident(7, "", kind="account_frozen", ending=end), subject=account_subject(7))
    for end in (None, Ending.RECOVERED, Ending.FORGOTTEN, Ending.LOGGED_OUT, Ending.TURNED)
]
FREEZE = Freeze(NOW - timedelta(2), NOW + timedelta(88), "https://t.me/spambot")
BACKUP_CAUSES = (*Why, "The database does not answer")
SHELF = Shelf("/var/lib/mooring/data/backups", "", NOW - timedelta(days=1, hours=3))


def no_backup(cause: str, ending: Ending | None = None) -> Incident:
    return replace(incident(7, cause, kind="backup_failed", ending=ending), subject=BACKUPS)


CASES = [
    *(case(kind, alerts.opened, ON, incident(7, DROPPED, kind=kind), ANN) for kind in KINDS),
    case("waits for an operator", alerts.opened, ON, incident(7, DROPPED), FOR_GOOD),
    case("of an account that is gone", alerts.opened, ON, incident(7, DROPPED), None),
    *(case(end, alerts.over, ON, incident(7, DROPPED, ending=end), ANN) for end in ENDINGS),
    case("aloud", alerts.is_back, ON, incident(7, DROPPED, ending=Ending.RECOVERED), ANN),
    *(case(kind, alerts.reminder, ON, incident(7, DROPPED, kind=kind), ANN) for kind in KINDS[2:]),
    case(
        "a proxy rejects its password",
        outages.opened,
        ON,
        outage(*(incident(number) for number in range(1, 9))),
        {7: ANN},
    ),
    case(
        "the network",
        outages.opened,
        ON,
        outage(incident(1, SILENT), incident(2, DROPPED), key=NETWORK),
        {},
    ),
    case(
        "the network of all instances",
        outages.opened,
        ON,
        replace(outage(incident(1, SILENT), incident(2, DROPPED), key=NETWORK), places=PLACES),
        {},
    ),
    case(
        "the network of one instance",
        outages.opened,
        ON,
        replace(outage(incident(1, SILENT), key=CUT_OFF), places=PLACES[:1]),
        {},
    ),
    case(
        "the network of one instance",
        outages.over,
        ON,
        replace(outage(*BACK, key=CUT_OFF), places=PLACES[:1]),
    ),
    case("Telegram", outages.opened, ON, outage(incident(1, BLOCKED), key=TELEGRAM), {}),
    case("some are back", outages.opened, ON, outage(incident(7), *BACK), {7: ANN}),
    case("all are back", outages.over, ON, outage(*BACK)),
    case("aloud", outages.is_over, ON, outage(*BACK)),
    *(case(i.kind, about.opened, T, i, "203.0.113.7:1080") for i in TROUBLES),
    *(case(i.kind, about.over, T, i, "203.0.113.7:1080") for i in TROUBLES),
    *(case(c, backups.failed, ON, no_backup(c), SHELF) for c in BACKUP_CAUSES),
    case(
        "none is there, one of several machines",
        backups.failed,
        ON,
        no_backup(Why.DISK_FULL),
        replace(SHELF, host="harbour", newest_at=None),
    ),
    *(case(c, backups.made_again, ON, no_backup(c, Ending.RECOVERED)) for c in BACKUP_CAUSES),
    case("told", freezes.opened, ON, FROZEN[0], replace(ANN, freeze=FREEZE)),
    case("nothing is told", freezes.opened, ON, FROZEN[0], ANN),
    case("of an account that is gone", freezes.opened, ON, FROZEN[0], None),
    *(case(i.ending, freezes.over, ON, i, ANN) for i in FROZEN[1:]),
    case("one is off", muting.switches, T, {AlertKind.OUTAGE}, T("cancelled")),
    case("not muted", muting.muting, T, ANN, None, now=NOW, zone=UTC),
    case("for a time", muting.muting, T, ANN, NOW + timedelta(hours=8), now=NOW, zone=UTC),
    case("for good", muting.muting, T, ANN, FOREVER, now=NOW, zone=UTC),
]
