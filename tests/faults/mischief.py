"""Random faults, each of which leaves an account that can come back by itself."""

import asyncio
from collections.abc import Awaitable, Callable
from random import Random

from sandbox.datacentre.faults import Faults
from sandbox.datacentre.faults.calls import Cut
from sandbox.datacentre.faults.keys import Forgery
from sandbox.faults import Fault
from sandbox.proxies.socks5 import Socks5Proxy
from tests.faults.calls import SEND, STATE
from tests.faults.fleet import Fleet

Trick = Callable[[Fleet, Random], Awaitable[Fault | None]]

LONGEST_S = 4.0


def _on_somebody(place: Callable[[Faults, int], Fault]) -> Trick:
    """On one account of the fleet."""

    async def play(fleet: Fleet, random: Random) -> Fault | None:
        return place(fleet.datacentre.faults, random.choice(fleet.members).person.id)

    return play


def _on_all(place: Callable[[Faults], Fault]) -> Trick:
    async def play(fleet: Fleet, _: Random) -> Fault | None:
        return place(fleet.datacentre.faults)

    return play


def _on_a_proxy(place: Callable[[Socks5Proxy], Fault | None]) -> Trick:
    async def play(fleet: Fleet, random: Random) -> Fault | None:
        return place(random.choice(fleet.proxies))

    return play


async def _cut(fleet: Fleet, random: Random) -> Fault | None:
    who = random.choice([None, *(member.person.id for member in fleet.members)])
    fleet.datacentre.cut(who, reset=random.random() < 0.5)
    return None


async def _cut_proxy(fleet: Fleet, random: Random) -> Fault | None:
    random.choice(fleet.proxies).cut(reset=random.random() < 0.5)
    return None


async def _forge(fleet: Fleet, random: Random) -> Fault | None:
    fleet.datacentre.faults.forge(5, wrong=random.choice(list(Forgery)))
    return None


async def _go_down(fleet: Fleet, _: Random) -> Fault | None:
    return await fleet.datacentre.faults.go_down()


async def _refuse(fleet: Fleet, _: Random) -> Fault | None:
    return await fleet.datacentre.faults.refuse()


async def _proxy_down(fleet: Fleet, random: Random) -> Fault | None:
    return await random.choice(fleet.proxies).faults.go_down()


async def _proxy_refuses(fleet: Fleet, random: Random) -> Fault | None:
    return await random.choice(fleet.proxies).faults.refuse()


TRICKS: dict[str, Trick] = {
    "cut": _cut,
    "forge": _forge,
    "go down": _go_down,
    "refuse": _refuse,
    "freeze one": _on_somebody(lambda f, user: f.freeze(user)),
    "stall one": _on_somebody(lambda f, user: f.freeze(user, late=True)),
    "freeze all": _on_all(lambda f: f.freeze()),
    "delay": _on_all(lambda f: f.delay(0.2)),
    "close at once": _on_all(lambda f: f.close_at_once()),
    "lose answers": _on_all(lambda f: f.drop_reply(SEND, times=5)),
    "lose answers and lines": _on_all(lambda f: f.drop_reply(SEND, times=5, cut=Cut.RESET)),
    "first call runs": _on_all(lambda f: f.first_call_runs(calls=5)),
    "flood on sending": _on_somebody(lambda f, user: f.flood_wait(SEND, 2, user)),
    "flood on connecting": _on_somebody(lambda f, user: f.flood_wait(STATE, 2, user)),
    "500 on sending": _on_all(lambda f: f.rpc_error(SEND, 500, "X", times=3)),
    "500 on connecting": _on_all(lambda f: f.rpc_error(STATE, 500, "X", times=3)),
    "garble": _on_all(lambda f: f.garble(SEND, times=3)),
    "garble connecting": _on_all(lambda f: f.garble(STATE, times=3)),
    "429": _on_all(lambda f: f.transport_error(429, times=3)),
    "key unknown": _on_all(lambda f: f.key_unknown(times=3)),
    "proxy cut": _cut_proxy,
    "proxy down": _proxy_down,
    "proxy refuses": _proxy_refuses,
    "proxy rejects": _on_a_proxy(lambda p: p.faults.reject_login()),
    "proxy silent": _on_a_proxy(lambda p: p.faults.say_nothing()),
    "proxy closes": _on_a_proxy(lambda p: p.faults.close_at_once()),
    "proxy slow": _on_a_proxy(lambda p: p.faults.slow(0.5)),
    "proxy freezes": _on_a_proxy(lambda p: p.faults.freeze()),
}


async def make_mischief(fleet: Fleet, random: Random, played: list[str]) -> None:
    """A fault a second, each for a while, until cancelled; `played` is told in their order."""
    async with asyncio.TaskGroup() as tricks:
        while True:
            name = random.choice(list(TRICKS))
            played.append(name)
            fault = await TRICKS[name](fleet, random)
            if fault is not None:
                tricks.create_task(_lift(fault, random.uniform(0.1, LONGEST_S)), name=name)
            await asyncio.sleep(random.uniform(0.5, 1.5))


async def _lift(fault: Fault, after_s: float) -> None:
    await asyncio.sleep(after_s)
    await fault.mend()
