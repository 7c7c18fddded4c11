"""What all userbots of a process share."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from random import Random

from storage.database import Database
from userbot.budget import Budget
from userbot.limits import Limits
from userbot.meters import Meters
from userbot.reach import Reach
from userbot.schedule import Patience, Schedule
from userbot.tallies import Tallies


async def well(_proxy_id: int) -> str:
    """Where nobody can look at proxies."""
    return ""


@dataclass(frozen=True, slots=True)
class Terms:
    """What all userbots of a process share."""

    database: Database
    limits: Limits
    schedule: Schedule
    budget: Budget
    random: Random
    may_write: Callable[[], bool]
    patience: Patience = field(default_factory=Patience)
    reach: Reach = field(default_factory=Reach)
    diagnose: Callable[[int], Awaitable[str]] = well
    """Why nothing comes through a proxy, by its id; asked before an account is given up on."""
    meters: Meters = field(default_factory=Meters)
    tallies: Tallies = field(default_factory=Tallies)
    exits: dict[int, str] = field(default_factory=dict)
    """Where each proxy's traffic left when that was last asked, by its id."""
