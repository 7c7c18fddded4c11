"""Several instances: their leases, what only one of them does, and whose orders are whose."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    for column in (
        sa.Column("place", sa.String(length=128), server_default="", nullable=False),
        sa.Column("role", sa.String(length=8), server_default="run", nullable=False),
        sa.Column("is_draining", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("died_at", _TIME, nullable=True),
        sa.Column("left_behind", sa.Integer(), server_default="0", nullable=False),
    ):
        op.add_column("instances", column)
    op.add_column("accounts", sa.Column("left_by", sa.String(length=64), nullable=True))
    op.create_table(
        "leases",
        sa.Column("instance", sa.String(length=64), nullable=False),
        sa.Column("until", _TIME, nullable=False),
        sa.Column("runs_userbots", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["instance"], ["instances.id"], name=op.f("fk_leases_instance_instances")
        ),
        sa.PrimaryKeyConstraint("instance", name=op.f("pk_leases")),
    )
    op.create_table(
        "timelines",
        sa.Column("id", sa.String(length=8), nullable=False),
        sa.Column("seen_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_timelines")),
    )
    op.create_table(
        "seats",
        sa.Column("name", sa.String(length=16), nullable=False),
        sa.Column("instance", sa.String(length=64), nullable=False),
        sa.Column("since", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_seats")),
    )
    op.add_column("commands", sa.Column("taken_by", sa.String(length=64), nullable=True))
    op.create_index("ix_accounts_owner_epoch", "accounts", ["owner", "epoch"])
