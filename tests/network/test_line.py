"""A line against a data centre that speaks MTProto, over real sockets."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from telethon import errors as tl
from telethon.tl import functions, types

from sandbox.datacentre import DataCentre
from sandbox.proxies.socks5 import Socks5Proxy
from sandbox.world import World
from sandbox.world.logins import AuthKey as Key
from sandbox.world.people import User
from storage import sessions
from storage.database import Database
from storage.proxies import Endpoint
from storage.sessions import SessionStatus
from tests.network.conftest import NewLine, enrol
from tests.network.relay import Relay
from tests.storage.fleet import IDENTITY
from tests.timing import limit, seconds
from userbot.errors import CallTimedOut, ConnectFailed, ConnectionLost, SessionGuarded
from userbot.limits import Limits
from userbot.line import Line
from userbot.session import AccountSession, open_enrolling

NO_JITTER = float
"""`float()` is 0.0."""
IMPATIENT = Limits(connect_s=seconds(1), request_s=seconds(1))


def sockets() -> list[str]:
    """The sockets that this process has open."""
    found = []
    for entry in Path("/proc/self/fd").iterdir():
        with suppress(OSError):
            target = os.readlink(entry)  # noqa: PTH115 - it names no file
            if target.startswith("socket:"):
                found.append(target)
    return sorted(found)


@dataclass
class Peer:
    """A server that takes connections and never answers."""

    port: int = 0
    got: bytearray = field(default_factory=bytearray)
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    """Something has come."""
    ended: asyncio.Event = field(default_factory=asyncio.Event)


@asynccontextmanager
async def frozen() -> AsyncIterator[Peer]:
    peer = Peer()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(1 << 16):
                peer.got += data
                peer.asked.set()
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
        peer.ended.set()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    peer.port = server.sockets[0].getsockname()[1]
    async with server:
        yield peer
    await asyncio.sleep(0)


@asynccontextmanager
async def open_then_frozen(
    new_line: NewLine, relay: Relay, **changes: object
) -> AsyncIterator[Line]:
    """An open line on which, from now on, nothing passes."""
    line = new_line(**changes)
    await line.open()
    relay.is_frozen = True
    yield line
    await line.close()


async def no_connections(datacentre: DataCentre) -> None:
    """Wait until the data centre has seen every connection end."""
    async with asyncio.timeout(limit(10)):
        while datacentre.connections():  # noqa: ASYNC110 - the sandbox has no event for it
            await asyncio.sleep(0)


async def test_a_line_opens_and_proves_who_it_is(
    new_line: NewLine, datacentre: DataCentre, alice: User
) -> None:
    line = new_line()
    async with asyncio.timeout(limit(20)):
        await line.open()
        me = await line.prove_authorised()
    assert (me.id, me.username) == (alice.id, "alice")
    (connection,) = datacentre.connections()
    assert connection.user_id == alice.id
    assert (connection.device_model, connection.app_version) == ("Desktop", "5.0")
    assert list(datacentre.violations) == []


async def test_telegram_closes_a_line_whose_process_fell_silent_right_after_the_dial(
    new_line: NewLine, datacentre: DataCentre
) -> None:
    line = new_line(limits=Limits(disconnect_delay_s=1))
    await line.open()  # and from now on not a word
    assert datacentre.connections()
    await no_connections(datacentre)
    await line.close()


async def test_calls_go_out_side_by_side_on_one_connection(
    new_line: NewLine, datacentre: DataCentre
) -> None:
    line = new_line()
    async with asyncio.timeout(limit(20)):
        await line.open()
        answers = await asyncio.gather(
            *(line.call(functions.help.GetNearestDcRequest()) for _ in range(50))
        )
    assert {answer.country for answer in answers} == {"NL"}
    assert len(datacentre.connections()) == 1
    assert line.last_answer_at is not None


async def test_a_refusal_of_telegrams_comes_through_as_it_is(new_line: NewLine) -> None:
    line = new_line()
    async with asyncio.timeout(limit(20)):
        await line.open()
        with pytest.raises(tl.UsernameNotOccupiedError):
            await line.call(functions.contacts.ResolveUsernameRequest("nobody_has_it"))


async def test_a_ping_is_a_round_trip_and_is_measured(new_line: NewLine) -> None:
    line = new_line()
    async with asyncio.timeout(limit(20)):
        await line.open()
        await line.ping(seconds(5))
    assert 0 < (line.latency_s or 0) < seconds(5)


async def test_targets_are_resolved_and_then_known(
    new_line: NewLine, bob: User, session: AccountSession
) -> None:
    line = new_line()
    async with asyncio.timeout(limit(20)):
        await line.open()
        peer = await line.resolve("@bobby")
        assert peer.user_id == bob.id
        assert (await session.get_input_entity("bobby")).to_dict() == peer.to_dict()
        assert isinstance(await line.resolve("me"), types.InputPeerSelf)
        for nobody in ("@nobody_has_it", 424242):
            with pytest.raises(ValueError, match=r".+"):
                await line.resolve(nobody)


@pytest.mark.req("S4.4")
async def test_a_closed_line_leaves_no_socket_and_no_task(
    new_line: NewLine, datacentre: DataCentre, db: Database
) -> None:
    before, tasks = sockets(), asyncio.all_tasks()
    async with asyncio.timeout(limit(30)):
        for _ in range(3):
            line = new_line()
            await line.open()
            await line.prove_authorised()
            await line.close()
            await db.writer.flush()  # the peers that it met
            await asyncio.sleep(0.01)  # the writer's own task ends after its last answer
            assert asyncio.all_tasks() == tasks
        await no_connections(datacentre)
    assert sockets() == before


async def test_closing_twice_is_as_good_as_once(new_line: NewLine) -> None:
    line = new_line()
    async with asyncio.timeout(limit(20)):
        await line.open()
        await line.close()
        await line.close()
        never_opened = new_line()
        await never_opened.close()


async def test_a_closed_line_calls_nobody(new_line: NewLine, datacentre: DataCentre) -> None:
    line = new_line()
    async with asyncio.timeout(limit(20)):
        await line.open()
        await line.close()
        with pytest.raises(ConnectionLost):
            await line.call(functions.help.GetNearestDcRequest())
        await no_connections(datacentre)


@pytest.mark.req("S0.4")
@pytest.mark.parametrize("by_reset", [False, True], ids=["FIN", "RST"])
async def test_a_cut_is_noticed_at_once_and_not_at_the_next_ping(
    by_reset: bool,  # noqa: FBT001 - a parameter of the test
    new_line: NewLine,
    datacentre: DataCentre,
) -> None:
    line = new_line(limits=Limits(ping_every_s=seconds(600)))
    async with asyncio.timeout(limit(20)):
        await line.open()
        serving = asyncio.ensure_future(line.serve(jitter=NO_JITTER))  # noqa: TID251 - a test's own
        await asyncio.sleep(0)
        datacentre.cut(reset=by_reset)
        with pytest.raises(ConnectionLost):
            await serving


async def test_a_cut_under_a_request_is_a_lost_connection_and_no_cancellation(
    new_line: NewLine, datacentre: DataCentre
) -> None:
    line = new_line()
    async with asyncio.timeout(limit(20)):
        await line.open()
        calls = [
            asyncio.ensure_future(line.call(functions.help.GetNearestDcRequest()))  # noqa: TID251
            for _ in range(20)
        ]
        await asyncio.sleep(0)
        datacentre.cut()
        ends = await asyncio.gather(*calls, return_exceptions=True)
    assert {type(end) for end in ends} <= {ConnectionLost, types.NearestDc}
    assert not any(call.cancelled() for call in calls)


async def test_dropping_ends_who_serves_and_who_calls(
    new_line_by_relay: NewLine, relay: Relay
) -> None:
    async with open_then_frozen(new_line_by_relay, relay) as line, asyncio.timeout(limit(20)):
        serving = asyncio.ensure_future(line.serve(jitter=NO_JITTER))  # noqa: TID251
        calling = asyncio.ensure_future(line.call(functions.help.GetConfigRequest()))  # noqa: TID251
        await asyncio.sleep(0)
        line.drop()
        ends = await asyncio.gather(serving, calling, return_exceptions=True)
    assert [type(end) for end in ends] == [ConnectionLost, ConnectionLost]


async def test_a_real_cancellation_stays_one(new_line_by_relay: NewLine, relay: Relay) -> None:
    async with open_then_frozen(new_line_by_relay, relay) as line, asyncio.timeout(limit(20)):
        for work in (
            line.call(functions.help.GetConfigRequest()),
            line.ping(seconds(60)),
            line.serve(jitter=NO_JITTER),
        ):
            task = asyncio.ensure_future(work)  # noqa: TID251
            await asyncio.sleep(0)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert task.cancelled()


async def test_a_cancelled_server_leaves_no_error_that_nobody_looked_at(
    new_line: NewLine, datacentre: DataCentre
) -> None:
    """The fixture looks at what asyncio reports as never retrieved."""
    line = new_line()
    async with asyncio.timeout(limit(20)):
        await line.open()
        task = asyncio.ensure_future(line.serve(jitter=NO_JITTER))  # noqa: TID251
        await asyncio.sleep(0)
        task.cancel()
        datacentre.cut(reset=True)
        with pytest.raises(asyncio.CancelledError):
            await task
        await line.close()


async def test_no_answer_is_a_timeout_with_its_own_name(
    new_line_by_relay: NewLine, relay: Relay
) -> None:
    async with (
        open_then_frozen(new_line_by_relay, relay, limits=IMPATIENT) as line,
        asyncio.timeout(limit(20)),
    ):
        with pytest.raises(CallTimedOut):
            await line.call(functions.help.GetConfigRequest(), limit_s=seconds(0.2))
        with pytest.raises(CallTimedOut):
            await line.call(functions.help.GetConfigRequest())


async def test_a_half_open_line_is_given_up_after_two_pings(
    new_line_by_relay: NewLine, relay: Relay
) -> None:
    limits = Limits(
        ping_every_s=seconds(0.1), ping_answer_s=seconds(0.2), ping_retry_s=seconds(0.1)
    )
    async with (
        open_then_frozen(new_line_by_relay, relay, limits=limits) as line,
        asyncio.timeout(limit(20)),
    ):
        with pytest.raises(CallTimedOut):
            await line.serve(jitter=NO_JITTER)


async def test_a_peer_that_never_answers_is_given_up_by_the_limit_and_its_socket_closed(
    new_line: NewLine, db: Database, account: int
) -> None:
    before = sockets()
    async with frozen() as peer, asyncio.timeout(limit(20)):
        session = await enrol(db, account, host="127.0.0.1", port=peer.port, key=bytes(range(256)))
        listening = sockets()
        line = new_line(session=session, limits=IMPATIENT)
        with pytest.raises(ConnectFailed):
            await line.open()
        await line.close()
        await peer.ended.wait()
        assert sockets() == listening
    assert sockets() == before


@pytest.mark.req("S4.4")
async def test_a_frozen_line_closes_within_its_limit_and_leaves_no_socket(
    new_line_by_relay: NewLine, relay: Relay
) -> None:
    before = sockets()
    async with asyncio.timeout(limit(20)):
        async with open_then_frozen(new_line_by_relay, relay) as line:
            calling = asyncio.ensure_future(line.call(functions.help.GetConfigRequest()))  # noqa: TID251
            await asyncio.sleep(0)
            async with asyncio.timeout(limit(2)):
                await line.close()
            with pytest.raises(ConnectionLost):
                await calling
        await relay.is_idle.wait()
    assert sockets() == before


async def test_before_the_gate_opens_no_byte_leaves(
    new_line: NewLine, db: Database, account: int
) -> None:
    async with frozen() as peer, asyncio.timeout(limit(20)):
        session = await enrol(db, account, host="127.0.0.1", port=peer.port, key=bytes(range(256)))
        line = new_line(session=session, limits=IMPATIENT, may_write=lambda: False)
        with pytest.raises(ConnectFailed):
            await line.open()
        await line.close()
        await peer.ended.wait()
    assert peer.got == b""


async def test_once_the_gate_has_closed_no_byte_leaves_and_the_line_is_dropped_at_once(
    new_line_by_relay: NewLine, relay: Relay
) -> None:
    is_leased = True
    line = new_line_by_relay(may_write=lambda: is_leased)
    async with asyncio.timeout(limit(10)):
        await line.open()
        sent, is_leased = relay.passed, False
        serving = asyncio.ensure_future(line.serve(jitter=NO_JITTER))  # noqa: TID251
        with pytest.raises(ConnectionLost):
            await line.call(functions.help.GetConfigRequest())
        with pytest.raises(ConnectionLost):
            await serving
        await line.close()
        await relay.is_idle.wait()
    assert relay.passed == sent


async def test_a_line_goes_through_its_proxy(new_line: NewLine, datacentre: DataCentre) -> None:
    async with proxying() as proxy, asyncio.timeout(limit(20)):
        line = new_line(proxy=Endpoint("socks5", proxy.host, proxy.port))
        await line.open()
        (dial,) = proxy.dials
        (connection,) = datacentre.connections()
        assert dial.outcome == "connected"
        assert connection.peer[1] == dial.local_port
        await line.close()


@pytest.mark.parametrize(
    ("username", "password", "outcome"),
    [
        ("user", "right", "connected"),
        ("user", "wrong", "login rejected"),
        ("", "", "login rejected"),
    ],
)
async def test_a_proxy_that_rejects_the_login_is_a_failed_connection(
    username: str, password: str, outcome: str, new_line: NewLine, datacentre: DataCentre
) -> None:
    before = sockets()
    async with proxying(username="user", password="right") as proxy, asyncio.timeout(limit(20)):
        listening = len(sockets())
        endpoint = Endpoint("socks5", proxy.host, proxy.port, username, password)
        line = new_line(proxy=endpoint)
        if outcome == "connected":
            await line.open()
        else:
            with pytest.raises(ConnectFailed):
                await line.open()
        await line.close()
        await no_connections(datacentre)
        assert [dial.outcome for dial in proxy.dials] == [outcome]
        await proxy.stop()
        assert len(sockets()) == listening - 1
    assert sockets() == before


@asynccontextmanager
async def proxying(
    username: str | None = None, password: str | None = None
) -> AsyncIterator[Socks5Proxy]:
    proxy = Socks5Proxy(username=username, password=password)
    await proxy.start()
    yield proxy
    await proxy.stop()


async def test_a_proxy_that_is_down_is_a_failed_connection_and_nothing_dials_past_it(
    new_line: NewLine, datacentre: DataCentre
) -> None:
    async with proxying() as proxy:
        port = proxy.port
    before = sockets()
    line = new_line(proxy=Endpoint("socks5", "127.0.0.1", port))
    async with asyncio.timeout(limit(20)):
        with pytest.raises(ConnectFailed):
            await line.open()
        await line.close()
    assert datacentre.connections() == []
    assert sockets() == before


async def test_a_proxy_that_never_answers_is_given_up_by_the_limit_and_its_socket_closed(
    new_line: NewLine, datacentre: DataCentre
) -> None:
    async with frozen() as proxy, asyncio.timeout(limit(20)):
        listening = sockets()
        line = new_line(proxy=Endpoint("socks5", "127.0.0.1", proxy.port), limits=IMPATIENT)
        with pytest.raises(ConnectFailed):
            await line.open()
        await line.close()
        await proxy.ended.wait()
        assert sockets() == listening
    assert datacentre.connections() == []


@pytest.mark.parametrize("is_proxied", [False, True], ids=["direct", "by proxy"])
async def test_a_cancelled_open_ends_at_once_and_leaves_no_socket(
    is_proxied: bool,  # noqa: FBT001 - a parameter of the test
    new_line: NewLine,
    db: Database,
    account: int,
) -> None:
    async with frozen() as peer, asyncio.timeout(limit(20)):
        session = await enrol(db, account, host="127.0.0.1", port=peer.port, key=bytes(range(256)))
        listening = sockets()
        proxy = Endpoint("socks5", "127.0.0.1", peer.port) if is_proxied else None
        line = new_line(session=session, proxy=proxy)
        task = asyncio.ensure_future(line.open())  # noqa: TID251
        await peer.asked.wait()
        task.cancel()
        await asyncio.wait([task], timeout=seconds(5))
        assert task.cancelled()
        await line.close()
        await peer.ended.wait()
        assert sockets() == listening


async def test_an_unknown_key_is_not_found_and_stays_stored(
    new_line: NewLine, datacentre: DataCentre, session: AccountSession
) -> None:
    assert session.auth_key is not None
    key = session.auth_key.key
    datacentre.forget_key(Key(key).id)
    line = new_line()
    async with asyncio.timeout(limit(20)):
        with pytest.raises(tl.AuthKeyNotFound):
            await line.open()
        await line.close()
    assert session.auth_key.key == key


async def test_a_migration_is_refused_and_the_key_stays(
    new_line: NewLine, session: AccountSession, datacentre: DataCentre
) -> None:
    """What Telethon does on a USER_MIGRATE: it would wipe the key and store that."""
    assert session.auth_key is not None
    key = session.auth_key.key
    line = new_line()
    async with asyncio.timeout(limit(20)):
        await line.open()
        with pytest.raises(SessionGuarded):
            await line._client._switch_dc(2)
        assert session.auth_key.key == key
        assert (session.dc_id, session.port) == (2, datacentre.port)
        await line.close()
        again = new_line()
        await again.open()
        assert (await again.prove_authorised()).username == "alice"


async def test_a_line_presents_itself_as_the_account_always_did(
    new_line: NewLine, datacentre: DataCentre
) -> None:
    line = new_line(identity=IDENTITY)
    async with asyncio.timeout(limit(20)):
        await line.open()
    (connection,) = datacentre.connections()
    assert connection.api_id == IDENTITY.api_id
    assert connection.device_model == IDENTITY.device_model
    assert connection.app_version == IDENTITY.app_version


async def test_a_key_is_made_where_there_is_none(
    db: Database, account: int, new_line: NewLine, datacentre: DataCentre, world: World
) -> None:
    session = await open_enrolling(
        db, account, dc_id=2, server_address=datacentre.host, port=datacentre.port
    )
    line = new_line(session=session)
    async with asyncio.timeout(limit(30)):
        await line.open()
        with pytest.raises(tl.UnauthorizedError):
            await line.prove_authorised()
    async with db.read() as tx:
        stored = await sessions.load(tx, account, SessionStatus.ENROLLING)
    assert stored is not None
    assert stored.auth_key is not None
    assert Key(stored.auth_key).id in world.logins.keys
