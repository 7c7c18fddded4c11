"""What all userbots of a process share."""

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from storage.database import Database
from userbot.budget import Budget
from userbot.line import Limits
from userbot.reach import Reach
from userbot.schedule import Patience, Schedule


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
