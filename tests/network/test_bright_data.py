"""Bright Data's client against the fake, over real sockets: every answer and every silence."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.utils import format_datetime

import pytest
from aiohttp import ClientSession, web
from python_socks import ProxyType
from python_socks.async_.asyncio import Proxy

from sandbox.brightdata import BrightData as FakeBrightData
from sandbox.listener import Listener
from storage.proxies import Endpoint
from tests.network.bright_data import SHORT, client_of, http_session, running_fake, zone_of
from tests.timing import limit
from userbot.providers.api_key import ApiKey
from userbot.providers.bright_data import BrightData, Zone
from userbot.providers.countries import NoSuchCountry
from userbot.providers.errors import Busy, Down, OutcomeUnknown, OutOfStock, Refused


@pytest.fixture
async def fake() -> AsyncIterator[FakeBrightData]:
    async with running_fake() as made:
        yield made


@pytest.fixture
async def session() -> AsyncIterator[ClientSession]:
    async with http_session() as made:
        yield made


@pytest.fixture
def client(fake: FakeBrightData, session: ClientSession) -> BrightData:
    return client_of(fake, session)


async def test_a_lease_is_an_address_behind_the_super_proxy(
    fake: FakeBrightData, client: BrightData
) -> None:
    leased = await client.lease("BE")
    assert list(fake.account.held.items()) == [(leased.id, "be")]
    assert leased.country == "be"
    username = f"brd-customer-{fake.account.customer}-zone-{fake.account.zone}-ip-{leased.id}"
    assert leased.endpoint == Endpoint(
        "http", fake.proxy.host, fake.proxy.port, username, fake.account.zone_password
    )
    assert await client.list() == [leased]
    assert await client.price() == Decimal("3.00")


async def test_a_released_address_is_gone_and_releasing_it_again_is_nothing(
    fake: FakeBrightData, client: BrightData
) -> None:
    kept, given_back = await client.lease("be"), await client.lease("fr")
    await client.release(given_back.id)
    await client.release(given_back.id)
    assert await client.list() == [kept]
    assert list(fake.account.held) == [kept.id]


async def test_no_release_is_sent_without_an_address(
    fake: FakeBrightData, client: BrightData
) -> None:
    for nothing in ("", "*", "198.18.0.0/15"):
        with pytest.raises(ValueError, match="no address"):
            await client.release(nothing)
    assert not fake.requests


async def test_an_address_that_the_provider_took_away_is_not_listed(
    fake: FakeBrightData, client: BrightData
) -> None:
    leased = await client.lease("be")
    fake.account.withdraw(leased.id)
    assert await client.list() == []


async def test_the_listing_says_where_a_database_has_the_address(
    fake: FakeBrightData, client: BrightData
) -> None:
    leased = await client.lease("be")
    fake.account.listed_as[leased.id] = "nl"
    assert [(each.id, each.country) for each in await client.list()] == [(leased.id, "nl")]


@pytest.mark.parametrize("is_empty", [True, False])
async def test_a_country_without_stock_is_told_apart(
    fake: FakeBrightData, client: BrightData, *, is_empty: bool
) -> None:
    fake.account.set_stock("be", 0)
    fake.is_empty_when_out_of_stock = is_empty
    with pytest.raises(OutOfStock) as caught:
        await client.lease("be")
    assert caught.value.country == "be"


async def test_no_request_is_made_for_what_is_no_country(
    fake: FakeBrightData, client: BrightData
) -> None:
    with pytest.raises(NoSuchCountry):
        await client.lease("zz")
    assert not fake.requests


async def test_a_wrong_zone_customer_or_key_is_refused_in_words(
    fake: FakeBrightData, session: ClientSession
) -> None:
    right = zone_of(fake)
    for zone, words in (
        (Zone(right.customer_id, "other", right.password), "does not know the zone"),
        (Zone("other", right.name, right.password), "Customer not found"),
    ):
        with pytest.raises(Refused, match=words):
            await client_of(fake, session, zone=zone).lease("be")
    wrong = client_of(fake, session, ApiKey.given("wrong-key"))
    for call in (wrong.lease("be"), wrong.list(), wrong.release("198.18.0.1")):
        with pytest.raises(Refused, match="does not accept the API key"):
            await call
    assert not fake.account.ledger


LATER = format_datetime(datetime.now(UTC) + timedelta(days=9), usegmt=True)


@pytest.mark.parametrize(
    ("header", "expected_s"),
    [("7", 7.0), ("0", 1.0), (None, 60.0), ("soon", 60.0), (LATER, 3600.0), ("9" * 30, 3600.0)],
    ids=["7", "0", "none", "soon", "a date", "far too many"],
)
async def test_a_throttle_says_how_long(
    fake: FakeBrightData, client: BrightData, header: str | None, expected_s: float
) -> None:
    fake.faults.throttle(header, times=1)
    with pytest.raises(Busy) as caught:
        await client.lease("be")
    assert caught.value.retry_after_s == expected_s
    assert not fake.account.held


@pytest.mark.parametrize("status", [500, 502, 503, 504])
async def test_a_server_error_may_have_been_a_purchase_and_is_down_for_the_rest(
    fake: FakeBrightData, client: BrightData, status: int
) -> None:
    leased = await client.lease("be")
    fake.faults.server_error(status)
    with pytest.raises(OutcomeUnknown, match=str(status)):
        await client.lease("be")
    for call in (client.list(), client.release(leased.id)):
        with pytest.raises(Down, match=str(status)):
            await call


@pytest.mark.parametrize("kind", ["drop_reply", "garble", "hang"])
async def test_silence_may_have_been_a_purchase_and_is_down_for_the_rest(
    fake: FakeBrightData, session: ClientSession, kind: str
) -> None:
    leased = await client_of(fake, session).lease("be")
    getattr(fake.faults, kind)(late=False)
    client = client_of(fake, session, limits=SHORT)
    with pytest.raises(OutcomeUnknown):
        await client.lease("be")
    for call in (client.list(), client.release(leased.id)):
        with pytest.raises(Down):
            await call
    assert len(fake.account.held) == 1


async def test_where_nobody_listens_nothing_was_bought(
    fake: FakeBrightData, client: BrightData
) -> None:
    await fake.stop()
    with pytest.raises(Down, match="can't be reached"):
        await client.lease("be")


async def test_what_was_leased_carries_a_connection(
    fake: FakeBrightData, client: BrightData
) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(await reader.readexactly(5))
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    endpoint = (await client.lease("be")).endpoint
    proxy = Proxy(
        ProxyType.HTTP, endpoint.host, endpoint.port, endpoint.username, endpoint.password
    )
    async with server, asyncio.timeout(limit(20)):
        sock = await proxy.connect("127.0.0.1", server.sockets[0].getsockname()[1])
        reader, writer = await asyncio.open_connection(sock=sock)
        writer.write(b"hello")
        assert await reader.read() == b"hello"
        writer.close()
    assert fake.proxy.dials[0].outcome == "connected"


ODD = [
    b"{}",
    b"[]",
    b"null",
    b'{"ips": null}',
    b'{"ips": {"1.1.1.1": 1}}',
    b'{"ips": ["1.1.1.1"]}',
    b'{"ips": [{"ip": "here"}]}',
    b'{"ips": [{"maxmind": "be"}]}',
    b'{"new_ips": ["198.18.0.1", "198.18.0.2"]}',
    b'{"new_ips": ["here"]}',
    b'{"new_ips": [1]}',
    b'{"new_ips": "198.18.0.1"}',
    b"",
]


@pytest.mark.parametrize("body", ODD)
async def test_an_odd_answer_never_passes_for_nothing_held_or_nothing_bought(
    fake: FakeBrightData, session: ClientSession, body: bytes
) -> None:
    async def serve(_: web.Request) -> web.Response:
        return web.Response(body=body, content_type="application/json")

    application = web.Application()
    application.router.add_route("*", "/zone/ips", serve)
    listener = Listener()
    await listener.start(application)
    try:
        url = f"http://127.0.0.1:{listener.port}"
        client = BrightData(session, zone_of(fake), ApiKey.given("key"), api_url=url)
        with pytest.raises(Down):
            await client.list()
        with pytest.raises(OutcomeUnknown):
            await client.lease("be")
    finally:
        await listener.stop()


async def test_the_key_follows_no_redirect(fake: FakeBrightData, session: ClientSession) -> None:
    async def serve(_: web.Request) -> web.Response:
        raise web.HTTPTemporaryRedirect(f"{fake.url}/zone/ips")

    application = web.Application()
    application.router.add_route("*", "/zone/ips", serve)
    listener = Listener()
    await listener.start(application)
    try:
        url = f"http://127.0.0.1:{listener.port}"
        key = ApiKey.given(fake.account.api_key)
        with pytest.raises(Refused, match="not at this address"):
            await BrightData(session, zone_of(fake), key, api_url=url).lease("be")
    finally:
        await listener.stop()
    assert not fake.requests
