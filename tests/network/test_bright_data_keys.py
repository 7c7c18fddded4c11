"""The API key: where it is read, when it is read again, and that nobody ever sees it."""

import asyncio
import os
import shlex
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import ClientSession, web
from loguru import logger

from sandbox.brightdata import BrightData as FakeBrightData
from sandbox.listener import Listener
from tests.e2e.secret_scan import leaks
from tests.network.bright_data import SHORT, client_of, http_session, running_fake, zone_of
from tests.timing import limit
from userbot.providers.api_key import ApiKey
from userbot.providers.bright_data import BrightData
from userbot.providers.errors import ProviderError, Refused

OLD_KEY = "old-key-that-was-replaced-0001"


@pytest.fixture
async def fake() -> AsyncIterator[FakeBrightData]:
    async with running_fake() as made:
        yield made


@pytest.fixture
async def session() -> AsyncIterator[ClientSession]:
    async with http_session() as made:
        yield made


@pytest.mark.parametrize("source", ["file", "command"])
async def test_a_replaced_key_is_read_again_when_the_old_one_is_rejected(
    fake: FakeBrightData, session: ClientSession, tmp_path: Path, source: str
) -> None:
    file = tmp_path / "a key"
    file.write_text(f"{fake.account.api_key}\n")
    key = ApiKey.from_file(file) if source == "file" else ApiKey.from_command(f"cat '{file}'")
    client = client_of(fake, session, key)
    await client.lease("be")
    fake.account.api_key = "new-key-of-the-account-0002"
    with pytest.raises(Refused, match="does not accept the API key"):
        await client.lease("be")
    file.write_text(fake.account.api_key)
    await client.lease("be")
    assert len(fake.account.held) == 2
    # The new one is kept: no further call is rejected first.
    before = len(fake.requests)
    await client.list()
    assert len(fake.requests) == before + 1


async def test_several_calls_with_an_old_key_read_the_new_one_once(
    fake: FakeBrightData, session: ClientSession
) -> None:
    keys = [OLD_KEY, fake.account.api_key]

    async def read() -> str:
        await asyncio.sleep(0)
        return keys.pop(0)

    client = client_of(fake, session, ApiKey(read, can_change=True))
    await asyncio.gather(*(client.lease("be") for _ in range(5)))
    assert len(fake.account.held) == 5


async def test_what_the_provider_says_is_told_without_the_key(
    fake: FakeBrightData, session: ClientSession
) -> None:
    async def serve(request: web.Request) -> web.Response:
        return web.Response(status=400, text=f"I do not like {request.headers['Authorization']}")

    application = web.Application()
    application.router.add_route("*", "/zone/ips", serve)
    listener = Listener()
    await listener.start(application)
    try:
        url = f"http://127.0.0.1:{listener.port}"
        client = BrightData(session, zone_of(fake), ApiKey.given(OLD_KEY), api_url=url)
        with pytest.raises(Refused, match=r"\(HTTP 400\): I do not like Bearer …$"):
            await client.list()
    finally:
        await listener.stop()


NO_KEY = [
    ("cat /nowhere/key", "exit code 1"),
    ("/nowhere/command", "can't be started"),
    ("", "empty or not well formed"),
    ("echo 'unclosed", "empty or not well formed"),
    ("echo two words", "is no key"),
    ("printf ''", "is no key"),
]


@pytest.mark.parametrize(("command", "words"), NO_KEY)
async def test_a_key_that_can_not_be_had_is_refused_in_words(
    fake: FakeBrightData, session: ClientSession, command: str, words: str
) -> None:
    with pytest.raises(Refused, match=words):
        await client_of(fake, session, ApiKey.from_command(command)).list()
    assert not fake.requests


@pytest.mark.parametrize("end", ["wait", "exit"])
async def test_a_command_that_hangs_is_ended_with_its_children(
    fake: FakeBrightData, session: ClientSession, tmp_path: Path, end: str
) -> None:
    pids = tmp_path / "pids"
    script = f"sleep 60 & echo $! $$ > {pids}; {end}"
    key = ApiKey.from_command(f"sh -c {shlex.quote(script)}", limit_s=1.0)
    with pytest.raises(Refused, match="did not end"):
        await client_of(fake, session, key).list()
    async with asyncio.timeout(limit(20)):
        for pid in map(int, pids.read_text().split()):
            while _is_alive(pid):  # noqa: ASYNC110 - nobody tells of a process that is not ours
                await asyncio.sleep(0.01)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (ProcessLookupError, FileNotFoundError):
        return False
    return state != "Z"


async def test_a_missing_key_file_is_named(
    fake: FakeBrightData, session: ClientSession, tmp_path: Path
) -> None:
    file = tmp_path / "nowhere"
    with pytest.raises(Refused, match=f"{file} can't be read: No such file"):
        await client_of(fake, session, ApiKey.from_file(file)).list()


async def test_no_secret_is_in_an_error_its_traceback_a_repr_or_the_log(
    fake: FakeBrightData, session: ClientSession
) -> None:
    secrets = {
        "key": fake.account.api_key.encode(),
        "password": fake.account.zone_password.encode(),
    }
    lines: list[str] = []
    sink = logger.add(lines.append, level=0, diagnose=False, backtrace=True)
    try:
        client = client_of(fake, session, limits=SHORT)
        lines += [repr(client), repr(zone_of(fake)), repr(await client.lease("be"))]
        for kind in ("drop_reply", "garble", "hang", "server_error"):
            with getattr(fake.faults, kind)(late=False, times=2):
                await _note(client)
        fake.account.api_key = "another-key"
        await _note(client)
        await fake.stop()
        await _note(client)
    finally:
        logger.remove(sink)
    assert len(lines) > 9
    assert not leaks(secrets, "".join(map(str, lines)).encode())


async def _note(client: BrightData) -> None:
    """Log what goes wrong, with the traceback, as the outermost frame of a task does."""
    for call in (client.lease("be"), client.list()):
        try:
            await call
        except ProviderError as exc:
            logger.opt(exception=exc).warning("{} {!r}", exc, exc)
