"""The past in rows: who was how when, when nobody ran, and pages that do not shift."""

from datetime import datetime, timedelta

from storage import accounts, history, instances, journal, journal_pages, proxies
from storage.accounts import Observed
from storage.database import Database
from storage.history import Move, Phase, Span
from storage.journal import Entry
from storage.journal_pages import Wanted
from storage.liveness import Beat
from storage.proxy_checks import Check
from storage.schema import proxies as proxies_table
from storage.standing import standing
from storage.tx import Tx
from tests.storage.fleet import Clock, add_account, add_proxy

HOUR = 3600.0
BAD = ["NEEDS_LOGIN", "BANNED", "FAILED", "WAITING", "RETRYING"]


async def move(tx: Tx, account: int, at: datetime, to: str, came_from: str) -> None:
    entry = Entry(at, f"state.{to.lower()}", account, "mooring", "", {"from": came_from})
    await journal.note_all(tx, [entry])


async def see(tx: Tx, account: int, state: str, since: datetime) -> None:
    await accounts.set_observed(
        tx, account, Observed(state, "", 0, None, since), is_online=state == "ONLINE"
    )


async def test_moves_begin_with_the_last_one_before_the_window(db: Database, clock: Clock) -> None:
    began = clock.now
    async with db.transaction() as tx:
        one, other = await add_account(tx, 1), await add_account(tx, 2)
        await move(tx, one, clock.forward(HOUR), "ONLINE", "CONNECTING")
        since = clock.forward(HOUR)
        await move(tx, one, clock.forward(HOUR), "RETRYING", "ONLINE")
        await move(tx, other, clock.now, "NEEDS_LOGIN", "ONLINE")
        await journal.note(tx, "reconnect.forced", actor="mooring", account_id=one)
        await see(tx, one, "RETRYING", clock.now)
        await see(tx, other, "NEEDS_LOGIN", clock.now)
    async with db.read() as tx:
        first, second = await history.stories(tx, [one, other], since)
        assert await history.account_ids(tx) == [one, other]
    assert first.moves == [Move(began, Phase.CONNECTED), Move(clock.now, Phase.RETRYING)]
    # The journal may begin too late: its first entry says what it came from.
    assert second.moves == [Move(began, Phase.CONNECTED), Move(clock.now, Phase.DOWN)]


async def test_what_was_never_entered_is_taken_from_the_row(db: Database, clock: Clock) -> None:
    async with db.transaction() as tx:
        asleep, new = await add_account(tx, 1), await add_account(tx, 2)
        await move(tx, asleep, clock.forward(HOUR), "ONLINE", "CONNECTING")
        await see(tx, asleep, "STOPPED", clock.forward(HOUR))
    async with db.read() as tx:
        laid, fresh = await history.stories(tx, [asleep, new], clock.now - timedelta(hours=2))
    assert [m.phase for m in laid.moves][-2:] == [Phase.CONNECTED, Phase.STOPPED]
    assert [m.phase for m in fresh.moves] == [Phase.STOPPED]


async def test_a_process_lived_until_it_stopped_or_was_heard_last(
    db: Database, clock: Clock
) -> None:
    async def start(name: str) -> datetime:
        async with db.transaction() as tx:
            await instances.start(tx, name, host="here", pid=1, version="1")
            return tx.now

    forgotten = await start("killed long ago")
    last_entry = clock.forward(HOUR)
    async with db.transaction() as tx:
        await journal.note(tx, "backup.made", actor="mooring")
    clock.forward(HOUR)
    stopped = await start("stopped")
    clock.forward(HOUR)
    async with db.transaction() as tx:
        await instances.stop(tx, "stopped")
        stopped_at = tx.now
    clock.forward(HOUR)
    killed = await start("killed")
    await db.writer.write(Beat("killed", heard_at := clock.forward(HOUR)))
    clock.forward(HOUR)
    running = await start("running")
    clock.forward(30)
    async with db.read() as tx:
        found = await history.alive(tx)
        assert await history.alive(tx, stopped_at) == found[1:]
        assert await history.alive(tx, clock.now) == found[-1:]
    assert found == [
        Span(forgotten, last_entry),
        Span(stopped, stopped_at),
        Span(killed, heard_at),
        Span(running, clock.now),
    ]


async def test_new_entries_shift_no_page(db: Database) -> None:
    async def note(*kinds: str) -> None:
        async with db.transaction() as tx:
            for kind in kinds:
                await journal.note(tx, kind, actor="mooring")

    async def page(older: int = 0, newer: int = 0) -> tuple[list[int], bool, bool]:
        async with db.read() as tx:
            found = await journal_pages.page(
                tx, Wanted(), older_than=older, newer_than=newer, limit=3
            )
        ids = [number - first + 1 for number, _ in found.entries]
        return ids, found.has_newer, found.has_older

    await note(*["state.online"] * 7)
    async with db.read() as tx:
        newest = await journal_pages.page(tx, Wanted(), limit=10)
    first = newest.entries[-1][0]
    assert await page() == ([7, 6, 5], False, True)
    await note("state.online")
    assert await page(older=first + 4) == ([4, 3, 2], True, True)
    assert await page(older=first + 1) == ([1], True, False)
    assert await page(newer=first + 3) == ([7, 6, 5], True, True)
    assert await page(newer=first + 5) == ([8, 7], False, True)
    assert await page(newer=first + 7) == ([], False, True)
    assert await page(older=first) == ([], True, False)


async def test_a_page_is_narrowed_by_account_and_by_kind(db: Database) -> None:
    async with db.transaction() as tx:
        one = await add_account(tx)
        for kind in ("state.online", "state.connecting", "proxy.moved", "proxyless"):
            await journal.note(tx, kind, actor="mooring", account_id=one)
        await journal.note(tx, "proxy.added", actor="operator 1")

    async def kinds(wanted: Wanted) -> list[str]:
        async with db.read() as tx:
            return [e.kind for _, e in (await journal_pages.page(tx, wanted)).entries]

    assert await kinds(Wanted(kinds=["proxy."])) == ["proxy.added", "proxy.moved"]
    assert await kinds(Wanted(one, kinds=["proxy."])) == ["proxy.moved"]
    assert await kinds(Wanted(one, kinds=["state.", "proxy."], but=["state.connecting"])) == [
        "proxy.moved",
        "state.online",
    ]
    assert await kinds(Wanted(4711)) == []


async def test_the_standing_counts_all_and_reads_the_worst_only(
    db: Database, clock: Clock
) -> None:
    async with db.transaction() as tx:
        numbers = [await add_account(tx, n) for n in range(6)]
        for number, state in zip(
            numbers, ["ONLINE", "RETRYING", "FAILED", "RETRYING", "NEEDS_LOGIN", "FAILED"],
            strict=True,
        ):  # fmt: skip
            await see(tx, number, state, clock.now)
        await add_proxy(tx, 1)
        sick, gone = await add_proxy(tx, 2), await add_proxy(tx, 3)
        await Check.apply(tx, [Check(p, clock.now, "TIMED_OUT") for p in (sick, gone)])
        await proxies.retire(tx, gone)
    async with db.read() as tx:
        seen = await standing(tx, trouble=BAD, limit=3)
    assert seen.states == {"ONLINE": 1, "RETRYING": 2, "FAILED": 2, "NEEDS_LOGIN": 1}
    assert [account.id for account in seen.trouble] == [numbers[4], numbers[2], numbers[5]]
    assert (seen.proxies, seen.sick_proxies) == (2, 1)
    async with db.transaction() as tx:
        given_back = proxies_table.update().values(released_at=tx.now)
        await tx.execute(given_back.where(proxies_table.c.id == sick))
    async with db.read() as tx:
        seen = await standing(tx, trouble=BAD, limit=3)
    assert (seen.proxies, seen.sick_proxies) == (2, 0)
