"""How much may still be spent today (S1.7). Pure.

A day is one of UTC. What is possibly bought counts as bought until it is settled: the limit holds
whatever became of a lost reply.
"""

from decimal import Decimal
from enum import IntEnum, StrEnum

NEAR = Decimal("0.8")


class May(StrEnum):
    """Whether one more proxy may be bought."""

    BUY = "buy"
    NO_LIMIT = "no limit"
    """`DAILY_SPEND_LIMIT` is not set: nobody has allowed any purchase."""
    NO_PRICE = "no price"
    """Nobody knows what it costs, so no limit could be kept."""
    OVER_LIMIT = "over limit"
    """It would go beyond today's limit; possible again on the next day of UTC."""


class Level(IntEnum):
    """How far today's limit is used up. An alert goes out where it rises."""

    LOW = 0
    NEAR = 1
    """At least 80 % is spent."""
    REACHED = 2
    """All is spent, or what is left does not pay for one more: purchases stop."""


def may_buy(limit: Decimal | None, spent: Decimal, price: Decimal | None) -> May:
    """Whether a proxy of that price may be bought after so much was spent today.

    What is free may always be had.
    """
    if price is None:
        return May.NO_PRICE
    if not price:
        return May.BUY
    if limit is None:
        return May.NO_LIMIT
    return May.BUY if spent + price <= limit else May.OVER_LIMIT


def level(limit: Decimal | None, spent: Decimal, price: Decimal | None = None) -> Level:
    """How far the limit is used up; with `price`, seen by somebody who wants one more now."""
    if limit is None:
        return Level.LOW
    if (spent and spent >= limit) or (price and spent + price > limit):
        return Level.REACHED
    return Level.NEAR if spent and spent >= limit * NEAR else Level.LOW
