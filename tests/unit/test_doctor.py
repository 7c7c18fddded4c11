"""What the checks of `mooring doctor` say of what they measured."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from loguru import logger
from pydantic import SecretStr

from bot.cli import run
from bot.cli.doctor import as_json, as_text, summary
from bot.doctor import machine, telegram
from bot.doctor.bot_side import of_webhook
from bot.doctor.findings import Finding, Verdict, bad, ok
from bot.doctor.stored import of_condition, way_to_database
from bot.settings import Settings
from storage.condition import Condition
from storage.liveness import Beat, Instance
from storage.migrate import HEAD
from storage.proxies import Endpoint, Proxy
from userbot.proxies.causes import Cause
from userbot.proxies.probe import Failed, Outcome, Reached
from userbot.telegram import PRODUCTION

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
MIB = 2**20
ALIVE = Instance("a", "here", 42, NOW - timedelta(hours=1), None, Beat("a", NOW, NOW))
PROXY = Proxy(3, Endpoint("socks5", "10.0.0.1", 1080, "user", "secret"), NOW, None, accounts=2)
OK, WARN, BAD = Verdict
WELL = Reached(0.0384)
DOWN = Failed(Cause.REFUSED)


@pytest.mark.parametrize(
    ("finding", "verdict", "words"),
    [
        (machine.clock(0.4), OK, "within 1 s"),
        (machine.clock(-29), OK, "within 29 s"),
        (machine.clock(31), BAD, "31 s ahead of"),
        (machine.clock(-3600), BAD, "3,600 s behind"),
        (machine.clock(None), WARN, "no time"),
        (machine.disk(5000 * MIB, 10 * MIB), OK, "5,000 MiB free"),
        (machine.disk(110 * MIB, 10 * MIB), WARN, "few more backups"),
        (machine.disk(99 * MIB, 0), BAD, "99 MiB free"),
        (machine.descriptors(1024, 300, of="it"), OK, "300 accounts need 500"),
        (machine.descriptors(256, 300, of="it"), BAD, "256 open; 300 accounts need 500"),
        (machine.descriptors(None, 10**6, of="it"), OK, "any number"),
        (machine.backups(NOW, 86400, NOW, failure=""), OK, "0 s ago"),
        (machine.backups(NOW - timedelta(days=3), 86400, NOW, failure=""), WARN, "3 d ago"),
        (machine.backups(NOW, 86400, NOW, failure="no room."), WARN, "0 s ago"),
        (machine.backups(None, 86400, NOW, failure=""), WARN, "none yet"),
        (machine.backups(None, 0, NOW, failure=""), WARN, "BACKUP_EVERY is 0"),
        (machine.backups(None, 0, NOW, failure="", unread="/b can't be read"), WARN, "is 0"),
        (machine.backups(None, 9, NOW, failure="", unread="/b can't be read"), BAD, "be read"),
        (machine.process("process 42 on here", [ALIVE], NOW), OK, "process 42"),
        (machine.process(None, [], NOW), WARN, "no Mooring runs"),
        (machine.process(None, [ALIVE], NOW + timedelta(hours=2)), WARN, "heard 2 h ago"),
        (machine.process("process 9", [], NOW), BAD, "says nothing"),
        (of_webhook(""), OK, "none is set"),
        (of_webhook("example.org"), BAD, "example.org"),
        (of_condition(Condition("SQLite, journal mode wal", HEAD)), OK, "whole"),
        (of_condition(Condition("SQLite", HEAD, "row 7 missing")), BAD, "row 7 missing"),
        (of_condition(Condition("SQLite", HEAD, is_durable=False)), BAD, "power cut"),
        (of_condition(Condition("SQLite", "0001")), WARN, "revision 0001"),
        (of_condition(Condition("SQLite", None)), WARN, "without tables"),
        (telegram.of_direct(PRODUCTION, WELL, needed_by=0), OK, "38 ms"),
        (telegram.of_direct(PRODUCTION, DOWN, needed_by=0), WARN, "it refuses connections"),
        (telegram.of_direct(PRODUCTION, DOWN, needed_by=3), BAD, "3 accounts have no proxy"),
        (telegram.of_direct(PRODUCTION, None, needed_by=3), WARN, "no time was left"),
    ],
)
def test_each_measure_has_its_verdict_and_what_is_wrong_is_mended(
    finding: Finding, verdict: Verdict, words: str
) -> None:
    assert finding.verdict is verdict
    assert words in finding.words
    assert bool(finding.mend) == (verdict is not OK)


def test_a_monitor_that_does_not_look_is_bad() -> None:
    late = Beat("a", NOW, NOW - timedelta(minutes=6))
    found = machine.process("process 42 on here", [replace(ALIVE, beat=late)], NOW)
    assert (found.verdict, found.mend) == (BAD, "start it again")
    assert "not looked for 6 min" in found.words


@pytest.mark.parametrize(
    ("outcomes", "accounts", "verdict", "words"),
    [
        ({2: WELL, 1: Reached(0.12)}, 2, OK, "data centre 2, 1: 38 to 120 ms; 2 accounts"),
        ({2: WELL, 1: DOWN, 4: None}, 1, WARN, "data centre 1, 4 did not answer"),
        ({2: DOWN}, 2, BAD, "refuses connections"),
        ({2: DOWN}, 0, WARN, "refuses connections"),
        ({2: None}, 2, WARN, "no time was left"),
    ],
)
def test_a_proxy_is_bad_where_accounts_depend_on_it(
    outcomes: dict[int, Outcome | None], accounts: int, verdict: Verdict, words: str
) -> None:
    found = telegram.of_proxy(replace(PROXY, accounts=accounts), outcomes)
    assert (found.check, found.verdict) == ("proxy 10.0.0.1:1080", verdict)
    assert words in found.words
    assert "secret" not in str(found)


def test_a_line_has_a_sign_a_word_the_time_it_took_and_how_to_mend_it() -> None:
    found = [replace(ok("disk", "much free"), took_s=0.0041), bad("clock", "1 h \x1b[2J", "NTP")]
    assert as_text(found[0]) == "✓ ok    disk              much free  (4 ms)\n"
    line, mend = as_text(found[1]).splitlines()
    assert line == "✗ bad   clock             1 h �[2J  (0 ms)"
    assert mend.strip() == "→ NTP"
    assert summary(found) == "1 ok, 0 warn, 1 bad."
    assert summary(found[:1]) == "All 1 checks are well."
    assert as_json(found) == {
        "is_well": False,
        "checks": [
            {"check": "disk", "verdict": "ok", "words": "much free", "mend": None, "took_ms": 4},
            {"check": "clock", "verdict": "bad", "words": "1 h \x1b[2J", "mend": "NTP",
             "took_ms": 0},
        ],
    }  # fmt: skip


@pytest.mark.parametrize("host", ["db.example", "127.0.0.1"])
def test_a_database_on_another_machine_without_tls_is_told_by_doctor_and_at_the_start(
    host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PGSSLMODE", raising=False)
    settings = Settings.model_construct(
        database_url=SecretStr(f"postgresql+asyncpg://u:hunter2@{host}/x"), database_password=None
    )
    said: list[str] = []
    number = logger.add(said.append, format="{extra[event]} {message}")
    run.warn_of_plain_way(settings)
    logger.remove(number)
    found = way_to_database(settings)
    if host == "127.0.0.1":
        assert (said, found) == ([], [])
        return
    (finding,), (line,) = found, said
    assert finding.verdict is WARN
    assert "on db.example may be read on the way" in finding.words
    assert "sslmode=verify-full" in finding.mend
    assert line.startswith("storage.unprotected what is said to the database on db.example may be")
    assert "hunter2" not in line + str(finding)
