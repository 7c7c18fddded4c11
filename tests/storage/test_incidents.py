import pytest

from storage import alerts, incidents
from storage.database import Database
from storage.incidents import About, Ending, Incident
from storage.tx import Tx
from tests.storage.fleet import Clock, add_account


async def to_tell(tx: Tx) -> list[Incident]:
    """Incidents of which the chat does not know the latest."""
    found = [alert.incident for alert in await alerts.unsettled(tx)]
    return [i for i in found if i.told == "" or i.closed_at is not None]


async def only(tx: Tx) -> Incident:
    (one,) = await to_tell(tx)
    return one


async def test_a_new_incident_is_to_be_told(db: Database, account: int, clock: Clock) -> None:
    with db.wakeups.subscribe(incidents.CHANGED) as woken:
        async with db.transaction() as tx:
            await incidents.open_one(tx, account_id=account, kind="down", cause="cut")
        assert await woken.wait(0)
    async with db.read() as tx:
        told = await only(tx)

        assert (told.account_id, told.kind, told.cause) == (account, "down", "cut")
        assert (told.opened_at, told.closed_at, told.told) == (clock.now, None, "")
        assert await incidents.open_accounts(tx) == {account}


async def test_an_account_has_one_open_incident_whose_cause_is_the_latest(
    db: Database, account: int, clock: Clock
) -> None:
    async with db.transaction() as tx:
        await incidents.open_one(tx, account_id=account, kind="down", cause="cut")
    opened_at = clock.now
    clock.forward(60)
    async with db.transaction() as tx:
        await incidents.open_one(tx, account_id=account, kind="down", cause="proxy refused")
        one = await only(tx)

    assert (one.cause, one.opened_at) == ("proxy refused", opened_at)


async def test_the_same_kind_again_is_not_told_again(db: Database, account: int) -> None:
    async with db.transaction() as tx:
        await incidents.open_one(tx, account_id=account, kind="down", cause="cut")
        await alerts.set_told(tx, await only(tx), "open", chat_id=1, message_id=2)
        await incidents.open_one(tx, account_id=account, kind="down", cause="cut again")

        assert await to_tell(tx) == []


async def test_another_kind_is_told_again_in_the_same_message(db: Database, account: int) -> None:
    async with db.transaction() as tx:
        await incidents.open_one(tx, account_id=account, kind="down", cause="cut")
        first = await only(tx)
        await alerts.set_told(tx, first, "open", chat_id=1, message_id=2)
        await incidents.open_one(tx, account_id=account, kind="banned", cause="by Telegram")
        again = await only(tx)

    assert (again.id, again.kind, again.cause) == (first.id, "banned", "by Telegram")
    assert (again.chat_id, again.message_id, again.told) == (1, 2, "")


async def test_the_end_is_told_once(db: Database, account: int, clock: Clock) -> None:
    async with db.transaction() as tx:
        await incidents.open_one(tx, account_id=account, kind="down", cause="cut")
        told = await only(tx)
        await alerts.set_told(tx, told, "open", chat_id=1, message_id=2)
        assert await to_tell(tx) == []
    ended_at = clock.forward(41)
    async with db.transaction() as tx:
        await incidents.close_open(tx, account)
        over = await only(tx)
        assert (over.id, over.closed_at, over.message_id) == (told.id, ended_at, 2)
        assert await incidents.open_accounts(tx) == set()
        await alerts.set_told(tx, over, "closed", chat_id=1, message_id=2)
        assert await to_tell(tx) == []


async def test_an_end_that_came_while_the_beginning_was_told_is_still_to_be_told(
    db: Database, account: int
) -> None:
    async with db.transaction() as tx:
        await incidents.open_one(tx, account_id=account, kind="down", cause="cut")
        telling = await only(tx)
        await incidents.close_open(tx, account)
        await alerts.set_told(tx, telling, "open", chat_id=1, message_id=2)

        assert (await only(tx)).closed_at is not None


async def test_after_its_end_the_next_fault_is_a_new_incident(db: Database, account: int) -> None:
    async with db.transaction() as tx:
        await incidents.open_one(tx, account_id=account, kind="down", cause="cut")
        await incidents.close_open(tx, account)
        await incidents.open_one(tx, account_id=account, kind="down", cause="cut")
        first, second = await to_tell(tx)

    assert first.id < second.id
    assert (first.closed_at is None, second.closed_at is None) == (False, True)


async def test_closing_touches_neither_what_is_closed_nor_other_accounts(
    db: Database, account: int, clock: Clock
) -> None:
    async with db.transaction() as tx:
        other = await add_account(tx, 2)
        await incidents.open_one(tx, account_id=account, kind="down", cause="cut")
        await incidents.open_one(tx, account_id=other, kind="down", cause="cut")
        await incidents.close_open(tx, account)
    closed_at = clock.now
    clock.forward(60)
    async with db.transaction() as tx:
        await incidents.close_open(tx, account)
        mine, theirs = await to_tell(tx)

        assert (mine.closed_at, theirs.closed_at) == (closed_at, None)
        assert await incidents.open_accounts(tx) == {other}


async def test_what_became_worse_while_it_was_told_is_still_to_be_told(
    db: Database, account: int
) -> None:
    async with db.transaction() as tx:
        await incidents.open_one(tx, account_id=account, kind="down", cause="cut")
        telling = await only(tx)
        await incidents.open_one(tx, account_id=account, kind="banned", cause="by Telegram")
        await alerts.set_told(tx, telling, "open", chat_id=1, message_id=2)
        still = await only(tx)

    assert (still.kind, still.told, still.message_id) == ("banned", "", 2)


@pytest.mark.parametrize("ending", [Ending.STOPPED, Ending.FORGOTTEN, Ending.LOGGED_OUT])
async def test_what_an_operator_ended_is_told_as_that(
    db: Database, account: int, ending: Ending
) -> None:
    async with db.transaction() as tx:
        await incidents.open_one(tx, account_id=account, kind="down", cause="cut")
        await alerts.set_told(tx, await only(tx), "open", chat_id=1, message_id=2)
        await incidents.close_open(tx, account, ending=ending)
        await incidents.close_open(tx, account)

        assert (await only(tx)).ending is ending


async def test_what_an_operator_ended_before_it_was_told_is_never_told(
    db: Database, account: int
) -> None:
    async with db.transaction() as tx:
        await incidents.open_one(tx, account_id=account, kind="down", cause="cut")
        telling = await only(tx)
        await incidents.close_open(tx, account, ending=Ending.STOPPED)
        assert await to_tell(tx) == []

        # Unless the chat was being told of it just then.
        await alerts.set_told(tx, telling, "open", chat_id=1, message_id=2)
        assert (await only(tx)).ending is Ending.STOPPED


async def test_what_is_about_no_account_is_told_once_per_kind_and_by_edits(db: Database) -> None:
    subject = incidents.proxy_subject(7)
    async with db.transaction() as tx:
        for cause in ("nl → de", "nl → de"):
            await incidents.open_about(tx, subject, About.PROXY_COUNTRY, cause=cause)
        await incidents.open_about(tx, subject, About.PROXY_PAID, cause="1 May")
        country, paid = await to_tell(tx)
        assert (country.subject, country.kind, country.cause) == (
            subject,
            "proxy_country",
            "nl → de",
        )
        assert country.account_id is None
        for found in (country, paid):
            await alerts.set_told(tx, found, "open", chat_id=1, message_id=2)
        assert await to_tell(tx) == []
        await incidents.open_about(tx, subject, About.PROXY_COUNTRY, cause="nl → fr")
        (again,) = await to_tell(tx)
        assert (again.id, again.cause, again.message_id) == (country.id, "nl → fr", 2)
        assert await incidents.close_about(tx, subject, About.PROXY_COUNTRY)
        assert not await incidents.close_about(tx, subject, About.PROXY_COUNTRY)
        (over,) = await to_tell(tx)
        assert over.closed_at is not None
