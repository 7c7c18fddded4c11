"""Forgotten accounts; how incidents ended; what is alive."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("accounts", sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("incidents", sa.Column("ending", sa.String(length=16), nullable=True))
    op.create_table(
        "liveness",
        sa.Column("instance", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("monitor_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lines", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("instance", name=op.f("pk_liveness")),
    )
