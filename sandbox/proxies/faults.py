"""What can be broken at a proxy: `proxy.faults`."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from typing_extensions import override

from sandbox.closed_port import ClosedPort
from sandbox.faults import Board, Fault

if TYPE_CHECKING:
    from sandbox.proxies.relay import RelayProxy


class RejectedLogin(Fault):
    kind = "reject_login"


class Silence(Fault):
    kind = "say_nothing"


class CloseAtOnce(Fault):
    kind = "close_at_once"


class Slow(Fault):
    kind = "slow"

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.seconds = seconds

    @override
    def details(self) -> dict[str, Any]:
        return {"seconds": self.seconds}


class Forbidden(Fault):
    kind = "forbid"


class Freeze(Fault):
    kind = "freeze"


class ProxyFaults(Board):
    """Sets and lifts every fault of a proxy. Beside these: `stop`, and `cut`, which is one shot."""

    def __init__(self, proxy: "RelayProxy") -> None:
        super().__init__()
        self._proxy = proxy
        self._changed = asyncio.Event()

    def reject_login(self, *, times: int | None = None) -> RejectedLogin:
        """Turn every client away at its login, or at its greeting where there is no login.

        An MTProto proxy takes every secret for a wrong one.
        """
        return self.place(RejectedLogin(times=times))

    def say_nothing(self) -> Silence:
        """Accept and never answer the greeting, until lifted."""
        return self.place(Silence())

    def close_at_once(self, *, times: int | None = None) -> CloseAtOnce:
        """Accept and close."""
        return self.place(CloseAtOnce(times=times))

    def slow(self, seconds: float) -> Slow:
        """Wait so long before dialling where the client wants to go."""
        return self.place(Slow(seconds))

    def forbid(self) -> Forbidden:
        """Dial for nobody, and say so in the words of its kind."""
        return self.place(Forbidden())

    def freeze(self) -> Freeze:
        """Relay nothing, neither bytes nor ends; when lifted, what waited goes on."""
        return self.place(Freeze())

    async def refuse(self) -> ClosedPort:
        """Close the port and keep it: dials are refused, relays go on."""
        await self._proxy.listener.close()
        return self.first(ClosedPort) or self.place(ClosedPort(self._proxy.listener))

    async def go_down(self) -> ClosedPort:
        """Refuse dials and cut every relay."""
        closed = await self.refuse()
        self._proxy.cut()
        return closed

    def strikes(self, kind: type[Fault]) -> bool:
        """Whether there is such a fault; it has its effect now."""
        fault = self.first(kind)
        if fault is not None:
            fault.strike()
        return fault is not None

    async def hold(self, kind: type[Fault], is_over: Callable[[], bool]) -> None:
        """Wait as long as there is such a fault, unless the line is over."""
        self.strikes(kind)
        while self.first(kind) is not None and not is_over():
            await self._changed.wait()

    async def pause(self, is_over: Callable[[], bool]) -> None:
        """Wait as long as the proxy is slow."""
        slow = self.first(Slow)
        if slow is None:
            return
        slow.strike()
        with suppress(TimeoutError):
            async with asyncio.timeout(slow.seconds):
                while slow.is_active and not is_over():
                    await self._changed.wait()

    def wake(self) -> None:
        """Let whoever is held look again."""
        self._changed.set()
        self._changed.clear()

    @override
    def lifted(self, fault: Fault) -> None:
        self.wake()
