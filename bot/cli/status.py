"""`mooring status`: how every account is, also beside a running Mooring, and for monitoring."""

import argparse
import asyncio
import json
import signal
import sys
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.cli.common import FAILED, OK
from bot.cli.existing import existing
from bot.cli.tables import aligned
from bot.settings import Settings
from storage import shelf
from storage.accounts import Desired
from storage.database import Database
from storage.engines import is_sqlite
from storage.journal import Counts
from storage.liveness import Instance
from userbot import facts as facts_of
from userbot.facts import Board, Facts
from userbot.targets import hidden

REDRAW_EVERY_S = 2.0
CLEAR = "\x1b[H\x1b[2J"


def add_to(commands: Any) -> None:  # noqa: ANN401 - argparse names its subparsers privately
    parser = commands.add_parser(
        "status",
        help="how every account is",
        description=(
            "How every account is, and whether a Mooring runs and watches them. Reconnects and "
            "failures are counted for the last hour / the last 24 h / since the journal begins, "
            "which goes back EVENTS_KEEP. The exit code is 0 when every account that should run "
            "is connected, and 1 otherwise, as when no Mooring runs."
        ),
    )
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="everything, as JSON")
    form.add_argument("--watch", action="store_true", help="draw it anew every 2 s until Ctrl-C")
    parser.set_defaults(act=_status)


async def _status(settings: Settings, arguments: argparse.Namespace) -> int:
    async with existing(settings, may_migrate=False) as database:
        if arguments.watch:
            return await _watch(settings, database)
        board = await _board(database)
    if arguments.json:
        sys.stdout.write(json.dumps(as_json(board, settings), indent=2) + "\n")
    else:
        sys.stdout.write(as_text(board, settings))
    return OK if board.is_well else FAILED


async def _board(database: Database) -> Board:
    async with database.read() as tx:
        return await facts_of.stored_board(tx)


async def _watch(settings: Settings, database: Database) -> int:
    """Draw until a signal comes."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    while True:
        began = time.monotonic()
        board = await _board(database)
        sys.stdout.write(CLEAR + as_text(board, settings))
        sys.stdout.flush()
        # Where reading takes long, it must not become all that this machine does.
        pause_s = max(REDRAW_EVERY_S, 4 * (time.monotonic() - began))
        with suppress(TimeoutError):
            async with asyncio.timeout(pause_s):
                await stop.wait()
        if stop.is_set():
            return OK if board.is_well else FAILED


def as_json(board: Board, settings: Settings) -> dict[str, Any]:
    """Everything; times are UTC, numbers of accounts stay, their phones do not."""
    alive = board.alive
    backups = shelf.look(settings.backups, board.now)
    return {
        "at": _time(board.now),
        "is_well": board.is_well,
        "is_running": alive is not None,
        "instances": [_instance(instance, board.now) for instance in board.instances],
        "backup_at": _time(backups.newest_at),
        "backup_unread": backups.unread,
        "states": _states(board),
        "accounts": [_account(facts) for facts in board.facts],
    }


def _instance(instance: Instance, now: datetime) -> dict[str, Any]:
    return {
        "id": instance.id,
        "host": instance.host,
        "pid": instance.pid,
        "role": str(instance.role),
        "is_alive": instance.is_alive(now),
        "started_at": _time(instance.started_at),
        "stopped_at": _time(instance.stopped_at),
        "died_at": _time(instance.died_at),
        "heard_at": _time(instance.heard_at),
        "monitor_looked_at": _time(instance.beat.monitor_at if instance.beat else None),
    }


def _account(facts: Facts) -> dict[str, Any]:
    account, seen, line = facts.account, facts.account.observed, facts.line
    return {
        "number": account.id,
        "name": _name(facts),
        "desired": str(account.desired),
        "state": seen.state,
        "is_well": facts.is_well,
        "is_current": facts.is_current,
        "as_of": _time(facts.as_of),
        "since": _time(seen.since),
        "reason": seen.reason,
        "attempt": seen.attempt,
        "next_attempt_at": _time(seen.retry_at),
        "is_frozen": seen.is_frozen,
        "proxy": account.proxy_name,
        "line": line
        and {
            "up_since": _time(seen.since) if seen.state == "ONLINE" else None,
            "answered_at": _time(line.answered_at),
            "latency_ms": line.latency_ms,
        },
        "last_online_at": _time(account.last_online_at),
        "reconnects": _counts(facts.tally.reconnects),
        "failures": _counts(facts.tally.failures),
    }


def as_text(board: Board, settings: Settings) -> str:
    """The head, then a line for each account."""
    head = [
        _head(board, is_alone=is_sqlite(settings.database)),
        _backup(board, settings),
        _summary(board),
    ]
    table = [_COLUMNS, *(_row(facts, board) for facts in board.facts)]
    return "\n".join(head) + "\n" + (f"\n{aligned(table)}" if board.facts else "")


def _head(board: Board, *, is_alone: bool) -> str:
    if not board.instances:
        return "No Mooring has run on this database yet."
    alive = [i for i in board.instances if i.is_alive(board.now)]
    # Where there can be one only, those before it are gone, whatever they said.
    silent = 0 if is_alone else sum(i.is_silent(board.now) for i in board.instances)
    if len(alive) + silent > 1 and alive:
        return _several(board, alive, silent)
    instance = board.alive or board.instances[0]
    if instance.stopped_at is not None:
        return f"No Mooring runs; the last one stopped {_ago(board, instance.stopped_at)}."
    if not instance.is_alive(board.now):
        return (
            f"No Mooring runs: the last one fell silent {_ago(board, instance.heard_at)}, killed "
            "or stuck. What follows is from then."
        )
    looked_at = instance.beat.monitor_at if instance.beat else None
    watched = f"looked {_ago(board, looked_at)}" if looked_at else "has not looked yet"
    return (
        f"Mooring runs on {instance.host} (process {instance.pid}), started "
        f"{_ago(board, instance.started_at)}; its monitor {watched}."
    )


def _several(board: Board, alive: Sequence[Instance], silent: int) -> str:
    """Those that run accounts, and how many of them nobody has heard of since."""
    lines = [
        f"{len(alive)} instances run accounts"
        + (f", and {silent} fell silent: killed or stuck." if silent else ".")
    ]
    for instance in alive:
        looked_at = instance.beat.monitor_at if instance.beat else None
        watched = f"looked {_ago(board, looked_at)}" if looked_at else "has not looked yet"
        lines.append(
            f"  {instance.host} (process {instance.pid}), started "
            f"{_ago(board, instance.started_at)}; its monitor {watched}."
        )
    return "\n".join(lines)


def _backup(board: Board, settings: Settings) -> str:
    seen = shelf.look(settings.backups, board.now)
    if seen.unread:
        return f"How old the last backup is can't be told: {seen.unread}."
    return f"Last backup: {_ago(board, seen.newest_at)}." if seen.newest_at else "No backup yet."


def _summary(board: Board) -> str:
    wanted = [f for f in board.facts if f.account.desired is Desired.RUN]
    well = sum(f.is_well for f in wanted)
    states = ", ".join(f"{count} {state}" for state, count in _states(board).items())
    return f"{well} of {len(wanted)} that should run are connected" + (
        f" ({states})." if states else "."
    )


def _states(board: Board) -> dict[str, int]:
    return dict(Counter(facts.account.observed.state for facts in board.facts).most_common())


_COLUMNS = (
    "number",
    "name",
    "state",
    "for",
    "attempt",
    "next",
    "answered",
    "latency",
    "proxy",
    "reconnects",
    "failures",
    "last online",
    "reason",
)


def _row(facts: Facts, board: Board) -> tuple[str, ...]:
    seen, line, now = facts.account.observed, facts.line, board.now
    online_at = facts.account.last_online_at
    return (
        f"#{facts.account.id}",
        _name(facts),
        _state(facts),
        _span(now - seen.since),
        str(seen.attempt or ""),
        f"in {_span(seen.retry_at - now)}" if seen.retry_at else "",
        _ago(board, line.answered_at) if line else "",
        f"{line.latency_ms} ms" if line and line.latency_ms else "",
        facts.account.proxy_name,
        _slashed(facts.tally.reconnects),
        _slashed(facts.tally.failures),
        _ago(board, online_at) if online_at else "",
        seen.reason,
    )


def _state(facts: Facts) -> str:
    """The state; a question mark where nobody vouches for it any more."""
    is_doubtful = not facts.is_current and facts.account.desired is Desired.RUN
    frozen = " frozen" if facts.account.observed.is_frozen else ""
    return f"{facts.state}{'?' if is_doubtful else ''}{frozen}"


def _name(facts: Facts) -> str:
    account = facts.account
    username = f"@{account.username}" if account.username else ""
    return account.name or username or hidden(account.phone)


def _counts(counts: Counts) -> dict[str, int]:
    return {"1h": counts.hour, "24h": counts.day, "all": counts.all}


def _slashed(counts: Counts) -> str:
    return f"{counts.hour}/{counts.day}/{counts.all}"


def _time(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat(timespec="seconds") if at else None


def _ago(board: Board, at: datetime) -> str:
    return f"{_span(board.now - at)} ago"


def _span(span: timedelta) -> str:
    """In its two largest units."""
    seconds = max(0, round(span.total_seconds()))
    units = {
        "d": seconds // 86400,
        "h": seconds // 3600 % 24,
        "m": seconds // 60 % 60,
        "s": seconds % 60,
    }
    shown = [f"{count} {unit}" for unit, count in units.items() if count]
    return " ".join(shown[:2]) or "0 s"
