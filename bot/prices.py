"""What an operator types about money: a price a month, and until when that is paid."""

from datetime import UTC, date, datetime, time
from enum import StrEnum

from storage.proxies import Cost
from userbot.providers.money import amount, in_cents

NOTHING = "-"


class CostFlaw(StrEnum):
    """What is wrong with what was typed."""

    FORM = "form"
    AMOUNT = "amount"
    DATE = "date"
    PAST = "past"


class BadCost(ValueError):
    """That is no price; `flaw` says what is wrong with it."""

    def __init__(self, flaw: CostFlaw) -> None:
        super().__init__(flaw.value)
        self.flaw = flaw


def parse_cost(text: str, today: date) -> Cost:
    """Read `12.50 2026-12-31`, `12.50`, or `-` for nothing. Raises `BadCost`.

    What is paid until a day is paid until that day is over, in UTC.
    """
    words = text.split()
    if words == [NOTHING]:
        return Cost()
    if not 1 <= len(words) <= 2:
        raise BadCost(CostFlaw.FORM)
    try:
        cents = in_cents(amount(words[0].replace(",", ".")))
    except ValueError:
        raise BadCost(CostFlaw.AMOUNT) from None
    return Cost(cents, _paid_until(words[1], today) if len(words) == 2 else None)


def _paid_until(word: str, today: date) -> datetime:
    try:
        day = date.fromisoformat(word)
    except ValueError:
        raise BadCost(CostFlaw.DATE) from None
    if day < today:
        raise BadCost(CostFlaw.PAST)
    return datetime.combine(day, time(23, 59, 59), UTC)
