"""Faults of API calls: errors, and answers that are lost or can't be read."""

from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Any, TypeVar

from typing_extensions import override

from sandbox.datacentre.dispatcher import Asked, RpcFailure
from sandbox.datacentre.faults.keys import KeyFaults
from sandbox.faults import Fault


class Cut(StrEnum):
    """How a connection ends together with a lost answer."""

    FIN = "fin"
    RESET = "reset"


class CallFault(Fault):
    """A fault of the calls of a method; `*` in its name stands for anything."""

    def __init__(
        self,
        method: str,
        *,
        times: int | None = None,
        user_id: int | None = None,
        key_id: int | None = None,
    ) -> None:
        super().__init__(user_id=user_id, key_id=key_id, times=times)
        self.method = method

    def applies(self, asked: Asked) -> bool:
        return self.concerns(asked.user_id, asked.key_id) and fnmatchcase(asked.name, self.method)

    def before(self, asked: Asked) -> None:
        """Raise the failure that the call gets, if any, before it has an effect."""

    @override
    def details(self) -> dict[str, Any]:
        return {"method": self.method}


C = TypeVar("C", bound=CallFault)


class ErrorFault(CallFault):
    kind = "rpc_error"

    def __init__(
        self,
        method: str,
        failure: RpcFailure,
        *,
        times: int | None,
        user_id: int | None,
        key_id: int | None,
    ) -> None:
        super().__init__(method, times=times, user_id=user_id, key_id=key_id)
        self.failure = failure

    @override
    def before(self, asked: Asked) -> None:
        self.strike()
        raise RpcFailure(self.failure.code, self.failure.message)

    @override
    def details(self) -> dict[str, Any]:
        return super().details() | {"code": self.failure.code, "text": self.failure.message}


class DroppedReply(CallFault):
    kind = "drop_reply"

    def __init__(
        self,
        method: str,
        *,
        cut: Cut | None,
        times: int | None,
        user_id: int | None,
        key_id: int | None,
    ) -> None:
        super().__init__(method, times=times, user_id=user_id, key_id=key_id)
        self.cut = cut

    @override
    def details(self) -> dict[str, Any]:
        return super().details() | {"cut": self.cut}


class GarbledReply(CallFault):
    kind = "garble"


class CallFaults(KeyFaults):
    def rpc_error(
        self,
        method: str,
        code: int,
        text: str,
        *,
        times: int | None = 1,
        user_id: int | None = None,
        key_id: int | None = None,
    ) -> ErrorFault:
        """Answer calls of a method with that error; they have no effect."""
        failure = RpcFailure(code, text)
        fault = ErrorFault(method, failure, times=times, user_id=user_id, key_id=key_id)
        return self.place(fault)

    def migrate(
        self,
        method: str,
        dc_id: int,
        *,
        times: int | None = 1,
        user_id: int | None = None,
    ) -> ErrorFault:
        """USER_MIGRATE: the account lives in another data centre."""
        text = f"USER_MIGRATE_{dc_id}"
        return self.rpc_error(method, 303, text, times=times, user_id=user_id)

    def drop_reply(
        self,
        method: str,
        *,
        times: int | None = 1,
        cut: Cut | None = None,
        user_id: int | None = None,
        key_id: int | None = None,
    ) -> DroppedReply:
        """Lose the answers to calls that took effect; with `cut` the connection too.

        Telegram keeps an answer until it is acknowledged: the same session on a new connection
        gets it there.
        """
        fault = DroppedReply(method, cut=cut, times=times, user_id=user_id, key_id=key_id)
        return self.place(fault)

    def garble(
        self,
        method: str,
        *,
        times: int | None = 1,
        user_id: int | None = None,
        key_id: int | None = None,
    ) -> GarbledReply:
        """Answer with a constructor that no client knows; the calls take effect."""
        return self.place(GarbledReply(method, times=times, user_id=user_id, key_id=key_id))

    def check_call(self, asked: Asked) -> None:
        """The failure that a fault has for this call, raised."""
        for fault in self.matching(CallFault, asked.user_id, asked.key_id):
            if fault.applies(asked):
                fault.before(asked)

    def drops_reply(self, asked: Asked) -> bool:
        """Whether the answer is lost; the connection is cut here if it is to be."""
        fault = self._struck(DroppedReply, asked)
        if fault is None:
            return False
        connection = asked.session.connection
        if fault.cut is not None and connection is not None:
            connection.end_cause = "a fault cut it"
            connection.abort(reset=fault.cut is Cut.RESET)
        return True

    def garbles_reply(self, asked: Asked) -> bool:
        return self._struck(GarbledReply, asked) is not None

    def _struck(self, kind: type[C], asked: Asked) -> C | None:
        """The first fault of that class for this call, which has its effect now."""
        for fault in self.matching(kind, asked.user_id, asked.key_id):
            if fault.applies(asked):
                fault.strike()
                return fault
        return None
