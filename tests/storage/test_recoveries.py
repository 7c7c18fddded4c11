from datetime import timedelta

import pytest

from storage import (
    accounts,
    assignments,
    journal,
    ownership,
    proxies,
    recoveries,
    traits,
)
from storage.assignments import Found
from storage.database import Database
from storage.instances import Before
from storage.journal import Entry
from storage.proxies import Endpoint, Kind
from storage.recoveries import After, Outcome, Recovered, Totals
from tests.storage.fleet import START, Clock, add_account, add_proxy


async def begin(db: Database, *, total: int = 3, after: After = After.CRASH) -> int:
    async with db.transaction() as tx:
        return await recoveries.begin(tx, instance="here", after=after, total=total)


async def finish(
    db: Database, number: int, *found: Recovered, note: str = "", is_news: bool = True
) -> None:
    async with db.transaction() as tx:
        totals = Totals(len(found), back=len(found))
        await recoveries.finish(tx, number, totals, found, note=note, is_news=is_news)


def back(account_id: int) -> Recovered:
    return Recovered(account_id, Outcome.BACK, "", attempts=1, seconds=2.5)


async def to_tell(db: Database) -> list[int]:
    async with db.read() as tx:
        return [recovery.id for recovery in await recoveries.to_tell(tx)]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (Before.NOTHING, After.FIRST),
        (Before.GRACEFUL, After.GRACEFUL),
        (Before.CRASH, After.CRASH),
    ],
)
def test_it_is_known_how_the_process_before_ended(before: Before, after: After) -> None:
    assert After.of(before) is after


async def test_while_it_runs_whoever_looks_sees_how_far_it_is(db: Database) -> None:
    async with db.read() as tx:
        assert await recoveries.running(tx) is None

    number = await begin(db, total=300)
    async with db.transaction() as tx:
        await recoveries.go_on(tx, number, Totals(300, back=12, banned=1))

    async with db.read() as tx:
        assert await recoveries.running(tx) == (12, 300)
    await finish(db, number)
    async with db.read() as tx:
        assert await recoveries.running(tx) is None


async def test_an_ended_recovery_keeps_its_totals_and_its_accounts(
    db: Database, clock: Clock
) -> None:
    async with db.transaction() as tx:
        ann, bob = await add_account(tx, 1), await add_account(tx, 2)
    number = await begin(db)
    clock.forward(6)
    lost = Recovered(bob, Outcome.NOT_YET, "the proxy refused", attempts=3, seconds=5.5)
    async with db.transaction() as tx:
        totals = Totals(2, back=1, not_yet=1)
        await recoveries.finish(tx, number, totals, [back(ann), lost], is_news=True)

    async with db.read() as tx:
        (kept,) = await recoveries.latest(tx)
        assert await recoveries.accounts_of(tx, number) == [back(ann), lost]
    assert (kept.id, kept.instance, kept.after) == (number, "here", After.CRASH)
    assert (kept.started_at, kept.ended_at) == (START, START + timedelta(seconds=6))
    assert (kept.totals, kept.note) == (totals, "")
    assert lost.proxy_action == "kept"


async def test_an_account_that_was_deleted_meanwhile_does_not_spoil_the_others(
    db: Database, account: int
) -> None:
    number = await begin(db)
    await finish(db, number, back(account), back(account + 1))

    async with db.read() as tx:
        assert [a.account_id for a in await recoveries.accounts_of(tx, number)] == [account]


async def test_one_that_a_process_left_open_is_closed_by_the_next_and_not_told(
    db: Database, clock: Clock
) -> None:
    first = await begin(db)
    clock.forward(60)
    second = await begin(db, total=5)

    async with db.read() as tx:
        new, old = await recoveries.latest(tx, limit=2)
        assert await recoveries.running(tx) == (0, 5)
    assert (old.id, old.ended_at) == (first, clock())
    assert old.note == recoveries.INTERRUPTED
    assert (new.id, new.ended_at) == (second, None)
    assert await to_tell(db) == []


async def test_each_is_told_at_most_once_unless_it_certainly_was_not(db: Database) -> None:
    number = await begin(db)
    assert await to_tell(db) == []
    await finish(db, number)
    assert await to_tell(db) == [number]

    async with db.transaction() as tx:
        assert await recoveries.take_to_tell(tx, number)
        assert not await recoveries.take_to_tell(tx, number)
    assert await to_tell(db) == []

    async with db.transaction() as tx:
        await recoveries.give_back(tx, number)
    assert await to_tell(db) == [number]


async def test_what_is_no_news_is_not_told(db: Database) -> None:
    await finish(db, await begin(db), note="there is no account", is_news=False)

    assert await to_tell(db) == []


async def test_dials_are_counted_from_the_journal(db: Database, account: int) -> None:
    def entry(seconds: float, kind: str) -> Entry:
        return Entry(START + timedelta(seconds=seconds), kind, account, "mooring", "", {})

    async with db.transaction() as tx:
        kinds = [entry(-1, "state.connecting"), entry(1, "state.connecting")]
        await journal.note_all(tx, [*kinds, entry(2, "state.online"), entry(3, kinds[0].kind)])

    async with db.read() as tx:
        dials = await recoveries.dials_since(tx, START)
    assert dials == {account: [START + timedelta(seconds=s) for s in (1, 3)]}


async def test_all_accounts_are_claimed_together_and_each_gets_a_new_epoch(
    db: Database,
) -> None:
    gone = list(range(10_000, 10_000 + ownership.AT_A_TIME))  # so that it takes two statements
    async with db.transaction() as tx:
        mine = [await add_account(tx, number) for number in range(1, 6)]
        other = await add_account(tx, 6)
        await ownership.claim(tx, [other], "there")
        await ownership.claim(tx, [mine[0], *gone, *mine[1:]], "here")

    async with db.transaction() as tx:
        found = {a.id: a.owner for a in await accounts.page(tx)}
        assert await ownership.claim(tx, mine, "here") == dict.fromkeys(mine, 2)
    assert found == dict.fromkeys(mine, "here") | {other: "there"}


async def test_importance_and_whether_it_must_be_online_are_kept(
    db: Database, account: int
) -> None:
    async with db.transaction() as tx:
        await traits.set_importance(tx, account, 7)
        await traits.set_always_online(tx, account, always_online=False)

    async with db.read() as tx:
        found = await accounts.get(tx, account)
    assert found is not None
    assert (found.importance, found.always_online) == (7, False)


async def test_what_was_done_about_the_proxies_is_told(db: Database, clock: Clock) -> None:
    async with db.transaction() as tx:
        manual = await add_proxy(tx)
        leased = [
            await proxies.add(tx, Endpoint("http", "shop.test", 1, f"ip-{n}"), kind=Kind.LEASED)
            for n in range(3)
        ]
        kept, again, moved, abroad = [
            await add_account(tx, n, proxy_id=p) for n, p in enumerate([manual, *leased])
        ]
    since = clock.forward(60)
    async with db.transaction() as tx:
        for number, country in ((moved, "be"), (abroad, "nl")):
            new = await proxies.add(
                tx, Endpoint("http", "shop.test", 1, country), kind=Kind.LEASED
            )
            assert new is not None
            found = Found("be", country)
            await assignments.move(tx, number, new, reason="lost", actor="mooring", found=found)
        assert await recoveries.proxy_actions(tx, since) == {
            again: "reactivated",
            moved: "replaced",
            abroad: "fallback",
        }
        assert kept not in await recoveries.proxy_actions(tx, since)
