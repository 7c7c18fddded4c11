"""Numbers of accounts that are not known until somebody has scanned the picture of a login."""

from storage import accounts, forgetting, numbers
from storage.database import Database
from tests.storage.fleet import IDENTITY


async def add(db: Database, phone: str) -> int:
    async with db.transaction() as tx:
        return await accounts.add(
            tx, phone=phone, identity=IDENTITY, proxy_id=None, state="STOPPED"
        )


async def phone_of(db: Database, account_id: int) -> str:
    async with db.read() as tx:
        account = await accounts.get(tx, account_id)
    assert account
    return account.phone


async def test_a_number_that_is_not_known_is_empty_until_it_is_learnt_once(db: Database) -> None:
    one, two = await add(db, numbers.placeholder()), await add(db, numbers.placeholder())
    assert [await phone_of(db, one), await phone_of(db, two)] == ["", ""]
    for phone in ("+15550001", "+15550009"):
        async with db.transaction() as tx:
            await numbers.learn(tx, one, phone)
    assert [await phone_of(db, one), await phone_of(db, two)] == ["+15550001", ""]


async def test_only_a_forgotten_account_gives_its_number_up(db: Database) -> None:
    number = await add(db, "+15550001")
    async with db.transaction() as tx:
        await numbers.give_up(tx, number)
    assert await phone_of(db, number) == "+15550001"
    async with db.transaction() as tx:
        await forgetting.forget(tx, number)
        await numbers.give_up(tx, number)
    assert await phone_of(db, number) == ""
