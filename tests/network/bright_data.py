"""A fake Bright Data that listens, and our client of it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal

from aiohttp import ClientSession, TCPConnector

from sandbox.brightdata import BrightData as FakeBrightData
from tests.timing import seconds
from userbot.providers.api_key import ApiKey
from userbot.providers.bright_data import BrightData, Zone
from userbot.providers.bright_data_calls import Limits

SHORT = Limits(connect_s=1.0, call_s=1.0)


@asynccontextmanager
async def running_fake() -> AsyncIterator[FakeBrightData]:
    made = FakeBrightData()
    await made.start()
    try:
        yield made
    finally:
        await made.stop()


def http_session() -> ClientSession:
    return ClientSession(connector=TCPConnector(force_close=True))


def zone_of(fake: FakeBrightData) -> Zone:
    account = fake.account
    return Zone(
        account.customer,
        account.zone,
        account.zone_password,
        price=Decimal("3.00"),
        proxy_host=fake.proxy.host,
        proxy_port=fake.proxy.port,
    )


def client_of(
    fake: FakeBrightData,
    session: ClientSession,
    key: ApiKey | None = None,
    *,
    zone: Zone | None = None,
    limits: Limits | None = None,
) -> BrightData:
    return BrightData(
        session,
        zone or zone_of(fake),
        key or ApiKey.given(fake.account.api_key),
        api_url=fake.url,
        limits=limits or Limits(call_s=seconds(30)),
    )
