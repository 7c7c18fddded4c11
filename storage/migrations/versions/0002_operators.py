"""Operators' settings; sessions in use elsewhere; one current session an account; indexes."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "operators",
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_operators")),
    )
    op.add_column("accounts", sa.Column("elsewhere", sa.String(length=16), nullable=True))
    _create_partial("ix_deliveries_stale_card", "deliveries", "id", "card_version < version")
    op.create_index("ix_events_at", "events", ["at"])
    op.create_index("ix_peers_account_id_name", "peers", ["account_id", "name"])
    for status in ("CURRENT", "ENROLLING"):
        # The newest was always the one that counted; none is lost.
        op.execute(
            f"UPDATE sessions SET status = 'REPLACED' WHERE status = '{status}' AND id NOT IN "  # noqa: S608 - our own words
            f"(SELECT max(id) FROM sessions WHERE status = '{status}' GROUP BY account_id)"
        )
        name = f"uq_sessions_{status.lower()}"
        _create_partial(name, "sessions", "account_id", f"status = '{status}'", unique=True)


def _create_partial(
    name: str, table: str, column: str, where: str, *, unique: bool = False
) -> None:
    only = sa.text(where)
    op.create_index(name, table, [column], unique=unique, sqlite_where=only, postgresql_where=only)
