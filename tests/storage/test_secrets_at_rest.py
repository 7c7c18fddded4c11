"""What must not be readable in the files, in a repr, or in an error."""

from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError

from storage import accounts, commands, deliveries, proxies, sessions
from storage.commands import Command
from storage.database import Database
from storage.proxies import Endpoint
from storage.sessions import Peer, StoredSession
from tests.storage.fleet import API_HASH, IDENTITY, add_account, only_on_sqlite

AUTH_KEY = bytes(range(256))
PASSWORD = "proxy-password-in-clear"
CODE = "login-code-98765"
PHONE = "+15550000001"


async def store_all_secrets(db: Database) -> int:
    async with db.transaction() as tx:
        proxy_id = await proxies.add(tx, Endpoint("socks5", "proxy.test", 1080, "me", PASSWORD))
        account_id = await add_account(tx, proxy_id=proxy_id)
        begun = await sessions.start_enrolling(
            tx, account_id, dc_id=2, server_address="192.0.2.1", port=443
        )
        kept = StoredSession(begun.id, 2, "192.0.2.1", 443, AUTH_KEY)
        await sessions.save_enrolling(tx, kept)
        await commands.order(tx, "code", account_id=account_id, args={"code": CODE})
    return account_id


def raw(path: Path) -> bytes:
    return b"".join(file.read_bytes() for file in sorted(path.parent.glob(f"{path.name}*")))


@only_on_sqlite
async def test_no_secret_is_readable_in_the_files(path: Path, db: Database) -> None:
    await store_all_secrets(db)
    with_log = raw(path)
    async with db.transaction() as tx:
        await commands.take(tx)
    await db.close()
    at_rest = raw(path)

    for content in (with_log, at_rest):
        assert b"proxy.test" in content, "the rows are where this test looks"
        for secret in (
            API_HASH.encode(),
            AUTH_KEY,
            AUTH_KEY[:16],
            PASSWORD.encode(),
            CODE.encode(),
        ):
            assert secret not in content


async def test_the_secrets_come_back(db: Database) -> None:
    account_id = await store_all_secrets(db)
    async with db.transaction() as tx:
        identity = await accounts.identity_of(tx, account_id)
        session = await sessions.load(tx, account_id, sessions.SessionStatus.ENROLLING)
        proxy = await proxies.least_loaded(tx)
        (command,) = await commands.take(tx)

    assert identity == IDENTITY
    assert session is not None
    assert session.auth_key == AUTH_KEY
    assert proxy is not None
    assert proxy.endpoint.password == PASSWORD
    assert command.args == {"code": CODE}


async def test_no_repr_shows_a_secret_or_a_phone_number(db: Database) -> None:
    account_id = await store_all_secrets(db)
    async with db.transaction() as tx:
        delivery_id = await deliveries.draft(tx, account_id=account_id, target=PHONE, text="hush!")
        shown = repr(
            [
                await accounts.identity_of(tx, account_id),
                await accounts.get(tx, account_id),
                await proxies.page(tx),
                await sessions.load(tx, account_id, sessions.SessionStatus.ENROLLING),
                await commands.take(tx),
                await deliveries.get(tx, delivery_id),
                Command(1, "code", 1, {"code": CODE}, None),
                Peer(1, 2, "name", PHONE.lstrip("+"), "Name"),
            ]
        )

    assert "proxy.test" in shown
    for secret in (API_HASH, repr(AUTH_KEY)[2:20], PASSWORD, CODE, PHONE.lstrip("+"), "hush!"):
        assert secret not in shown


async def test_an_error_of_the_database_shows_no_phone_number(db: Database) -> None:
    async def add_twice() -> None:
        async with db.transaction() as tx:
            await add_account(tx)
            await add_account(tx)

    with pytest.raises(IntegrityError) as caught:
        await add_twice()
    assert PHONE not in str(caught.value)
