"""Orders of faults at the data centre: what each takes, and how it is set."""

from abc import abstractmethod
from typing import Annotated, ClassVar

from pydantic import Field
from typing_extensions import override

from sandbox.control.requests import Scoped
from sandbox.datacentre.faults import Faults
from sandbox.datacentre.faults.accounts import APPEAL_URL
from sandbox.datacentre.faults.calls import Cut
from sandbox.datacentre.faults.keys import ExchangeEnd
from sandbox.faults import Fault

Times = Annotated[
    int,
    Field(ge=1, le=1_000_000, description="How often it has its effect; empty: until lifted."),
]
WholeSeconds = Annotated[int, Field(ge=1, le=10_000_000)]
Seconds = Annotated[float, Field(ge=0, le=86_400)]
_EXAMPLE = "For example messages.sendMessage; * stands for anything."
Name = Annotated[str, Field(pattern=r"^[A-Za-z_.*]{1,100}$", description=_EXAMPLE)]


class Order(Scoped):
    kind: ClassVar[str]

    @abstractmethod
    async def place(self, faults: Faults) -> Fault: ...


class Freeze(Order):
    """Lines stay open and nothing is answered, until lifted."""

    kind = "freeze"
    late: bool = False
    """What comes meanwhile is done when the fault is lifted, instead of lost."""
    keeps_timers: bool = False
    """The data centre closes what does not ping in time, as it does otherwise."""

    @override
    async def place(self, faults: Faults) -> Fault:
        return faults.freeze(
            self.user, key_id=self.key_id, late=self.late, keeps_timers=self.keeps_timers
        )


class Delay(Order):
    """Everything is sent that much later; requests act at once."""

    kind = "delay"
    seconds: Seconds

    @override
    async def place(self, faults: Faults) -> Fault:
        return faults.delay(self.seconds, self.user, key_id=self.key_id)


class CloseAtOnce(Order):
    """Connections are accepted and closed."""

    kind = "close_at_once"
    times: Times | None = None

    @override
    async def place(self, faults: Faults) -> Fault:
        return faults.close_at_once(self.user, key_id=self.key_id, times=self.times)


class TransportError(Order):
    """Packets are answered with a transport error, and the line is closed."""

    kind = "transport_error"
    code: Annotated[int, Field(ge=1, le=999)]
    """Without its sign: 404, 429, 444."""
    times: Times | None = 1

    @override
    async def place(self, faults: Faults) -> Fault:
        return faults.transport_error(self.code, self.user, key_id=self.key_id, times=self.times)


class RpcError(Order):
    """Calls of a method fail with that error and have no effect."""

    kind = "rpc_error"
    method: Name
    code: Annotated[int, Field(ge=1, le=999)]
    text: Annotated[str, Field(pattern=r"^[A-Z0-9_]{1,100}$")]
    times: Times | None = 1

    @override
    async def place(self, faults: Faults) -> Fault:
        return faults.rpc_error(
            self.method,
            self.code,
            self.text,
            times=self.times,
            user_id=self.user,
            key_id=self.key_id,
        )


class DropReply(Order):
    """Calls take effect and their answers are lost."""

    kind = "drop_reply"
    method: Name
    times: Times | None = 1
    cut: Cut | None = None
    """Whether the line ends too, and how."""

    @override
    async def place(self, faults: Faults) -> Fault:
        return faults.drop_reply(
            self.method, times=self.times, cut=self.cut, user_id=self.user, key_id=self.key_id
        )


class Garble(Order):
    """Calls take effect and their answers can't be read."""

    kind = "garble"
    method: Name
    times: Times | None = 1

    @override
    async def place(self, faults: Faults) -> Fault:
        return faults.garble(self.method, times=self.times, user_id=self.user, key_id=self.key_id)


class Deny(Order):
    """What needs a login gets a 401; the login is there again when this is lifted."""

    kind = "deny"
    text: Annotated[str, Field(pattern=r"^[A-Z0-9_]{1,100}$")] = "SESSION_REVOKED"

    @override
    async def place(self, faults: Faults) -> Fault:
        return faults.deny(self.user, self.text, key_id=self.key_id)


class UserOrder(Order):
    """An order for one user or all; a key alone can't be told."""

    key: None = None


class FloodWait(UserOrder):
    """FLOOD_WAIT for each caller, from their first call on. To call too early is a hazard."""

    kind = "flood_wait"
    method: Name
    seconds: WholeSeconds

    @override
    async def place(self, faults: Faults) -> Fault:
        return faults.flood_wait(self.method, self.seconds, self.user)


class SlowMode(UserOrder):
    """SLOWMODE_WAIT on messages to one chat."""

    kind = "slow_mode"
    peer: int
    """The id of the chat; groups are negative."""
    seconds: WholeSeconds

    @override
    async def place(self, faults: Faults) -> Fault:
        return faults.slow_mode(self.peer, self.seconds, self.user)


class FirstCallRuns(UserOrder):
    """A repeated message gets RANDOM_ID_DUPLICATE: the first is still on its way."""

    kind = "first_call_runs"
    calls: Times | None = None
    seconds: Seconds | None = None
    """For so long after the first call."""
    random_id: int | None = None
    """Of one message only."""

    @override
    async def place(self, faults: Faults) -> Fault:
        return faults.first_call_runs(
            calls=self.calls, seconds=self.seconds, random_id=self.random_id, user_id=self.user
        )


class Migrate(UserOrder):
    """USER_MIGRATE: the account lives in another data centre."""

    kind = "migrate"
    method: Name
    dc_id: Annotated[int, Field(ge=1, le=5)]
    times: Times | None = 1

    @override
    async def place(self, faults: Faults) -> Fault:
        return faults.migrate(self.method, self.dc_id, times=self.times, user_id=self.user)


class AccountOrder(UserOrder):
    """An order for one user."""

    user: int


class Ban(AccountOrder):
    """USER_DEACTIVATED_BAN on everything, and no login code for the number."""

    kind = "ban"

    @override
    async def place(self, faults: Faults) -> Fault:
        return faults.ban(self.user)


class FreezeAccount(AccountOrder):
    """The account can read and change nothing."""

    kind = "freeze_account"
    appeal_url: Annotated[str, Field(max_length=1000)] = APPEAL_URL
    """What help.getAppConfig calls the place to appeal."""

    @override
    async def place(self, faults: Faults) -> Fault:
        return faults.freeze_account(self.user, appeal_url=self.appeal_url)


class LimitAccount(AccountOrder):
    """PEER_FLOOD on messages to people who do not have the account's number."""

    kind = "limit_account"

    @override
    async def place(self, faults: Faults) -> Fault:
        return faults.limit_account(self.user)


class GeneralOrder(Order):
    """An order for everybody."""

    user: None = None
    key: None = None


class FailExchange(GeneralOrder):
    """Key exchanges fail, so that nobody gets a new key."""

    kind = "fail_exchange"
    end: ExchangeEnd = ExchangeEnd.PARAMS_FAIL
    times: Times | None = 1

    @override
    async def place(self, faults: Faults) -> Fault:
        return faults.fail_exchange(self.end, times=self.times)


class Refuse(GeneralOrder):
    """Dials to the data centre are refused."""

    kind = "refuse"
    cut: bool = False
    """Whether open connections end too: the data centre is down."""
    reset: bool = False
    """Whether they end by a TCP reset instead of a proper close."""

    @override
    async def place(self, faults: Faults) -> Fault:
        return await (faults.go_down(reset=self.reset) if self.cut else faults.refuse())


ORDERS: dict[str, type[Order]] = {
    order.kind: order
    for order in (
        Freeze,
        Delay,
        CloseAtOnce,
        Refuse,
        TransportError,
        FailExchange,
        RpcError,
        Migrate,
        FloodWait,
        SlowMode,
        FirstCallRuns,
        DropReply,
        Garble,
        Deny,
        Ban,
        FreezeAccount,
        LimitAccount,
    )
}
"""By the last part of the path."""
