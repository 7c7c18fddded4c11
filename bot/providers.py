"""The providers of proxies that the settings name, ready for use."""

from collections.abc import AsyncIterator, Collection
from contextlib import AsyncExitStack, asynccontextmanager
from urllib.parse import urlsplit

from aiohttp import ClientSession, TCPConnector

from bot.provider_settings import ProviderSettings
from userbot.providers import static
from userbot.providers.api_key import ApiKey
from userbot.providers.bright_data import BrightData, Zone
from userbot.providers.protocol import Provider


@asynccontextmanager
async def open_providers(
    settings: ProviderSettings, *, given: Collection[str] = ()
) -> AsyncIterator[tuple[Provider, ...]]:
    """All of them, in the order in which to ask: first what costs nothing. None: an empty tuple.

    `given` are the ids of the static list that accounts have already. Raises `static.BadList`.
    """
    providers: list[Provider] = []
    async with AsyncExitStack() as stack:
        if settings.static_proxies_file is not None:
            listed = static.load(settings.static_proxies_file)
            providers.append(static.StaticList(listed, given=given))
        if settings.has_bright_data:
            # A new connection for each call: on a kept one that died meanwhile nobody could tell
            # whether a purchase was made. The environment's proxies are for others.
            connector = TCPConnector(force_close=True)
            session = await stack.enter_async_context(
                ClientSession(connector=connector, trust_env=False)
            )
            providers.append(bright_data(settings, session))
        yield tuple(providers)


def bright_data(settings: ProviderSettings, session: ClientSession) -> BrightData:
    """The zone at Bright Data, of settings that name one (`has_bright_data`)."""
    if (
        settings.bright_data_customer_id is None
        or settings.bright_data_zone is None
        or settings.bright_data_zone_password is None
    ):
        raise ValueError("no zone at Bright Data is named")
    proxy = urlsplit(settings.bright_data_proxy)
    zone = Zone(
        settings.bright_data_customer_id,
        settings.bright_data_zone,
        settings.bright_data_zone_password.get_secret_value(),
        price=settings.bright_data_price,
        proxy_scheme=proxy.scheme,
        proxy_host=proxy.hostname or "",
        proxy_port=proxy.port or 0,
    )
    return BrightData(session, zone, _key(settings), api_url=settings.bright_data_api_url)


def _key(settings: ProviderSettings) -> ApiKey:
    if settings.bright_data_api_key is not None:
        return ApiKey.given(settings.bright_data_api_key.get_secret_value())
    if settings.bright_data_api_key_file is not None:
        return ApiKey.from_file(settings.bright_data_api_key_file)
    if settings.bright_data_api_key_command is not None:
        return ApiKey.from_command(settings.bright_data_api_key_command.get_secret_value())
    raise ValueError("no key for Bright Data is named")
