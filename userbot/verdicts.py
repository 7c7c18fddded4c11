"""What an error on a line calls for; `userbot.errors.classify` says which."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Retry:
    """Connect again by the schedule."""

    is_slow: bool = False
    """Only on its slow half: somebody at the other end has had too much of us."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Telegram told us to wait; not a second less."""

    seconds: int


@dataclass(frozen=True, slots=True)
class Relogin:
    """The key is dead or revoked; an operator must log in. The stored session is kept."""


@dataclass(frozen=True, slots=True)
class Banned:
    """Telegram banned or deleted the account."""


@dataclass(frozen=True, slots=True)
class Restricted:
    """Telegram froze the account: it stays connected and is flagged, it may only read."""


@dataclass(frozen=True, slots=True)
class Misconfigured:
    """A setting of ours is wrong (API id, proxy type); retrying changes nothing."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """Not understood: retried on the slow half of the schedule, with its traceback kept."""


Verdict = Retry | Wait | Relogin | Banned | Restricted | Misconfigured | Unknown
