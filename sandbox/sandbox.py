"""The whole sandbox: one world, and the servers that speak for it."""

import tempfile
from collections.abc import Sequence
from contextlib import AsyncExitStack
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Protocol, Self

from sandbox.botapi import BotApi
from sandbox.brightdata import BrightData
from sandbox.control import Control, ProxyShelf
from sandbox.control.anew import Offers
from sandbox.datacentre import DataCentre
from sandbox.datacentre.server_key import ServerKey
from sandbox.proxies.kinds import proxy_maker
from sandbox.world import World


class NotLoopback(ValueError):
    """The host is not an address of this machine alone. The sandbox has no login."""


class _Server(Protocol):
    async def start(self, port: int = 0) -> None: ...
    async def stop(self) -> None: ...


class Sandbox:
    """An async context manager: inside, everything listens; after it, nothing does.

    Ports of 0 are chosen freely; `proxy_ports` are of the proxies it starts with, instead of how
    many. `key_file` is where the data centre's public key is written;
    without it a temporary directory holds the file as long as the sandbox runs.
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        dc_id: int = 2,
        data_centre_port: int = 0,
        bot_api_port: int = 0,
        page_port: int = 0,
        proxy_count: int = 0,
        proxy_ports: Sequence[int] = (),
        key_file: Path | None = None,
        server_key: ServerKey | None = None,
        world: World | None = None,
    ) -> None:
        if not ip_address(host).is_loopback:
            raise NotLoopback(f"{host} is not a loopback address")
        self.world = world or World()
        self._server_key = server_key or ServerKey()
        self.data_centre = DataCentre(
            self.world, dc_id=dc_id, host=host, server_key=self._server_key
        )
        self.bot_api = BotApi(self.world, host=host)
        self.proxies = ProxyShelf(proxy_maker(self._reach), host=host)
        self.data_centre.country_of = self.proxies.country_of
        self.bright_data = BrightData(host=host)
        self.offers = Offers()
        self.control = Control(
            self.world,
            data_centre=self.data_centre,
            bot_api=self.bot_api,
            proxies=self.proxies,
            bright_data=self.bright_data,
            addresses=self.addresses,
            offers=self.offers,
            host=host,
        )
        self._host = host
        self._dc_id = dc_id
        self._servers: list[tuple[_Server, int]] = [
            (self.data_centre, data_centre_port),
            (self.bot_api, bot_api_port),
            (self.bright_data, 0),
            (self.control, page_port),
        ]
        self._proxy_ports = proxy_ports or (0,) * proxy_count
        self._key_file = self._given_key_file = key_file
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            if self._key_file is None:
                folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="sandbox-"))
                self._key_file = Path(folder) / "public_key.pem"
            for server, port in self._servers:
                stack.push_async_callback(server.stop)
                await server.start(port)
            stack.push_async_callback(self.proxies.stop_all)
            for port in self._proxy_ports:
                await self.proxies.add(port=port)
            self._key_file.parent.mkdir(parents=True, exist_ok=True)
            self._key_file.write_text(self.data_centre.public_key_pem)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self._stack.aclose()

    def anew(self) -> "Sandbox":
        """Another one, for when this one has ended: an empty world with its ports and its key."""
        return Sandbox(
            host=self._host,
            dc_id=self._dc_id,
            data_centre_port=self.data_centre.port,
            bot_api_port=self.bot_api.port,
            page_port=self.control.port,
            proxy_ports=[each.port for each in self.proxies.all()][: len(self._proxy_ports)],
            key_file=self._given_key_file,
            server_key=self._server_key,
        )

    def _reach(self, dc_id: int) -> tuple[str, int] | None:
        """Where MTProto proxies find a data centre: there is one."""
        return (self._host, self.data_centre.port) if dc_id == self._dc_id else None

    def addresses(self) -> dict[str, Any]:
        """Where everything is, ready for JSON."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        page = f"http://{host}:{self.control.port}"
        return {
            "telegram_dc": f"{self._dc_id}:{host}:{self.data_centre.port}",
            "public_key_file": str(self._key_file),
            "bot_api": f"http://{host}:{self.bot_api.port}",
            "control": f"{page}/control",
            "page": f"{page}/",
            "bright_data": self._bright_data(host),
            "proxies": [placed.described() for placed in self.proxies.all()],
        }

    def _bright_data(self, host: str) -> dict[str, Any]:
        """What its customer is told, by the names of the settings."""
        account = self.bright_data.account
        return {
            "api_url": self.bright_data.url,
            "proxy": f"http://{host}:{self.bright_data.proxy.port}",
            "customer_id": account.customer,
            "zone": account.zone,
            "zone_password": account.zone_password,
            "api_key": account.api_key,
        }
