"""Faults and hazards over the control API: each is one call, one to lift it, one to lift all."""

import asyncio
import base64
from contextlib import AsyncExitStack
from typing import Any

import pytest
from telethon.tl import functions, types

from sandbox.control.orders import ORDERS
from sandbox.control.proxy_faults import ORDERS as PROXY_ORDERS
from tests.sandbox.control_fixtures import Caller
from tests.sandbox.raw_client import RawClient
from tests.timing import limit

STATE = functions.updates.GetStateRequest()
SEND = "messages.sendMessage"

BODIES: dict[str, dict[str, Any]] = {
    "freeze": {"late": True},
    "delay": {"seconds": 0.5},
    "close_at_once": {"times": 1},
    "refuse": {"cut": True},
    "transport_error": {"code": 429, "times": 2},
    "fail_exchange": {"end": "close", "times": 1},
    "rpc_error": {"method": SEND, "code": 500, "text": "RPC_CALL_FAIL", "times": 3},
    "migrate": {"method": SEND, "dc_id": 4},
    "flood_wait": {"method": SEND, "seconds": 30},
    "slow_mode": {"peer": 777000, "seconds": 30},
    "first_call_runs": {"calls": 2},
    "drop_reply": {"method": SEND, "cut": "reset"},
    "garble": {"method": "*"},
    "deny": {"text": "AUTH_KEY_UNREGISTERED"},
    "ban": {"user": 777000},
    "freeze_account": {"user": 777000},
    "limit_account": {"user": 777000},
}
PROXY_BODIES: dict[str, dict[str, Any]] = {
    "reject_login": {"times": 1},
    "close_at_once": {},
    "say_nothing": {},
    "slow": {"seconds": 2},
    "forbid": {},
    "freeze": {},
    "refuse": {"cut": True},
}


async def line_of(caller: Caller, user_id: int, closing: AsyncExitStack) -> RawClient:
    """A raw client with a ready key of that user."""
    ready = await caller.post(f"/users/{user_id}/ready_key")
    client = await RawClient.dial(ready["port"])
    closing.push_async_callback(client.close)
    client.key = base64.b64decode(ready["auth_key"])
    client.salt = caller.sandbox.data_centre.salts.current(client.key_id)
    return client


def test_every_order_is_tried() -> None:
    assert set(BODIES) == set(ORDERS)
    assert set(PROXY_BODIES) == set(PROXY_ORDERS)


@pytest.mark.parametrize("kind", BODIES)
async def test_a_fault_is_set_by_one_call_and_lifted_by_one(caller: Caller, kind: str) -> None:
    made = await caller.ask("POST", f"/faults/{kind}", BODIES[kind], status=201)
    assert {"id", "kind", "user", "key", "times", "struck"} <= set(made)
    shown = BODIES[kind].items() - {("cut", True), ("dc_id", 4), ("calls", 2)}
    assert {(name, made[name]) for name, _ in shown} == shown
    assert await caller.get("/faults") == [made]
    assert await caller.ask("DELETE", f"/faults/{made['id']}") == made
    assert await caller.get("/faults") == []
    await caller.ask("DELETE", f"/faults/{made['id']}", status=404)


@pytest.mark.parametrize("kind", PROXY_BODIES)
async def test_a_proxys_fault_is_set_by_one_call_and_lifted_by_one(
    caller: Caller, kind: str
) -> None:
    path = f"/proxies/{(await caller.post('/proxies'))['id']}"
    made = await caller.ask("POST", f"{path}/faults/{kind}", PROXY_BODIES[kind], status=201)
    assert await caller.get(f"{path}/faults") == [made]
    assert await caller.get("/faults") == []
    assert await caller.ask("DELETE", f"{path}/faults/{made['id']}") == made
    assert await caller.get(f"{path}/faults") == []
    assert await caller.post(f"{path}/cut", reset=True) == {"cut": True}


async def test_all_faults_are_lifted_by_one_call(caller: Caller) -> None:
    port = caller.sandbox.data_centre.port
    path = f"/proxies/{(await caller.post('/proxies'))['id']}"
    for where, bodies in (("", BODIES), (path, PROXY_BODIES)):
        for kind, body in bodies.items():
            await caller.ask("POST", f"{where}/faults/{kind}", body)
        assert await caller.ask("DELETE", f"{where}/faults") == {"lifted": len(bodies)}
        assert await caller.get(f"{where}/faults") == []
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.close()


async def test_a_client_sees_what_was_ordered(caller: Caller, closing: AsyncExitStack) -> None:
    _, user_id = await caller.meet()
    client = await line_of(caller, user_id, closing)
    async with asyncio.timeout(limit(20)):
        assert isinstance(await client.init(STATE), types.updates.State)
        await caller.post("/faults/ban", user=user_id)
        assert (await client.call(STATE)).error_message == "USER_DEACTIVATED_BAN"
        await caller.ask("DELETE", "/faults")
        assert isinstance(await client.call(STATE), types.updates.State)
        (shown,) = [c for c in await caller.get("/connections") if c["user_id"] == user_id]
        key = shown["key_id"]
        await caller.post("/faults/deny", key=key)
        assert (await client.call(STATE)).error_message == "SESSION_REVOKED"
        assert await caller.post("/connections/forge", key=key, count=2) == {"connections": 1}
        for _ in range(2):
            with pytest.raises(AssertionError):
                await client.receive()
        assert await caller.post("/connections/cut", key=key) == {"cut": 1}
        assert await client.is_closed()


async def test_hazards_are_read_and_cleared(caller: Caller, closing: AsyncExitStack) -> None:
    _, user_id = await caller.meet()
    assert await caller.get("/hazards") == []
    proxy = await caller.post("/proxies")
    order = {"user": user_id, "proxy": proxy["id"]}
    assert await caller.post("/hazards/proxy", **order) == order
    client = await line_of(caller, user_id, closing)
    await client.init(functions.auth.LogOutRequest())
    found = await caller.get("/hazards")
    assert [(h["kind"], h["user"]) for h in found] == [
        ("proxy_bypassed", user_id),
        ("log_out", user_id),
    ]
    assert set(found[0]) == {"at", "kind", "user", "words"}
    assert await caller.ask("DELETE", "/hazards") == {"cleared": 2}
    assert await caller.get("/hazards") == []


async def test_the_limits_of_the_log_are_set(caller: Caller) -> None:
    rules = {"connects_per_minute": 5, "doubled_within_s": 1.5, "kills_duplicated_keys": False}
    assert await caller.post("/hazards/rules", **rules) == rules
    changed = await caller.post("/hazards/rules", connects_per_minute=0)
    assert changed == rules | {"connects_per_minute": None}
    assert await caller.get("/hazards/rules") == changed
    hazards = caller.sandbox.data_centre.hazards
    assert not hazards.kills_duplicated_keys


@pytest.mark.parametrize(
    ("path", "body", "status", "reason"),
    [
        ("/faults/thaw", {}, 404, "there is no fault thaw; there are freeze, delay"),
        ("/faults/freeze", {"user": 1}, 404, "there is no user 1"),
        ("/faults/ban", {}, 400, "user: Field required"),
        ("/faults/refuse", {"user": 777000}, 400, "user: "),
        ("/faults/flood_wait", {"method": SEND}, 400, "seconds: Field required"),
        ("/faults/rpc_error", {"method": SEND, "code": 1, "text": "no"}, 400, "text: "),
        ("/proxies/9/faults/freeze", {}, 404, "there is no proxy 9"),
        ("/hazards/proxy", {"user": 777000, "proxy": 9}, 404, "there is no proxy 9"),
    ],
)
async def test_a_wrong_order_is_refused_with_its_reason(
    caller: Caller, path: str, body: dict[str, Any], status: int, reason: str
) -> None:
    assert reason in await caller.error(path, body, status=status)
    assert await caller.get("/faults") == []
