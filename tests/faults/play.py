"""Plays one case of the matrix: a fault at a moment, and what is to be seen of it."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sandbox.faults import Fault
from storage import accounts
from storage.delivery import DeliveryState
from storage.journal import Entry
from tests.faults.fleet import LIMIT_S, Fleet, Member
from tests.faults.rows import Fate, Moment, Noticed, Outcome, Row
from tests.sandbox.hazards import assert_no_hazards
from userbot.states import State

WARM, MEANWHILE, AFTERWARDS = "before it", "meanwhile", "afterwards"
_SENT = {Fate.SENT, Fate.LATER}
_OPEN = {DeliveryState.PENDING, DeliveryState.SENDING}


async def play(fleet: Fleet, row: Row, moment: Moment) -> None:
    """Raise AssertionError where anything is not as the row says."""
    outcome = row.outcomes[moment]
    if moment is not Moment.RECOVERING:
        await _bring_up(fleet, row)
    struck = await _strike(fleet, row, moment)
    number = struck.number
    if number is None and row.noticed is Noticed.BY_A_SEND:
        number = await fleet.approve(fleet.first, MEANWHILE)
    await _until_told(fleet, row, outcome, struck.mark)
    if number is None:
        number = await fleet.approve(fleet.first, MEANWHILE)
    await _settle(fleet, number, outcome)
    if row.ends is not State.ONLINE:
        await fleet.until_state(row.ends, *_concerned(fleet, row))
    if struck.fault is not None and not row.heals:
        await struck.fault.mend()
    await fleet.until_state(row.ends, *_concerned(fleet, row))
    await fleet.until_state(State.ONLINE, *_others(fleet, row))
    if outcome.fate in _SENT:
        await fleet.until_delivered(number, DeliveryState.SENT)
    await fleet.until_no_wait(fleet.first)
    await _assert_well(fleet, row)
    if (fault := struck.fault) is not None:
        await fleet.until(lambda: not fault.is_active, "the end of the fault")
    await _assert_received(fleet, outcome)
    await _assert_story(fleet, row, outcome, struck.mark)
    assert_no_hazards(fleet.datacentre, but=row.hazards)


async def _bring_up(fleet: Fleet, row: Row) -> None:
    await fleet.start()
    await fleet.until_state(State.ONLINE, *fleet.members)
    if row.knows_target:
        number = await fleet.approve(fleet.first, WARM)
        await fleet.until_delivered(number, DeliveryState.SENT)


@dataclass(frozen=True, slots=True)
class Struck:
    """What was set, and where the story of it begins."""

    fault: Fault | None
    number: int | None = None
    """The message that it hits, where one is under way."""
    mark: int = 0
    """How long the first account's journal was before."""


async def _strike(fleet: Fleet, row: Row, moment: Moment) -> Struck:
    """Set the fault at its moment."""
    match moment:
        case Moment.IDLE:
            mark = len(await fleet.story(fleet.first))
            return Struck(await row.set_fault(fleet, moment), mark=mark)
        case Moment.SENDING:
            return await _strike_a_send(fleet, row)
        case Moment.CONNECTING:
            return await _strike_a_dial(fleet, row)
        case Moment.RECOVERING:
            fault = await row.set_fault(fleet, moment)
            await fleet.start()
            return Struck(fault)


async def _strike_a_send(fleet: Fleet, row: Row) -> Struck:
    """The fault is set while the request lies at the data centre, not looked at yet."""
    mark = len(await fleet.story(fleet.first))
    hold = fleet.datacentre.faults.freeze(late=True)
    number = await fleet.approve(fleet.first, MEANWHILE)
    if row.knows_target:
        await fleet.until_delivered(number, DeliveryState.SENDING)
    async with asyncio.timeout(LIMIT_S):
        await hold.has_struck()
    fault = await row.set_fault(fleet, Moment.SENDING)
    hold.lift()
    return Struck(fault, number, mark)


async def _strike_a_dial(fleet: Fleet, row: Row) -> Struck:
    """The line has dropped by itself; its drop is no part of what the fault does."""
    userbot = fleet.userbot(fleet.first)
    line = userbot.line
    assert line is not None
    mark = len(await fleet.story(fleet.first)) + 1
    fault = await row.set_fault(fleet, Moment.CONNECTING)
    line.drop()
    await fleet.until(lambda: userbot.line is not line, "the drop")
    return Struck(fault, mark=mark)


async def _until_told(fleet: Fleet, row: Row, outcome: Outcome, mark: int) -> None:
    """Wait until the journal says what the fault has made of those whom it concerns."""
    for member in _concerned(fleet, row):
        if outcome.state is None:
            await fleet.until_state(State.ONLINE, member)
            await fleet.until_answered(member, 3)
        else:
            await _until_entry(fleet, member, outcome, mark)
    if row.later:
        fleet.clock.forward(timedelta(seconds=row.later))


async def _until_entry(fleet: Fleet, member: Member, outcome: Outcome, mark: int) -> None:
    try:
        async with asyncio.timeout(LIMIT_S):
            with fleet.database.wakeups.subscribe(accounts.CHANGED) as changed:
                while not _says((await fleet.story(member))[mark:], outcome):
                    await changed.wait(0.1)
    except TimeoutError:
        story = [(e.kind, e.cause) for e in await fleet.story(member)]
        raise AssertionError(f"{outcome.state} {outcome.reads!r} not in {story}") from None


def _says(story: Sequence[Entry], outcome: Outcome) -> bool:
    kind = f"state.{outcome.state}".lower()
    return any(entry.kind == kind and entry.cause == outcome.reads for entry in story)


async def _settle(fleet: Fleet, number: int, outcome: Outcome) -> None:
    """What becomes of the message while the fault is there."""
    match outcome.fate:
        case Fate.SENT:
            await fleet.until_delivered(number, DeliveryState.SENT)
        case Fate.BOT:
            delivery = await fleet.until_delivered(number, DeliveryState.BOT_PENDING)
            assert delivery.detour.startswith(outcome.detour)
            assert outcome.detour
        case Fate.LATER | Fate.HELD:
            assert (await fleet.delivery(number)).state in _OPEN


async def _assert_well(fleet: Fleet, row: Row) -> None:
    """Every session is what it was, and who is up can send."""
    for member in fleet.members:
        assert await fleet.session(member) == member.stored
    senders = _others(fleet, row)
    if row.ends is State.ONLINE:
        senders = fleet.members
    for member in senders:
        number = await fleet.approve(member, AFTERWARDS)
        await fleet.until_delivered(number, DeliveryState.SENT)


async def _assert_received(fleet: Fleet, outcome: Outcome) -> None:
    """What was sent has come once, and what went to the bot not at all."""
    received = fleet.received(fleet.first)
    assert len(received) == len(set(received)), received
    assert (MEANWHILE in received) is (outcome.fate in _SENT), received


async def _assert_story(fleet: Fleet, row: Row, outcome: Outcome, mark: int) -> None:
    """The journal goes from state to state without a gap, and ends with what the account is."""
    for member in fleet.members:
        is_concerned = member in _concerned(fleet, row)
        entries = [e for e in await fleet.story(member) if e.kind.startswith("state.")]
        after = [entry.kind for entry in entries]
        before = [f"state.{entry.data['from']}".lower() for entry in entries]
        assert before[1:] == after[:-1], after
        assert after[-1] == f"state.{row.ends if is_concerned else State.ONLINE}".lower(), after
        if outcome.state is None and is_concerned:
            assert set(after[mark:]) <= {"state.connecting", "state.online"}, after
        for entry in entries:
            assert entry.cause or entry.kind in {"state.connecting", "state.online"}, entry


def _concerned(fleet: Fleet, row: Row) -> Sequence[Member]:
    return [fleet.first] if row.is_personal else fleet.members


def _others(fleet: Fleet, row: Row) -> Sequence[Member]:
    return fleet.members[1:] if row.is_personal else []
