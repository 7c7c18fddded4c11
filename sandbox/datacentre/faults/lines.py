"""Faults of connections: nothing is answered, all is answered late, each is closed at once."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from typing_extensions import override

from sandbox.datacentre.violations import Violation
from sandbox.faults import Board, Fault

if TYPE_CHECKING:
    from sandbox.datacentre.connection import Connection
    from sandbox.datacentre.datacentre import DataCentre


_UNKNOWN_KEY = 404


class Freeze(Fault):
    """What comes is read and not answered. With `is_late`, it is all done when this is lifted."""

    kind = "freeze"

    def __init__(
        self,
        *,
        user_id: int | None,
        key_id: int | None,
        is_late: bool,
        keeps_timers: bool,
        thaw: Callable[["Freeze"], None],
    ) -> None:
        super().__init__(user_id=user_id, key_id=key_id)
        self.is_late = is_late
        self.keeps_timers = keeps_timers
        self.waiting: dict[Connection, None] = {}
        """Connections with packets that are held back; some may have been closed since."""
        self._thaw = thaw

    @override
    def lift(self) -> None:
        if self.is_active:
            super().lift()
            self._thaw(self)

    @override
    def details(self) -> dict[str, Any]:
        return {"late": self.is_late, "keeps_timers": self.keeps_timers}


class Delay(Fault):
    kind = "delay"

    def __init__(self, seconds: float, *, user_id: int | None, key_id: int | None) -> None:
        super().__init__(user_id=user_id, key_id=key_id)
        self.seconds = seconds

    @override
    def details(self) -> dict[str, Any]:
        return {"seconds": self.seconds}


class CloseAtOnce(Fault):
    kind = "close_at_once"


class TransportFault(Fault):
    """A packet is answered with a transport error, and the connection closed."""

    kind = "transport_error"

    def __init__(
        self, code: int, *, times: int | None, user_id: int | None, key_id: int | None
    ) -> None:
        super().__init__(user_id=user_id, key_id=key_id, times=times)
        self.code = code

    @override
    def details(self) -> dict[str, Any]:
        return {"code": self.code}


class TransportError(Violation):
    """A fault wants this transport error told (core.telegram.org/mtproto/mtproto-transports)."""

    def __init__(self, code: int) -> None:
        super().__init__(f"transport error {code}, as ordered")
        self.code = -code


class LineFaults(Board):
    """Setting and meeting the faults of connections."""

    def __init__(self, dc: "DataCentre") -> None:
        super().__init__()
        self._dc = dc

    def freeze(
        self,
        user_id: int | None = None,
        *,
        key_id: int | None = None,
        late: bool = False,
        keeps_timers: bool = False,
    ) -> Freeze:
        """Accept, read, and answer nothing, on connections that are open and that come.

        What comes meanwhile is lost; with `late` it is done when the fault is lifted, as after
        a stall of the network. The timer of ping_delay_disconnect closes nothing meanwhile,
        unless `keeps_timers`.
        """
        fault = Freeze(
            user_id=user_id,
            key_id=key_id,
            is_late=late,
            keeps_timers=keeps_timers,
            thaw=self._thaw,
        )
        return self.place(fault)

    def delay(
        self, seconds: float, user_id: int | None = None, *, key_id: int | None = None
    ) -> Delay:
        """Send everything that many seconds later, in its order; requests act at once."""
        return self.place(Delay(seconds, user_id=user_id, key_id=key_id))

    def close_at_once(
        self,
        user_id: int | None = None,
        *,
        key_id: int | None = None,
        times: int | None = None,
    ) -> CloseAtOnce:
        """Accept and close: for everybody on accept; for one user or key on the first packet."""
        return self.place(CloseAtOnce(user_id=user_id, key_id=key_id, times=times))

    def transport_error(
        self,
        code: int,
        user_id: int | None = None,
        *,
        key_id: int | None = None,
        times: int | None = 1,
    ) -> TransportFault:
        """Answer packets with that transport error (429 for -429) and close."""
        fault = TransportFault(abs(code), times=times, user_id=user_id, key_id=key_id)
        return self.place(fault)

    def key_unknown(
        self,
        user_id: int | None = None,
        *,
        key_id: int | None = None,
        times: int | None = None,
    ) -> TransportFault:
        """Know the key no more: transport error -404; without `times` until lifted."""
        return self.transport_error(_UNKNOWN_KEY, user_id, key_id=key_id, times=times)

    def accepted(self, connection: "Connection") -> None:
        """A connection was made; of whom is not known yet."""
        fault = self.first(CloseAtOnce)
        if fault is not None and not fault.has_scope:
            connection.end_cause = "a fault closed it"
            connection.close()
            fault.strike()

    def stops(self, connection: "Connection", packet: bytes) -> bool:
        """Whether a packet goes no further. `TransportError` if that is to be said."""
        who = connection.user_id, connection.key_id
        if freeze := self.first(Freeze, *who):
            if freeze.is_late:
                connection.hold(packet)
                freeze.waiting[connection] = None
            freeze.strike()
            return True
        for close in self.matching(CloseAtOnce, *who):
            if close.has_scope:
                connection.end_cause = "a fault closed it"
                connection.close()
                close.strike()
                return True
        for error in self.matching(TransportFault, *who):
            if error.code != _UNKNOWN_KEY or connection.key_id is not None:
                error.strike()
                raise TransportError(error.code)
        return False

    def freeze_of(self, connection: "Connection") -> Freeze | None:
        return self.first(Freeze, connection.user_id, connection.key_id)

    def delay_of(self, connection: "Connection") -> float:
        who = connection.user_id, connection.key_id
        return max((delay.seconds for delay in self.matching(Delay, *who)), default=0.0)

    def _thaw(self, fault: Freeze) -> None:
        for connection in self._dc.open_connections():
            if fault.concerns(connection.user_id, connection.key_id):
                fault.waiting[connection] = None
        for connection in fault.waiting:
            connection.thaw()
