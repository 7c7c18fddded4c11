from datetime import timedelta

import pytest

from storage import accounts, dials, floods, proxies, sessions
from storage.database import Database
from storage.proxies import Endpoint
from storage.sessions import StoredSession
from tests.storage.fleet import IDENTITY, Clock, add_account

KEY = bytes(range(256))


async def enrolled(db: Database) -> int:
    async with db.transaction() as tx:
        proxy_id = await proxies.add(tx, Endpoint("socks5", "10.0.0.1", 1080, "user", "pass"))
        number = await add_account(tx, proxy_id=proxy_id)
        begun = await sessions.start_enrolling(
            tx, number, dc_id=2, server_address="192.0.2.1", port=443
        )
        await sessions.save_enrolling(tx, StoredSession(begun.id, 2, "192.0.2.1", 443, KEY))
        await sessions.finish_enrolling(tx, number)
        await accounts.describe(tx, number, user_id=7, username="ann", name="Ann")
    return number


async def test_one_query_tells_all_that_a_dial_needs(db: Database, clock: Clock) -> None:
    number = await enrolled(db)
    async with db.transaction() as tx:
        await floods.store(tx, number, "send", clock.now + timedelta(hours=2))
    async with db.read() as tx:
        found = await dials.read(tx, number)
        current = await sessions.load(tx, number, sessions.SessionStatus.CURRENT)

    assert found.identity == IDENTITY
    assert found.endpoint == Endpoint("socks5", "10.0.0.1", 1080, "user", "pass")
    assert found.session == current
    assert found.known == dials.Known(7, "ann", "Ann")
    assert found.flooded_until is None, "another method's wait is none of connecting"
    for secret in ("pass", repr(KEY)[2:20], IDENTITY.api_hash):
        assert secret not in repr(found)


async def test_a_wait_on_connecting_is_told_until_it_is_over(db: Database, clock: Clock) -> None:
    number = await enrolled(db)
    until = clock.now + timedelta(seconds=60)
    async with db.transaction() as tx:
        await floods.store(tx, number, floods.CONNECTING, until)
    async with db.read() as tx:
        assert (await dials.read(tx, number)).flooded_until == until
    clock.forward(60)
    async with db.read() as tx:
        assert (await dials.read(tx, number)).flooded_until is None


async def test_what_is_missing_is_none_and_an_unknown_account_an_error(
    db: Database, account: int
) -> None:
    async with db.transaction() as tx:
        # A login that is under way is no session to dial with.
        begun = await sessions.start_enrolling(
            tx, account, dc_id=2, server_address="192.0.2.1", port=443
        )
        await sessions.save_enrolling(tx, StoredSession(begun.id, 2, "192.0.2.1", 443, KEY))
    async with db.read() as tx:
        found = await dials.read(tx, account)
        assert (found.proxy_id, found.endpoint, found.session) == (None, None, None)
        with pytest.raises(LookupError):
            await dials.read(tx, account + 1)
