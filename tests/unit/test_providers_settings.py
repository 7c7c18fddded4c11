"""The settings of providers, and what is built of them."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from bot.provider_settings import BrightDataProduct, ProviderSettings
from bot.providers import open_providers
from bot.settings import BadSettings, Settings, load
from userbot.leasing.rules import Mode
from userbot.providers.bright_data import BrightData
from userbot.providers.errors import Refused
from userbot.providers.static import StaticList

PASSWORD, KEY = "zone-password-hunter2", "key-hunter2-0001"
BASE = {"BOT_TOKEN": "123456789:AAAA_secret-token-of-a-bot-35", "API_ID": "1", "ADMIN_IDS": "1"}
BRIGHT_DATA = {
    "BRIGHT_DATA_CUSTOMER_ID": "hl_1234",
    "BRIGHT_DATA_ZONE": "isp_proxy1",
    "BRIGHT_DATA_ZONE_PASSWORD": PASSWORD,
    "BRIGHT_DATA_API_KEY": KEY,
    "BRIGHT_DATA_PRICE": "3.00",
    "DAILY_SPEND_LIMIT": "20",
}


@pytest.fixture(autouse=True)
def env(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)
    for name, value in (BASE | {"API_HASH": "0" * 32}).items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def set_all(env: pytest.MonkeyPatch, **changes: str) -> None:
    for name, value in (BRIGHT_DATA | changes).items():
        env.setenv(name, value)


def faults() -> list[str]:
    with pytest.raises(BadSettings) as caught:
        load()
    assert "hunter2" not in str(caught.value)
    return caught.value.faults


def test_without_any_of_them_nothing_is_leased_and_nothing_bought() -> None:
    settings = load()
    assert not settings.has_bright_data
    assert settings.daily_spend_limit is None
    assert settings.release_after is None
    assert settings.country_fallback is Mode.AUTO


def test_they_are_read_and_their_secrets_are_kept_out_of_the_log(
    env: pytest.MonkeyPatch,
) -> None:
    set_all(env, RELEASE_AFTER="7d", COUNTRY_FALLBACK="ask")
    settings = load()
    assert settings.bright_data_price == Decimal("3.00")
    assert settings.daily_spend_limit == Decimal(20)
    assert settings.release_after == 7 * 86400.0
    assert settings.country_fallback is Mode.ASK
    assert settings.bright_data_proxy_type is BrightDataProduct.ISP
    assert {PASSWORD, KEY} <= set(settings.secrets)
    assert "hunter2" not in repr(settings)


WRONG = [
    ("BRIGHT_DATA_ZONE", "", "is missing"),
    ("BRIGHT_DATA_ZONE", "isp-proxy", "letters, digits and underscores"),
    ("BRIGHT_DATA_CUSTOMER_ID", "", "is missing"),
    ("BRIGHT_DATA_ZONE_PASSWORD", "", "is missing"),
    ("BRIGHT_DATA_API_KEY", "", "BRIGHT_DATA_API_KEY_FILE"),
    ("BRIGHT_DATA_API_KEY_FILE", "nowhere", "give one of"),
    ("BRIGHT_DATA_PROXY_TYPE", "residential", "'isp' or 'datacenter'"),
    ("BRIGHT_DATA_PRICE", "", "is missing"),
    ("BRIGHT_DATA_PRICE", "cheap", "an amount such as 12.50"),
    ("BRIGHT_DATA_PRICE", "0.005", "two decimals"),
    ("BRIGHT_DATA_API_URL", "http://api.example.com", "https://"),
    ("BRIGHT_DATA_API_URL", "api.example.com", "http:// or https://|http or https://"),
    ("BRIGHT_DATA_PROXY", "http://brd.superproxy.io", "http://host:port"),
    ("BRIGHT_DATA_PROXY", "socks5://brd.superproxy.io:22228", "http://"),
    ("DAILY_SPEND_LIMIT", "-1", "an amount from 0"),
    ("RELEASE_AFTER", "never", "a duration such as"),
    ("COUNTRY_FALLBACK", "maybe", "'auto', 'ask' or 'never'"),
    ("STATIC_PROXIES_FILE", "nowhere", "can't be read"),
    ("COUNTRY_FALLBACKS_FILE", "nowhere", "can't be read"),
    ("PRIORITY_COUNTRIES", "us,zz", "'zz'"),
]


@pytest.mark.parametrize(("name", "value", "words"), WRONG)
def test_a_wrong_value_is_named(
    env: pytest.MonkeyPatch, name: str, value: str, words: str
) -> None:
    set_all(env, **{name: value})
    found = faults()
    assert any(
        fault.startswith(f"{name}: ") and any(each in fault for each in words.split("|"))
        for fault in found
    ), found


def test_the_lines_of_a_wrong_list_are_named_with_their_file(
    env: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "proxies").write_text("be,203.0.113.7:1080\nzz,hunter2\n")
    env.setenv("STATIC_PROXIES_FILE", "proxies")
    (fault,) = faults()
    assert fault.startswith("STATIC_PROXIES_FILE: proxies: line 2: 'zz' is no country")


def test_a_key_over_plain_http_goes_to_this_machine_only(env: pytest.MonkeyPatch) -> None:
    for host in ("127.0.0.1:8080", "localhost", "[::1]:1"):
        set_all(env, BRIGHT_DATA_API_URL=f"http://{host}/")
        assert load().bright_data_api_url == f"http://{host}"


async def test_what_is_named_is_built_in_the_order_of_its_price(tmp_path: Path) -> None:
    (tmp_path / "proxies").write_text("be,203.0.113.7:1080\n")
    bright_data: dict[str, Any] = {
        "bright_data_customer_id": "hl_1234",
        "bright_data_zone": "isp",
        "bright_data_zone_password": SecretStr(PASSWORD),
        "bright_data_api_key_file": tmp_path / "nowhere",
    }
    async with open_providers(ProviderSettings()) as none:
        assert none == ()
    settings = ProviderSettings(static_proxies_file=tmp_path / "proxies", **bright_data)
    async with open_providers(settings) as providers:
        assert [type(each) for each in providers] == [StaticList, BrightData]
        assert [each.name for each in providers] == ["static list", "Bright Data"]
        with pytest.raises(Refused, match="nowhere can't be read"):
            await providers[1].list()
