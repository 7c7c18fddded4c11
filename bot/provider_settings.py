"""Settings of where proxies come from, and of what they may cost."""

import re
from enum import StrEnum
from ipaddress import ip_address
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr
from pydantic_settings import BaseSettings

from bot.setting_values import Duration, NoneIfEmpty, OptionalPath, Price, url
from userbot.leasing.rules import Mode
from userbot.providers import fallbacks, static
from userbot.providers.addresses import API_URL


class BrightDataProduct(StrEnum):
    """What the zone sells: addresses that stay."""

    ISP = "isp"
    DATACENTER = "datacenter"


def _word(value: str | None) -> str | None:
    if value is not None and not re.fullmatch(r"[A-Za-z0-9_]+", value):
        raise ValueError("expected letters, digits and underscores, as in Bright Data's panel")
    return value


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _api_url(value: str) -> str:
    checked = url("http", "https")(value) or API_URL
    parts = urlsplit(checked)
    if parts.scheme == "http" and not _is_loopback(parts.hostname or ""):
        raise ValueError("expected https://: the API key goes there")
    return checked


def _proxy(value: str) -> str:
    checked = url("http")(value) or ""
    parts = urlsplit(checked)
    if parts.port is None or parts.username or parts.path:
        raise ValueError("expected http://host:port")
    return checked


class ProviderSettings(BaseSettings):
    """The part of the settings that concerns providers of proxies."""

    static_proxies_file: OptionalPath = None

    bright_data_customer_id: Annotated[str | None, AfterValidator(_word), NoneIfEmpty] = None
    bright_data_zone: Annotated[str | None, AfterValidator(_word), NoneIfEmpty] = None
    bright_data_zone_password: Annotated[SecretStr | None, NoneIfEmpty] = None
    bright_data_proxy_type: BrightDataProduct = BrightDataProduct.ISP
    bright_data_api_key: Annotated[SecretStr | None, NoneIfEmpty] = None
    bright_data_api_key_file: OptionalPath = None
    # Secret too: such a command may hold a token.
    bright_data_api_key_command: Annotated[SecretStr | None, NoneIfEmpty] = None
    bright_data_price: Price = None
    bright_data_api_url: Annotated[str, AfterValidator(_api_url)] = API_URL
    bright_data_proxy: Annotated[str, AfterValidator(_proxy)] = "http://brd.superproxy.io:44445"

    leases_every: Annotated[Duration, Field(ge=1)] = 300.0
    daily_spend_limit: Price = None
    # None: never.
    release_after: Annotated[Duration | None, NoneIfEmpty] = None
    country_fallback: Mode = Mode.AUTO
    country_fallbacks_file: OptionalPath = None

    @property
    def provider_secrets(self) -> list[str]:
        given = (
            self.bright_data_zone_password,
            self.bright_data_api_key,
            self.bright_data_api_key_command,
        )
        return [secret.get_secret_value() for secret in given if secret is not None]

    @property
    def has_provider(self) -> bool:
        """Whether there is anybody to lease proxies from."""
        return self.has_bright_data or self.static_proxies_file is not None

    @property
    def has_bright_data(self) -> bool:
        return self.bright_data_customer_id is not None


def provider_faults(settings: ProviderSettings) -> list[str]:
    """What is wrong with the values together, and with the files. No fault quotes a secret."""
    return [*_bright_data_faults(settings), *_static_faults(settings), *_chain_faults(settings)]


def _bright_data_faults(settings: ProviderSettings) -> list[str]:
    needed = {
        "BRIGHT_DATA_CUSTOMER_ID": settings.bright_data_customer_id,
        "BRIGHT_DATA_ZONE": settings.bright_data_zone,
        "BRIGHT_DATA_ZONE_PASSWORD": settings.bright_data_zone_password,
    }
    keys = {
        "BRIGHT_DATA_API_KEY": settings.bright_data_api_key,
        "BRIGHT_DATA_API_KEY_FILE": settings.bright_data_api_key_file,
        "BRIGHT_DATA_API_KEY_COMMAND": settings.bright_data_api_key_command,
    }
    named_keys = [name for name, value in keys.items() if value is not None]
    missing = [name for name, value in needed.items() if value is None]
    if len(missing) == len(needed) and not named_keys:
        return []
    faults = [
        f"{name}: is missing; the other values for Bright Data are there" for name in missing
    ]
    if not named_keys:
        faults.append(f"BRIGHT_DATA_API_KEY: is missing; give it, or one of {', '.join(keys)}")
    if len(named_keys) > 1:
        faults.append(f"{named_keys[1]}: give one of {', '.join(named_keys)}")
    file = settings.bright_data_api_key_file
    if file is not None and not file.is_file():
        faults.append(f"BRIGHT_DATA_API_KEY_FILE: there is no file {file}")
    if settings.daily_spend_limit and settings.bright_data_price is None:
        faults.append("BRIGHT_DATA_PRICE: is missing; without it DAILY_SPEND_LIMIT can't be kept")
    return faults


def _static_faults(settings: ProviderSettings) -> list[str]:
    if settings.static_proxies_file is None:
        return []
    try:
        static.load(settings.static_proxies_file)
    except static.BadList as exc:
        file = settings.static_proxies_file
        return [f"STATIC_PROXIES_FILE: {file}: {fault}" for fault in exc.faults]
    return []


def _chain_faults(settings: ProviderSettings) -> list[str]:
    if settings.country_fallbacks_file is None:
        return []
    try:
        fallbacks.load(settings.country_fallbacks_file)
    except fallbacks.BadFallbacks as exc:
        return [f"COUNTRY_FALLBACKS_FILE: {fault}" for fault in exc.faults]
    return []
