"""How the values of settings are written: each checks its own, and says what was expected."""

import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field

from bot.times import zone_of
from storage.delivery import Fallback
from userbot.providers import money
from userbot.providers.countries import NoSuchCountry, country_code

_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)?")
_UNITS_S = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, None: 1.0}


def duration(value: Any) -> float:  # noqa: ANN401 - what a validator gets
    """Seconds, of 5s, 500ms, 2m, 1h or 7d. Raises ValueError."""
    match = _DURATION.fullmatch(str(value).strip())
    if match is None:
        raise ValueError("expected a duration such as 5s, 500ms or 2m")
    return float(match[1]) * _UNITS_S[match[2]]


def countries(value: Any) -> Any:  # noqa: ANN401 - what a validator gets
    """Two letters each, in lower case."""
    if not isinstance(value, str):
        return value
    found: list[str] = []
    for part in filter(None, (part.strip() for part in value.split(","))):
        try:
            found.append(country_code(part))
        except NoSuchCountry:
            reason = f"expected two-letter countries separated by commas, got {part!r}"
            raise ValueError(reason) from None
    return found


def known_fallback(value: Any) -> Any:  # noqa: ANN401 - what a validator gets
    """What happens where an account can't send."""
    known = [kind.value for kind in Fallback]
    if str(value).lower() not in known:
        raise ValueError(f"expected one of {', '.join(known)}")
    return str(value).lower()


def known_zone(value: str) -> str:
    """The name of a time zone that this machine knows."""
    zone_of(value)
    return value


def empty_is_none(value: Any) -> Any:  # noqa: ANN401 - what a validator gets
    return None if value == "" else value


def price(value: Any) -> Decimal | None:  # noqa: ANN401 - what a validator gets
    return value if value is None or isinstance(value, Decimal) else money.amount(str(value))


def url(*schemes: str) -> Callable[[str | None], str | None]:
    def check(value: str | None) -> str | None:
        if value is None:
            return None
        parts = urlsplit(value)
        if parts.scheme not in schemes or not parts.hostname:
            raise ValueError(f"expected an address that starts with {' or '.join(schemes)}://")
        return value.rstrip("/")

    return check


NoneIfEmpty = BeforeValidator(empty_is_none)

Duration = Annotated[float, BeforeValidator(duration), Field(ge=0)]
"""Seconds; written as 5s, 500ms, 2m, 1h or 7d."""
OptionalPath = Annotated[Path | None, NoneIfEmpty]
Price = Annotated[Decimal | None, BeforeValidator(price), NoneIfEmpty]
"""An amount of money such as 12.50; empty: none is named."""
