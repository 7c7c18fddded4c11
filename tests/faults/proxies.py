"""Faults of the account's proxy."""

from sandbox.faults import Fault
from tests.faults.fleet import Fleet
from tests.faults.lines import DROPPED, NO_ANSWER, NO_WAY, NOT_CONNECTED, STAYS, without_way
from tests.faults.rows import Back, Fate, Moment, Noticed, Outcome, Row, everywhere, proxy
from userbot.proxies.causes import Cause
from userbot.states import State

GROUP = "The proxy"
DIALS = "dials by the schedule, through this proxy and no other way"


async def refuse(fleet: Fleet, _: Moment) -> Fault | None:
    return await fleet.proxy.faults.refuse()


async def go_down(fleet: Fleet, _: Moment) -> Fault | None:
    return await fleet.proxy.faults.go_down()


def _row(name: str, cause: Cause | None = None, **changed: object) -> Row:
    """What turns dials away, and leaves alone who is through."""
    usual = {
        "does": f"keeps lines that are up; {DIALS}",
        "outcomes": without_way(cause.words if cause else NO_WAY, idle=STAYS, sending=STAYS),
        "noticed": Noticed.NOT_AT_ALL,
        "back": Back.BY_SCHEDULE,
        "is_personal": False,
    }
    return Row(name=name, group=GROUP, **(usual | changed))  # type: ignore[arg-type]  # as Row's


ROWS = (
    _row("refuses", Cause.REFUSED, set_fault=refuse),
    _row(
        "rejects the login",
        Cause.LOGIN_REJECTED,
        set_fault=proxy(lambda f: f.reject_login()),
        short=frozenset({Moment.CONNECTING}),
    ),
    _row("says nothing", set_fault=proxy(lambda f: f.say_nothing())),
    _row("closes at once", Cause.CLOSED, set_fault=proxy(lambda f: f.close_at_once())),
    _row(
        "slow",
        does="waits",
        set_fault=proxy(lambda f: f.slow(0.3)),
        outcomes=everywhere(STAYS),
        back=Back.STAYS,
    ),
    _row(
        "freezes",
        does=f"gives a silent line up after two pings; {DIALS}",
        set_fault=proxy(lambda f: f.freeze()),
        outcomes=without_way(
            NO_WAY,
            idle=Outcome(Fate.BOT, State.RETRYING, NO_ANSWER, NOT_CONNECTED),
            sending=Outcome(Fate.LATER, State.RETRYING, NO_ANSWER),
        ),
        noticed=Noticed.BY_PINGS,
        short=frozenset({Moment.SENDING}),
    ),
    _row(
        "goes down",
        does=DIALS,
        set_fault=go_down,
        outcomes=without_way(
            Cause.REFUSED.words,
            idle=Outcome(Fate.BOT, State.RETRYING, DROPPED, NOT_CONNECTED),
            sending=Outcome(Fate.LATER, State.RETRYING, DROPPED),
        ),
        noticed=Noticed.AT_ONCE,
        short=frozenset({Moment.RECOVERING, Moment.SENDING}),
    ),
)
