"""What is sent."""

from sqlalchemy import JSON, BigInteger, Boolean, Column, Index, Integer, String, Table, Text, text

from storage.schema.base import UtcTime, account, metadata, number

_STALE = text("card_version < version")

deliveries = Table(
    "deliveries",
    metadata,
    number(),
    account(),
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
