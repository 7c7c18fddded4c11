"""Random faults of Telegram's and of the Bot API's, each of which leaves a message to be settled."""

import asyncio
from collections.abc import Callable
from typing import Any

from sandbox.datacentre.faults.calls import Cut, DroppedReply
from sandbox.datacentre.faults.lines import Delay
from sandbox.datacentre.faults.waits import WaitFault
from sandbox.faults import Fault
from sandbox.world.people import User
from tests.network.outbox_life import Life

SENDS = "messages.sendM*"
UPLOAD = "messages.uploadMedia"
OWN_FAULT = 500, "INTERDC_1_CALL_ERROR"

Trick = Callable[[Life, User], Fault | None]


def _cut(life: Life, who: User) -> None:
    life.datacentre.cut(who.id, reset=life.random.random() < 0.5)


def _rpc(method: str, code: int, name: str) -> Trick:
    return lambda life, who: life.datacentre.faults.rpc_error(method, code, name, user_id=who.id)


def _on(place: Callable[[Any, int], Fault]) -> Trick:
    return lambda life, who: place(life.datacentre.faults, who.id)


def _bot(place: Callable[[Any], Fault]) -> Trick:
    return lambda life, _: place(life.bot_api.faults)


TRICKS: dict[str, Trick] = {
    "a lost answer": _on(lambda f, who: f.drop_reply(SENDS, user_id=who)),
    "two lost answers": _on(lambda f, who: f.drop_reply(SENDS, times=2, user_id=who)),
    "a lost answer and line": _on(lambda f, who: f.drop_reply(SENDS, cut=Cut.RESET, user_id=who)),
    "a lost answer to an upload": _on(lambda f, who: f.drop_reply(UPLOAD, user_id=who)),
    "a lost look-up": _on(lambda f, who: f.drop_reply("contacts.resolveUsername", user_id=who)),
    "first call runs": _on(lambda f, who: f.first_call_runs(calls=2, user_id=who)),
    "flood": _on(lambda f, who: f.flood_wait(SENDS, 1, who)),
    "another flood": _on(lambda f, who: f.flood_wait(SENDS, 1, who)),
    "a longer flood": _on(lambda f, who: f.flood_wait(SENDS, 2, who)),
    "slow mode": lambda life, _: life.datacentre.faults.slow_mode(life.places["@dockside"].id, 1),
    "500": _rpc(SENDS, *OWN_FAULT),
    "another 500": _rpc("messages.sendMessage", *OWN_FAULT),
    "500 on an upload": _rpc(UPLOAD, *OWN_FAULT),
    "an expired file": _rpc("messages.sendMedia", 400, "FILE_REFERENCE_EXPIRED"),
    "an expired file of an album": _rpc(
        "messages.sendMultiMedia", 400, "FILE_REFERENCE_1_EXPIRED"
    ),
    "not allowed": _rpc(SENDS, 403, "CHAT_WRITE_FORBIDDEN"),
    "not allowed at all": _on(
        lambda f, who: f.rpc_error(SENDS, 403, "CHAT_WRITE_FORBIDDEN", times=3, user_id=who)
    ),
    "away": _on(lambda f, who: f.close_at_once(who)),
    "garbled": _on(lambda f, who: f.garble(SENDS, times=1, user_id=who)),
    "429": _on(lambda f, who: f.transport_error(429, who)),
    "404": _on(lambda f, who: f.transport_error(404, who)),
    "cut": _cut,
    "cut again": _cut,
    "frozen": _on(lambda f, who: f.freeze(who)),
    "stalled": _on(lambda f, who: f.freeze(who, late=True)),
    "delayed": _on(lambda f, who: f.delay(0.1, who)),
    "the bot's answer is lost": _bot(lambda f: f.drop_reply("send*")),
    "the bot's call is lost": _bot(lambda f: f.drop_reply("send*", late=False)),
    "a late 502 for the bot": _bot(lambda f: f.server_error(502, "send*", late=True)),
    "429 for the bot": _bot(lambda f: f.throttle(1, "send*")),
    "the bot's look is lost": _bot(lambda f: f.drop_reply("getChat")),
}


_HIDING = {"a lost answer", "two lost answers", "a lost answer and line", "delayed"}
_WAITING = {"flood", "another flood", "a longer flood", "slow mode"}


def break_something(life: Life) -> None:
    """Something breaks; what does not mend itself is mended soon.

    No answer is lost that asks to wait: who never heard of a wait can't keep it.
    """
    name = life.random.choice(list(TRICKS))
    who = life.random.choice(list(life.accounts.values()))
    odd: tuple[type[Fault], ...] = (WaitFault,) if name in _HIDING else (DroppedReply, Delay)
    is_set = any(isinstance(fault, odd) for fault in life.datacentre.faults.active())
    if name in _HIDING | _WAITING and is_set:
        return
    life.tell(name)
    fault = TRICKS[name](life, who)
    if fault is not None and fault.times is None:
        after_s = 2.5 if isinstance(fault, WaitFault) else life.random.uniform(0.1, 1.0)
        asyncio.get_running_loop().call_later(after_s, fault.lift)
