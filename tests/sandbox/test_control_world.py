"""The world at a glance over the control API: the snapshot, live, its timeline, and what can break."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest
from aiohttp import ClientWebSocketResponse
from telethon.tl import functions

from sandbox.control import bot_faults, brightdata, orders, proxy_faults
from sandbox.control.accounts import LISTED
from sandbox.control.boards import Place
from sandbox.datacentre.hazards import HazardKind
from sandbox.world.messages import Content
from sandbox.world.people import User
from sandbox.world.timeline import KEPT, EventKind
from tests.sandbox.control_fixtures import Caller
from tests.sandbox.raw_client import RawClient
from tests.timing import limit

Json = dict[str, Any]
STATE = functions.updates.GetStateRequest()


@pytest.fixture
def alice(caller: Caller) -> User:
    return caller.sandbox.world.people.create(
        "Alice", last_name="Ames", phone="+31970100001", username="alice_a", password="anchor"
    )


@pytest.fixture
async def live(caller: Caller, closing: AsyncExitStack) -> ClientWebSocketResponse:
    url = f"{caller.addresses['control']}/world/live"
    return await closing.enter_async_context(caller.session.ws_connect(url))


async def line_of(caller: Caller, user: User, closing: AsyncExitStack) -> RawClient:
    """A raw client of that user that has asked something."""
    centre = caller.sandbox.data_centre
    client = await RawClient.dial(centre.port)
    closing.push_async_callback(client.close)
    client.key = caller.sandbox.world.logins.ready_key(user.id).key
    client.salt = centre.salts.current(client.key_id)
    await client.init(STATE)
    return client


async def told(socket: ClientWebSocketResponse, wanted: Callable[[Json], bool]) -> list[Json]:
    """What the socket says, up to the first snapshot that is as wanted."""
    snapshots: list[Json] = []
    async with asyncio.timeout(limit(10)):
        while not snapshots or not wanted(snapshots[-1]):
            snapshots.append(await socket.receive_json())
    return snapshots


def words_of(*snapshots: Json) -> list[str]:
    return [event["words"] for each in snapshots for event in each["timeline"]["events"]]


def light_of(snapshot: Json, user: User) -> str:
    (account,) = [each for each in snapshot["accounts"] if each["id"] == user.id]
    return str(account["light"])


async def test_an_account_is_shown_with_its_line_key_and_device(
    caller: Caller, alice: User, closing: AsyncExitStack
) -> None:
    client = await line_of(caller, alice, closing)
    caller.sandbox.world.send_login_code("+31970100001")
    await caller.post("/faults/ban", user=alice.id)
    world = await caller.get("/world")
    (account,) = world["accounts"]
    (line,) = account.pop("lines")
    assert account.pop("since") == line["opened_at"]
    assert account == {
        "id": alice.id,
        "name": "Alice Ames",
        "username": "alice_a",
        "phone": "31970100001",
        "has_password": True,
        "has_code": True,
        "state": "banned",
        "light": "on",
        "line_count": 1,
    }
    assert line["key_id"] == str(client.key_id)
    assert line["device_model"]
    assert line["last_request_at"] >= line["opened_at"][:19]
    assert line["proxy"] is None
    (code,) = world["codes"]
    assert (code["name"], code["phone"], len(code["code"])) == ("Alice", "31970100001", 5)
    (fault,) = world["faults"]
    assert (fault["words"], fault["path"], fault["left"]) == (
        "Alice is banned",
        "/control/faults/1",
        None,
    )
    assert world["running"] == {"data_centre": True, "bot_api": True}
    assert (world["can_start_anew"], world["hazards"]["count"]) == (False, 0)


async def test_what_happens_is_told_live_and_only_what_is_new(
    caller: Caller, alice: User, live: ClientWebSocketResponse, closing: AsyncExitStack
) -> None:
    first = (await told(live, lambda world: bool(world["accounts"])))[-1]
    assert light_of(first, alice) == "none"
    await line_of(caller, alice, closing)
    await told(live, lambda world: light_of(world, alice) == "on")
    await caller.post("/faults/freeze", user=alice.id)
    await told(live, lambda world: light_of(world, alice) == "held")
    await caller.ask("DELETE", "/faults")
    await caller.post("/connections/cut", user=alice.id)
    snapshots = await told(live, lambda world: light_of(world, alice) == "off")
    said = words_of(*snapshots)
    assert said == [
        "Lifted: Lines of Alice are frozen: nothing is answered",
        "Alice disconnected: it was cut",
    ]
    assert words_of(await caller.get("/world"))[-2:] == said


async def test_a_line_through_a_stopped_proxy_is_told_with_its_cause(
    caller: Caller, alice: User, live: ClientWebSocketResponse, closing: AsyncExitStack
) -> None:
    placed = await caller.post("/proxies", kind="http", country="BR")
    centre = caller.sandbox.data_centre
    reader, writer = await asyncio.open_connection("127.0.0.1", placed["port"])
    writer.write(b"CONNECT 127.0.0.1:%d HTTP/1.1\r\n\r\n" % centre.port)
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"\xee\xee\xee\xee")
    client = RawClient(reader, writer)
    closing.push_async_callback(client.close)
    client.key = caller.sandbox.world.logins.ready_key(alice.id).key
    client.salt = centre.salts.current(client.key_id)
    await client.init(STATE)
    world = (await told(live, lambda world: world["line_count"] == 1))[-1]
    assert (world["proxies"][0]["lines"], world["accounts"][0]["lines"][0]["proxy"]) == (1, 1)
    await caller.post("/proxies/1/stop")
    await told(live, lambda world: world["line_count"] == 0)
    assert words_of(await caller.get("/world")) == [
        "Proxy 1 (http) was started",
        "Alice connected through proxy 1",
        "Proxy 1 (http) was stopped",
        "Alice disconnected: proxy 1 was stopped",
    ]


async def test_the_timeline_tells_of_codes_messages_hazards_and_servers(
    caller: Caller, alice: User
) -> None:
    world = caller.sandbox.world
    bob = world.people.create("Bob")
    await caller.meet()
    before = world.timeline.count
    world.send_login_code("+31970100001")
    world.send_login_code("+4915550000")
    world.say(alice.id, bob.id, Content("the text stays out"))
    caller.sandbox.data_centre.hazards.note(HazardKind.LOG_OUT, alice.id, "auth.logOut")
    await caller.post("/botapi/faults/server_error", times=1)
    async with caller.session.post(f"{caller.addresses['bot_api']}/bot1:a/getMe"):
        pass
    await caller.post("/botapi/stop")
    await caller.post("/botapi/start")
    events = world.timeline.since(before)
    assert [(event.kind, event.words) for event in events] == [
        (EventKind.CODE, "A login code was sent to Alice"),
        (EventKind.CODE, "A login code was sent to +4915550000, who has no account"),
        (EventKind.MESSAGE, "Alice wrote to Bob"),
        (EventKind.HAZARD, "Hazard, log out of Alice: auth.logOut"),
        (EventKind.FAULT, "Set: Bot API: anything gets 502"),
        (EventKind.MENDED, "Used up: Bot API: anything gets 502"),
        (EventKind.STOPPED, "The Bot API was stopped"),
        (EventKind.STARTED, "The Bot API was started"),
    ]
    assert events[2].users == (alice.id, bob.id)


async def test_lists_are_bounded_and_what_is_left_out_is_found(caller: Caller) -> None:
    await caller.post("/users/bulk", count=LISTED + 5, logged_in=False)
    await caller.post("/users", first_name="Zoë", phone="+49155501234")
    for number in range(KEPT + 3):
        caller.sandbox.world.timeline.note(EventKind.MESSAGE, str(number))
    world = await caller.get("/world")
    assert (len(world["accounts"]), world["account_count"]) == (LISTED, LISTED + 6)
    assert world["lights"] == {"on": 0, "held": 0, "off": 0, "none": LISTED + 6}
    assert (len(world["timeline"]["events"]), world["timeline"]["count"]) == (KEPT, KEPT + 3)
    for wanted in ("zoë", "%2B4915550"):
        (found,) = (await caller.get(f"/world?find={wanted}"))["accounts"]
        assert found["name"] == "Zoë"
    assert (await caller.get("/world?find=nobody"))["accounts"] == []


async def test_wrong_questions_are_refused(caller: Caller) -> None:
    long = await caller.ask("GET", f"/world?find={'x' * 65}", status=400)
    assert long == {"error": "find: expected at most 64 characters"}
    assert "GET" in (await caller.ask("POST", "/world", {}, status=405))["error"]
    no_socket = f"{caller.addresses['control']}/world/live"
    async with caller.session.get(no_socket) as response:
        assert response.status == 400
    async with caller.session.get(no_socket, headers={"Origin": "http://evil"}) as response:
        assert response.status == 403
    await caller.ask("DELETE", "/brightdata/proxy/faults/9", status=404)


async def test_who_listens_may_say_anything_and_leave(
    caller: Caller, live: ClientWebSocketResponse
) -> None:
    await live.send_str("garbage" * 1000)
    await live.send_bytes(bytes(100))
    await told(live, lambda world: "accounts" in world)
    await live.close()
    assert "accounts" in await caller.get("/world")


def minimal(schema: Json) -> Json:
    """A body with no more than must be, made from the schema alone."""
    known = {"user": 777000, "peer": 777000, "method": "messages.sendMessage", "text": "FLOOD"}
    return {
        name: known.get(name, schema["properties"][name].get("minimum"))
        for name in schema.get("required", ())
    }


async def test_every_order_is_among_the_kinds_and_can_be_placed_by_its_schema(
    caller: Caller,
) -> None:
    await caller.post("/proxies")
    kinds = await caller.get("/faults/kinds")
    expected = {
        (place, kind)
        for place, known in (
            (Place.DATA_CENTRE, orders.ORDERS),
            (Place.BOT_API, bot_faults.ORDERS),
            (Place.PROXY, proxy_faults.ORDERS),
            (Place.BRIGHT_DATA, brightdata.ORDERS),
            (Place.SUPER_PROXY, proxy_faults.ORDERS),
        )
        for kind in known
    }
    assert {(each["place"], each["kind"]) for each in kinds if not each["is_once"]} == expected
    bought = {"withdraw", "listed", "stock"}  # they need an address, or a country
    once = {"cut", "revoke", "forge", *bought}
    assert {each["kind"] for each in kinds if each["is_once"]} == once
    for base, known in (
        (orders.Order, orders.ORDERS),
        (bot_faults.Order, bot_faults.ORDERS),
        (proxy_faults.Order, proxy_faults.ORDERS),
        (brightdata.Order, brightdata.ORDERS),
    ):
        made = {each for each in descendants(base) if "kind" in vars(each)}
        assert made == set(known.values())
    for each in kinds:
        assert each["words"]
        if each["kind"] in bought:
            continue
        path = each["path"].removeprefix("/control").replace("{proxy}", "1")
        await caller.ask("POST", path, minimal(each["schema"]))
        for fault in (await caller.get("/world"))["faults"]:
            assert "{" not in fault["words"]
            assert fault["words"] != fault["kind"]
            await caller.ask("DELETE", fault["path"].removeprefix("/control"))
    assert (await caller.get("/world"))["faults"] == []


def descendants(kind: type) -> set[type]:
    children: list[type] = kind.__subclasses__()
    return {each for child in children for each in {child, *descendants(child)}}
