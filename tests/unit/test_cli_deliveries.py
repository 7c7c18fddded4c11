"""`mooring deliveries`, as an operator types it."""

import json

import pytest

from storage import deliveries
from storage.database import Database
from storage.delivery import DeliveryState
from tests.unit.test_cli_storage import Shell, shell

__all__ = ["shell"]

S = DeliveryState


async def some(database: Database) -> None:
    """One of each kind, to several."""
    async with database.transaction() as tx:
        for target, text, state, more in (
            ("@bobby", "good\nmorning", S.SENT, {"message_id": 5, "link": "https://t.me/c/1/5"}),
            ("+442079460000", "by number", S.SENT_BY_BOT, {"detour": "it is not connected"}),
            ("@carol", "w" * 200, S.FAILED, {"error": "nobody has \x1b[2J that name"}),
            ("@bobby", "later", S.PENDING, {}),
        ):
            number = await deliveries.draft(tx, account_id=1, target=target, text=text)
            await deliveries.move(tx, number, [S.DRAFT], state, **more)


async def one_discarded(database: Database) -> None:
    async with database.transaction() as tx:
        number = await deliveries.draft(tx, account_id=1, target="@carol", text="rather not")
        await deliveries.move(tx, number, [S.DRAFT], S.CANCELLED)


def test_the_table_has_the_newest_last_and_shows_no_number_whole(shell: Shell) -> None:
    shell.prepare(some)
    done = shell.run("deliveries")
    assert (done.code, done.err) == (0, [])
    assert done.out[0].split() == ["number", "time", "account", "to", "state", "text", "why"]
    states = [line.split()[4] for line in done.out[1:]]
    assert states == ["SENT", "SENT_BY_BOT", "FAILED", "PENDING"]
    assert "good morning" in done.out[1]
    assert "••00" in done.out[2]
    assert "442079460000" not in "".join(done.out)
    assert "it is not connected" in done.out[2]
    assert "\x1b" not in done.out[3]


def test_as_json_they_are_one_list(shell: Shell) -> None:
    shell.prepare(some)
    done = shell.run("deliveries", "--json")
    first, second, third, last = json.loads(done.text)
    assert (first["state"], first["text"]) == ("SENT", "good\nmorning")
    assert (first["message_id"], first["link"]) == (5, "https://t.me/c/1/5")
    assert (second["to"], second["detour"]) == ("••00", "it is not connected")
    assert len(third["text"]) == 200
    assert last["finished_at"] is None


@pytest.mark.parametrize(
    ("arguments", "states"),
    [
        (["--state", "failed"], ["FAILED"]),
        (["--state", "sent"], ["SENT", "SENT_BY_BOT"]),
        (["--to", "@BOBBY"], ["SENT", "PENDING"]),
        (["--to", "+44 20 7946 0000"], ["SENT_BY_BOT"]),
        (["--to", "@bobby", "--state", "waiting", "--account", "1"], ["PENDING"]),
        (["--account", "2"], []),
        (["--limit", "2"], ["FAILED", "PENDING"]),
    ],
)
def test_it_is_narrowed_by_account_target_and_state(
    shell: Shell, arguments: list[str], states: list[str]
) -> None:
    shell.prepare(some)
    done = shell.run("deliveries", "--json", *arguments)
    assert (done.code, [d["state"] for d in json.loads(done.text)]) == (0, states)


@pytest.mark.parametrize("word", ["cancelled", "Discarded"])
def test_what_was_called_off_has_two_names(shell: Shell, word: str) -> None:
    shell.prepare(one_discarded)
    done = shell.run("deliveries", "--json", "--state", word)
    assert (done.code, [d["state"] for d in json.loads(done.text)]) == (0, ["CANCELLED"])


def test_where_there_is_nothing_it_says_so(shell: Shell) -> None:
    shell.prepare()
    assert shell.run("deliveries").out == ["There are none."]
    assert json.loads(shell.run("deliveries", "--json").text) == []


@pytest.mark.parametrize(
    "arguments", [["--to", "nobody!"], ["--state", "asleep"], ["--limit", "0"]]
)
def test_what_makes_no_sense_is_refused(shell: Shell, arguments: list[str]) -> None:
    done = shell.run("deliveries", *arguments)
    assert (done.code, done.out) == (2, [])


def test_without_a_database_nothing_is_made(shell: Shell) -> None:
    done = shell.run("deliveries")
    assert (done.code, done.out) == (1, [])
    assert not shell.data.exists()
