"""Asking Telegram where a line's traffic leaves: once, with its waits kept, and at no line's cost."""

import asyncio
from dataclasses import replace
from random import Random
from typing import Self, cast

import pytest

from sandbox.datacentre import DataCentre
from sandbox.world.people import User
from storage import floods
from storage.database import Database
from storage.errors import StorageBusy
from tests.network.conftest import NewLine
from tests.network.test_supervisor import BLIND, House, Opener, opened
from userbot.budget import Budget
from userbot.exits import METHOD, note_exit
from userbot.limits import Limits, always
from userbot.line import Line
from userbot.schedule import Schedule
from userbot.states import State
from userbot.terms import Terms

__all__ = ["opened"]

PINGING = replace(BLIND, ping_every_s=0.1)


async def until_proven(house: House, line: Line | None) -> Line:
    """Another line than that one is up, and what is asked beside its first answers was asked."""
    await house.until(lambda: house.userbot.line not in {None, line})
    found = house.userbot.line
    assert found is not None
    for _ in range(3):
        before = found.last_answer_at
        await house.until(lambda: found.last_answer_at != before)  # noqa: B023 - awaited here
    return found


async def test_a_wait_on_it_is_kept_by_later_lines_also_after_a_restart(
    opened: Opener, datacentre: DataCentre, alice: User, db: Database
) -> None:
    datacentre.faults.flood_wait(METHOD, 60, user_id=alice.id)
    async with opened(PINGING) as house:
        line = await until_proven(house, None)
        datacentre.cut(reset=True)
        await until_proven(house, line)
        async with db.read() as tx:
            assert await floods.active(tx, house.number, METHOD) is not None
    async with opened(PINGING, again=house.number) as again:
        await until_proven(again, None)
    assert datacentre.dispatcher.calls[METHOD] == 1


async def test_a_dead_session_that_it_meets_ends_the_line(
    opened: Opener, datacentre: DataCentre, alice: User
) -> None:
    datacentre.faults.rpc_error(METHOD, 401, "SESSION_REVOKED", user_id=alice.id)
    async with opened(PINGING) as house:
        await house.until_state(State.NEEDS_LOGIN)
        assert house.userbot.line is None


async def test_another_refusal_of_it_costs_no_line(
    opened: Opener, datacentre: DataCentre, alice: User
) -> None:
    fault = datacentre.faults.rpc_error(METHOD, 400, "ODD", user_id=alice.id)
    async with opened(PINGING) as house:
        line = house.userbot.line
        await until_proven(house, None)
        assert house.userbot.line is line
    assert fault.struck == 1


class Away:
    """A database that can't be read now: at once, or not at all."""

    def __init__(self, *, answers: bool) -> None:
        self._answers = answers

    def read(self) -> Self:
        return self

    async def __aenter__(self) -> None:
        if not self._answers:
            await asyncio.Event().wait()
        raise StorageBusy("it is away")

    async def __aexit__(self, *_: object) -> None: ...


@pytest.mark.parametrize("answers", [True, False])
async def test_while_the_database_is_away_it_is_not_asked_and_the_line_goes_on(
    new_line: NewLine, datacentre: DataCentre, *, answers: bool
) -> None:
    terms = Terms(
        database=cast("Database", Away(answers=answers)),
        limits=Limits(),
        schedule=Schedule.starting_with(0.05, 10),
        budget=Budget(per_second=1000, per_proxy=5),
        random=Random(1),  # noqa: S311 - jitter
        may_write=always,
    )
    async with new_line() as line:
        await note_exit(line, 1, 1, terms, within_s=0.2)
        assert line.is_connected
    assert datacentre.dispatcher.calls[METHOD] == 0
