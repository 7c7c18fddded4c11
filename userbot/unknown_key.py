"""A key that Telegram does not know: dead only when that stays so."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from telethon.errors import RPCError

from userbot.errors import classify, is_unknown_key
from userbot.verdicts import Relogin, Verdict

DEAD_TIMES, DEAD_AFTER = 3, timedelta(minutes=10)
"""A transport 404 this often, over at least this long, is taken for the key's end."""


@dataclass(frozen=True, slots=True)
class UnknownKey:
    """How often Telegram did not know the key, since it last did; a line that is up empties it."""

    times: int = 0
    first_at: datetime | None = None


def judge(error: BaseException, tally: UnknownKey, now: datetime) -> tuple[Verdict, UnknownKey]:
    """What an error calls for, in the light of those before it. Pure.

    Telegram forgets a key for minutes when it has faults of its own, so one 404 proves nothing.
    An answer to a request proves that the key is known; a drop proves neither.
    """
    if is_unknown_key(error):
        first_at = tally.first_at or now
        times = tally.times + 1
        if times >= DEAD_TIMES and now - first_at >= DEAD_AFTER:
            return Relogin(), UnknownKey()  # the key that comes with the login starts anew
        return classify(error), UnknownKey(times, first_at)
    return classify(error), UnknownKey() if isinstance(error, RPCError) else tally
