"""A standstill: what a restored database holds is settled so that nothing goes on by itself.

It is older than the truth: what it holds as unsent may have been sent since, and what ran may
run elsewhere.
"""

from sqlalchemy import case, delete, func, text, update

from storage.accounts import Desired
from storage.delivery import DeliveryState
from storage.schema import (
    accounts,
    commands,
    deliveries,
    dialogs,
    incidents,
    instances,
    leases,
    seats,
    sessions,
    timelines,
)
from storage.sessions import SessionStatus
from storage.tx import Tx

NEEDS_AN_OPERATOR = ("NEW", "NEEDS_LOGIN", "BANNED")
"""States that stay as they are: only an operator's act leaves them."""
STOPPED = "STOPPED"
WHY = "restored from a backup"
RESTORED = "restored"
"""Why the session of a restored account may be in use elsewhere: by the original."""
IN_DOUBT = "this comes from a backup, it may have been sent since"
GAP = 1_000_000
"""Deliveries go on this much higher: a button of one made after the backup must act on no other."""


async def stop_accounts(tx: Tx) -> int:
    """No account dials until an operator starts it; returns how many there are."""
    parked = {"desired": Desired.STOP, "owner": None, "attempt": 0, "retry_at": None}
    result = await tx.execute(update(accounts).values(**parked))
    ran = accounts.c.state.not_in([*NEEDS_AN_OPERATOR, STOPPED])
    await tx.execute(update(accounts).where(ran).values(state=STOPPED, reason=WHY, since=tx.now))
    # One that was stopped for a reason keeps it: its session may be in use elsewhere.
    idle = (accounts.c.state == STOPPED) & (accounts.c.reason == "")
    await tx.execute(update(accounts).where(idle).values(reason=WHY))
    return result.rowcount


async def doubt_sessions(tx: Tx) -> None:
    """Whatever made the backup may still run: no session of it is used without an operator's word.

    Comes after `stop_accounts`.
    """
    # Who has to log in gets another session then, and needs no word.
    unasked = (accounts.c.state == STOPPED) & accounts.c.elsewhere.is_(None)
    await tx.execute(update(accounts).where(unasked).values(elsewhere=RESTORED))
    # A login that was under way may have been finished on the original since, with the same key.
    begun = sessions.c.status == SessionStatus.ENROLLING
    await tx.execute(
        update(sessions)
        .where(begun, sessions.c.sealed_auth_key.is_not(None))
        .values(status=SessionStatus.REPLACED, replaced_at=tx.now)
    )


async def doubt_deliveries(tx: Tx) -> int:
    """No delivery goes on by itself, and none that may be sent already goes out as the bot.

    Returns how many are for an operator to settle now.
    """
    as_account = [DeliveryState.PENDING, DeliveryState.SENDING]
    by_hand = [DeliveryState.DRAFT, DeliveryState.FAILED]
    # As the account a repeat is harmless, and one attempt keeps the bot from making it. What an
    # operator may have approved since keeps its state, and its card, which may know better.
    tried = case((deliveries.c.attempts > 0, deliveries.c.attempts), else_=1)
    its_own = deliveries.c.state.in_([*as_account, *by_hand])
    await tx.execute(update(deliveries).where(its_own).values(attempts=tried))
    under_way = [*as_account, DeliveryState.BOT_PENDING, DeliveryState.BOT_SENDING]
    result = await tx.execute(
        update(deliveries)
        .where(deliveries.c.state.in_(under_way))
        .values(
            state=DeliveryState.UNKNOWN,
            error=IN_DOUBT,
            not_before=None,
            version=deliveries.c.version + 1,
        )
    )
    await _skip_numbers(tx)
    return result.rowcount


async def _skip_numbers(tx: Tx) -> None:
    known = "SELECT 1 FROM sqlite_sequence WHERE name = 'deliveries'"
    await tx.execute(
        text(f"INSERT INTO sqlite_sequence SELECT 'deliveries', 0 WHERE NOT EXISTS ({known})")
    )
    await tx.execute(
        text("UPDATE sqlite_sequence SET seq = seq + :gap WHERE name = 'deliveries'").bindparams(
            gap=GAP
        )
    )


async def close_the_rest(tx: Tx) -> None:
    """Orders, outages, dialogs and processes of a time that is over."""
    await tx.execute(
        update(commands)
        .where(commands.c.state != "DONE")
        .values(state="DONE", outcome={"error": "restored"}, done_at=tx.now)
    )
    await tx.execute(update(commands).values(sealed_args=None, sealed_outcome=None))
    ended = func.coalesce(incidents.c.closed_at, tx.now)
    await tx.execute(update(incidents).values(closed_at=ended, told="closed"))
    await tx.execute(delete(dialogs))
    for of_instances in (seats, leases, timelines):
        await tx.execute(delete(of_instances))
    still_on = instances.c.stopped_at.is_(None)
    await tx.execute(update(instances).where(still_on).values(stopped_at=tx.now))
