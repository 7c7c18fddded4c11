"""Times as operators write them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.times import (
    BadTime,
    TimeFlaw,
    leading_time,
    name_of,
    parse_time,
    shown,
    typed_zone,
    zone_of,
)

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 22, 12, 0, 30, tzinfo=UTC)  # 13:00:30 in Berlin


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("18:30", "2026-11-22 18:30"),
        ("at 18:30", "2026-11-22 18:30"),
        (" AT  18:30 ", "2026-11-22 18:30"),
        ("13:00", "2026-11-23 13:00"),  # passed: tomorrow's
        ("13:01", "2026-11-22 13:01"),
        ("0:00", "2026-11-23 00:00"),
        ("today 13:01", "2026-11-22 13:01"),
        ("tomorrow 9:00", "2026-11-23 09:00"),
        ("Tomorrow at 9:00", "2026-11-23 09:00"),
        ("at tomorrow 9:00", "2026-11-23 09:00"),
        ("2026-11-23 09:00", "2026-11-23 09:00"),
        ("at 2026-12-1 9:00", "2026-12-01 09:00"),
        ("2026-11-23T09:00", "2026-11-23 09:00"),
        ("2027-03-28 02:30", "2027-03-28 03:30"),  # the hour that is skipped
        ("2027-10-31 02:30", "2027-10-31 02:30"),
    ],
)
def test_a_time_is_the_next_such_time_in_the_operators_zone(text: str, at: str) -> None:
    found = parse_time(text, now=NOW, zone=BERLIN)
    assert found.tzinfo is UTC
    assert shown(found, BERLIN) == f"{at} (Europe/Berlin)"


@pytest.mark.parametrize(
    ("text", "flaw"),
    [
        ("", TimeFlaw.FORM),
        ("soon", TimeFlaw.FORM),
        ("at 5", TimeFlaw.FORM),
        ("18:30:00", TimeFlaw.FORM),
        ("18:30 tomorrow", TimeFlaw.FORM),
        ("٠٩:٠٠", TimeFlaw.FORM),  # noqa: RUF001 - digits, but not ours
        ("25:00", TimeFlaw.NONE),
        ("9:60", TimeFlaw.NONE),
        ("2026-02-30 9:00", TimeFlaw.NONE),
        ("0000-01-01 9:00", TimeFlaw.NONE),
        ("2026-11-22 13:00", TimeFlaw.PAST),
        ("today 9:00", TimeFlaw.PAST),
        ("2020-01-01 9:00", TimeFlaw.PAST),
        ("2028-01-01 9:00", TimeFlaw.FAR),
        ("9999-12-31 23:59", TimeFlaw.FAR),
        ("0001-01-01 00:00", TimeFlaw.PAST),
    ],
)
def test_what_is_no_time_is_named_for_what_it_is(text: str, flaw: TimeFlaw) -> None:
    with pytest.raises(BadTime) as raised:
        parse_time(text, now=NOW, zone=BERLIN)
    assert raised.value.flaw is flaw


@pytest.mark.parametrize(
    ("text", "at", "rest"),
    [
        ("at 18:30 hello", "2026-11-22 18:30", "hello"),
        ("at 18:30\nhello", "2026-11-22 18:30", "hello"),
        ("at 18:30", "2026-11-22 18:30", ""),
        ("at 2026-11-23 09:00  hello", "2026-11-23 09:00", "hello"),
        ("tomorrow 9:00 hello", "2026-11-23 09:00", "hello"),
        ("18:30 works for me", None, "18:30 works for me"),
        ("at 5 we meet", None, "at 5 we meet"),
        ("at 18:305", None, "at 18:305"),
        ("at 18:30, we meet", None, "at 18:30, we meet"),
        ("hello at 18:30", None, "hello at 18:30"),
    ],
)
def test_a_line_may_begin_with_a_time(text: str, at: str | None, rest: str) -> None:
    found, begin = leading_time(text, now=NOW, zone=BERLIN)
    assert (shown(found, BERLIN)[:16] if found else None) == at
    assert text[begin:] == rest


def test_a_leading_time_that_does_not_exist_is_no_text() -> None:
    with pytest.raises(BadTime):
        leading_time("at 25:00 hello", now=NOW, zone=BERLIN)


def test_a_zone_that_is_none_is_named() -> None:
    assert shown(NOW, zone_of("utc")) == "2026-11-22 12:00 (UTC)"
    for name in ("Mars/Olympus", "", "../etc/passwd", "Europe"):
        with pytest.raises(ValueError, match="knows no time zone"):
            zone_of(name)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Europe/Berlin", "Europe/Berlin"),
        (" europe/berlin ", "Europe/Berlin"),
        ("new york", "America/New_York"),
        ("berlin", "Europe/Berlin"),
        ("utc", "UTC"),
        ("UTC+3", "UTC+3"),
        ("gmt+3", "UTC+3"),
        ("+03:00", "UTC+3"),
        ("UTC-5:30", "UTC-5:30"),
        ("utc \u22123", "UTC-3"),
        ("UTC+0", "UTC"),
        ("+1400", "UTC+14"),
    ],
)
def test_a_time_zone_is_found_as_people_call_it(text: str, name: str) -> None:
    found = typed_zone(text)
    assert name_of(found) == name
    assert shown(NOW, zone_of(name)) == shown(NOW, found), "it is found again by its name"


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            " ",
            "🙂",
            "Mars/Olympus",
            "UTC+15",
            "UTC-13",
            "UTC+3:77",
            "+99",
            "Europe",
            "Europe/",
        ),
        *("../etc/passwd", "x" * 4096, "/Berlin", "<b>Berlin</b>", "שלום", "a\0b"),
    ],
)
def test_what_is_no_time_zone_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="time zone"):
        typed_zone(text)


def test_an_offset_shows_its_time() -> None:
    assert shown(NOW, typed_zone("UTC+5:30")) == "2026-11-22 17:30 (UTC+5:30)"
