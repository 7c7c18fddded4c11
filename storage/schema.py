"""Every table. Times are UTC; columns named `sealed_*` hold what the vault made."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    false,
    text,
)
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


def _id() -> Column[int]:
    # SQLite numbers rows by itself only for the type INTEGER.
    return Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True)


def _account(*, nullable: bool = False) -> Column[int]:
    # What stands without its account outlives it: whoever waits for a command is answered.
    key = ForeignKey("accounts.id", ondelete="SET NULL" if nullable else "CASCADE")
    return Column("account_id", BigInteger, key, nullable=nullable)


def _one_per_account(status: str) -> Index:
    only = text(f"status = '{status}'")
    name = f"uq_sessions_{status.lower()}"
    return Index(name, "account_id", unique=True, sqlite_where=only, postgresql_where=only)


proxies = Table(
    "proxies",
    metadata,
    _id(),
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

accounts = Table(
    "accounts",
    metadata,
    _id(),
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
    Column("owner", String(64)),
    Column("epoch", BigInteger, nullable=False, default=0),
    Column("proxy_id", BigInteger, ForeignKey("proxies.id"), index=True),
    Column("created_at", UtcTime, nullable=False),
    Column("last_online_at", UtcTime),
    # Set where an operator had it forgotten; the row goes later, for good.
    Column("removed_at", UtcTime),
    sqlite_autoincrement=True,
)

sessions = Table(
    "sessions",
    metadata,
    _id(),
    _account(),
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

proxy_assignments = Table(
    "proxy_assignments",
    metadata,
    _id(),
    _account(),
    Column("proxy_id", BigInteger, ForeignKey("proxies.id"), nullable=False, index=True),
    Column("assigned_at", UtcTime, nullable=False),
    Column("ended_at", UtcTime),
    Column("is_permanent", Boolean, nullable=False, default=True),
    Column("reason", String(64), nullable=False),
    Index("ix_proxy_assignments_account_id", "account_id"),
)

instances = Table(
    "instances",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("host", String(255), nullable=False),
    Column("pid", Integer, nullable=False),
    Column("version", String(32), nullable=False),
    Column("started_at", UtcTime, nullable=False),
    Column("stopped_at", UtcTime),
)

recoveries = Table(
    "recoveries",
    metadata,
    _id(),
    Column("instance", String(64), nullable=False),
    # How the process before ended: first (there was none), graceful, crash.
    Column("after", String(8), nullable=False),
    Column("started_at", UtcTime, nullable=False),
    Column("ended_at", UtcTime),
    Column("total", Integer, nullable=False),
    Column("back", Integer, nullable=False, default=0),
    Column("needs_login", Integer, nullable=False, default=0),
    Column("banned", Integer, nullable=False, default=0),
    Column("not_yet", Integer, nullable=False, default=0),
    Column("note", Text, nullable=False, default=""),
    # Whether the admin chat has its summary, or is not to get one.
    Column("told", Boolean, nullable=False, default=False),
    sqlite_autoincrement=True,
)

recovered_accounts = Table(
    "recovered_accounts",
    metadata,
    Column(
        "recovery_id",
        BigInteger,
        ForeignKey("recoveries.id", ondelete="CASCADE"),
        primary_key=True,
    ),
    Column(
        "account_id",
        BigInteger,
        ForeignKey("accounts.id", ondelete="CASCADE"),
        primary_key=True,
        index=True,
    ),
    Column("outcome", String(16), nullable=False),
    Column("reason", Text, nullable=False, default=""),
    Column("attempts", Integer, nullable=False),
    Column("proxy_action", String(16), nullable=False),
    Column("seconds", Float, nullable=False),
)

liveness = Table(
    "liveness",
    metadata,
    Column("instance", String(64), primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("monitor_at", UtcTime),
    Column("lines", JSON, nullable=False),
)

_STALE = text("card_version < version")

deliveries = Table(
    "deliveries",
    metadata,
    _id(),
    _account(),
    Column("state", String(16), nullable=False),
    Column("target", String(255), nullable=False),
    Column("peer_kind", String(8)),
    Column("peer_id", BigInteger),
    Column("peer_hash", BigInteger),
    Column("text", Text, nullable=False),
    Column("random_id", BigInteger, nullable=False),
    Column("may_fall_back", Boolean, nullable=False, default=True),
    Column("attempts", Integer, nullable=False, default=0),
    Column("faults", Integer, nullable=False, default=0),
    Column("not_before", UtcTime),
    Column("message_id", BigInteger),
    Column("error", Text, nullable=False, default=""),
    Column("detour", Text, nullable=False, default=""),
    Column("steps", JSON, nullable=False),
    Column("ordered_by", BigInteger),
    Column("created_at", UtcTime, nullable=False),
    Column("approved_at", UtcTime),
    Column("finished_at", UtcTime),
    # The card in the operator's chat, and which version of the row it shows.
    Column("card_chat_id", BigInteger),
    Column("card_message_id", BigInteger),
    Column("version", Integer, nullable=False, default=0),
    Column("card_version", Integer, nullable=False, default=0),
    Index("ix_deliveries_state_account_id", "state", "account_id"),
    Index("ix_deliveries_account_id", "account_id"),
    Index("ix_deliveries_stale_card", "id", sqlite_where=_STALE, postgresql_where=_STALE),
    sqlite_autoincrement=True,
)

commands = Table(
    "commands",
    metadata,
    _id(),
    Column("kind", String(32), nullable=False),
    _account(nullable=True),
    # Sealed whole: a login code or a password crosses here once, and is erased when taken.
    Column("sealed_args", LargeBinary),
    Column("state", String(8), nullable=False),
    Column("outcome", JSON),
    Column("ordered_by", BigInteger),
    Column("created_at", UtcTime, nullable=False),
    Column("done_at", UtcTime),
    Index("ix_commands_state", "state"),
    sqlite_autoincrement=True,
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

incidents = Table(
    "incidents",
    metadata,
    _id(),
    _account(nullable=True),
    Column("kind", String(32), nullable=False),
    Column("cause", Text, nullable=False),
    Column("opened_at", UtcTime, nullable=False),
    Column("closed_at", UtcTime),
    Column("ending", String(16)),
    # The message in the admin chat, and what it says so far: "", "open" or "closed".
    Column("chat_id", BigInteger),
    Column("message_id", BigInteger),
    Column("told", String(8), nullable=False, default=""),
    Index("ix_incidents_told_account_id", "told", "account_id"),
    sqlite_autoincrement=True,
)

events = Table(
    "events",
    metadata,
    _id(),
    Column("at", UtcTime, nullable=False),
    Column("kind", String(32), nullable=False),
    Column("account_id", BigInteger),
    Column("actor", String(64), nullable=False),
    Column("cause", Text, nullable=False, default=""),
    Column("data", JSON, nullable=False),
    Index("ix_events_account_id_at", "account_id", "at"),
    Index("ix_events_at", "at"),
)

operators = Table(
    "operators",
    metadata,
    Column("user_id", BigInteger, primary_key=True, autoincrement=False),
    Column("settings", JSON, nullable=False),
    Column("updated_at", UtcTime, nullable=False),
)

dialogs = Table(
    "dialogs",
    metadata,
    Column("key", String(128), primary_key=True),
    Column("state", String(128)),
    Column("data", JSON, nullable=False),
    Column("updated_at", UtcTime, nullable=False),
)

bot_contacts = Table(
    "bot_contacts",
    metadata,
    Column("user_id", BigInteger, primary_key=True),
    Column("username", String(64), index=True),
    Column("seen_at", UtcTime, nullable=False),
)

key_check = Table(
    "key_check",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
)
