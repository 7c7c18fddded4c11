"""Writes docs/faults.md from the matrix: `python -m tests.faults.document`."""

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from bot.settings import Settings
from tests.faults.matrix import ROWS
from tests.faults.rows import Back, Fate, Moment, Noticed, Outcome, Row
from userbot.enrolling.dialling import KEY_EXCHANGES
from userbot.limits import Limits
from userbot.schedule import Patience, Schedule
from userbot.states import State

PATH = Path(__file__).parents[2] / "docs" / "faults.md"

_INTRO = """\
# Faults

What Mooring does about everything that can break between it and Telegram, how soon it notices,
and how long it takes to come back. This page is written from the table that the tests play:
every row at every moment that it names (`make faults`). Change the table, not this page.

In every case the stored session stays as it is, no message arrives twice, an account dials
through its own proxy or not at all, and the journal names each state with its cause.

The times are those of the usual settings: a ping every {ping:g} s, {answer:g} s for its answer
and {retry:g} s for one more; a check of the login every {check:g} s; {connect:g} s for a
connection, more after each timeout in a row; pauses of {pauses} s, each ±{spread:.0%}.
"""

_LEGEND = """\
**Noticed** is how a connected account learns of it, **back** what comes after the fault is over.
**A message** is one that is approved while the fault is there; **one under way** has been handed
over when it strikes, and nobody knows whether Telegram has it.
"""


_ENROLMENT = """\
## Logging in

A login is the only thing that makes a key. A key exchange that fails, with Telegram's word or
without one, is tried {times} times; then the login says that it failed, and can be begun anew.
"""


def text() -> str:
    """The whole page."""
    return "\n".join(_page()).rstrip() + "\n"


def _page() -> Iterator[str]:
    limits, schedule, patience = Limits(), Schedule(), Patience()
    yield _INTRO.format(
        ping=limits.ping_every_s,
        answer=limits.ping_answer_s,
        retry=limits.ping_retry_s,
        check=limits.check_every_s,
        connect=patience.connect(0),
        pauses=", ".join(f"{pause:g}" for pause in schedule.delays_s),
        spread=schedule.spread,
    )
    yield _LEGEND
    for group, rows in groupby(ROWS, lambda row: row.group):
        yield f"## {group}\n"
        yield "| fault | what Mooring does | noticed | back | a message | one under way | reads |"
        yield "|---|---|---|---|---|---|---|"
        yield from (_line(row) for row in rows)
        yield ""
    yield _ENROLMENT.format(times=KEY_EXCHANGES)


def _line(row: Row) -> str:
    cells = [
        row.name,
        "; ".join([row.does, *_lacks(row)]),
        noticed(row.noticed, Limits()),
        back(row.back, row.ends, Schedule()),
        _fates(row, *(m for m in Moment if m is not Moment.SENDING)),
        _fates(row, Moment.SENDING),
        _reads(row),
    ]
    return f"| {' | '.join(cells)} |"


def noticed(how: Noticed, limits: Limits) -> str:
    """How soon, in words."""
    silent_s = limits.ping_every_s + limits.ping_answer_s + limits.ping_retry_s
    match how:
        case Noticed.BY_PINGS:
            return f"by the pings, after at most {silent_s:g} s"
        case Noticed.BY_NEXT_PING:
            return f"by the next ping, after at most {limits.ping_every_s:g} s, or a message"
        case Noticed.BY_CHECK:
            return f"by the check, after at most {limits.check_every_s:g} s, or the next message"
        case _:
            return how


def back(how: Back, ends: State, schedule: Schedule) -> str:
    """How long it takes, in words."""
    slow = schedule.delays_s[schedule.first_slow - 1]
    first, last = schedule.delays_s[0], schedule.delays_s[-1]
    wide = 1 + schedule.spread
    words = {
        Back.STAYS: "it never went",
        Back.AT_ONCE: f"after 0 to {schedule.at_once_s:g} s",
        Back.BY_SCHEDULE: f"at the next attempt: after {first:g} s at first, "
        f"at most {last * wide / 60:g} min; at once when its proxy carries another account",
        Back.SLOWLY: f"after {slow * (1 - schedule.spread):g} to {slow * wide:g} s at first",
        Back.AFTER_THE_WAIT: "when the wait is over, to the second",
        Back.BY_OPERATOR: f"stays {ends} until an operator acts",
    }[how]
    if ends is State.FAILED:
        return f"tries every {schedule.failed_every_s / 60:g} min, or when an operator says so"
    return words


def _fates(row: Row, *moments: Moment) -> str:
    """What becomes of the message, by moment where that differs."""
    found: dict[str, list[Moment]] = {}
    for moment in moments:
        if (outcome := row.outcomes.get(moment)) is not None:
            found.setdefault(_fate(outcome), []).append(moment)
    if len(found) <= 1:
        return next(iter(found), "none")
    return "; ".join(f"{', '.join(when)}: {fate}" for fate, when in found.items())


def _fate(outcome: Outcome) -> str:
    if outcome.fate is not Fate.BOT:
        return outcome.fate
    if outcome.is_refused:
        return f"the bot sends it at once: “{outcome.detour} …”"
    after_s = Settings.model_fields["fallback_after"].default
    return f"the bot sends it after {after_s:g} s: “{outcome.detour} …”"


def _lacks(row: Row) -> Iterator[str]:
    for moment, lack in row.lacks.items():
        yield f"**not so yet** {moment}: {lack}"


def _reads(row: Row) -> str:
    """Every cause that the journal and the account's card give."""
    states = {f"{o.state}: “{o.reads}”": None for o in row.outcomes.values() if o.state}
    return "<br>".join(states) or "ONLINE"


if __name__ == "__main__":
    PATH.write_text(text())
