"""Proxies as Telethon wants them."""

from typing import Any

from storage.proxies import Endpoint
from userbot.proxies.causes import Cause, DialFailed


def for_telethon(endpoint: Endpoint) -> dict[str, Any] | tuple[str, int, str]:
    """The `proxy=` argument. Names are resolved by the proxy, so that nothing leaks by DNS.

    Raises `DialFailed`: a kind that is not known must not be gone past.
    """
    if endpoint.scheme == "mtproto":
        # Without the dd Telethon takes the first byte off a secret that happens to begin with it.
        return endpoint.host, endpoint.port, "dd" + endpoint.password[-32:]
    if endpoint.scheme not in {"socks5", "socks4", "http"}:
        raise DialFailed(Cause.UNSUPPORTED)
    return {
        "proxy_type": endpoint.scheme,
        "addr": endpoint.host,
        "port": endpoint.port,
        "rdns": True,
        "username": endpoint.username or None,
        "password": endpoint.password or None,
    }
