"""A key that Telegram does not know is dead only when that stays so."""

from random import Random

import pytest
from telethon.errors import AuthKeyNotFound

from storage import accounts
from storage.database import Database
from tests.storage.fleet import Clock
from userbot.budget import Budget
from userbot.errors import Relogin, Retry
from userbot.limits import Limits, always
from userbot.states import Schedule
from userbot.terms import Terms
from userbot.userbot import Userbot


@pytest.fixture
def clock() -> Clock:
    return Clock()


async def test_an_unknown_key_asks_for_a_login_after_three_times_over_ten_minutes(
    db: Database, account: int, clock: Clock
) -> None:
    async with db.read() as tx:
        known = await accounts.get(tx, account)
    assert known is not None
    terms = Terms(
        database=db,
        limits=Limits(),
        schedule=Schedule(),
        may_write=always,
        budget=Budget(per_second=1000, per_proxy=50),
        random=Random(1),  # noqa: S311 - jitter
    )
    userbot = Userbot(known, terms)
    verdicts = []
    for pause_s in (0, 60, 60, 480):
        clock.forward(pause_s)
        verdicts.append(userbot._judge(AuthKeyNotFound()))
    assert verdicts == [Retry(), Retry(), Retry(), Relogin()]
