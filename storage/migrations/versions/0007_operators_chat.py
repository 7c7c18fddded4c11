"""Who may do what, what accounts are called, and what else an alert has said."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    for column in (
        sa.Column("role", sa.String(length=8), nullable=True),
        sa.Column("name", sa.String(length=255), server_default="", nullable=False),
        sa.Column("added_by", sa.BigInteger(), nullable=True),
        sa.Column("added_at", _TIME, nullable=True),
    ):
        op.add_column("operators", column)
    op.create_table(
        "invites",
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=8), nullable=False),
        sa.Column("made_by", sa.BigInteger(), nullable=True),
        sa.Column("made_at", _TIME, nullable=False),
        sa.Column("expires_at", _TIME, nullable=False),
        sa.Column("used_by", sa.BigInteger(), nullable=True),
        sa.Column("used_at", _TIME, nullable=True),
        sa.PrimaryKeyConstraint("code_hash", name=op.f("pk_invites")),
    )
    op.add_column(
        "accounts", sa.Column("label", sa.String(length=64), server_default="", nullable=False)
    )
    for column in (
        sa.Column("muted_until", _TIME, nullable=True),
        sa.Column("frozen_since", _TIME, nullable=True),
        sa.Column("frozen_until", _TIME, nullable=True),
        sa.Column("appeal_url", sa.String(length=255), server_default="", nullable=False),
    ):
        op.add_column("accounts", column)
    op.add_column("commands", sa.Column("sealed_outcome", sa.LargeBinary(), nullable=True))
    op.create_table(
        "account_tags",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("tag", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["accounts.id"],
            name=op.f("fk_account_tags_account_id_accounts"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("account_id", "tag", name=op.f("pk_account_tags")),
    )
    op.create_index("ix_account_tags_tag", "account_tags", ["tag"])
    for column in (
        sa.Column("replied_at", _TIME, nullable=True),
        sa.Column("reminded_at", _TIME, nullable=True),
        sa.Column("cause_key", sa.String(length=64), nullable=True),
    ):
        op.add_column("incidents", column)
