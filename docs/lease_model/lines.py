"""Lines and the data centre's timer."""

from docs.lease_model.protocol import Protocol
from docs.lease_model.state import NEVER, PASSED, UNHEARD, Instance, Line


def begun(protocol: Protocol, instance: Instance) -> Line:
    """A line whose first packet is on its way; counted as open from now on."""
    line = Line(NEVER)
    if not protocol.has_timer or not protocol.pings_first:
        return line
    line = pinged(protocol, instance, line)
    return line._replace(timer=line.delay + protocol.way)


def pinged(protocol: Protocol, instance: Instance, line: Line) -> Line:
    """The line with one more ping under way."""
    delay = protocol.delay
    if protocol.fits_delay:
        until_free = max(instance.right, 0) + protocol.free - protocol.deadline
        delay = max(1, min(delay, until_free - protocol.way))
    return line._replace(delay=delay, flight=protocol.way, is_late=False)


def written(protocol: Protocol, instance: Instance) -> Line | None:
    """The line after the packet that was past the gate has gone out."""
    line = instance.line
    if line is None or not line.holds_packet:
        return line
    if line.timer == UNHEARD:
        line = begun(protocol, instance)
    elif protocol.has_timer:
        line = pinged(protocol, instance, line)
    return line._replace(holds_packet=False, is_late=instance.right == PASSED)


def left_of(instance: Instance) -> Line | None:
    """What the data centre has open where it hears nothing of the end of the instance's line.

    Of two that ended so it is one that lasts as long as both.
    """
    line, other = instance.line, instance.left
    if line is None or not line.is_open:
        return other
    line = line._replace(holds_packet=False)
    if other is None:
        return line
    return Line(
        NEVER if NEVER in {line.timer, other.timer} else max(line.timer, other.timer),
        max(line.delay, other.delay),
        max(line.flight, other.flight),
        is_late=line.is_late and other.is_late,
    )


def arrived(line: Line) -> Line:
    """The line after the ping that is under way has come to the data centre."""
    return line._replace(timer=line.delay, flight=PASSED)


def older_line(line: Line) -> Line | None:
    """None where the data centre closes it: what is written to it from now on is lost."""
    timer = line.timer - 1 if line.timer > 0 else line.timer
    return line._replace(timer=timer, flight=max(PASSED, line.flight - 1)) if timer else None
