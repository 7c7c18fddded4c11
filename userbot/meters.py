"""Counts what goes over each proxy, in memory; the heartbeat brings it into the rows."""

from dataclasses import dataclass, field

from storage.traffic import Traffic


@dataclass(slots=True)
class Meter:
    """Bytes of the packets that went over one proxy, without the frames of TCP and the proxy."""

    up: int = 0
    down: int = 0


@dataclass(frozen=True, slots=True)
class Meters:
    """One for each proxy, by its id."""

    _by_proxy: dict[int, Meter] = field(default_factory=dict)

    def of(self, proxy_id: int) -> Meter:
        """That proxy's; shared by all lines over it."""
        return self._by_proxy.setdefault(proxy_id, Meter())

    def take(self) -> list[Traffic]:
        """What went since the last time, and begin anew."""
        found = [Traffic(i, m.up, m.down) for i, m in self._by_proxy.items() if m.up or m.down]
        for meter in self._by_proxy.values():
            meter.up = meter.down = 0
        return found
