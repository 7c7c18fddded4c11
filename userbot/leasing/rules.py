"""Where a lost proxy may be replaced without a question (S1.5). Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Mode(StrEnum):
    """What happens when an account's country has no proxy left (`COUNTRY_FALLBACK`)."""

    AUTO = "auto"
    """The next country of its chain is taken; of one-time numbers an operator is asked."""
    ASK = "ask"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Way:
    """The countries that may be tried, and those that an operator may be asked about."""

    countries: Sequence[str]
    to_ask: Sequence[str] = ()


def way(wanted: str, chain: Sequence[str], mode: Mode, *, is_one_time: bool) -> Way:
    """The wanted country first, always; then its chain, as far as nobody need be asked.

    A number that can never log in again is not to travel by a rule of ours.
    """
    if mode is Mode.NEVER:
        return Way((wanted,))
    if mode is Mode.ASK or is_one_time:
        return Way((wanted,), tuple(chain))
    return Way((wanted, *chain))
