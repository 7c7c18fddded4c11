"""Probes of proxies whose kind is not known, and what cancelled ones leave."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from sandbox.datacentre import DataCentre
from sandbox.proxies.kinds import Kind
from storage.proxies import Endpoint
from tests.network.probing import (
    LOCALHOST,
    SHORT_S,
    closed_port,
    no_socket_is_left_over,
    saying,
    target,
)
from tests.network.proxying import endpoint_of, started, until_open
from tests.network.test_line import sockets
from tests.timing import limit, seconds
from userbot.proxies.causes import Cause
from userbot.proxies.probe import Answer, Failed, Reached, detect, probe
from userbot.telegram import DcAddress

__all__ = ["no_socket_is_left_over", "target"]


@pytest.mark.parametrize("kind", [Kind.SOCKS5, Kind.HTTP])
@pytest.mark.parametrize("is_guarded", [False, True], ids=["open", "guarded"])
async def test_the_kind_of_a_proxy_is_found_out(
    kind: Kind,
    is_guarded: bool,  # noqa: FBT001 - a parameter of the test
    datacentre: DataCentre,
    target: DcAddress,
) -> None:
    async with started(kind, datacentre, is_guarded=is_guarded) as proxy:
        known = endpoint_of(proxy, is_guarded=is_guarded)
        guess = replace(known, scheme="socks5")
        async with asyncio.timeout(limit(20)):
            answer = await detect(guess, target, limit_s=seconds(3))
        assert answer.endpoint == known
        assert not answer.is_guess
        assert isinstance(answer.outcome, Reached)


@pytest.mark.parametrize("kind", [Kind.SOCKS5, Kind.HTTP])
async def test_a_kind_is_found_out_even_where_the_proxy_does_not_let_us_through(
    kind: Kind, datacentre: DataCentre, target: DcAddress
) -> None:
    async with started(kind, datacentre) as proxy, asyncio.timeout(limit(20)):
        for fault, cause in (
            (proxy.faults.reject_login, Cause.LOGIN_REJECTED),
            (proxy.faults.forbid, Cause.DC_BLOCKED),
        ):
            with fault():
                answer = await detect(endpoint_of(proxy), target, limit_s=1)
            assert answer == Answer(endpoint_of(proxy), Failed(cause))


async def test_a_slow_proxy_has_the_whole_limit_once_it_has_said_a_word(
    datacentre: DataCentre, target: DcAddress
) -> None:
    async with started(Kind.SOCKS5, datacentre) as proxy, asyncio.timeout(limit(20)):
        proxy.faults.slow(1)
        answer = await detect(endpoint_of(proxy), target, limit_s=seconds(2.4))
        assert isinstance(answer.outcome, Reached)


async def test_a_line_that_no_kind_answers_stays_a_guess(target: DcAddress) -> None:
    async with asyncio.timeout(limit(20)):
        nobody = Endpoint("socks5", LOCALHOST, closed_port())
        answer = await detect(nobody, target)
        assert answer == Answer(nobody, Failed(Cause.REFUSED), is_guess=True)
        async with saying() as port:
            silent = Endpoint("socks5", LOCALHOST, port)
            answer = await detect(silent, target, limit_s=SHORT_S)
        assert answer == Answer(silent, Failed(Cause.TIMED_OUT), is_guess=True)


def _overlook_cut_connections() -> None:
    """Asyncio forgets the error of a connection whose opening is cancelled as it fails."""
    loop = asyncio.get_running_loop()
    told = loop.get_exception_handler()

    def tell(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        if told is not None and not isinstance(context.get("exception"), OSError | EOFError):
            told(loop, context)

    loop.set_exception_handler(tell)


@pytest.mark.parametrize("kind", list(Kind))
async def test_a_probe_that_is_cancelled_at_any_moment_leaves_nothing(
    kind: Kind, datacentre: DataCentre, target: DcAddress
) -> None:
    async with started(kind, datacentre) as proxy:
        endpoint, before, tasks = endpoint_of(proxy), sockets(), asyncio.all_tasks()
        _overlook_cut_connections()
        turns = 0
        while True:
            probing = asyncio.ensure_future(probe(endpoint, target))  # noqa: TID251
            for _ in range(turns):
                await asyncio.sleep(0)
            if not probing.cancel():
                break
            await asyncio.wait([probing])
            await until_open(before)
            turns += 1
        assert isinstance(await probing, Reached)
        assert turns > 5
        await until_open(before)
        await asyncio.sleep(0)
        assert asyncio.all_tasks() == tasks
