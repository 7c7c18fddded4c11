"""What was said of incidents, who is muted, and which kinds are off: rows on both databases."""

import pytest

from storage import accounts, alert_switches, alerts, incidents, mutes, traits
from storage.accounts import Observed
from storage.alert_switches import AlertKind
from storage.alerts import NO_PROXY, Alert
from storage.database import Database
from storage.incidents import Ending, Incident
from storage.tx import Tx
from tests.storage.fleet import Clock, add_account, add_proxy

KEY = "proxy 1"


async def fleet(tx: Tx, count: int) -> list[int]:
    proxy = await add_proxy(tx)
    return [await add_account(tx, n, proxy_id=proxy) for n in range(1, count + 1)]


async def down(tx: Tx, *numbers: int, kind: str = "offline") -> None:
    for number in numbers:
        await incidents.open_one(tx, account_id=number, kind=kind, cause="cut")


async def of(tx: Tx) -> dict[int, Alert]:
    return {a.incident.account_id or 0: a for a in await alerts.unsettled(tx)}


async def ids(tx: Tx) -> list[int]:
    return [a.incident.id for a in await alerts.unsettled(tx)]


async def together(tx: Tx, *numbers: int) -> list[Incident]:
    """These are down and share a message."""
    await down(tx, *numbers)
    found = await ids(tx)
    await alerts.join(tx, found, KEY, None)
    await alerts.set_told_together(tx, found, KEY, chat_id=1, message_id=2)
    return [a.incident for a in await alerts.unsettled(tx)]


async def test_an_alert_comes_with_what_counts_for_telling_it(db: Database, clock: Clock) -> None:
    async with db.transaction() as tx:
        (number,) = await fleet(tx, 1)
        await traits.set_importance(tx, number, 2)
        await mutes.mute(tx, number, mutes.FOREVER)
        await down(tx, number)
        await incidents.open_about(tx, "spending", incidents.About.SPENDING, cause="all")
        mine, other = await alerts.unsettled(tx)
    assert (mine.importance, mine.muted_until, mine.route) == (2, mutes.FOREVER, 1)
    assert (mine.incident.opened_at, mine.incident.cause_key) == (clock.now, None)
    assert (other.importance, other.muted_until, other.route) == (0, None, NO_PROXY)


async def test_lines_are_counted_by_proxy(db: Database) -> None:
    async with db.transaction() as tx:
        assert await alerts.carried(tx) == {}
        one, _ = await fleet(tx, 2)
        alone = await add_account(tx, 3)
        for number in (one, alone):
            seen = Observed("ONLINE", "", 0, None, tx.now)
            await accounts.set_observed(tx, number, seen, is_online=True)
        assert await alerts.carried(tx) == {1: 1, NO_PROXY: 1}


async def test_those_that_share_a_message_know_it_until_the_last_is_settled(
    db: Database,
) -> None:
    async with db.transaction() as tx:
        one, two, three = await fleet(tx, 3)
        await together(tx, one, two)
        await down(tx, three)
        late = (await of(tx))[three].incident
        await alerts.join(tx, [late.id], KEY, (1, 2))
        found = await of(tx)
        assert {a.incident.message_id for a in found.values()} == {2}
        assert {a.incident.cause_key for a in found.values()} == {KEY}
        assert await alerts.sharing(tx, late.id) == [one, two, three]

        await incidents.close_open(tx, one)
        assert await alerts.sharing(tx, late.id) == [two, three]
        assert len(await of(tx)) == 3, "its end is told with that of the others"
        await incidents.close_open(tx, two)
        await alerts.settle(tx, await ids(tx))
        assert list(await of(tx)) == [three], "what is still open stays"


async def test_one_that_has_a_message_or_needs_an_operator_joins_no_other(
    db: Database,
) -> None:
    async with db.transaction() as tx:
        one, two = await fleet(tx, 2)
        await down(tx, one)
        told = (await of(tx))[one].incident
        await alerts.set_told(tx, told, "open", chat_id=1, message_id=9)
        await down(tx, two, kind="banned")
        await alerts.join(tx, await ids(tx), KEY, (1, 2))
        found = await of(tx)
        assert [found[n].incident.cause_key for n in (one, two)] == [None, None]
        assert found[one].incident.message_id == 9
        assert await alerts.sharing(tx, told.id) == []


@pytest.mark.parametrize("kind", ["needs_login", "banned"])
async def test_what_only_an_operator_can_mend_leaves_the_shared_message(
    db: Database, kind: str
) -> None:
    async with db.transaction() as tx:
        one, two = await fleet(tx, 2)
        await together(tx, one, two)
        await down(tx, one, kind="failed")
        assert (await of(tx))[one].incident.cause_key == KEY, "that is the same trouble"
        await down(tx, one, kind=kind)
        left, _, own = [a.incident for a in await alerts.unsettled(tx)]
    assert (left.account_id, left.ending, left.message_id) == (one, Ending.TURNED, 2)
    assert left.closed_at is not None
    assert (own.account_id, own.kind, own.cause_key, own.message_id) == (one, kind, None, None)


async def test_a_reply_is_taken_once_and_can_be_given_back(db: Database) -> None:
    async with db.transaction() as tx:
        one, two = await fleet(tx, 2)
        found = [i.id for i in await together(tx, one, two)]
        assert await alerts.take_reply(tx, found)
        assert not await alerts.take_reply(tx, found)
        await alerts.give_reply_back(tx, found)
        assert await alerts.take_reply(tx, found)


async def test_the_first_telling_counts_as_said_and_a_worse_kind_as_unsaid(
    db: Database, account: int, clock: Clock
) -> None:
    async with db.transaction() as tx:
        await down(tx, account)
        first = (await of(tx))[account].incident
        await alerts.set_told(tx, first, "open", chat_id=1, message_id=2)
        assert (await of(tx))[account].incident.reminded_at == clock.now
        await down(tx, account, kind="needs_login")
        worse = (await of(tx))[account].incident
        assert (worse.reminded_at, worse.message_id) == (None, 2)
        await alerts.set_told(tx, worse, "open", chat_id=1, message_id=2)
        assert (await of(tx))[account].incident.reminded_at is None, "an edit makes no sound"
        await alerts.set_reminded(tx, worse.id, clock.now)
        assert (await of(tx))[account].incident.reminded_at == clock.now


async def test_a_mute_ends_by_itself_or_by_a_word(
    db: Database, account: int, clock: Clock
) -> None:
    async with db.transaction() as tx:
        assert await mutes.until(tx, account) is None
        at = clock.now.replace(hour=20)
        assert await mutes.mute(tx, account, at)
        assert await mutes.until(tx, account) == at
    clock.forward(8 * 3600)
    async with db.transaction() as tx:
        assert await mutes.until(tx, account) is None
        await mutes.mute(tx, account, mutes.FOREVER)
        assert await mutes.until(tx, account) == mutes.FOREVER
        await mutes.mute(tx, account, None)
        assert await mutes.until(tx, account) is None
        assert not await mutes.mute(tx, 999, None)


async def test_a_kind_is_switched_off_and_on_again_but_not_what_nobody_else_would_mend(
    db: Database,
) -> None:
    async with db.transaction() as tx:
        assert await alert_switches.off(tx) == frozenset()
        assert not await alert_switches.switch(tx, AlertKind.OFFLINE, is_on=True, by=1)
        assert await alert_switches.switch(tx, AlertKind.OFFLINE, is_on=False, by=1)
        assert not await alert_switches.switch(tx, AlertKind.OFFLINE, is_on=False, by=1)
        assert not await alert_switches.switch(tx, AlertKind.BANNED, is_on=False, by=1)
        assert await alert_switches.off(tx) == {AlertKind.OFFLINE}
        assert await alert_switches.switch(tx, AlertKind.OFFLINE, is_on=True, by=1)
        assert await alert_switches.off(tx) == frozenset()
