"""The super proxy: one address for all, where the user name says which address goes out.

Source: docs.brightdata.com/proxy-networks (user names, error catalogue).
"""

import asyncio
from collections import defaultdict

from aiohttp import BasicAuth
from typing_extensions import override

from sandbox.brightdata.account import Account
from sandbox.proxies.faults import RejectedLogin
from sandbox.proxies.http import HttpProxy
from sandbox.proxies.relay import Dial, Rejected, Wish


class SuperProxy(HttpProxy):
    """Lets through who has the zone's password and names an address that the zone has."""

    def __init__(self, account: Account, *, host: str = "127.0.0.1") -> None:
        super().__init__(host=host)
        self._account = account
        self._relays: defaultdict[str, set[asyncio.StreamWriter]] = defaultdict(set)

    @override
    def _check_login(self, given: str, dial: Dial) -> None:
        try:
            login = BasicAuth.decode(given, encoding="utf-8")
        except ValueError:
            login = BasicAuth("")
        dial.login = login.login or None
        ip = self._address_in(login.login)
        is_right = ip is not None and login.password == self._account.zone_password
        if not is_right or self.faults.strikes(RejectedLogin):
            raise Rejected(
                "login rejected", _answer(407, "client_10000", "Invalid authentication")
            )
        if ip not in self._account.held:
            reason = f"Requested IP {ip} is not allocated to this zone"
            raise Rejected("address not allocated", _answer(400, "client_10060", reason))

    def _address_in(self, username: str) -> str | None:
        prefix = f"brd-customer-{self._account.customer}-zone-{self._account.zone}-ip-"
        return username.removeprefix(prefix) if username.startswith(prefix) else None

    @override
    async def _connect(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, dial: Dial, wish: Wish
    ) -> None:
        ip = self._address_in(dial.login or "") or ""
        self._relays[ip].add(writer)
        try:
            await super()._connect(reader, writer, dial, wish)
        finally:
            self._relays[ip].discard(writer)

    def cut_address(self, ip: str) -> None:
        """End what goes out through that address."""
        for writer in list(self._relays[ip]):
            writer.transport.abort()
        self.faults.wake()


def _answer(status: int, code: str, reason: str) -> bytes:
    words = {400: "Bad Request", 407: "Proxy Authentication Required"}[status]
    lines = [
        f"HTTP/1.1 {status} {words}",
        f"x-brd-err-code: {code}",
        f"x-brd-err-msg: {reason}",
        "Content-Length: 0",
        "Connection: close",
    ]
    if status == 407:
        lines.insert(1, 'Proxy-Authenticate: Basic realm="sandbox"')
    return ("\r\n".join(lines) + "\r\n\r\n").encode()
