"""Accounts, their sessions, and what Telegram wants them to wait for."""

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
    Text,
    false,
    text,
)

from storage.schema.base import UtcTime, account, metadata, number


def _one_per_account(status: str) -> Index:
    only = text(f"status = '{status}'")
    name = f"uq_sessions_{status.lower()}"
    return Index(name, "account_id", unique=True, sqlite_where=only, postgresql_where=only)


accounts = Table(
    "accounts",
    metadata,
    number(),
    Column("phone", String(16), nullable=False, unique=True),
    Column("user_id", BigInteger, unique=True),
    Column("username", String(64)),
    Column("name", String(255), nullable=False, default=""),
    # What the account presents itself with; fixed at enrolment.
    Column("api_id", Integer, nullable=False),
    Column("sealed_api_hash", LargeBinary, nullable=False),
    Column("device_model", String(255), nullable=False),
    Column("system_version", String(64), nullable=False),
    Column("app_version", String(64), nullable=False),
    Column("lang_code", String(16), nullable=False),
    Column("system_lang_code", String(16), nullable=False),
    Column("always_online", Boolean, nullable=False, default=True),
    Column("one_time_phone", Boolean, nullable=False, default=True),
    # What operators call it.
    Column("label", String(64), nullable=False, default="", server_default=""),
    # No alerts about it until then.
    Column("muted_until", UtcTime),
    # Higher comes back first after a restart.
    Column("importance", Integer, nullable=False, default=0, server_default="0"),
    # The operator's wish, apart from what is observed.
    Column("desired", String(8), nullable=False),
    # Why the session may be in use elsewhere; then only a confirmation starts it.
    Column("elsewhere", String(16)),
    Column("state", String(16), nullable=False),
    Column("reason", Text, nullable=False, default=""),
    Column("attempt", Integer, nullable=False, default=0),
    Column("retry_at", UtcTime),
    Column("since", UtcTime, nullable=False),
    Column("is_frozen", Boolean, nullable=False, default=False, server_default=false()),
    # What Telegram says of that, and where to appeal.
    Column("frozen_since", UtcTime),
    Column("frozen_until", UtcTime),
    Column("appeal_url", String(255), nullable=False, default="", server_default=""),
    # The instance that runs it, and how often it changed hands.
    Column("owner", String(64)),
    Column("epoch", BigInteger, nullable=False, default=0),
    # The instance that died with it, until it is connected again.
    Column("left_by", String(64)),
    Column("proxy_id", BigInteger, ForeignKey("proxies.id"), index=True),
    # An operator wants it to run without a proxy; else it never dials without one.
    Column("without_proxy", Boolean, nullable=False, default=False, server_default=false()),
    # Where its proxies are to be.
    Column("country", String(2)),
    Column("created_at", UtcTime, nullable=False),
    Column("last_online_at", UtcTime),
    # Set where an operator had it forgotten; the row goes later, for good.
    Column("removed_at", UtcTime),
    # Both: a renewal counts and adds up from the index alone.
    Index("ix_accounts_owner_epoch", "owner", "epoch"),
    sqlite_autoincrement=True,
)

account_tags = Table(
    "account_tags",
    metadata,
    Column(
        "account_id",
        BigInteger,
        ForeignKey("accounts.id", ondelete="CASCADE"),
        primary_key=True,
    ),
    Column("tag", String(32), primary_key=True),
    Index("ix_account_tags_tag", "tag"),
)

sessions = Table(
    "sessions",
    metadata,
    number(),
    account(),
    Column("status", String(16), nullable=False),
    Column("dc_id", Integer, nullable=False, default=0),
    Column("server_address", String(255), nullable=False, default=""),
    Column("port", Integer, nullable=False, default=0),
    Column("sealed_auth_key", LargeBinary),
    Column("created_at", UtcTime, nullable=False),
    Column("replaced_at", UtcTime),
    Index("ix_sessions_account_id_status", "account_id", "status"),
    # An account has one session, and at most one login under way.
    _one_per_account("CURRENT"),
    _one_per_account("ENROLLING"),
    sqlite_autoincrement=True,
)

peers = Table(
    "peers",
    metadata,
    Column(
        "account_id",
        BigInteger,
        ForeignKey("accounts.id", ondelete="CASCADE"),
        primary_key=True,
    ),
    Column("id", BigInteger, primary_key=True),
    Column("access_hash", BigInteger, nullable=False),
    Column("username", String(64)),
    Column("phone", String(16)),
    Column("name", String(255)),
    Index("ix_peers_account_id_username", "account_id", "username"),
    Index("ix_peers_account_id_phone", "account_id", "phone"),
    Index("ix_peers_account_id_name", "account_id", "name"),
    Index("ix_peers_username", "username"),
)

flood_waits = Table(
    "flood_waits",
    metadata,
    Column(
        "account_id",
        BigInteger,
        ForeignKey("accounts.id", ondelete="CASCADE"),
        primary_key=True,
    ),
    Column("method", String(64), primary_key=True),
    Column("until", UtcTime, nullable=False),
)
