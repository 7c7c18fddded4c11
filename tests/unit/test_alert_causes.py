"""Which accounts have what they wait for in common."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from bot.alerts.causes import Joining, cause_keys, joinings
from bot.alerts.rules import Rules
from storage.alerts import NO_PROXY, Alert
from storage.incidents import (
    NETWORK,
    TELEGRAM,
    Ending,
    Incident,
    instance_cut_off,
    instance_network,
)
from userbot.errors import ConnectionLost, in_words
from userbot.origins import Origin, cause_of, origin_of
from userbot.proxies.causes import Cause

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
AFTER = timedelta(minutes=1)
DROPPED = in_words(ConnectionLost())
FAULT = "Telegram has a fault of its own"
BANNED = "the account was banned"
SILENT, REJECTED, BLOCKED = (
    Cause.TIMED_OUT.words,
    Cause.LOGIN_REJECTED.words,
    Cause.DC_BLOCKED.words,
)


def alert(
    number: int,
    cause: str = REJECTED,
    *,
    route: int = 7,
    kind: str = "offline",
    lasted_s: float = 60,
    key: str | None = None,
    message: int | None = None,
    importance: int = 0,
    owner: str = "",
    is_muted: bool = False,
    ending: Ending | None = None,
) -> Alert:
    incident = Incident(
        number,
        number,
        kind,
        cause,
        NOW - timedelta(seconds=lasted_s),
        NOW if ending else None,
        None if message is None else 1,
        message,
        "" if message is None else "open",
        ending or Ending.RECOVERED,
        None,
        key,
    )
    muted_until = NOW + timedelta(hours=1) if is_muted else None
    return Alert(incident, importance, muted_until, route, owner)


def joined(*alerts: Alert, carried: Mapping[int, int] | None = None) -> list[Joining]:
    return list(joinings(alerts, carried or {1: 1}, Rules(NOW, AFTER)))


@pytest.mark.parametrize("cause", list(Cause))
def test_every_cause_of_a_proxy_is_known_by_its_words(cause: Cause) -> None:
    assert origin_of(cause.words) is not Origin.OWN
    assert cause_of(cause.words) is cause


def test_words_that_nobody_knows_are_nobodys_trouble() -> None:
    assert origin_of("what another version said") is Origin.OWN
    assert cause_of(DROPPED) is None


@pytest.mark.parametrize(
    ("causes", "carried", "keys"),
    [
        # Its proxy answers and does not carry: that is it, whoever else is connected.
        ([(REJECTED, 7), (REJECTED, 7)], {7: 3, 8: 1}, ["proxy 7", "proxy 7"]),
        # Silence proves nothing against a proxy that carries others.
        ([(SILENT, 7), (DROPPED, 8)], {7: 1, 9: 1}, [None, "proxy 8"]),
        # Nothing is up, and all ways are silent.
        ([(SILENT, 7), (DROPPED, 8), (SILENT, 9)], {}, [NETWORK, NETWORK, NETWORK]),
        ([(SILENT, 7), (DROPPED, 7)], {}, ["proxy 7", "proxy 7"]),
        # One proxy says no: the network is up.
        ([(SILENT, 7), (REJECTED, 8)], {}, ["proxy 7", "proxy 8"]),
        # The proxies work, and Telegram is not there.
        ([(BLOCKED, 7), (BLOCKED, 8), (DROPPED, 8)], {}, [TELEGRAM, TELEGRAM, TELEGRAM]),
        ([(BLOCKED, 7), (BLOCKED, 7)], {8: 1}, ["proxy 7", "proxy 7"]),
        ([(BLOCKED, 7)], {7: 2}, [TELEGRAM]),
        ([(FAULT, 7), (FAULT, 8)], {7: 2, 8: 2}, [TELEGRAM, TELEGRAM]),
        # Without a proxy there is nothing else.
        ([(DROPPED, NO_PROXY), (BLOCKED, NO_PROXY)], {7: 1}, [NETWORK, TELEGRAM]),
        ([(BANNED, 7)], {}, [None]),
    ],
)
def test_what_they_wait_for_follows_from_what_each_met_and_who_is_connected(
    causes: list[tuple[str, int]], carried: dict[int, int], keys: list[str | None]
) -> None:
    down = [alert(i, cause, route=route) for i, (cause, route) in enumerate(causes)]
    found = cause_keys(down, carried)
    assert [found.get(a.incident.id) for a in down] == keys


@pytest.mark.parametrize(
    ("met", "carried", "lines", "is_cut_off"),
    [
        # Its ways are silent, and another instance has lines.
        ([(SILENT, 7), (DROPPED, 8)], {9: 1}, {"b": 1}, True),
        # The one way that it has carries lines of another.
        ([(SILENT, 7)], {7: 1}, {"b": 1}, True),
        ([(BLOCKED, 7), (FAULT, 8)], {9: 1}, {"b": 1}, True),
        # A proxy that carries nobody is the proxy's trouble.
        ([(SILENT, 7), (SILENT, 7)], {8: 1}, {"b": 1}, False),
        # It says no: there is a network.
        ([(SILENT, 7), (REJECTED, 8)], {9: 1}, {"b": 1}, False),
        # It has a line itself.
        ([(SILENT, 7), (DROPPED, 8)], {9: 1}, {"a": 1, "b": 1}, False),
        # Nobody has: it is all the same network, or Telegram.
        ([(SILENT, 7), (DROPPED, 8)], {}, {}, False),
    ],
)
def test_one_instance_that_reaches_nothing_while_others_do_is_the_cause(
    met: list[tuple[str, int]],
    carried: dict[int, int],
    lines: dict[str, int],
    is_cut_off: bool,  # noqa: FBT001 - a column of the table
) -> None:
    down = [alert(i, cause, route=route, owner="a") for i, (cause, route) in enumerate(met)]
    others = alert(99, BANNED, owner="b")
    keys = cause_keys([*down, others], carried, lines)
    assert ({keys.get(a.incident.id) for a in down} == {instance_network("a")}) is is_cut_off
    assert keys.get(99) is None
    assert instance_cut_off(instance_network("a")) == "a"
    assert instance_cut_off(NETWORK) == instance_cut_off("proxy 7") == ""


def test_three_of_one_cause_are_together_once_one_of_them_is_to_be_told() -> None:
    young = [alert(n, lasted_s=50) for n in (1, 2)]
    assert joined(*young, alert(3, lasted_s=55)) == []
    assert joined(*young, alert(3)) == [Joining("proxy 7", (1, 2, 3), None)]
    assert joined(alert(1), alert(2)) == []


def test_an_important_one_brings_the_others_with_it() -> None:
    young = [alert(n, lasted_s=10) for n in (1, 2)]
    important = alert(3, lasted_s=10, importance=1)
    assert joined(*young, important) == [Joining("proxy 7", (1, 2, 3), None)]


def test_who_comes_later_joins_those_that_have_a_message_when_it_is_ripe() -> None:
    first = alert(1, key="proxy 7", message=5)
    assert joined(first, alert(2), alert(3, lasted_s=5)) == [Joining("proxy 7", (2,), (1, 5))]


def test_one_whose_message_is_out_already_and_a_muted_one_do_not_join() -> None:
    told = alert(1, message=5)
    muted = alert(2, is_muted=True)
    assert joined(told, muted, alert(3), alert(4)) == []


def test_an_outage_that_is_over_takes_nobody_in() -> None:
    over = alert(1, key="proxy 7", message=5, ending=Ending.RECOVERED)
    assert joined(over, alert(2)) == []
