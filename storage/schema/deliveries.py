"""What is sent."""

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
    false,
    text,
)

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
    Column("entities", JSON, nullable=False, default=list, server_default="[]"),
    Column("media", String(8), nullable=False, default="", server_default=""),
    Column("reply_to", BigInteger),
    Column("is_silent", Boolean, nullable=False, default=False, server_default=false()),
    # The first part of a text that is split; the first itself has none.
    Column("head_id", BigInteger, index=True),
    Column("random_id", BigInteger, nullable=False),
    Column("fallback", String(9), nullable=False, default="automatic", server_default="automatic"),
    Column("attempts", Integer, nullable=False, default=0),
    Column("faults", Integer, nullable=False, default=0),
    Column("not_before", UtcTime),
    Column("handed_at", UtcTime),
    Column("is_new_peer", Boolean, nullable=False, default=False, server_default=false()),
    Column("message_id", BigInteger),
    Column("link", String(255), nullable=False, default="", server_default=""),
    Column("error", Text, nullable=False, default=""),
    Column("detour", Text, nullable=False, default=""),
    Column("steps", JSON, nullable=False),
    Column("ordered_by", BigInteger),
    # What wrote it where that was no operator: the name that a program gave itself.
    Column("origin", String(64), nullable=False, default="", server_default=""),
    # The latest press on its card, and whose it was.
    Column("act", String(16), nullable=False, default="", server_default=""),
    Column("acted_by", BigInteger),
    Column("created_at", UtcTime, nullable=False),
    Column("approved_at", UtcTime),
    Column("finished_at", UtcTime),
    Column("edited_at", UtcTime),
    Column("deleted_at", UtcTime),
    # The card in the operator's chat, and which version of the row it shows.
    Column("card_chat_id", BigInteger),
    Column("card_message_id", BigInteger),
    Column("version", Integer, nullable=False, default=0),
    Column("card_version", Integer, nullable=False, default=0),
    Index("ix_deliveries_state_account_id", "state", "account_id"),
    Index("ix_deliveries_account_id_handed_at", "account_id", "handed_at"),
    Index("ix_deliveries_account_id_peer_id", "account_id", "peer_id"),
    Index("ix_deliveries_stale_card", "id", sqlite_where=_STALE, postgresql_where=_STALE),
    sqlite_autoincrement=True,
)

attachments = Table(
    "attachments",
    metadata,
    number(),
    Column(
        "delivery_id",
        BigInteger,
        ForeignKey("deliveries.id", ondelete="CASCADE"),
        nullable=False,
        index=True,
    ),
    Column("kind", String(8), nullable=False),
    Column("name", String(255), nullable=False),
    Column("mime_type", String(128), nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("duration_s", Integer),
    # Telegram's deduplication is per item of an album.
    Column("random_id", BigInteger, nullable=False),
    Column("message_id", BigInteger),
    # What Telegram calls it once it was uploaded as the account.
    Column("file_id", BigInteger),
    Column("file_hash", BigInteger),
    Column("file_reference", LargeBinary),
    sqlite_autoincrement=True,
)

blobs = Table(
    "blobs",
    metadata,
    # Of the attachment; it goes as soon as nothing will send it any more.
    Column(
        "attachment_id",
        BigInteger().with_variant(Integer, "sqlite"),
        ForeignKey("attachments.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("data", LargeBinary, nullable=False),
)
