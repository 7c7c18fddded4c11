"""Proxies: added, listed, checked, changed, moved off, leased; and what they cost."""

from dataclasses import replace

from bot.callbacks import Moving, ProxyAct, Room
from bot.proxy_desk import Return
from bot.views import costs
from bot.views.proxies import acts, adding, card, leasing, listing, moving
from bot.views.proxies.moving import Move
from storage.proxy_checks import Record
from tests.unit.shown.case import T, case
from tests.unit.test_proxy_views import (
    EVERY,
    GONE,
    LEASED,
    NEW,
    RELEASING,
    RETIRED,
    SICK,
    SPENT,
    TWIN,
    UNKNOWN,
    WELL,
    added,
    dossier,
)
from userbot.proxies.causes import Cause

LINES = "203.0.113.7:1080\n203.0.113.8:1080\nwrong\n203.0.113.7:1080\n203.0.113.9:1080"
SEVERAL = [replace(WELL, id=1), replace(SICK, id=2)]
ADDED = added(LINES, SEVERAL)
FOUND = [replace(proxy, id=number) for number, proxy in enumerate(EVERY, start=1)]
ALL = Move(Moving.ALL, 7, "203.0.113.7:1080", 2, WELL)
ONE = Move(Moving.ONE, 3, "#3 Ann", 1, WELL)
ELSEWHERE = replace(SICK, id=8, country="us", accounts=4)
WAYS = {"in trouble": SICK, "new": NEW, "of no known kind": UNKNOWN, "twice": TWIN}
STATES = WAYS | {"leased": LEASED, "going back": RELEASING, "gone": GONE, "retired": RETIRED}
LEASE_ERRORS = (
    "no_provider",
    "no_such_country",
    "out_of_stock",
    "outcome_unknown",
    "interrupted",
    "odd",
)

CASES = [
    case("well", card.card, T, dossier(WELL, day=Record(144, 143, 41)), capacity=5),
    *(case(name, card.card, T, dossier(proxy), capacity=5) for name, proxy in STATES.items()),
    case("after a press", card.card, T, dossier(WELL), capacity=5, told=T("saved")),
    case("of every kind", listing.listing, T, FOUND, capacity=5, can_lease=True),
    case("in trouble", listing.listing, T, FOUND, capacity=5, room=Room.SICK_PROXIES),
    case("none", listing.listing, T, [], capacity=5),
    case("lines", adding.question, T),
    case("not checked yet", adding.answer, T, ADDED, [replace(NEW, id=1), replace(NEW, id=2)]),
    case("checked", adding.answer, T, ADDED, SEVERAL, is_message_kept=True),
    case("late", adding.answer, T, ADDED, [replace(NEW, id=1), SEVERAL[1]], is_late=True),
    *(
        case(name, adding.answer, T, added("203.0.113.7:1080", [proxy]), [proxy])
        for name, proxy in {"well": WELL, **WAYS}.items()
    ),
    case("one", adding.only_bad, T, added("wrong", []), is_message_kept=False),
    case("several", adding.only_bad, T, added("wrong\nbad", []), is_message_kept=True),
    *(
        case(f"for {act}", acts.ask, T, WELL, act)
        for act in (ProxyAct.CHANGE, ProxyAct.PRICE, ProxyAct.COUNTRY)
    ),
    case("static or rotating", acts.kinds, T, WELL),
    case("with accounts", acts.remove, T, WELL),
    case("without any", acts.remove, T, UNKNOWN),
    case("needed", acts.release, T, LEASED, 2),
    case("not needed", acts.release, T, LEASED, 0),
    case("a new address", acts.trying, T, "203.0.113.9:1080"),
    case(
        "the new address",
        acts.does_not_work,
        T,
        WELL,
        "203.0.113.9:1080",
        Cause.LOGIN_REJECTED.words,
    ),
    case("meanwhile", acts.gone, T),
    case("under way", acts.returning, T, T("saved"), Return(9, 12), 0, card.to_card(T, 7)),
    case(
        "late",
        acts.returning,
        T,
        T("saved"),
        Return(9, 12),
        1,
        card.to_card(T, 7),
        is_late=True,
    ),
    case("all of a proxy", moving.choose, T, ALL, FOUND[:3], capacity=5, page=0),
    case("the second page", moving.choose, T, ONE, FOUND * 2, capacity=5, page=1),
    case("abroad and in trouble", moving.ask, T, ALL, ELSEWHERE, capacity=5),
    case("the least loaded", moving.ask, T, ONE, None, capacity=5),
    case("no other proxy", moving.nowhere, T, ALL),
    case("one more", leasing.ask, T, 0),
    case("one more", leasing.confirm, T, 0, "de"),
    case("in place of a lost one", leasing.confirm, T, 7, "de"),
    case("for a lost one", leasing.no_country, T, 7),
    case("under way", leasing.buying, T),
    case("not answered", leasing.late, T),
    *(
        case(error, leasing.failed, T, 7, {"error": error, "words": "a <fault>"})
        for error in LEASE_ERRORS
    ),
    case("with recoveries", costs.costs, T, SPENT),
    case("without a limit", costs.costs, T, replace(SPENT, limit_cents=None)),
]
