"""Whom a step of an act on many is about."""

from dataclasses import dataclass

from aiogram.types import CallbackQuery

from bot.callbacks import GroupAct, OnGroup, OnList, OnRound
from bot.finding import Picked
from bot.handlers.accounts.pages import page
from bot.handlers.context import Context
from bot.show import acknowledge, replace


@dataclass(frozen=True, slots=True)
class Whom:
    """The accounts of a list, and what that list is called."""

    picked: Picked
    asked: OnList
    named: str


def list_of(pressed: OnGroup | OnRound) -> OnList:
    """The list that a button is about."""
    return OnList(which=pressed.which, by=pressed.by, key=pressed.key)


async def whom(ctx: Context, act: GroupAct, asked: OnList) -> Whom | None:
    """None where that list is not there any more."""
    found = await ctx.finding.candidates(asked)
    named = await ctx.finding.named(asked)
    if found is None or named is None:
        return None
    return Whom(Picked.of(act, found), asked, named)


async def whom_or_gone(query: CallbackQuery, pressed: OnGroup, ctx: Context) -> Whom | None:
    """Whom the press is about; where the list is gone the operator is shown all accounts."""
    asked = list_of(pressed)
    found = await whom(ctx, pressed.act, asked)
    if found is None:
        await acknowledge(query)
        await replace(query, await page(ctx, asked))
    return found
