"""All faults of a data centre in one place: `datacentre.faults`."""

from typing_extensions import override

from sandbox.closed_port import ClosedPort
from sandbox.datacentre.faults.accounts import AccountFaults, Ban, Denial
from sandbox.datacentre.faults.calls import ErrorFault
from sandbox.faults import Fault


class Faults(AccountFaults):
    """Sets and lifts every fault of a data centre.

    Each method that sets one returns it; `lift` mends it, and so does the end of a `with`.
    One-shot faults beside these: `DataCentre.cut`, `DataCentre.revoke`, and `forge`.
    """

    async def refuse(self) -> ClosedPort:
        """Close the port: dials are refused, open connections stay."""
        await self._dc.listener.close()
        return self.first(ClosedPort) or self.place(ClosedPort(self._dc.listener))

    async def go_down(self, *, reset: bool = False) -> ClosedPort:
        """Refuse dials and cut all connections; it comes back as `refuse` does."""
        closed = await self.refuse()
        self._dc.cut(reset=reset)
        return closed

    @override
    def lifted(self, fault: Fault) -> None:
        """A key that a fault had declared dead may be used again."""
        if isinstance(fault, Denial | Ban | ErrorFault):
            self._dc.pardon(fault)
