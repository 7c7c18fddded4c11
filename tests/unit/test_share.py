"""What an instance takes and hands over, from how many it has and how many others have."""

import random

import pytest

from storage.lease import Lease
from userbot.share import standing


def alive(name: str, accounts: int, **more: bool) -> Lease:
    lease = {"runs_userbots": True, "is_draining": False, "is_over": False} | more
    return Lease(name, accounts, **lease)


@pytest.mark.parametrize(
    ("mine", "others", "free", "take", "give"),
    [
        (0, [], 10, 10, 0),  # alone: all
        (0, [0, 0], 10, 4, 0),  # three: a third each
        (10, [0], 0, 0, 5),  # one came, and has nothing yet
        (10, [0], 5, 0, 0),  # what is free goes first
        (5, [5], 0, 0, 0),
        (6, [4], 0, 0, 0),  # not worth it
        (55, [45], 0, 0, 0),
        (60, [40], 0, 0, 10),
        (4, [4, 1], 0, 0, 1),  # who came last has far too few
        (7, [7, 7, 7, 7, 3], 0, 0, 0),  # there is nothing to round away
    ],
)
def test_each_takes_up_to_its_share_and_gives_what_is_well_above(
    mine: int, others: list[int], free: int, take: int, give: int
) -> None:
    leases = [alive("me", mine), *(alive(f"o{n}", count) for n, count in enumerate(others))]
    found = standing("me", leases, mine=mine, free=free)
    assert (found.to_take, found.to_give) == (take, give)


def test_who_drains_or_is_silent_or_runs_no_userbots_has_no_share() -> None:
    leases = [
        alive("me", 0),
        alive("draining", 6, is_draining=True),
        alive("silent", 6, is_over=True),
        alive("control", 0, runs_userbots=False),
    ]
    assert standing("me", leases, mine=0, free=6).to_take == 6


def test_who_was_started_with_others_leaves_them_their_part() -> None:
    assert standing("me", [alive("me", 0)], mine=0, free=9, expected=3).to_take == 3


@pytest.mark.parametrize("seed", range(30))
def test_whatever_comes_and_goes_it_settles_and_nothing_flaps(seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311 - a test's
    have = {f"i{n}": 0 for n in range(rng.randint(1, 6))}
    free = rng.randint(0, 300)
    for _ in range(4):
        for _ in range(60):
            moved = 0
            for name in rng.sample(sorted(have), len(have)):
                leases = [alive(n, count) for n, count in have.items()]
                now = standing(name, leases, mine=have[name], free=free)
                have[name] += now.to_take - now.to_give
                free += now.to_give - now.to_take
                moved += now.to_take + now.to_give
        assert moved == 0, "it has settled"
        assert free == 0, "all have somebody"
        assert max(have.values()) - min(have.values()) <= 0.25 * max(have.values()) + len(have)
        if rng.random() < 0.5 and len(have) > 1:
            free += have.pop(rng.choice(sorted(have)))
        else:
            have[f"new{len(have)}"] = 0
