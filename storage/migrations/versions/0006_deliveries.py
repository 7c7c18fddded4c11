"""What a delivery may hold besides a text, who pressed what, and preferences of operators."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)
_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    for column in (
        sa.Column("entities", sa.JSON(), server_default="[]", nullable=False),
        sa.Column("media", sa.String(length=8), server_default="", nullable=False),
        sa.Column("reply_to", sa.BigInteger(), nullable=True),
        sa.Column("is_silent", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("fallback", sa.String(length=9), server_default="automatic", nullable=False),
        sa.Column("head_id", sa.BigInteger(), nullable=True),
        sa.Column("handed_at", _TIME, nullable=True),
        sa.Column("is_new_peer", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("link", sa.String(length=255), server_default="", nullable=False),
        sa.Column("origin", sa.String(length=64), server_default="", nullable=False),
        sa.Column("act", sa.String(length=16), server_default="", nullable=False),
        sa.Column("acted_by", sa.BigInteger(), nullable=True),
        sa.Column("edited_at", _TIME, nullable=True),
        sa.Column("deleted_at", _TIME, nullable=True),
    ):
        op.add_column("deliveries", column)
    op.execute("UPDATE deliveries SET fallback = 'never' WHERE NOT may_fall_back")
    op.drop_index("ix_deliveries_account_id", "deliveries")
    op.drop_column("deliveries", "may_fall_back")
    op.create_index("ix_deliveries_head_id", "deliveries", ["head_id"])
    op.create_index(
        "ix_deliveries_account_id_handed_at", "deliveries", ["account_id", "handed_at"]
    )
    op.create_index("ix_deliveries_account_id_peer_id", "deliveries", ["account_id", "peer_id"])
    op.create_table(
        "attachments",
        sa.Column("id", _ID, nullable=False),
        sa.Column("delivery_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("mime_type", sa.String(length=128), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("duration_s", sa.Integer(), nullable=True),
        sa.Column("random_id", sa.BigInteger(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.Column("file_id", sa.BigInteger(), nullable=True),
        sa.Column("file_hash", sa.BigInteger(), nullable=True),
        sa.Column("file_reference", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["delivery_id"],
            ["deliveries.id"],
            name=op.f("fk_attachments_delivery_id_deliveries"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachments")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_attachments_delivery_id", "attachments", ["delivery_id"])
    op.create_table(
        "blobs",
        sa.Column("attachment_id", _ID, autoincrement=False, nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["attachment_id"],
            ["attachments.id"],
            name=op.f("fk_blobs_attachment_id_attachments"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("attachment_id", name=op.f("pk_blobs")),
    )
    op.create_table(
        "preferences",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("set_by", sa.BigInteger(), nullable=True),
        sa.Column("set_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_preferences")),
    )
