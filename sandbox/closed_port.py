"""The one fault that takes an `await` to be lifted."""

from types import TracebackType
from typing import Any, Self

from typing_extensions import override

from sandbox.faults import Fault
from sandbox.port import Port


class ClosedPort(Fault):
    """Dials are refused. It takes an `await` to listen again: `mend`, or `async with`."""

    kind = "refuse"

    def __init__(self, port: Port) -> None:
        super().__init__()
        self._port = port

    @override
    async def mend(self) -> None:
        """Listen again, on the same port."""
        await self._port.open()
        self.lift()

    @override
    def lift(self) -> None:
        if not self._port.is_open:
            raise RuntimeError("a closed port is lifted by `await fault.mend()`")
        super().lift()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.mend()

    @override
    def details(self) -> dict[str, Any]:
        return {"port": self._port.number}
