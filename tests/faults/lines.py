"""Faults of connections."""

from sandbox.datacentre.faults.calls import Cut
from sandbox.datacentre.faults.keys import Forgery
from sandbox.faults import Fault
from tests.faults.fleet import Fleet
from tests.faults.rows import (
    Back,
    Fate,
    Moment,
    Noticed,
    Outcome,
    Row,
    SetFault,
    datacentre,
    everywhere,
)
from userbot.proxies.causes import Cause
from userbot.states import State

GROUP = "Connections"
DROPPED = "the connection dropped"
NO_WAY = "no connection through the proxy or network"
NO_ANSWER = "Telegram did not answer in time"
NOT_CONNECTED = "it is not connected"

STAYS = Outcome(Fate.SENT)
_DROPS = Outcome(Fate.SENT, State.RETRYING, DROPPED)


def cut(how: Cut) -> SetFault:
    """Cut the line; where there is none, the next one as soon as it asks who it is."""

    async def set_fault(fleet: Fleet, moment: Moment) -> Fault | None:
        user_id = fleet.first.person.id
        if moment in {Moment.IDLE, Moment.SENDING}:
            assert fleet.datacentre.cut(user_id, reset=how is Cut.RESET) == 1
            return None
        return fleet.datacentre.faults.drop_reply("updates.getState", cut=how, user_id=user_id)

    return set_fault


async def refuse(fleet: Fleet, _: Moment) -> Fault | None:
    return await fleet.datacentre.faults.refuse()


async def go_down(fleet: Fleet, _: Moment) -> Fault | None:
    return await fleet.datacentre.faults.go_down()


def forge(wrong: Forgery) -> SetFault:
    """A burst on the line that is up."""

    async def set_fault(fleet: Fleet, _: Moment) -> Fault | None:
        assert fleet.datacentre.faults.forge(20, fleet.first.person.id, wrong=wrong) == 1
        return None

    return set_fault


def without_way(reads: str, **changed: Outcome) -> dict[Moment, Outcome]:
    """Nothing comes through until it is lifted: what was not handed over goes to the bot."""
    outcome = Outcome(Fate.BOT, State.RETRYING, reads, NOT_CONNECTED)
    return dict(everywhere(outcome, **changed))


ROWS = (
    Row(
        name="cut (FIN)",
        group=GROUP,
        does="dials at once",
        set_fault=cut(Cut.FIN),
        outcomes=everywhere(_DROPS),
        noticed=Noticed.AT_ONCE,
        back=Back.AT_ONCE,
        short=frozenset({Moment.IDLE, Moment.SENDING}),
    ),
    Row(
        name="cut (RST)",
        group=GROUP,
        does="dials at once",
        set_fault=cut(Cut.RESET),
        outcomes=everywhere(_DROPS),
        noticed=Noticed.AT_ONCE,
        back=Back.AT_ONCE,
        short=frozenset({Moment.SENDING, Moment.CONNECTING}),
    ),
    Row(
        name="freeze",
        group=GROUP,
        does="gives a silent line up after two pings, and each dial after its limit",
        set_fault=datacentre(lambda f, _: f.freeze()),
        outcomes=without_way(
            NO_WAY,
            idle=Outcome(Fate.BOT, State.RETRYING, NO_ANSWER, NOT_CONNECTED),
            sending=Outcome(Fate.LATER, State.RETRYING, NO_ANSWER),
        ),
        noticed=Noticed.BY_PINGS,
        back=Back.BY_SCHEDULE,
        is_personal=False,
        short=frozenset({Moment.IDLE, Moment.SENDING}),
    ),
    Row(
        name="accept, then close",
        group=GROUP,
        does="dials by the schedule",
        set_fault=datacentre(lambda f, _: f.close_at_once()),
        outcomes=without_way(NO_WAY, idle=STAYS, sending=STAYS),
        noticed=Noticed.NOT_AT_ALL,
        back=Back.BY_SCHEDULE,
        is_personal=False,
        short=frozenset({Moment.CONNECTING}),
    ),
    Row(
        name="refuse",
        group=GROUP,
        does="keeps lines that are up, dials others by the schedule",
        set_fault=refuse,
        outcomes=without_way(Cause.DC_BLOCKED.words, idle=STAYS, sending=STAYS),
        noticed=Noticed.NOT_AT_ALL,
        back=Back.BY_SCHEDULE,
        is_personal=False,
    ),
    Row(
        name="data centre down",
        group=GROUP,
        does="dials by the schedule",
        set_fault=go_down,
        outcomes=without_way(
            Cause.DC_BLOCKED.words,
            idle=Outcome(Fate.BOT, State.RETRYING, DROPPED, NOT_CONNECTED),
            sending=Outcome(Fate.LATER, State.RETRYING, DROPPED),
        ),
        noticed=Noticed.AT_ONCE,
        back=Back.BY_SCHEDULE,
        is_personal=False,
        short=frozenset({Moment.RECOVERING, Moment.SENDING}),
    ),
    Row(
        name="delay",
        group=GROUP,
        does="waits: an answer within the limit of a ping costs nothing",
        set_fault=datacentre(lambda f, _: f.delay(0.1)),
        outcomes=everywhere(STAYS),
        noticed=Noticed.NOT_AT_ALL,
        back=Back.STAYS,
        is_personal=False,
    ),
    *(
        Row(
            name=f"burst of messages with a wrong {words}",
            group=GROUP,
            does="passes over them",
            set_fault=forge(wrong),
            outcomes={Moment.IDLE: STAYS, Moment.SENDING: STAYS},
            noticed=Noticed.NOT_AT_ALL,
            back=Back.STAYS,
            short=frozenset({Moment.SENDING}) if wrong is Forgery.KEY else frozenset(),
        )
        for wrong, words in ((Forgery.KEY, "key"), (Forgery.MSG_KEY, "msg_key"))
    ),
)
