"""Proxies as Telethon wants them."""

import pytest

from storage.proxies import Endpoint
from userbot.proxies import for_telethon
from userbot.proxies.causes import Cause, DialFailed

SECRET = bytes(range(16)).hex()


def test_names_are_resolved_by_the_proxy() -> None:
    assert for_telethon(Endpoint("socks5", "gate.example.com", 1080)) == {
        "proxy_type": "socks5",
        "addr": "gate.example.com",
        "port": 1080,
        "rdns": True,
        "username": None,
        "password": None,
    }
    with_login = for_telethon(Endpoint("http", "203.0.113.7", 1080, "user", "pass"))
    assert isinstance(with_login, dict)
    assert (with_login["username"], with_login["password"]) == ("user", "pass")


@pytest.mark.parametrize("prefix", ["", "dd"])
def test_an_mtproto_proxys_secret_is_kept_whole_by_telethon(prefix: str) -> None:
    stored = prefix + "dd" + SECRET[2:]
    host, port, secret = for_telethon(Endpoint("mtproto", "p.example", 443, "", stored))
    assert (host, port, secret) == ("p.example", 443, "dddd" + SECRET[2:])


@pytest.mark.parametrize("scheme", ["", "https", "SOCKS5", "ssh"])
def test_another_kind_of_proxy_is_refused(scheme: str) -> None:
    with pytest.raises(DialFailed) as caught:
        for_telethon(Endpoint(scheme, "203.0.113.7", 1080))
    assert caught.value.cause is Cause.UNSUPPORTED
