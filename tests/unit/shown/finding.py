"""The list of accounts, and acts on all of it."""

from dataclasses import replace

from bot.callbacks import By, GroupAct, OnList, OnNarrow, Which
from bot.finding import Group, Listed, Picked
from bot.views import group, listing
from bot.views import round as rounds
from storage.labels import Tagged
from storage.rounds import Part, Round
from tests.unit.ann import ANN, NOW
from tests.unit.shown.case import T, case
from tests.unit.test_finding_views import COUNTS, TAGGED, candidates
from tests.unit.test_proxy_views import SICK, WELL
from tests.unit.test_views import account

FOUND = [
    ANN,
    replace(account(8, "RETRYING", attempt=2), name="Bob", tags=("de", "shop", "vip", "x")),
    replace(account(9, "STOPPED"), label="Berlin", username=""),
]
NOBODY = dict.fromkeys(COUNTS, 0)
SOME = candidates(["RETRYING", "FAILED", "ONLINE", "STOPPED"])
DOUBTED = Picked.of(
    GroupAct.START,
    [replace(each, is_elsewhere=each.id == 1) for each in candidates(["STOPPED"] * 3)],
)
ONE = Picked.of(GroupAct.START, candidates(["STOPPED"]))
NONE = Picked.of(GroupAct.START, candidates(["ONLINE"]))
PROXIES = [WELL, replace(SICK, id=8)]
PARTS = [
    Part(1, {"state": "ONLINE"}),
    Part(2, {"error": "flood", "seconds": 9}),
    Part(3, {"state": "RETRYING", "reason": "the proxy refuses"}),
    Part(4, None),
]
OVER = [*PARTS[:3], Part(4, {"state": "ONLINE"})]


def picked(act: GroupAct) -> Picked:
    return Picked.of(act, SOME)


CASES = [
    case("all", listing.listing, T, Listed(OnList(), FOUND, 42, COUNTS, "", NOW), attempts=10),
    case(
        "the second page of a tag",
        listing.listing,
        T,
        Listed(TAGGED.model_copy(update={"page": 1}), FOUND, 20, COUNTS, "shop", NOW),
        attempts=10,
        told=T("cancelled"),
    ),
    case("nobody", listing.listing, T, Listed(TAGGED, [], 0, NOBODY, "shop", NOW), attempts=10),
    case("none yet", listing.listing, T, Listed(OnList(), [], 0, NOBODY, "", NOW), attempts=10),
    case(
        "tags",
        listing.choose,
        T,
        [Group("k1", "shop", 12), Group("k2", "<vip>", 1)],
        OnNarrow(by=By.TAG),
    ),
    *(
        case(f"no {by}", listing.choose, T, [], OnNarrow(by=by, which=Which.TROUBLE))
        for by in (By.PROXY, By.COUNTRY, By.TAG)
    ),
    case("what fits", group.choose, T, TAGGED, "shop", [picked(act) for act in group.CHOICE]),
    *(
        case(f"of {act}", group.ask, T, picked(act), OnList(), "", per_second=2.5)
        for act in (GroupAct.RECONNECT, GroupAct.START, GroupAct.STOP)
    ),
    case(
        "of whom some may be in use elsewhere",
        group.ask,
        T,
        DOUBTED,
        TAGGED,
        "shop",
        per_second=50,
    ),
    case("for whom it makes no difference", group.ask, T, NONE, OnList(), "", per_second=2.5),
    *(
        case(f"of {total} down, {n} connecting", group.nothing_to_reconnect, T, total, n)
        for total, n in ((0, 0), (0, 1), (0, 3), (1, 0), (3, 2))
    ),
    case("of one", group.ask, T, ONE, OnList(), "", per_second=2.5),
    case(
        "to a proxy in trouble",
        group.ask_move,
        T,
        picked(GroupAct.MOVE),
        TAGGED,
        PROXIES[1],
        capacity=5,
        per_second=50,
    ),
    case(
        "to the least loaded",
        group.ask_move,
        T,
        picked(GroupAct.MOVE),
        TAGGED,
        None,
        capacity=5,
        per_second=50,
    ),
    case("proxies", group.where, T, picked(GroupAct.MOVE), TAGGED, PROXIES, capacity=5, page=0),
    case("nowhere", group.where, T, picked(GroupAct.MOVE), TAGGED, [], capacity=5, page=0),
    case("with those in use", group.ask_tags, T, picked(GroupAct.TAG), {"shop": 3, "de": 9}),
    case(
        "both ways",
        group.confirm_tags,
        T,
        picked(GroupAct.TAG),
        TAGGED,
        group.Tags(("new",), ("old",)),
    ),
    case(
        "with those that had it or have too many",
        group.tagged,
        T,
        [("-old", Tagged((1,), (2, 3))), ("shop", Tagged((1, 2), (3,), (4, 5)))],
        TAGGED,
    ),
    case("under way", rounds.progress, T, Round(9, "reconnect", PARTS), TAGGED),
    case("late", rounds.progress, T, Round(9, "start", PARTS), TAGGED, is_late=True),
    case("over", rounds.progress, T, Round(9, "reconnect", OVER), TAGGED),
]
