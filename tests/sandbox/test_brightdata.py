"""The fake Bright Data: what it sells, what it refuses, its faults, and the way through it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from decimal import Decimal
from typing import Any

import pytest
from aiohttp import ClientError, ClientSession, ClientTimeout
from python_socks import ProxyError, ProxyType
from python_socks.async_.asyncio import Proxy

from sandbox.brightdata import BrightData
from tests.sandbox.control_fixtures import Caller, running_sandbox
from tests.timing import limit, seconds

Ask = Callable[..., Any]


@pytest.fixture
async def bright_data() -> AsyncIterator[BrightData]:
    made = BrightData()
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
async def session() -> AsyncIterator[ClientSession]:
    async with ClientSession(timeout=ClientTimeout(total=seconds(20))) as made:
        yield made


@pytest.fixture
def ask(bright_data: BrightData, session: ClientSession) -> Ask:
    """Sends one request with the right key: the status, and what was answered."""

    async def asked(
        method: str, path: str = "/zone/ips", *, key: str | None = None, **options: object
    ) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {key or bright_data.account.api_key}"}
        url = bright_data.url + path
        async with session.request(method, url, headers=headers, **options) as response:  # type: ignore[arg-type]  # what each test wants
            is_json = response.content_type == "application/json"
            return response.status, await (response.json() if is_json else response.text())

    return asked


def order(bright_data: BrightData, **changes: object) -> dict[str, object]:
    account = bright_data.account
    basic = {"customer": account.customer, "zone": account.zone, "count": 1, "country": "be"}
    return basic | changes


async def test_what_is_bought_is_held_paid_and_listed(bright_data: BrightData, ask: Ask) -> None:
    status, bought = await ask("POST", json=order(bright_data, count=2))
    assert status == 200
    assert bought["ips"] == bought["new_ips"] == list(bright_data.account.held)
    assert bright_data.account.spent == 2 * bright_data.account.price
    _, more = await ask("POST", json=order(bright_data, country="fr"))
    assert len(more["ips"]) == 3
    assert len(more["new_ips"]) == 1
    _, listed = await ask("GET", params={"zone": bright_data.account.zone})
    assert [(entry["ip"], entry["maxmind"]) for entry in listed["ips"]] == [
        (bought["new_ips"][0], "be"),
        (bought["new_ips"][1], "be"),
        (more["new_ips"][0], "fr"),
    ]


async def test_what_is_released_is_gone_and_in_stock_again(
    bright_data: BrightData, ask: Ask
) -> None:
    _, bought = await ask("POST", json=order(bright_data, count=2))
    first, second = bought["new_ips"]
    left = bright_data.account.stock("be")
    given = {"zone": bright_data.account.zone, "ips": [first]}
    assert await ask("DELETE", json=given) == (200, {"ips": [second]})
    assert bright_data.account.stock("be") == left + 1
    assert (await ask("DELETE", json=given))[0] == 400
    assert [entry.act for entry in bright_data.account.ledger] == ["bought", "bought", "released"]


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"zone": "other"}, 404),
        ({"customer": "other"}, 400),
        ({"country": "BE"}, 400),
        ({"country": "zz"}, 400),
        ({"count": 0}, 400),
        ({"count": "1"}, 400),
        ({"colour": "blue"}, 400),
    ],
)
async def test_it_is_strict(
    bright_data: BrightData, ask: Ask, changes: dict[str, object], status: int
) -> None:
    assert (await ask("POST", json=order(bright_data, **changes)))[0] == status
    assert not bright_data.account.held
    assert not bright_data.account.ledger


async def test_it_wants_its_key_its_form_and_its_paths(bright_data: BrightData, ask: Ask) -> None:
    assert (await ask("POST", key="wrong", json=order(bright_data)))[0] == 401
    assert (await ask("POST", data="customer=x"))[0] == 400
    assert (await ask("GET"))[0] == 404
    assert (await ask("GET", "/zone/cost"))[0] == 404
    assert (await ask("PUT"))[0] == 404
    assert (await ask("DELETE", json={"zone": bright_data.account.zone, "ips": []}))[0] == 400


async def test_a_country_runs_out(bright_data: BrightData, ask: Ask) -> None:
    bright_data.account.set_stock("be", 1)
    assert (await ask("POST", json=order(bright_data, count=2)))[0] == 400
    assert (await ask("POST", json=order(bright_data)))[0] == 200
    status, words = await ask("POST", json=order(bright_data))
    assert (status, words) == (400, "Not enough IPs available in be")
    bright_data.is_empty_when_out_of_stock = True
    status, answer = await ask("POST", json=order(bright_data))
    assert (status, answer["new_ips"]) == (200, [])
    assert len(bright_data.account.held) == 1


async def test_a_throttle_and_a_server_error_come_before_anything_happens(
    bright_data: BrightData, ask: Ask
) -> None:
    bright_data.faults.throttle("7", times=1)
    bright_data.faults.server_error(503, method="POST", times=1)
    assert (await ask("POST", json=order(bright_data)))[0] == 429
    assert (await ask("GET", params={"zone": bright_data.account.zone}))[0] == 200
    assert (await ask("POST", json=order(bright_data)))[0] == 503
    assert not bright_data.account.held
    assert (await ask("POST", json=order(bright_data)))[0] == 200


@pytest.mark.parametrize("kind", ["drop_reply", "server_error", "hang", "garble"])
async def test_a_late_fault_comes_after_the_purchase(
    bright_data: BrightData, ask: Ask, kind: str
) -> None:
    fault = getattr(bright_data.faults, kind)(method="POST", late=True, times=1)
    limit = ClientTimeout(total=1 if kind == "hang" else seconds(20))
    try:
        _, answer = await ask("POST", json=order(bright_data), timeout=limit)
    except (ClientError, TimeoutError):
        answer = None
    assert answer is None or "<html>" in answer
    assert fault.struck == 1
    assert len(bright_data.account.held) == 1


async def test_an_early_drop_of_the_reply_comes_before_the_purchase(
    bright_data: BrightData, ask: Ask
) -> None:
    bright_data.faults.drop_reply(late=False, times=1)
    with pytest.raises(ClientError):
        await ask("POST", json=order(bright_data))
    assert not bright_data.account.held


@pytest.fixture
async def echo() -> AsyncIterator[int]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(1024):
            writer.write(data)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def through(
    bright_data: BrightData, ip: str, port: int, closing: AsyncExitStack, **changes: str
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    account = bright_data.account
    proxy = Proxy(
        ProxyType.HTTP,
        bright_data.proxy.host,
        bright_data.proxy.port,
        username=f"brd-customer-{account.customer}-zone-{account.zone}-ip-{ip}",
        password=changes.get("password", account.zone_password),
    )
    dialled = await proxy.connect("127.0.0.1", port, timeout=seconds(20))
    reader, writer = await asyncio.open_connection(sock=dialled)
    closing.callback(writer.close)
    return reader, writer


async def test_the_user_name_selects_the_address_that_goes_out(
    bright_data: BrightData, echo: int, closing: AsyncExitStack
) -> None:
    one, two = bright_data.account.buy("be", 2)
    for ip in (one, two):
        reader, writer = await through(bright_data, ip, echo, closing)
        writer.write(b"hello")
        assert await reader.readexactly(5) == b"hello"
    assert [dial.outcome for dial in bright_data.proxy.dials] == ["connected"] * 2
    logins = [str(dial.login).rpartition("-ip-")[2] for dial in bright_data.proxy.dials]
    assert logins == [one, two]


async def test_an_address_that_the_zone_does_not_have_is_no_way_out(
    bright_data: BrightData, echo: int, closing: AsyncExitStack
) -> None:
    with pytest.raises(ProxyError, match="400"):
        await through(bright_data, "198.18.0.1", echo, closing)
    (ip,) = bright_data.account.buy("be", 1)
    with pytest.raises(ProxyError, match="407"):
        await through(bright_data, ip, echo, closing, password="wrong")
    outcomes = [dial.outcome for dial in bright_data.proxy.dials]
    assert outcomes == ["address not allocated", "login rejected"]


async def test_what_goes_through_an_address_ends_with_it(
    bright_data: BrightData, echo: int, closing: AsyncExitStack
) -> None:
    gone, kept = bright_data.account.buy("be", 2)
    cut, _ = await through(bright_data, gone, echo, closing)
    reader, writer = await through(bright_data, kept, echo, closing)
    bright_data.account.withdraw(gone)
    async with asyncio.timeout(limit(20)):
        assert await cut.read() == b""
        writer.write(b"x")
        assert await reader.readexactly(1) == b"x"
    with pytest.raises(ProxyError, match="400"):
        await through(bright_data, gone, echo, closing)


async def test_it_comes_back_where_it_was_with_what_it_sold(bright_data: BrightData) -> None:
    held = bright_data.account.buy("be", 1)
    ports = bright_data.port, bright_data.proxy.port
    await bright_data.stop()
    await bright_data.start()
    assert (bright_data.port, bright_data.proxy.port) == ports
    assert list(bright_data.account.held) == held


@pytest.fixture
async def caller() -> AsyncIterator[Caller]:
    async with running_sandbox() as made:
        yield made


async def test_the_control_api_shows_and_changes_it(caller: Caller) -> None:
    told = caller.addresses["bright_data"]
    account = caller.sandbox.bright_data.account
    assert told["api_url"].startswith("http://127.0.0.1:")
    assert told["zone"] == account.zone
    await caller.post("/brightdata/stock", country="be", count=1)
    assert account.stock("be") == 1
    (ip,) = account.buy("be", 1)
    shown = await caller.get("/brightdata")
    assert shown["held"] == [{"ip": ip, "country": "be"}]
    assert Decimal(shown["spent"]) == account.price
    await caller.ask("PATCH", "/brightdata", {"api_key": "new", "price": "4.50"})
    assert (account.api_key, account.price) == ("new", Decimal("4.50"))
    await caller.post("/brightdata/listed", ip=ip, country="nl")
    assert account.listed_as == {ip: "nl"}
    shown = await caller.post("/brightdata/withdraw", ip=ip)
    assert not shown["held"]
    assert [entry["act"] for entry in shown["ledger"]] == ["bought", "withdrawn"]


async def test_the_control_api_sets_and_lifts_faults(caller: Caller) -> None:
    bright_data = caller.sandbox.bright_data
    fault = await caller.post("/brightdata/faults/drop_reply", method="POST", times=2)
    assert fault["late"] is True
    assert [each["kind"] for each in await caller.get("/brightdata/faults")] == ["drop_reply"]
    await caller.ask("DELETE", f"/brightdata/faults/{fault['id']}")
    for kind in ("throttle", "server_error", "hang", "garble"):
        await caller.post(f"/brightdata/faults/{kind}")
    assert await caller.ask("DELETE", "/brightdata/faults") == {"lifted": 4}
    await caller.post("/brightdata/proxy/faults/reject_login")
    assert bright_data.proxy.faults
    await caller.ask("DELETE", "/brightdata/proxy/faults")
    assert not bright_data.proxy.faults


async def test_the_control_api_says_what_is_wrong(caller: Caller) -> None:
    reason = await caller.error("/brightdata/faults/fire", status=404)
    assert reason.startswith("there is no fault fire; there are throttle")
    assert "BE" in await caller.error(
        "/brightdata/stock", {"country": "BE", "count": 1}, status=400
    )
    assert "198.18.0.9" in await caller.error(
        "/brightdata/withdraw", {"ip": "198.18.0.9"}, status=404
    )
