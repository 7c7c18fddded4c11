"""Times as operators write them: `18:30`, `tomorrow 9:00`, `2026-11-23 09:00`, in their zone."""

import re
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from enum import StrEnum
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

AHEAD = timedelta(days=366)
"""No message is planned for later than that."""
_CLOCK = r"(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?![0-9:])"
_DATE = r"(?P<year>[0-9]{4})-(?P<month>[0-9]{1,2})-(?P<day>[0-9]{1,2})"
_TIME = re.compile(
    rf"(?:at\s+)?(?:(?:{_DATE}|(?P<word>today|tomorrow))[\sT]\s*(?:at\s+)?)?{_CLOCK}",
    re.IGNORECASE,
)

_OFFSET = re.compile(
    r"(?:UTC|GMT)?\s*(?P<sign>[+\-\u2212])\s*(?P<hours>[0-9]{1,2})(?::?(?P<minutes>[0-9]{2}))?",
    re.IGNORECASE,
)
_EARLIEST, _LATEST = timedelta(hours=-12), timedelta(hours=14)
"""Of the offsets that are in use anywhere."""


class TimeFlaw(StrEnum):
    """What is wrong with a time."""

    FORM = "form"
    """It is not written as one."""
    NONE = "none"
    """There is no such day or hour."""
    PAST = "past"
    FAR = "far"


class BadTime(ValueError):
    """That is no time at which something can be sent; `flaw` says why."""

    def __init__(self, flaw: TimeFlaw) -> None:
        super().__init__(flaw.value)
        self.flaw = flaw


def zone_of(name: str) -> tzinfo:
    """The time zone of that name. Raises ValueError."""
    if name.upper() == "UTC":
        return UTC  # also where the machine has no list of zones
    if (offset := _OFFSET.fullmatch(name)) is not None:
        return _fixed(offset)
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        reason = f"this machine knows no time zone {name!r}; one is Europe/Berlin"
        raise ValueError(reason) from None


def typed_zone(text: str) -> tzinfo:
    """The time zone that somebody means: its name in any case, its city alone, or an offset.

    Raises ValueError. Reads the machine's list of zones where it is not the exact name.
    """
    name = text.strip().replace(" ", "_")
    with suppress(ValueError):
        return zone_of(text.strip() if _OFFSET.fullmatch(text.strip()) else name)
    known = {zone.casefold(): zone for zone in available_timezones()}
    if (found := known.get(name.casefold())) is not None:
        return zone_of(found)
    cities = [zone for key, zone in known.items() if key.endswith(f"/{name.casefold()}")]
    if len(cities) != 1:
        raise ValueError(f"{len(cities)} time zones are called so")
    return zone_of(cities[0])


def name_of(zone: tzinfo) -> str:
    """The name by which `zone_of` finds it."""
    return zone.key if isinstance(zone, ZoneInfo) else str(zone)


def _fixed(offset: re.Match[str]) -> tzinfo:
    hours, minutes = int(offset["hours"]), int(offset["minutes"] or 0)
    ahead = timedelta(hours=hours, minutes=minutes)
    ahead = ahead if offset["sign"] == "+" else -ahead
    if minutes > 59 or not _EARLIEST <= ahead <= _LATEST:
        raise ValueError("time zones are between UTC-12 and UTC+14")
    if not ahead:
        return UTC
    sign = "+" if ahead > timedelta() else "-"
    return timezone(ahead, f"UTC{sign}{hours}" + (f":{minutes:02}" if minutes else ""))


def parse_time(text: str, *, now: datetime, zone: tzinfo) -> datetime:
    """The time that a text names, in UTC. Raises `BadTime`.

    Without a day it is the next such time: what has passed today is meant for tomorrow.
    """
    match = _TIME.fullmatch(text.strip())
    if match is None:
        raise BadTime(TimeFlaw.FORM)
    return _time(match, now, zone)


def leading_time(text: str, *, now: datetime, zone: tzinfo) -> tuple[datetime | None, int]:
    """The time that a text begins with, and where what follows begins; None where it has none.

    Raises `BadTime`. Without a day it takes the word `at`: `18:30 works for me` is a text.
    """
    match = _TIME.match(text)
    ends_there = match is not None and re.match(r"\s|$", text[match.end() :]) is not None
    if match is None or not ends_there:
        return None, 0
    if not match["word"] and not match[0].lower().startswith("at"):
        return None, 0
    rest = text[match.end() :]
    return _time(match, now, zone), match.end() + len(rest) - len(rest.lstrip())


def shown(at: datetime, zone: tzinfo) -> str:
    """The exact time with its zone, as a card says it."""
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M} ({name_of(zone)})"


def clock(at: datetime, now: datetime, zone: tzinfo) -> str:
    """The time to the minute with its zone in short, and with its day where that is not today."""
    there = at.astimezone(zone)
    form = "%H:%M" if there.date() == now.astimezone(zone).date() else "%Y-%m-%d %H:%M"
    short = there.tzname() or ""
    # Some zones have no letters, only `+03`.
    return f"{there:{form}} " + (f"UTC{short}" if short[:1] in {"+", "-"} else short)


def day(at: datetime, zone: tzinfo) -> str:
    """The whole date, as operators type it, too: `2026-03-01`."""
    return f"{at.astimezone(zone):%Y-%m-%d}"


def short_day(at: datetime, zone: tzinfo) -> str:
    """The day in lists, which say the zone once: `1 Mar`."""
    there = at.astimezone(zone)
    return f"{there.day} {there:%b}"


def moment(at: datetime, zone: tzinfo, *, seconds: bool = False) -> str:
    """A time in lists: `1 Mar 12:00`."""
    form = "%H:%M:%S" if seconds else "%H:%M"
    return f"{short_day(at, zone)} {at.astimezone(zone):{form}}"


def _time(match: re.Match[str], now: datetime, zone: tzinfo) -> datetime:
    today = now.astimezone(zone).replace(tzinfo=None)
    try:
        clock = today.replace(
            hour=int(match["hour"]), minute=int(match["minute"]), second=0, microsecond=0
        )
        if match["year"]:
            clock = clock.replace(
                year=int(match["year"]), month=int(match["month"]), day=int(match["day"])
            )
    except ValueError:
        raise BadTime(TimeFlaw.NONE) from None
    if abs(clock.year - today.year) > 1:  # before the arithmetic: it ends with the year 9999
        raise BadTime(TimeFlaw.FAR if clock > today else TimeFlaw.PAST)
    word = (match["word"] or "").lower()
    if word == "tomorrow":
        clock += timedelta(days=1)
    at = _utc(clock, zone)
    if at <= now and not match["year"] and not word:
        at = _utc(clock + timedelta(days=1), zone)
    if at <= now:
        raise BadTime(TimeFlaw.PAST)
    if at > now + AHEAD:
        raise BadTime(TimeFlaw.FAR)
    return at


def _utc(clock: datetime, zone: tzinfo) -> datetime:
    """Where the clock is put back it is the first of the two; a skipped hour is the one after."""
    return clock.replace(tzinfo=zone).astimezone(UTC)
