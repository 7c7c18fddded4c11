"""Amounts of money: exact decimals of whole cents, never floats."""

from decimal import Decimal, InvalidOperation

_CENT = Decimal("0.01")
_LARGEST = Decimal(1_000_000)


def amount(text: str) -> Decimal:
    """An amount that is not negative, of one such as 12.50. Raises ValueError."""
    try:
        value = Decimal(text.strip())
    except InvalidOperation:
        raise ValueError("expected an amount such as 12.50") from None
    if not value.is_finite() or value.is_signed() or value > _LARGEST:
        raise ValueError(f"expected an amount from 0 to {_LARGEST}")
    if value % _CENT:
        raise ValueError("expected at most two decimals")
    return value.quantize(_CENT)


def in_cents(value: Decimal) -> int:
    """The amount as rows keep it."""
    return int(value / _CENT)


def from_cents(cents: int) -> Decimal:
    return cents * _CENT
