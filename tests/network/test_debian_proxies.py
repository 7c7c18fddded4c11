"""Proxies that other people wrote, as Debian ships them: microsocks and tinyproxy."""

import asyncio
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from sandbox.datacentre import DataCentre
from sandbox.world.people import User
from storage.proxies import Endpoint
from tests.network.conftest import NewLine
from tests.network.test_line import no_connections
from tests.timing import limit, seconds
from userbot.errors import ConnectFailed
from userbot.proxies.causes import Cause
from userbot.proxies.probe import Failed, Reached, detect, probe
from userbot.telegram import DcAddress

LOCALHOST = "127.0.0.1"
LOGIN = ("user", "p:ss word")


def free_port() -> int:
    with socket.socket() as bound:
        bound.bind((LOCALHOST, 0))
        port: int = bound.getsockname()[1]
    return port


@asynccontextmanager
async def running(*command: str, port: int) -> AsyncIterator[None]:
    """The program, listening."""
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        async with asyncio.timeout(limit(20)):
            while process.returncode is None and not await is_listening(port):  # noqa: ASYNC110 - see below
                await asyncio.sleep(0.02)  # a foreign program has no event for it
        assert process.returncode is None, "the program has ended at once"
        yield
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def is_listening(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection(LOCALHOST, port)
    except OSError:
        return False
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()
    return True


@asynccontextmanager
async def microsocks(login: tuple[str, str] | None) -> AsyncIterator[Endpoint]:
    port = free_port()
    options = ["-u", login[0], "-P", login[1]] if login else []
    async with running("microsocks", "-i", LOCALHOST, "-p", str(port), *options, port=port):
        yield Endpoint("socks5", LOCALHOST, port, *(login or ()))


@asynccontextmanager
async def tinyproxy(login: tuple[str, str] | None, folder: Path) -> AsyncIterator[Endpoint]:
    port = free_port()
    lines = [f"Port {port}", f"Listen {LOCALHOST}", "Timeout 60", "MaxClients 20"]
    user = (login[0], login[1].replace(" ", "").replace(":", "")) if login else ()
    if user:
        lines.append("BasicAuth {} {}".format(*user))
    config = folder / "tinyproxy.conf"
    config.write_text("\n".join(lines) + "\n")
    async with running("tinyproxy", "-d", "-c", str(config), port=port):
        yield Endpoint("http", LOCALHOST, port, *user)


@pytest.fixture(params=["microsocks", "tinyproxy"])
def program(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    if shutil.which(name) is None:
        pytest.skip(f"{name} is not installed; .ci/run installs it from Debian")
    return name


@pytest.fixture(params=[None, LOGIN], ids=["open", "guarded"])
async def endpoint(
    request: pytest.FixtureRequest, program: str, tmp_path: Path
) -> AsyncIterator[Endpoint]:
    async with AsyncExitStack() as stack:
        made = microsocks if program == "microsocks" else lambda login: tinyproxy(login, tmp_path)
        yield await stack.enter_async_context(made(request.param))


@pytest.fixture
def target(datacentre: DataCentre) -> DcAddress:
    return DcAddress(datacentre.dc_id, datacentre.host, datacentre.port)


async def test_a_line_goes_through_it(
    endpoint: Endpoint, new_line: NewLine, datacentre: DataCentre, alice: User
) -> None:
    async with asyncio.timeout(limit(20)):
        line = new_line(proxy=endpoint)
        await line.open()
        assert (await line.prove_authorised()).id == alice.id
        await line.ping(seconds(5))
        await line.close()
        await no_connections(datacentre)


async def test_a_probe_goes_through_it_and_finds_out_its_kind(
    endpoint: Endpoint, target: DcAddress
) -> None:
    async with asyncio.timeout(limit(20)):
        assert isinstance(await probe(endpoint, target), Reached)
        answer = await detect(replace(endpoint, scheme="socks5"), target, limit_s=seconds(2))
    assert answer.endpoint == endpoint
    assert isinstance(answer.outcome, Reached)


async def test_a_place_that_it_can_not_reach_is_told_from_itself(endpoint: Endpoint) -> None:
    async with asyncio.timeout(limit(20)):
        outcome = await probe(endpoint, DcAddress(2, LOCALHOST, free_port()))
    assert outcome == Failed(Cause.DC_BLOCKED)


@pytest.mark.parametrize("endpoint", [LOGIN], ids=["guarded"], indirect=True)
async def test_a_wrong_login_is_told(
    endpoint: Endpoint, new_line: NewLine, target: DcAddress
) -> None:
    async with asyncio.timeout(limit(20)):
        for wrong in (replace(endpoint, password="wrong"), replace(endpoint, username="")):
            assert await probe(wrong, target) == Failed(Cause.LOGIN_REJECTED)
            line = new_line(proxy=wrong)
            with pytest.raises(ConnectFailed):
                await line.open()
            await line.close()
