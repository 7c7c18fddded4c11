"""What breaks during a soak, and for how often it is chosen."""

from dataclasses import dataclass, field
from typing import Any

SEND, STATE = "messages.sendMessage", "updates.getState"


@dataclass(frozen=True, slots=True)
class Trick:
    """A fault: where it is ordered, and with what."""

    path: str
    body: dict[str, Any] = field(default_factory=dict)
    of: str = ""
    """`user` or `proxy` for one of them at random; else it concerns everybody."""
    often: int = 4

    @property
    def name(self) -> str:
        """Its path and its scope; two with one name are one in the count."""
        return f"{self.path}, {self.of or 'all'}"


TRICKS = (
    Trick("connections/cut", of="user", often=12),
    Trick("connections/cut", {"reset": True}, of="user", often=12),
    Trick("faults/freeze", of="user", often=12),
    Trick("faults/freeze", {"late": True}, of="user"),
    Trick("faults/flood_wait", {"method": SEND, "seconds": 10}, of="user"),
    Trick("faults/flood_wait", {"method": STATE, "seconds": 10}, of="user"),
    Trick("proxies/{}/cut", of="proxy", often=8),
    Trick("proxies/{}/faults/refuse", of="proxy"),
    Trick("proxies/{}/faults/reject_login", of="proxy"),
    Trick("proxies/{}/faults/say_nothing", of="proxy"),
    Trick("proxies/{}/faults/close_at_once", of="proxy"),
    Trick("proxies/{}/faults/slow", {"seconds": 0.5}, of="proxy"),
    Trick("proxies/{}/faults/freeze", of="proxy"),
    Trick("faults/drop_reply", {"method": SEND, "times": 5}),
    Trick("faults/drop_reply", {"method": SEND, "times": 5, "cut": "reset"}),
    Trick("faults/first_call_runs", {"calls": 5}),
    Trick("faults/rpc_error", {"method": SEND, "code": 500, "text": "X", "times": 3}),
    Trick("faults/rpc_error", {"method": STATE, "code": 500, "text": "X", "times": 3}),
    Trick("faults/garble", {"method": SEND, "times": 3}),
    Trick("faults/transport_error", {"code": 429, "times": 3}),
    Trick("faults/transport_error", {"code": 404, "times": 3}),
    Trick("faults/delay", {"seconds": 0.2}),
    Trick("connections/cut", often=1),
    Trick("faults/freeze", often=1),
    Trick("faults/refuse", {"cut": True}, often=1),
    Trick("faults/close_at_once", often=1),
    Trick("botapi/faults/server_error", {"times": 3}),
    Trick("botapi/faults/throttle", {"retry_after": 3, "times": 2}),
)
