"""`mooring send`, `accounts`, `reconnect`, `stop` and `start` beside a Mooring that runs."""

from typing import Any

import pytest

from bot.vault import open_vault
from storage import due
from storage.database import open_database
from storage.delivery import DeliveryState
from tests.e2e.harness import Mooring
from tests.e2e.shell import beside
from tests.e2e.telegram import Telegram


@pytest.fixture
async def ready(mooring: Mooring, telegram: Telegram) -> Mooring:
    """A Mooring that runs, with the account of Alice connected as #1; she knows Bob."""
    mooring.settings.data_dir.mkdir(parents=True)
    mooring.proxy = await telegram.post("proxies")
    mooring.proxy["alice"] = await telegram.person("Alice")
    mooring.proxy["bob"] = await telegram.person("Bob")
    name = f"bob_{mooring.proxy['bob']['id']}"
    mooring.proxy["bob"] = await telegram.person("Bob", username=name)
    assert await mooring.import_account(mooring.proxy["alice"], mooring.proxy) == 1
    await mooring.start()
    await mooring.until_state(1, "ONLINE")
    return mooring


async def inbox(ready: Mooring) -> list[str]:
    alice, bob = ready.proxy["alice"], ready.proxy["bob"]
    return [m.text for m in await (await ready.telegram.chat(bob, alice)).read()]


def to_bob(ready: Mooring, *more: str) -> list[str]:
    return ["send", "--account", "1", "--to", f"@{ready.proxy['bob']['username']}", *more]


@pytest.mark.req("S3.4")
async def test_a_message_is_sent_at_once_and_its_route_is_told(ready: Mooring) -> None:
    said = await beside(ready, *to_bob(ready, "--text", "good morning", "--silent"))
    assert said.code == 0, said.err
    assert said.out.startswith("1: sent as #1 to @bob_")
    for step in ("registry", "connection", "entity", "send"):
        assert f"{step} " in said.out
    assert await inbox(ready) == ["good morning"]
    long = await beside(ready, *to_bob(ready, "--text", "-", "--json"), stdin="x" * 5000)
    assert long.code == 0, long.err
    assert long.document["outcome"] == "sent"
    assert [part["state"] for part in long.document["parts"]] == ["SENT", "SENT"]
    assert len(await inbox(ready)) == 3
    journal = await beside(ready, "events", "--kind", "delivery.approved", "--json")
    assert [entry["actor"] for entry in journal.document] == ["command line"] * 2


async def test_what_fails_ends_with_1_and_why_and_gets_a_card(ready: Mooring) -> None:
    await ready.chat.ask("/start")  # a bot may not write first
    said = await beside(
        ready,
        *("send", "--account", "1", "--to", "@nobody_has_this", "--text", "x"),
        *("--fallback", "never"),
    )
    assert said.code == 1
    assert "1: failed, as #1 to @nobody_has_this: " in said.out
    await ready.chat.shows("nobody_has_this")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--account", "99"], "there is no account 99"),
        (["--at", "soon"], "no time such as 18:30"),
        (["--at", "2020-01-01 9:00"], "that is past"),
        (["--file", "no.pdf"], "no.pdf can't be read"),
    ],
)
async def test_what_makes_no_sense_is_refused_and_nothing_is_written(
    ready: Mooring, arguments: list[str], words: str
) -> None:
    said = await beside(ready, *to_bob(ready, "--text", "x", *arguments))
    assert (said.code, said.out) == (1, "")
    assert said.err.startswith("Not sent: ")
    assert words in said.err
    assert (await beside(ready, "deliveries", "--json")).document == []


async def test_what_is_for_later_or_not_waited_for_is_ordered_and_stays(ready: Mooring) -> None:
    later = await beside(ready, *to_bob(ready, "--text", "later", "--at", "tomorrow 9:00"))
    assert later.code == 0, later.err
    assert later.out.startswith("1: waits until ")
    await ready.stop()
    waiting = await beside(ready, *to_bob(ready, "--text", "now"))
    assert (waiting.code, waiting.out) == (1, "")
    assert "no Mooring runs" in waiting.err
    ordered = await beside(ready, *to_bob(ready, "--text", "now", "--no-wait", "--json"))
    assert (ordered.code, ordered.document["outcome"]) == (0, "waiting")
    database = await open_database(ready.settings.database, open_vault(ready.settings))
    async with database.read() as tx:
        pending = await due.in_state(tx, DeliveryState.PENDING)
    await database.close()
    assert {d.text for d in pending} == {"later", "now"}
    await ready.start()
    await ready.until_state(1, "ONLINE")
    assert (await beside(ready, *to_bob(ready, "--text", "then"))).code == 0
    assert await inbox(ready) == ["now", "then"]


async def test_what_still_waits_when_the_time_is_over_is_not_known(ready: Mooring) -> None:
    assert (await beside(ready, "stop", "1", "--force")).code == 0
    more = ("--text", "x", "--fallback", "never", "--limit", "1")
    said = await beside(ready, *to_bob(ready, *more))
    assert said.code == 5
    assert "1: waits, as #1" in said.out


async def test_accounts_are_listed_by_how_they_are_and_reconnected(
    ready: Mooring, telegram: Telegram
) -> None:
    def listed(shown: list[dict[str, Any]]) -> list[tuple[int, str]]:
        return [(each["number"], each["state"]) for each in shown]

    connected = await beside(ready, "accounts", "--filter", "connected", "--json")
    assert listed(connected.document) == [(1, "ONLINE")]
    assert ready.proxy["alice"]["phone"].lstrip("+") not in connected.out
    for none in (["--filter", "trouble"], ["--filter", "stopped"], ["nobody"], ["--tag", "x"]):
        assert (await beside(ready, "accounts", "--json", *none)).document == []
    assert listed((await beside(ready, "accounts", "ali", "--json")).document) == [(1, "ONLINE")]

    again = await beside(ready, "reconnect", "1", "--json")
    assert again.code == 0, again.err
    assert (again.document[0]["state"], again.document[0]["is_connected"]) == ("ONLINE", True)
    nothing = await beside(ready, "reconnect", "--failed")
    assert (nothing.code, nothing.err) == (0, "")
    assert "Nothing to reconnect" in nothing.out

    assert (await beside(ready, "stop", "1")).code == 1
    stopped = await beside(ready, "stop", "#1", "--force")
    assert stopped.code == 0, stopped.err
    found = await beside(ready, "accounts", "--filter", "stopped", "--json")
    assert listed(found.document) == [(1, "STOPPED")]
    parked = await beside(ready, "reconnect", "1")
    assert parked.code == 1
    assert "it is stopped" in parked.out
    started = await beside(ready, "start", f"+{ready.proxy['alice']['phone'].lstrip('+')}")
    assert started.code == 0, started.err
    await ready.until_state(1, "ONLINE")

    await telegram.post(f"proxies/{ready.proxy['id']}/stop")
    await telegram.post("connections/cut", user=ready.proxy["alice"]["id"])
    await ready.until_state(1, "RETRYING")
    trouble = await beside(ready, "reconnect", "--failed", "--json")
    assert trouble.code == 1
    assert [each["is_connected"] for each in trouble.document] in ([False], [])
    for wrong in ("7", "@nobody_here"):
        refused = await beside(ready, "reconnect", wrong)
        assert (refused.code, refused.out) == (1, "")
        assert "there is no account" in refused.err


async def test_without_a_run_nothing_is_reconnected(mooring: Mooring) -> None:
    assert (await beside(mooring, "init", "--keep")).code == 0
    said = await beside(mooring, "reconnect", "--failed")
    assert (said.code, said.out) == (1, "")
    assert "no Mooring runs" in said.err
