"""Checks of the machine and of the processes on it. Pure: what was measured comes in."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.descriptors import SPARE, how_to_raise
from bot.doctor.findings import Finding, bad, ok, warn
from storage.liveness import Instance

MIN_FREE_BYTES = 100 * 2**20
"""With less than that a database soon can't be written."""
MAX_AHEAD_S = 30.0
"""Telegram ignores messages from further in the future (core.telegram.org/mtproto/description)."""
MONITOR_LATE = timedelta(minutes=5)
_MIB = 2**20


def clock(ahead_s: float | None) -> Finding:
    """`ahead_s`: by how much this machine's clock is ahead of Telegram's."""
    if ahead_s is None:
        return warn("clock", "the Bot API server told no time", "compare it with another clock")
    if abs(ahead_s) > MAX_AHEAD_S:
        way = "ahead of" if ahead_s > 0 else "behind"
        return bad(
            "clock",
            f"this machine's clock is {abs(ahead_s):,.0f} s {way} Telegram's",
            "set it by NTP: timedatectl set-ntp true, then start Mooring again",
        )
    return ok("clock", f"right within {max(1, round(abs(ahead_s)))} s")


def disk(free_bytes: int, database_bytes: int) -> Finding:
    """The next backup is as large as the database."""
    free = f"{free_bytes / _MIB:,.0f} MiB free where the data is"
    how = "make room, or move DATA_DIR to a larger disk; BACKUP_KEEP says how many backups stay"
    if free_bytes < MIN_FREE_BYTES:
        return bad("disk", free, how)
    if free_bytes < MIN_FREE_BYTES + 3 * database_bytes:
        return warn("disk", f"{free}: few more backups fit there", how)
    return ok("disk", free)


def descriptors(limit: int | None, accounts: int, *, of: str) -> Finding:
    """`limit` is how many files `of`, a process, may have open; None: any number."""
    needed = accounts + SPARE
    if limit is None:
        return ok("open files", f"{of} may have any number open")
    words = f"{of} may have {limit:,} open; {accounts:,} accounts need {needed:,}"
    if limit < needed:
        return bad("open files", words, f"{how_to_raise(needed)}; then start Mooring again")
    return ok("open files", words)


def backups(
    newest_at: datetime | None, every_s: float, now: datetime, *, failure: str, unread: str = ""
) -> Finding:
    """`failure` is why the last try failed, `unread` why their folder can't be looked at."""
    if not every_s:
        return warn(
            "backup", "BACKUP_EVERY is 0: none is made", "make them yourself: mooring backup FILE"
        )
    if unread:
        return bad("backup", unread, "see that it is a folder which Mooring's user may read")
    how = f"see that Mooring runs and has room; at once: mooring backup FILE{_because(failure)}"
    if newest_at is None:
        return warn("backup", "there is none yet", how)
    age = now - newest_at
    words = f"the last is of {span(age)} ago"
    if failure or age > timedelta(seconds=2 * every_s):
        return warn("backup", words, how)
    return ok("backup", words)


def _because(failure: str) -> str:
    return f" (the last try: {failure.rstrip('.')})" if failure else ""


def process(holder: str | None, instances: Sequence[Instance], now: datetime) -> Finding:
    """Whether a Mooring runs, and watches. `holder` is who holds the data directory."""
    alive = next((i for i in instances if i.is_alive(now)), None)
    start = "start it: mooring run"
    if alive is None and holder is not None:
        return bad(
            "process",
            f"{holder} holds the data, and says nothing: it hangs, or has just started",
            f"look again in a minute; if it stays so, end that process and {start}",
        )
    if alive is None:
        last = (
            f"; the last one was heard {span(now - instances[0].heard_at)} ago"
            if instances
            else ""
        )
        return warn("process", f"no Mooring runs{last}", start)
    words = f"Mooring runs on {alive.host} (process {alive.pid})"
    looked_at = alive.beat.monitor_at if alive.beat else None
    if looked_at is not None and now - looked_at > MONITOR_LATE:
        return bad(
            "process",
            f"{words}, and its monitor has not looked for {span(now - looked_at)}",
            "start it again",
        )
    return ok("process", words)


def span(time: timedelta) -> str:
    """A time in its largest unit."""
    seconds = max(0, round(time.total_seconds()))
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"
