"""Faults of API calls: waits, errors, answers that are lost or can't be read."""

from sandbox.datacentre.faults.calls import Cut
from sandbox.faults import Fault
from tests.faults.fleet import Fleet
from tests.faults.lines import DROPPED, STAYS
from tests.faults.rows import (
    Back,
    Fate,
    Moment,
    Noticed,
    Outcome,
    Outcomes,
    Row,
    SetFault,
    datacentre,
    everywhere,
)
from userbot.states import State

GROUP = "Calls"
SEND, STATE = "messages.sendMessage", "updates.getState"
RESOLVE = "contacts.resolveUsername"
FLOOD = "Telegram asks to wait"
FAULT = "Telegram has a fault of its own"
TOO_MANY = "Telegram sees too many connections from this address"
WAIT_S = 2

_CUT = Outcome(Fate.SENT, State.RETRYING, DROPPED)
_TO_BOT = Outcome(Fate.BOT, detour="Telegram makes it wait")


def lost_reply(cut: Cut | None) -> SetFault:
    return datacentre(lambda f, user: f.drop_reply(SEND, cut=cut, user_id=user))


async def first_call_runs(fleet: Fleet, _: Moment) -> Fault | None:
    """The answer to the first call is lost with its line, and repeats are told that it runs."""
    faults, user_id = fleet.datacentre.faults, fleet.first.person.id
    faults.drop_reply(SEND, cut=Cut.FIN, user_id=user_id)
    return faults.first_call_runs(calls=2, user_id=user_id)


def only_dials(outcome: Outcome) -> Outcomes:
    """What only a dial asks: a line that is up is not concerned."""
    return everywhere(outcome, idle=STAYS, sending=STAYS)


ROWS = (
    Row(
        name="FLOOD_WAIT on sending",
        group=GROUP,
        does="keeps the wait to the second; the line stays",
        set_fault=datacentre(lambda f, user: f.flood_wait(SEND, WAIT_S, user)),
        outcomes=everywhere(_TO_BOT),
        heals=True,
        noticed=Noticed.BY_A_SEND,
        back=Back.STAYS,
        short=frozenset({Moment.IDLE}),
    ),
    Row(
        name="FLOOD_WAIT on looking a name up",
        group=GROUP,
        does="keeps the wait to the second; the line stays",
        set_fault=datacentre(lambda f, user: f.flood_wait(RESOLVE, WAIT_S, user)),
        outcomes=everywhere(_TO_BOT),
        heals=True,
        noticed=Noticed.BY_A_SEND,
        back=Back.STAYS,
        knows_target=False,
    ),
    Row(
        name="FLOOD_WAIT on a call that connecting needs",
        group=GROUP,
        does="dials only when the wait is over",
        set_fault=datacentre(lambda f, user: f.flood_wait(STATE, WAIT_S, user)),
        outcomes=only_dials(Outcome(Fate.BOT, State.WAITING, FLOOD, "it is not connected")),
        noticed=Noticed.NOT_AT_ALL,
        back=Back.AFTER_THE_WAIT,
        heals=True,
        short=frozenset({Moment.CONNECTING, Moment.IDLE}),
    ),
    Row(
        name="500 on sending, twice",
        group=GROUP,
        does="repeats the identical request after 10 s, 20 s, … 120 s",
        set_fault=datacentre(lambda f, user: f.rpc_error(SEND, 500, "X", times=2, user_id=user)),
        outcomes=everywhere(STAYS),
        noticed=Noticed.BY_A_SEND,
        back=Back.STAYS,
        short=frozenset({Moment.SENDING}),
    ),
    Row(
        name="500 on connecting, twice",
        group=GROUP,
        does="dials by the schedule",
        set_fault=datacentre(lambda f, user: f.rpc_error(STATE, 500, "X", times=2, user_id=user)),
        outcomes=only_dials(Outcome(Fate.BOT, State.RETRYING, FAULT, "it is not connected")),
        noticed=Noticed.NOT_AT_ALL,
        back=Back.BY_SCHEDULE,
    ),
    Row(
        name="answer to a send is lost",
        group=GROUP,
        does="asks again with the identical request, and learns the first message's number",
        set_fault=lost_reply(None),
        outcomes=everywhere(STAYS),
        noticed=Noticed.BY_A_SEND,
        back=Back.STAYS,
        short=frozenset({Moment.SENDING}),
    ),
    Row(
        name="answer to a send is lost with the connection",
        group=GROUP,
        does="asks again with the identical request, and learns the first message's number",
        set_fault=lost_reply(Cut.RESET),
        outcomes=everywhere(_CUT),
        noticed=Noticed.BY_A_SEND,
        back=Back.AT_ONCE,
        short=frozenset({Moment.SENDING}),
    ),
    Row(
        name="first call still running",
        group=GROUP,
        does="asks again every 2 s, for a minute",
        set_fault=first_call_runs,
        outcomes=everywhere(_CUT),
        noticed=Noticed.BY_A_SEND,
        back=Back.AT_ONCE,
        short=frozenset({Moment.SENDING}),
    ),
    Row(
        name="garbled answer to a send",
        group=GROUP,
        does="takes it for an unknown outcome, asks again with the identical request",
        set_fault=datacentre(lambda f, user: f.garble(SEND, user_id=user)),
        outcomes=everywhere(STAYS),
        noticed=Noticed.BY_A_SEND,
        back=Back.STAYS,
        short=frozenset({Moment.SENDING}),
    ),
    Row(
        name="garbled answer while connecting",
        group=GROUP,
        does="dials by the slow half of the schedule",
        set_fault=datacentre(lambda f, user: f.garble(STATE, times=None, user_id=user)),
        outcomes=only_dials(
            Outcome(
                Fate.BOT,
                State.RETRYING,
                "Telegram's answer was not understood",
                "it is not connected",
            )
        ),
        noticed=Noticed.NOT_AT_ALL,
        back=Back.SLOWLY,
    ),
    Row(
        name="transport error 429",
        group=GROUP,
        does="dials by the slow half of the schedule",
        set_fault=datacentre(lambda f, user: f.transport_error(429, user, times=None)),
        outcomes=everywhere(
            Outcome(
                Fate.BOT,
                State.RETRYING,
                TOO_MANY,
                "it is not connected",
            ),
            sending=Outcome(Fate.LATER, State.RETRYING, TOO_MANY),
        ),
        noticed=Noticed.BY_NEXT_PING,
        back=Back.SLOWLY,
        short=frozenset({Moment.CONNECTING}),
    ),
)
