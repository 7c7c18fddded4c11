"""The processes that run accounts, what they bring back, and what they are told to do."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    false,
)

from storage.schema.base import UtcTime, account, metadata, number

instances = Table(
    "instances",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("host", String(255), nullable=False),
    Column("pid", Integer, nullable=False),
    # The boot and the process namespace in which the pid counts; empty if unknown.
    Column("place", String(128), nullable=False, default="", server_default=""),
    Column("version", String(32), nullable=False),
    # What it does: run (all), worker (userbots), control (the bot).
    Column("role", String(8), nullable=False, default="run", server_default="run"),
    Column("started_at", UtcTime, nullable=False),
    # It is to hand over what it has, and end.
    Column("is_draining", Boolean, nullable=False, default=False, server_default=false()),
    Column("stopped_at", UtcTime),
    # Of one that others found dead: when it was heard of last, and how many accounts it had.
    Column("died_at", UtcTime),
    Column("left_behind", Integer, nullable=False, default=0, server_default="0"),
)

# The right to hold lines, on PostgreSQL: a row for as long as the instance may own accounts.
# Times here are the database server's own clock, not a process's.
leases = Table(
    "leases",
    metadata,
    Column("instance", String(64), ForeignKey("instances.id"), primary_key=True),
    Column("until", UtcTime, nullable=False),
    Column("runs_userbots", Boolean, nullable=False),
)

# Every timeline that the server was seen on: a new one means that a stand-by took over.
timelines = Table(
    "timelines",
    metadata,
    Column("id", String(8), primary_key=True),
    Column("seen_at", UtcTime, nullable=False),
)

# What only one instance does at a time: polling, housekeeping.
seats = Table(
    "seats",
    metadata,
    Column("name", String(16), primary_key=True),
    Column("instance", String(64), nullable=False),
    Column("since", UtcTime, nullable=False),
)

liveness = Table(
    "liveness",
    metadata,
    Column("instance", String(64), primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("monitor_at", UtcTime),
    Column("lines", JSON, nullable=False),
)

recoveries = Table(
    "recoveries",
    metadata,
    number(),
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

commands = Table(
    "commands",
    metadata,
    number(),
    Column("kind", String(32), nullable=False),
    account(nullable=True),
    # Sealed whole: a login code or a password crosses here once, and is erased when taken.
    Column("sealed_args", LargeBinary),
    Column("state", String(8), nullable=False),
    Column("outcome", JSON),
    # A private answer, sealed whole: erased once it was read.
    Column("sealed_outcome", LargeBinary),
    # The instance that carries it out.
    Column("taken_by", String(64)),
    Column("ordered_by", BigInteger),
    Column("created_at", UtcTime, nullable=False),
    Column("done_at", UtcTime),
    Index("ix_commands_state", "state"),
    sqlite_autoincrement=True,
)
