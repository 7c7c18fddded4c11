"""Proxies, what is known of them, and which account has which."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
)

from storage.schema.base import UtcTime, account, metadata, number

proxies = Table(
    "proxies",
    metadata,
    number(),
    Column("scheme", String(16), nullable=False),
    Column("host", String(255), nullable=False),
    Column("port", Integer, nullable=False),
    Column("username", String(255), nullable=False, default=""),
    Column("sealed_password", LargeBinary),
    Column("added_at", UtcTime, nullable=False),
    Column("retired_at", UtcTime),
    UniqueConstraint("scheme", "host", "port", "username"),
    sqlite_autoincrement=True,
)

proxy_assignments = Table(
    "proxy_assignments",
    metadata,
    number(),
    account(),
    Column("proxy_id", BigInteger, ForeignKey("proxies.id"), nullable=False, index=True),
    Column("assigned_at", UtcTime, nullable=False),
    Column("ended_at", UtcTime),
    Column("is_permanent", Boolean, nullable=False, default=True),
    Column("reason", String(64), nullable=False),
    Index("ix_proxy_assignments_account_id", "account_id"),
)
