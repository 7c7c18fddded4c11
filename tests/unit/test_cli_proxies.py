"""`mooring proxies` and `mooring costs`, as an operator types them."""

import json
from datetime import timedelta

import pytest

from storage import proxies, proxy_leases
from storage.database import Database
from storage.proxies import Cost, Endpoint
from storage.proxy_checks import Check
from tests.unit.test_cli_storage import Shell, shell

__all__ = ["shell"]


async def some(database: Database) -> None:
    """Beside the one with an account: one that fails its checks."""
    async with database.transaction() as tx:
        sick = await proxies.add(tx, Endpoint("http", "203.0.113.9", 8080, "moor", "s3cret-word"))
        assert sick is not None
        await Check.apply(tx, [Check(1, tx.now, "", 38), Check(sick, tx.now, "refused")])
        await proxy_leases.set_cost(tx, sick, Cost(1250, tx.now + timedelta(days=30)))
        await proxies.set_country(tx, sick, "de")


def test_the_list_tells_how_each_proxy_fares_and_fails_where_one_does_not_work(
    shell: Shell,
) -> None:
    shell.prepare(some)
    done = shell.run("proxies")
    assert (done.code, done.err) == (1, [])
    assert done.out[0] == "2 proxies, 1 in trouble."
    assert done.out[2].split() == [
        "number", "address", "scheme", "kind", "country", "accounts", "latency", "uptime",
        "price", "health",
    ]  # fmt: skip
    assert done.out[3].split()[:8] == [
        "1", "10.0.0.1:1080", "socks5", "static", "-", "1/5", "38", "ms",
    ]  # fmt: skip
    assert "DE" in done.out[4]
    assert "12.50  the proxy refuses connections" in done.out[4]


def test_as_json_it_tells_everything_but_the_password(shell: Shell) -> None:
    shell.prepare(some)
    done = shell.run("proxies", "--json")
    assert done.code == 1
    assert "s3cret-word" not in "".join(done.out)
    well, sick = json.loads("\n".join(done.out))
    assert (well["works"], well["latency_ms"], well["accounts"]) == (True, 38, 1)
    assert (sick["works"], sick["fault"]) == (False, "refused")
    assert (sick["username"], sick["price_cents"], sick["country"]) == ("moor", 1250, "de")


def test_without_a_database_there_is_nothing_to_list(shell: Shell) -> None:
    for command in (["proxies"], ["costs"]):
        done = shell.run(*command)
        assert (done.code, done.out) == (1, [])
        assert "There is no database" in done.err[0]
    assert not shell.data.exists()


def test_only_a_running_mooring_checks(shell: Shell) -> None:
    shell.prepare()
    done = shell.run("proxies", "--check")
    assert (done.code, done.out) == (1, [])
    assert done.err == ["Nothing was checked: no Mooring runs, and only a running one dials."]


def test_proxies_are_added_from_a_file_and_each_other_line_is_told(shell: Shell) -> None:
    shell.prepare()
    file = shell.data / "list.txt"
    file.write_text(
        "203.0.113.7:1080:moor:s3cret-word\nnonsense\n# a comment\n"
        "socks5://user@10.0.0.1:1080\n203.0.113.7:1080:moor:other\n"
    )
    done = shell.run("proxies", "add", str(file))
    assert (done.code, done.out) == (1, [])
    assert done.err == [
        "Line 2: the port is missing.",
        "Line 4: 10.0.0.1:1080 is there already.",
        "Line 5: the same proxy as in line 1.",
        "Added 1 proxy.",
    ]
    listed = json.loads("\n".join(shell.run("proxies", "--json").out))
    assert [(p["address"], p["scheme"]) for p in listed][1:] == [("203.0.113.7:1080", None)]


def test_one_line_is_added_also_before_the_first_start(shell: Shell) -> None:
    done = shell.run("proxies", "add", "http://203.0.113.7:8080")
    assert (done.code, done.err[-1]) == (0, "Added 1 proxy.")
    again = shell.run("proxies", "add", "http://203.0.113.7:8080")
    assert again.err[-2:] == ["Line 1: 203.0.113.7:8080 is there already.", "Added 0 proxies."]
    assert again.code == 0


SEEN = "others on this machine could read it in the list of processes"


@pytest.mark.parametrize(
    ("line", "is_warned"),
    [
        ("203.0.113.7:1080:moor:s3cret-word", True),
        ("socks5://moor:s3cret-word@203.0.113.7:1080", True),
        ("203.0.113.7:moor:s3cret-word:x:y", True),
        ("203.0.113.7:1080", False),
        ("http://moor@203.0.113.7:8080", False),
    ],
)
def test_a_password_among_the_arguments_is_warned_of_and_in_a_file_it_is_not(
    shell: Shell, line: str, *, is_warned: bool
) -> None:
    done = shell.run("proxies", "add", line)
    assert any(SEEN in said for said in done.err) == is_warned
    assert any("by a file, or by - (standard input)" in said for said in done.err) == is_warned
    assert "s3cret-word" not in "".join(done.err)
    file = shell.data.parent / "list.txt"
    file.write_text(line)
    assert not any(SEEN in said for said in shell.run("proxies", "add", str(file)).err)


@pytest.mark.parametrize(
    ("source", "content", "words"),
    [
        ("no-such-file.txt", None, "there is no such file, and it names no proxy"),
        ("list.txt", b"\xff\xfe\x00", "Nothing was added: list.txt is no text in UTF-8."),
        ("list.txt", b"1.2.3.4:5\n" * 10_001, "10,001 lines are too many"),
        ("list.txt", b"", "Added 0 proxies."),
    ],
)
def test_what_holds_no_proxies_is_said(
    shell: Shell, source: str, content: bytes | None, words: str
) -> None:
    if content is not None:
        (shell.data.parent / source).write_bytes(content)
    done = shell.run("proxies", "add", source)
    assert done.code == 1
    assert words in done.err[-1]


def test_the_costs_are_told_in_words_and_as_json(shell: Shell) -> None:
    shell.prepare(some)
    done = shell.run("costs", DAILY_SPEND_LIMIT="20")
    assert (done.code, done.err) == (0, [])
    assert done.out[:3] == [
        "2 proxies: 1 with accounts, 1 idle, 0 going back.",
        "A month: 12.50, without 1 of no known price.",
        "Bought this month: 0 for 0.00; spent today: 0.00 (the limit is 20.00).",
    ]
    assert [line.split() for line in done.out[4:7]] == [
        ["country", "proxies", "a", "month"],
        ["-", "1", "0.00"],
        ["de", "1", "12.50"],
    ]
    found = json.loads("\n".join(shell.run("costs", "--json").out))
    assert (found["total"], found["monthly_cents"], found["limit_cents"]) == (2, 1250, None)
