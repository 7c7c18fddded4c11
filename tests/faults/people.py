"""Faults of accounts and their keys."""

from sandbox.faults import Fault
from tests.faults.calls import STATE
from tests.faults.fleet import Fleet
from tests.faults.rows import (
    Back,
    Fate,
    Moment,
    Noticed,
    Outcome,
    Outcomes,
    Row,
    datacentre,
    everywhere,
)
from userbot.states import State

GROUP = "Accounts and keys"
LOGGED_IN = "[!h]*.*"
"""Every call but those of `help`, which need no login."""
UNKNOWN = "Telegram does not know the session's key at the moment"


def parked(state: State, reads: str, **changed: Outcome) -> Outcomes:
    """Only an operator's act can bring it on; nothing was sent, so the bot sends."""
    return everywhere(Outcome(Fate.BOT, state, reads, "it is not connected"), **changed)


async def revoke(fleet: Fleet, _: Moment) -> Fault | None:
    assert fleet.datacentre.revoke(fleet.first.person.id) == 1
    return None


_ENDED = "the session was ended at Telegram"
_REVOKED = Outcome(
    Fate.BOT,
    State.NEEDS_LOGIN,
    "the session was ended from another device",
    "it is not connected",
)

ROWS = (
    Row(
        name="login revoked",
        group=GROUP,
        does="stops, keeps the session, and asks for a login",
        set_fault=revoke,
        outcomes=parked(State.NEEDS_LOGIN, _ENDED, idle=_REVOKED, sending=_REVOKED),
        noticed=Noticed.BY_CHECK,
        back=Back.BY_OPERATOR,
        ends=State.NEEDS_LOGIN,
        short=frozenset({Moment.IDLE, Moment.SENDING}),
    ),
    Row(
        name="account banned",
        group=GROUP,
        does="stops and keeps the session",
        set_fault=datacentre(lambda f, user: f.ban(user)),
        outcomes=parked(State.BANNED, "Telegram banned the account"),
        noticed=Noticed.BY_CHECK,
        back=Back.BY_OPERATOR,
        ends=State.BANNED,
        short=frozenset({Moment.RECOVERING}),
    ),
    Row(
        name="account frozen",
        group=GROUP,
        does="stays connected, and flags the account",
        set_fault=datacentre(lambda f, user: f.freeze_account(user)),
        outcomes=everywhere(
            Outcome(Fate.BOT, detour="Telegram has frozen the account", is_refused=True)
        ),
        noticed=Noticed.BY_A_SEND,
        back=Back.STAYS,
        short=frozenset({Moment.SENDING}),
    ),
    Row(
        name="AUTH_KEY_DUPLICATED",
        group=GROUP,
        does="stops, keeps the session, and asks for a login; never dials with that key again",
        set_fault=datacentre(
            lambda f, user: f.rpc_error("*", 406, "AUTH_KEY_DUPLICATED", times=None, user_id=user)
        ),
        outcomes=parked(
            State.NEEDS_LOGIN, "the session was used in two places at once; its key is dead"
        ),
        noticed=Noticed.BY_CHECK,
        back=Back.BY_OPERATOR,
        ends=State.NEEDS_LOGIN,
        short=frozenset({Moment.SENDING}),
    ),
    Row(
        name="key unknown, once",
        group=GROUP,
        does="dials by the schedule: Telegram forgets keys for minutes when it has faults",
        set_fault=datacentre(lambda f, user: f.key_unknown(user, times=1)),
        outcomes=everywhere(Outcome(Fate.SENT, State.RETRYING, UNKNOWN)),
        noticed=Noticed.BY_NEXT_PING,
        back=Back.BY_SCHEDULE,
    ),
    Row(
        name="key unknown, for good",
        group=GROUP,
        does="asks for a login once Telegram said so three times over at least 10 min",
        set_fault=datacentre(lambda f, user: f.key_unknown(user)),
        outcomes=everywhere(
            Outcome(Fate.BOT, State.RETRYING, UNKNOWN, "it is not connected"),
            sending=Outcome(Fate.HELD, State.RETRYING, UNKNOWN),
        ),
        noticed=Noticed.BY_NEXT_PING,
        back=Back.BY_OPERATOR,
        ends=State.NEEDS_LOGIN,
        later=600,
        short=frozenset({Moment.CONNECTING}),
    ),
    # The data centre's own number: the only one that it names.
    Row(
        name="USER_MIGRATE",
        group=GROUP,
        does="stops, keeps the session as it is, and asks for a login",
        set_fault=datacentre(
            lambda f, user: f.rpc_error(LOGGED_IN, 303, "USER_MIGRATE_2", times=None, user_id=user)
        ),
        outcomes=parked(
            State.NEEDS_LOGIN, "Telegram wants the account on another data centre; log in again"
        ),
        noticed=Noticed.BY_CHECK,
        back=Back.BY_OPERATOR,
        ends=State.NEEDS_LOGIN,
        short=frozenset({Moment.CONNECTING}),
    ),
    Row(
        name="API_ID rejected",
        group=GROUP,
        does="fails, and tries again every 30 min: the settings are to be mended",
        set_fault=datacentre(
            lambda f, user: f.rpc_error(STATE, 400, "API_ID_INVALID", times=None, user_id=user)
        ),
        outcomes=everywhere(
            Outcome(
                Fate.BOT,
                State.FAILED,
                "Telegram rejects API_ID or API_HASH",
                "it is not connected",
            ),
            sending=Outcome(Fate.SENT, State.FAILED, "Telegram rejects API_ID or API_HASH"),
        ),
        noticed=Noticed.BY_CHECK,
        back=Back.BY_OPERATOR,
        ends=State.FAILED,
    ),
)
