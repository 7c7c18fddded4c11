"""Proxies, what is known of them, which account has which, and what was bought.

Money is in cents of the provider's currency. Countries are ISO 3166 codes in lower case.
"""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
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
    # The line named no kind, and no check has found it out yet.
    Column("is_guess", Boolean, nullable=False, default=False, server_default=false()),
    Column("added_at", UtcTime, nullable=False),
    Column("retired_at", UtcTime),
    # static, leased, or rotating (a gateway whose exit address changes).
    Column("kind", String(16), nullable=False, default="static", server_default="static"),
    # What the operator or the provider says, and what Telegram saw first and last.
    Column("country", String(2)),
    Column("first_exit", String(2)),
    Column("exit_country", String(2)),
    # Who leases it to us, and what it is called there.
    Column("provider", String(32), nullable=False, default="", server_default=""),
    Column("provider_ref", String(255), nullable=False, default="", server_default=""),
    Column("price_cents", Integer),
    Column("paid_until", UtcTime),
    # To be given back to the provider then; until then that can be taken back.
    Column("release_at", UtcTime),
    Column("released_at", UtcTime),
    # An operator wants to keep it although no account needs it.
    Column("is_kept", Boolean, nullable=False, default=False, server_default=false()),
    # The last check: why it failed, empty where it did not.
    Column("checked_at", UtcTime),
    Column("fault", String(32)),
    Column("latency_ms", Integer),
    Column("bytes_up", BigInteger, nullable=False, default=0, server_default="0"),
    Column("bytes_down", BigInteger, nullable=False, default=0, server_default="0"),
    UniqueConstraint("scheme", "host", "port", "username"),
    sqlite_autoincrement=True,
)

proxy_checks = Table(
    "proxy_checks",
    metadata,
    number(),
    Column("proxy_id", BigInteger, ForeignKey("proxies.id", ondelete="CASCADE"), nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("fault", String(32), nullable=False, default=""),
    Column("latency_ms", Integer),
    Index("ix_proxy_checks_proxy_id_at", "proxy_id", "at"),
    Index("ix_proxy_checks_at", "at"),
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
    Column("actor", String(64), nullable=False, default="mooring", server_default="mooring"),
    # Of a leased one: what was asked for, what came, and whether that was a fallback (S1.5).
    Column("wanted_country", String(2)),
    Column("country", String(2)),
    Column("is_fallback", Boolean, nullable=False, default=False, server_default=false()),
    Index("ix_proxy_assignments_account_id", "account_id"),
)

_OPEN = text("state = 'OPEN'")

purchases = Table(
    "purchases",
    metadata,
    number(),
    # It outlives its account: what was spent was spent.
    account(nullable=True),
    Column("provider", String(32), nullable=False),
    Column("wanted_country", String(2), nullable=False),
    Column("country", String(2), nullable=False),
    # OPEN before the call, then BOUGHT, REFUSED (nothing was spent) or ABANDONED.
    Column("state", String(16), nullable=False),
    # What the provider listed before: what is there after and was not is what was bought.
    Column("held_before", JSON, nullable=False),
    Column("requested_at", UtcTime, nullable=False),
    Column("settled_at", UtcTime),
    Column("proxy_id", BigInteger, ForeignKey("proxies.id", ondelete="SET NULL")),
    Column("price_cents", Integer, nullable=False),
    Column("error", Text, nullable=False, default=""),
    # At most one that is open for an account.
    Index(
        "uq_purchases_open",
        "account_id",
        unique=True,
        sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    ),
    Index("ix_purchases_requested_at", "requested_at"),
    sqlite_autoincrement=True,
)
