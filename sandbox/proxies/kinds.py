"""The kinds of proxies that there are, and how one is made."""

from enum import StrEnum
from typing import Protocol

from sandbox.proxies.http import HttpProxy
from sandbox.proxies.mtproto import MtprotoProxy, Reach
from sandbox.proxies.relay import RelayProxy
from sandbox.proxies.socks4 import Socks4Proxy
from sandbox.proxies.socks5 import Socks5Proxy


class Kind(StrEnum):
    SOCKS5 = "socks5"
    SOCKS4 = "socks4"
    HTTP = "http"
    MTPROTO = "mtproto"


class MakeProxy(Protocol):
    """Makes a proxy that does not listen yet. What its kind does not know is left out."""

    def __call__(
        self,
        kind: Kind,
        *,
        host: str,
        username: str | None = None,
        password: str | None = None,
        secret: str | None = None,
    ) -> RelayProxy: ...


def proxy_maker(reach: Reach) -> MakeProxy:
    """`reach` says where data centres are, for the proxies that are told only an id."""
    by_login: dict[Kind, type[Socks5Proxy | Socks4Proxy | HttpProxy]] = {
        Kind.SOCKS5: Socks5Proxy,
        Kind.SOCKS4: Socks4Proxy,
        Kind.HTTP: HttpProxy,
    }

    def make(
        kind: Kind,
        *,
        host: str,
        username: str | None = None,
        password: str | None = None,
        secret: str | None = None,
    ) -> RelayProxy:
        if kind is Kind.MTPROTO:
            return MtprotoProxy(reach, host=host, secret=secret)
        return by_login[kind](host=host, username=username, password=password)

    return make
