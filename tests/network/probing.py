"""What tests of probes share: a target, servers that say anything, and no socket left at the end."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from sandbox.datacentre import DataCentre
from storage.proxies import Endpoint
from tests.network.proxying import until_open
from tests.network.test_line import sockets
from tests.timing import limit, seconds
from userbot.proxies.causes import Cause
from userbot.proxies.probe import Outcome, probe
from userbot.telegram import DcAddress

SHORT_S = 0.4
"""For a probe that is to run into its limit."""
AT_ONCE = {Cause.REFUSED, Cause.CLOSED, Cause.NOT_A_PROXY, Cause.LOGIN_REJECTED}
LOCALHOST = "127.0.0.1"


@pytest.fixture
def target(datacentre: DataCentre) -> DcAddress:
    return DcAddress(datacentre.dc_id, datacentre.host, datacentre.port)


@pytest.fixture(autouse=True)
async def no_socket_is_left_over() -> AsyncIterator[None]:
    before = sockets()
    yield
    await until_open(before)


async def found(endpoint: Endpoint, target: DcAddress, limit_s: float = 0) -> Outcome:
    async with asyncio.timeout(limit(20)):
        return await probe(endpoint, target, limit_s=limit_s or seconds(10))


def limit_for(cause: Cause) -> float:
    """Short only where it may be silence that is waited out."""
    return 0 if cause in AT_ONCE else SHORT_S


def closed_port() -> int:
    with socket.socket() as bound:
        bound.bind((LOCALHOST, 0))
        port: int = bound.getsockname()[1]
    return port


@asynccontextmanager
async def saying(*answers: bytes | None) -> AsyncIterator[int]:
    """The port of a server that answers each word with the next of these, or hangs up.

    None: on the next word; empty: after the answer before.
    """
    gone = asyncio.Event()
    gone.set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        gone.clear()
        try:
            for answer in answers:
                if answer == b"" or not await reader.read(1 << 16) or answer is None:
                    break
                writer.write(answer)
            else:
                while await reader.read(1 << 16):
                    pass
        except OSError:
            pass
        finally:
            writer.close()
            gone.set()

    server = await asyncio.start_server(serve, LOCALHOST, 0)
    async with server:
        yield server.sockets[0].getsockname()[1]
        await gone.wait()
