"""Faults of the Bot API: throttled, broken, and answers that are lost."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import ClientConnectionError

from sandbox.control.bot_faults import ORDERS
from tests.sandbox.botapi_fixtures import TOKEN, Desk, running_desk
from tests.sandbox.control_fixtures import Caller


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    async with running_desk() as running:
        running.write("/start")
        yield running


async def test_a_throttled_call_has_no_effect_and_says_how_long_to_wait(desk: Desk) -> None:
    fault = desk.server.faults.throttle(7, "sendMessage")
    answer = await desk.call("SENDMESSAGE", {"chat_id": desk.olga.id, "text": "x"})
    assert answer == {
        "ok": False,
        "error_code": 429,
        "description": "Too Many Requests: retry after 7",
        "parameters": {"retry_after": 7},
    }
    assert len(desk.seen()) == 1
    assert not fault.is_active
    await desk.send()


async def test_a_fault_is_for_the_methods_that_it_names(desk: Desk) -> None:
    with desk.server.faults.server_error(method="send*", times=None):
        assert (await desk.result("getMe"))["id"] == desk.bot.id
        for method in ("sendMessage", "sendPhoto", "sendMediaGroup"):
            assert await desk.refusal(method) == (502, "Bad Gateway")
    await desk.send()


@pytest.mark.parametrize("late", [False, True])
async def test_a_call_may_take_effect_before_its_answer_is_lost(desk: Desk, *, late: bool) -> None:
    parameters = {"chat_id": desk.olga.id, "text": "x"}
    desk.server.faults.drop_reply("sendMessage", late=late)
    with pytest.raises(ClientConnectionError):
        await desk.call("sendMessage", parameters)
    assert len(desk.seen()) == 1 + late
    desk.server.faults.server_error(504, "sendMessage", late=late)
    assert await desk.refusal("sendMessage", **parameters) == (504, "Gateway Timeout")
    assert len(desk.seen()) == 1 + 2 * late


async def test_a_download_can_fail_too(desk: Desk) -> None:
    file = desk.world.files.add_voice(b"OggS", duration_s=1)
    desk.write_file(file)
    update = (await desk.result("getUpdates"))[-1]
    found = await desk.result("getFile", file_id=update["message"]["voice"]["file_id"])
    url = f"{desk.url}/file/bot{TOKEN}/{found['file_path']}"
    desk.server.faults.server_error(method="download")
    async with desk.session.get(url) as response:
        assert response.status == 502
    # aiohttp asks once more by itself where a kept connection ends.
    lost = desk.server.faults.drop_reply("download", times=None)
    with lost, pytest.raises(ClientConnectionError):
        await desk.session.get(url)
    async with desk.session.get(url) as response:
        assert await response.read() == b"OggS"


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("throttle", {"retry_after": 3, "method": "sendPhoto"}),
        ("server_error", {"status": 503, "late": True, "times": None}),
        ("drop_reply", {"times": 2}),
    ],
)
async def test_a_fault_is_set_and_lifted_over_the_control_api(
    caller: Caller, kind: str, body: dict[str, Any]
) -> None:
    assert kind in ORDERS
    made = await caller.ask("POST", f"/botapi/faults/{kind}", body, status=201)
    assert made.items() >= body.items()
    assert await caller.get("/botapi/faults") == [made]
    await caller.ask("DELETE", f"/botapi/faults/{made['id']}")
    assert await caller.get("/botapi/faults") == []
    await caller.post(f"/botapi/faults/{kind}")
    assert await caller.ask("DELETE", "/botapi/faults") == {"lifted": 1}
    assert "there is no fault" in await caller.error("/botapi/faults/hologram", {}, status=404)
