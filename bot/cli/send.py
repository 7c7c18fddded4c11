"""`mooring send`: a message that goes out as an account, and what became of it."""

import argparse
import asyncio
import math
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from bot.alone import alone_or_beside
from bot.cli.common import FAILED, OK, UNCERTAIN, say
from bot.cli.deliveries import as_json
from bot.cli.drafts import add_options, write
from bot.cli.existing import stored
from bot.cli.output import show, show_json
from bot.cli.tables import printable
from bot.program_drafts import BadDraft
from bot.settings import Settings
from bot.times import shown, zone_of
from storage import deliveries
from storage.database import Database
from storage.delivery import Delivery, DeliveryState
from storage.errors import StorageError, StorageLost
from userbot.targets import masked

POLL_S = 0.3
LIMIT_S = 120.0
_OUT = {DeliveryState.SENT, DeliveryState.SENT_BY_BOT}
_NOT_OUT = {DeliveryState.FAILED, DeliveryState.CANCELLED}


def add_to(commands: Any) -> None:  # noqa: ANN401 - argparse names its subparsers privately
    parser = commands.add_parser(
        "send",
        help="send a message as an account, and say what became of it",
        description="Sends a message as an account, without asking anybody in the chat. The exit "
        "code is 0 when it was sent (or is ordered, where it does not wait), 1 when it certainly "
        f"was not, and {UNCERTAIN} when it must not be repeated: it still waits, may be out, or is "
        "out in part.",
    )
    add_options(parser)
    waiting = parser.add_mutually_exclusive_group()
    waiting.add_argument(
        "--wait",
        action="store_true",
        default=None,
        help="until it was sent; as it is anyway, but where --at is given",
    )
    waiting.add_argument(
        "--no-wait", action="store_false", dest="wait", help="only order it, Mooring need not run"
    )
    parser.add_argument(
        "--limit",
        type=_seconds,
        default=LIMIT_S,
        metavar="SECONDS",
        help=f"how long to wait ({LIMIT_S:g}); it goes out all the same",
    )
    parser.add_argument("--json", action="store_true", help="what became of it, as JSON")
    parser.set_defaults(act=_send)


def _seconds(text: str) -> float:
    try:
        limit_s = float(text)
    except ValueError:
        limit_s = math.nan
    if not 0 < limit_s <= 7 * 86400:
        raise argparse.ArgumentTypeError("a number of seconds is wanted")
    return limit_s


async def _send(settings: Settings, arguments: argparse.Namespace) -> int:
    is_waiting = arguments.wait if arguments.wait is not None else not arguments.at
    async with stored(settings) as database:
        async with alone_or_beside(settings) as is_alone:
            if is_waiting and is_alone:
                say(
                    "Not sent: no Mooring runs. Start it: mooring run. Or only order it: --no-wait"
                )
                return FAILED
        try:
            written = await write(database, settings, arguments, is_approved=True)
        except BadDraft as exc:
            say(f"Not sent: {exc}.")
            return FAILED
        except StorageLost as exc:
            say(f"Nobody knows whether it is ordered ({exc}): look at mooring deliveries.")
            return UNCERTAIN
        parts: Sequence[Delivery] = [written]
        if is_waiting:
            try:
                parts = await _outcome(database, written.id, arguments.limit)
            except StorageError as exc:
                say(f"{written.id} is ordered; what became of it could not be read: {exc}.")
                return UNCERTAIN
    if arguments.json:
        show_json({"outcome": outcome_of(parts), "parts": [as_json(part) for part in parts]})
    elif parts:
        show(as_text(parts, settings))
    else:
        say(f"{written.id} went with its account, and nobody knows whether it was sent.")
    return code_of(parts) if is_waiting else OK


def code_of(parts: Sequence[Delivery]) -> int:
    """The exit code: FAILED only where sending it anew can't double anything. Pure."""
    return {"sent": OK, "failed": FAILED}.get(outcome_of(parts), UNCERTAIN)


async def _outcome(database: Database, head_id: int, limit_s: float) -> Sequence[Delivery]:
    """The message, with all its parts, when it is settled or the time is over."""
    end_at = asyncio.get_running_loop().time() + limit_s
    with database.wakeups.subscribe(deliveries.CHANGED) as changed:
        while True:
            async with database.read() as tx:
                parts = await deliveries.parts(tx, head_id)
            left_s = end_at - asyncio.get_running_loop().time()
            if outcome_of(parts) != "waiting" or left_s <= 0:
                return parts
            await changed.wait(min(POLL_S, left_s))


def outcome_of(parts: Sequence[Delivery]) -> str:
    """`sent`, `partly`, `failed`, `unknown` or `waiting`. Pure.

    Of several parts that of the first which is not out: what follows it waits behind it.
    """
    left = [part for part in parts if part.state not in _OUT]
    if not left:
        return "sent" if parts else "unknown"
    if left[0].state is DeliveryState.UNKNOWN or _is_given_up(left[0]):
        return "unknown"
    if left[0].state in _NOT_OUT:
        return "failed" if left[0] is parts[0] else "partly"
    return "waiting"


def _is_given_up(d: Delivery) -> bool:
    """Whether no answer came to what was handed over: only the account may repeat it."""
    return d.state is DeliveryState.FAILED and d.is_possibly_sent


def as_text(parts: Sequence[Delivery], settings: Settings) -> str:
    """A line for each part: what became of it, by which way, and why not another."""
    return "".join(printable(_line(part, settings)) + "\n" for part in parts)


def _line(d: Delivery, settings: Settings) -> str:
    way = f"#{d.account_id} to {masked(d.target)}"
    if d.state in _OUT:
        how = f"sent as {way}"
        if d.state is DeliveryState.SENT_BY_BOT:
            how = f"sent by the bot instead of {way}: {d.detour}"
        return f"{d.id}: {how}{_took(d)}. {d.link}".rstrip()
    if _is_given_up(d):
        return (
            f"{d.id}: given up, it may have gone out as {way}: {d.error}. "
            "Press Retry as account on its card: it is never sent twice"
        )
    if d.state in _NOT_OUT:
        if d.detour and d.error:
            return f"{d.id}: {d.state.lower()}. As {way}: {d.detour}. As the bot: {d.error}"
        return f"{d.id}: {d.state.lower()}, as {way}" + (f": {d.error}" if d.error else "")
    if d.state is DeliveryState.UNKNOWN:
        return f"{d.id}: nobody knows whether it arrived at {masked(d.target)}; its card asks"
    why = f": {d.error or d.detour}" if d.error or d.detour else ""
    at = f" until {_time(d.not_before, settings)}" if d.not_before else ""
    return f"{d.id}: waits{at}, as {way}{why}. To see it: mooring deliveries"


def _time(at: datetime, settings: Settings) -> str:
    return shown(at, zone_of(settings.time_zone))


def _took(d: Delivery) -> str:
    """The steps, each with the time from the order on (S3.4)."""
    begun = d.approved_at
    if begun is None or not d.steps:
        return ""
    steps = (f"{s.name} {max(0, (s.at - begun).total_seconds()) * 1000:.0f} ms" for s in d.steps)
    return f" ({', '.join(steps)})"
