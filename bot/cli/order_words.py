"""Why an order was not carried out, and how an account is, as the shell says it. Pure."""

from collections.abc import Mapping
from typing import Any

from userbot.states import State

_STATES = {
    State.NEW: "its login was never finished: mooring login and its phone number, or Log in in the chat",
    State.CONNECTING: "connecting",
    State.ONLINE: "connected",
    State.RETRYING: "trying again",
    State.WAITING: "Telegram makes it wait",
    State.NEEDS_LOGIN: "it needs a login: mooring login and its phone number, or Log in in the chat",
    State.BANNED: "Telegram banned or deleted it",
    State.FAILED: "gave up for now",
    State.STOPPED: "it is stopped, or asleep: mooring start and its number",
}
_WHY_PARKED = {
    "forgotten": "it was forgotten",
    "unconfirmed": "its session may be in use elsewhere; where you are sure that it is not, repeat "
    "this with --nothing-else-uses-it",
}
_ERRORS = {
    "unknown_account": "there is no such account any more",
    "forgotten": "it was forgotten already",
    "needs_force": "its number can't be used to log in again; --force does it all the same",
    "not_closed": "its connection did not close in time; the order stands",
    "overtaken": "another order came after it",
    "interrupted": "a restart of Mooring came between; order it again",
    "restored": "a backup was restored meanwhile; order it again",
    "not_answered": "no answer yet; the order stands",
    "unknown_command": "the Mooring that runs is of another version and knows no such order",
    "unreadable": "the Mooring that runs has another MOORING_SECRET_KEY than this shell",
}
_OURS = "something went wrong in the Mooring that runs; look at its log"


def state(name: str) -> str:
    """How an account is; the bare name where another version wrote it."""
    return _STATES[State(name)] if name in set(State) else name


def why_not(outcome: Mapping[str, Any]) -> str:
    """Why the Mooring that runs has not done it."""
    match str(outcome["error"]):
        case "parked":
            why = str(outcome.get("why", ""))
            return _WHY_PARKED.get(why) or state(str(outcome.get("state", "parked")))
        case "flood":
            return f"Telegram makes it wait {outcome['seconds']} s, and nobody can shorten that"
        case error:
            return _ERRORS.get(error, _OURS)
