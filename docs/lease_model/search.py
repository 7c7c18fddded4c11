"""Look through one variant, and tell the way to a broken invariant."""

from collections.abc import Iterator
from functools import partial

from docs.lease_model import model
from docs.lease_model.explorer import Found, explore
from docs.lease_model.protocol import Protocol
from docs.lease_model.shortening import canonical
from docs.lease_model.state import NOBODY, State, first
from docs.lease_model.variants import Variant

NAMES = "ABC"
AT_MOST = 300_000

Trace = list[tuple[model.Action | None, State]]


def look_through(protocol: Protocol) -> Found[State, model.Action]:
    """Every state of it, or the shortest way to two lines with one key."""
    return explore(
        first(protocol.instances, protocol.failovers),
        partial(model.steps, protocol),
        partial(model.breaks, protocol),
        canonical,
        at_most=AT_MOST,
    )


def in_words(variant: Variant, trace: Trace) -> Iterator[str]:
    """The trace, a line for each step; the last says what it came to."""
    now = 0
    unit = "s" if variant.tick_s else "t"
    scale = variant.tick_s or 1
    for action, _state in trace:
        if action is None:
            continue
        what, number = action
        if what == "tick":
            now += 1
        else:
            who = "-" if number == NOBODY else NAMES[number]
            yield f"{now * scale:>4g} {unit}  {who}  {what}"
    lines = [
        f"{NAMES[number]}'s "
        + ("for good" if line.timer < 0 else f"for {line.timer * scale:g} {unit}")
        + (", closed by it" if line is instance.left else "")
        for number, instance in enumerate(trace[-1][1].instances)
        for line in (instance.line, instance.left)
        if line is not None and line.is_open
    ]
    yield f"{now * scale:>4g} {unit}  =  the data centre has two lines open: {', '.join(lines)}"
