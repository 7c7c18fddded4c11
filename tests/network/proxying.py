"""Proxies of the sandbox, as the product's endpoints."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sandbox.datacentre import DataCentre
from sandbox.proxies.kinds import Kind
from sandbox.proxies.mtproto import MtprotoProxy
from sandbox.proxies.relay import RelayProxy
from storage.proxies import Endpoint
from tests.network.test_line import sockets
from tests.sandbox.proxy_kinds import PASSWORD, USERNAME, new_proxy
from tests.timing import limit


def endpoint_of(proxy: RelayProxy, *, is_guarded: bool = True) -> Endpoint:
    """Of a proxy that `new_proxy` made, with the login or secret that it wants."""
    if isinstance(proxy, MtprotoProxy):
        return Endpoint(proxy.kind, proxy.host, proxy.port, password=proxy.secret)
    if not is_guarded:
        return Endpoint(proxy.kind, proxy.host, proxy.port)
    password = "" if proxy.kind == Kind.SOCKS4 else PASSWORD
    return Endpoint(proxy.kind, proxy.host, proxy.port, USERNAME, password)


@asynccontextmanager
async def started(
    kind: Kind, datacentre: DataCentre, *, is_guarded: bool = True
) -> AsyncIterator[RelayProxy]:
    proxy = new_proxy(kind, datacentre, is_guarded=is_guarded)
    await proxy.start()
    try:
        yield proxy
    finally:
        await proxy.stop()


async def until_open(expected: list[str]) -> None:
    """Wait until only these sockets are open: the sandbox closes its ends a moment later."""
    async with asyncio.timeout(limit(5)):
        while sockets() != expected:  # noqa: ASYNC110 - the kernel has no event for it
            await asyncio.sleep(0.005)
