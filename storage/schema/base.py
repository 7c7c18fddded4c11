"""What every table is made of."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    Integer,
    Interval,
    MetaData,
    TypeDecorator,
)
from sqlalchemy.types import TypeEngine
from typing_extensions import override

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class UtcTime(TypeDecorator[datetime]):
    """An aware UTC time; SQLite keeps it naive, so both ends are checked here."""

    impl = DateTime(timezone=True)
    cache_ok = True

    @override
    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a stored time must be aware")
        return value if value.tzinfo is UTC else value.astimezone(UTC)

    @override
    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)

    @override
    def coerce_compared_value(self, op: Any, value: object) -> TypeEngine[Any]:
        """What is added to a time is a span of it; only PostgreSQL can do that."""
        return Interval() if isinstance(value, timedelta) else self


def number() -> Column[int]:
    """A row's number, `id`."""
    # SQLite numbers rows by itself only for the type INTEGER.
    return Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True)


def account(*, nullable: bool = False) -> Column[int]:
    """The account that a row belongs to. A nullable one outlives it."""
    # What stands without its account outlives it: whoever waits for a command is answered.
    key = ForeignKey("accounts.id", ondelete="SET NULL" if nullable else "CASCADE")
    return Column("account_id", BigInteger, key, nullable=nullable)
