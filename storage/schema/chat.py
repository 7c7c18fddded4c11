"""The operators' chat: who may, what was asked, what was told; and the journal."""

from sqlalchemy import JSON, BigInteger, Column, Index, String, Table, Text

from storage.schema.base import UtcTime, account, metadata, number

operators = Table(
    "operators",
    metadata,
    Column("user_id", BigInteger, primary_key=True, autoincrement=False),
    Column("settings", JSON, nullable=False),
    Column("updated_at", UtcTime, nullable=False),
    # What they may do; without one they are not let in by this table.
    Column("role", String(8)),
    Column("name", String(255), nullable=False, default="", server_default=""),
    Column("added_by", BigInteger),
    Column("added_at", UtcTime),
)

# Links that let one person in, once.
invites = Table(
    "invites",
    metadata,
    Column("code_hash", String(64), primary_key=True),
    Column("role", String(8), nullable=False),
    Column("made_by", BigInteger),
    Column("made_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False),
    Column("used_by", BigInteger),
    Column("used_at", UtcTime),
)

dialogs = Table(
    "dialogs",
    metadata,
    Column("key", String(128), primary_key=True),
    Column("state", String(128)),
    Column("data", JSON, nullable=False),
    Column("updated_at", UtcTime, nullable=False),
)

preferences = Table(
    "preferences",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("value", JSON, nullable=False),
    Column("set_by", BigInteger),
    Column("set_at", UtcTime, nullable=False),
)

bot_contacts = Table(
    "bot_contacts",
    metadata,
    Column("user_id", BigInteger, primary_key=True),
    Column("username", String(64), index=True),
    Column("seen_at", UtcTime, nullable=False),
)

incidents = Table(
    "incidents",
    metadata,
    number(),
    account(nullable=True),
    # What it is about where that is no account: "proxy 7", "spending".
    Column("subject", String(64)),
    Column("kind", String(32), nullable=False),
    Column("cause", Text, nullable=False),
    Column("opened_at", UtcTime, nullable=False),
    Column("closed_at", UtcTime),
    Column("ending", String(16)),
    # The message in the admin chat, and what it says so far: "", "open" or "closed".
    Column("chat_id", BigInteger),
    Column("message_id", BigInteger),
    Column("told", String(8), nullable=False, default=""),
    # Its end was told by a reply as well: edits make no sound.
    Column("replied_at", UtcTime),
    # When it was last said that it still is open.
    Column("reminded_at", UtcTime),
    # Incidents with one cause share a message.
    Column("cause_key", String(64)),
    Index("ix_incidents_told_account_id", "told", "account_id"),
    sqlite_autoincrement=True,
)

events = Table(
    "events",
    metadata,
    number(),
    Column("at", UtcTime, nullable=False),
    Column("kind", String(32), nullable=False),
    Column("account_id", BigInteger),
    Column("actor", String(64), nullable=False),
    Column("cause", Text, nullable=False, default=""),
    Column("data", JSON, nullable=False),
    Index("ix_events_account_id_at", "account_id", "at"),
    Index("ix_events_at", "at"),
)
