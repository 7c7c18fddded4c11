"""Faults of keys: exchanges that fail, and messages that are encrypted wrong."""

import secrets
from enum import StrEnum
from typing import Any

from telethon.tl import functions
from typing_extensions import override

from sandbox.datacentre.faults.lines import LineFaults
from sandbox.datacentre.tl import TL
from sandbox.datacentre.violations import Violation
from sandbox.faults import Fault


class ExchangeEnd(StrEnum):
    PARAMS_FAIL = "params_fail"
    """server_DH_params_fail."""
    CLOSE = "close"
    """The connection is closed in the middle, without a word."""


class Forgery(StrEnum):
    KEY = "key"
    """Encrypted with a key of nobody."""
    MSG_KEY = "msg_key"
    """The key is right, the msg_key is not."""


class ExchangeFault(Fault):
    kind = "fail_exchange"

    def __init__(self, end: ExchangeEnd, *, times: int | None) -> None:
        super().__init__(times=times)
        self.end = end

    @override
    def details(self) -> dict[str, Any]:
        return {"end": self.end}


class ExchangeCut(Violation):
    """A fault ends the exchange; nothing is told."""


class KeyFaults(LineFaults):
    def fail_exchange(
        self, end: ExchangeEnd = ExchangeEnd.PARAMS_FAIL, *, times: int | None = 1
    ) -> ExchangeFault:
        """Let key exchanges fail at their second step."""
        return self.place(ExchangeFault(end, times=times))

    def forge(
        self,
        count: int = 1,
        user_id: int | None = None,
        *,
        key_id: int | None = None,
        wrong: Forgery = Forgery.MSG_KEY,
    ) -> int:
        """Send that many messages that prove nothing on each open line; return how many lines.

        It is done with the call: there is nothing to lift.
        """
        lines = [
            line
            for line in self._dc.open_connections()
            if line.authorization is not None
            and user_id in {None, line.user_id}
            and key_id in {None, line.key_id}
        ]
        for line in lines:
            authorization = line.authorization
            wire_id = authorization.wire_id if authorization else b""
            for _ in range(count):
                line.push(_forged(wire_id, wrong))
        return len(lines)

    def exchange_is_to_fail(self) -> bool:
        fault = self.first(ExchangeFault)
        if fault is None or fault.end is not ExchangeEnd.PARAMS_FAIL:
            return False
        fault.strike()
        return True

    def check_exchange(self, request: TL) -> None:
        """`ExchangeCut` if the exchange is to break at this step."""
        fault = self.first(ExchangeFault)
        if fault is None or fault.end is not ExchangeEnd.CLOSE:
            return
        if isinstance(request, functions.ReqDHParamsRequest):
            fault.strike()
            raise ExchangeCut("cut in the middle, as ordered")


def _forged(wire_id: bytes, wrong: Forgery) -> bytes:
    """A packet of a usual size that no client can open."""
    key_id = secrets.token_bytes(8) if wrong is Forgery.KEY else wire_id
    return key_id + secrets.token_bytes(16 + 96)
