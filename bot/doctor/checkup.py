"""All checks, in the order in which one depends on another."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from itertools import pairwise

from bot.doctor import stored, telegram
from bot.doctor.findings import Finding, bad, ok
from bot.doctor.stored import Stock
from bot.settings import BadSettings, Settings
from storage.errors import StorageError

LIMIT_S = 60.0
Tell = Callable[[Finding], None]
"""Takes a finding as soon as it and all before it are known."""


def of_settings(faults: list[str]) -> list[Finding]:
    """A line for each setting that is wrong, or one that says that all are good."""
    if not faults:
        return [ok("settings", "complete; API_ID and API_HASH have the right form")]
    mend = (
        "set it in .env or the environment; .env.example explains it, `mooring init` asks for it"
    )
    return [bad("settings", fault, mend) for fault in faults]


async def examine(load: Callable[[], Settings], tell: Tell, *, limit_s: float = LIMIT_S) -> None:
    """Run every check and tell what each found. Changes nothing, and uses no account's key."""
    end_at = asyncio.get_running_loop().time() + limit_s
    try:
        settings = load()
    except BadSettings as exc:
        for finding in of_settings(exc.faults):
            tell(finding)
        return
    for finding in of_settings([]):
        tell(finding)
    read = await _stored(settings, tell)
    probes = telegram.Probes(telegram.data_centres(settings), end_at=end_at)
    # aiogram takes seconds to import: what is known already is told before.
    from bot.doctor.bot_side import bot_api  # noqa: PLC0415 - see above

    checks: list[Awaitable[list[Finding]]] = [bot_api(settings), probes.directly(read)]
    if read is not None:
        checks += [_alone(probes.through(p, read)) for p in telegram.to_check(read)]
    async with asyncio.TaskGroup() as group:
        running = [
            group.create_task(_timed(check), name=f"check {number}")
            for number, check in enumerate(checks)
        ]
        for task in running:
            for finding in await task:
                tell(finding)


async def _stored(settings: Settings, tell: Tell) -> Stock | None:
    """What needs no network; the rows, where they can be read."""
    marks = [time.monotonic()]

    def say(*findings: Finding) -> None:
        marks.append(time.monotonic())
        *_, took = (after - before for before, after in pairwise(marks))
        for finding in findings:
            tell(replace(finding, took_s=took))

    finding, found = await stored.database(settings)
    say(finding, *stored.way_to_database(settings))
    finding, vault = stored.key(settings, found)
    say(finding)
    read = None
    if found is not None and vault is not None and found.is_current and not found.faults:
        try:
            read = await stored.stock(settings, vault)
        except StorageError as exc:
            say(bad("database", str(exc).rstrip("."), "stop what locks it, and try again"))
    say(*stored.on_this_machine(settings, found, read))
    return read


async def _alone(check: Awaitable[Finding]) -> list[Finding]:
    return [await check]


async def _timed(check: Awaitable[list[Finding]]) -> list[Finding]:
    began = time.monotonic()
    found = await check
    took_s = time.monotonic() - began
    return [replace(finding, took_s=took_s) for finding in found]
