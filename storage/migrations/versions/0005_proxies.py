"""What is known of proxies, what was bought, and where an account's proxy is to be."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)
_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_OPEN = sa.text("state = 'OPEN'")


def upgrade() -> None:
    for column in (
        sa.Column("is_guess", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("kind", sa.String(length=16), server_default="static", nullable=False),
        sa.Column("country", sa.String(length=2), nullable=True),
        sa.Column("first_exit", sa.String(length=2), nullable=True),
        sa.Column("exit_country", sa.String(length=2), nullable=True),
        sa.Column("provider", sa.String(length=32), server_default="", nullable=False),
        sa.Column("provider_ref", sa.String(length=255), server_default="", nullable=False),
        sa.Column("price_cents", sa.Integer(), nullable=True),
        sa.Column("paid_until", _TIME, nullable=True),
        sa.Column("release_at", _TIME, nullable=True),
        sa.Column("released_at", _TIME, nullable=True),
        sa.Column("is_kept", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("checked_at", _TIME, nullable=True),
        sa.Column("fault", sa.String(length=32), nullable=True),
        sa.Column("latency_ms", sa.Integer(), nullable=True),
        sa.Column("bytes_up", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("bytes_down", sa.BigInteger(), server_default="0", nullable=False),
    ):
        op.add_column("proxies", column)
    for column in (
        sa.Column("actor", sa.String(length=64), server_default="mooring", nullable=False),
        sa.Column("wanted_country", sa.String(length=2), nullable=True),
        sa.Column("country", sa.String(length=2), nullable=True),
        sa.Column("is_fallback", sa.Boolean(), server_default=sa.false(), nullable=False),
    ):
        op.add_column("proxy_assignments", column)
    op.add_column(
        "accounts",
        sa.Column("without_proxy", sa.Boolean(), server_default=sa.false(), nullable=False),
    )
    op.add_column("accounts", sa.Column("country", sa.String(length=2), nullable=True))
    op.add_column("incidents", sa.Column("subject", sa.String(length=64), nullable=True))
    op.create_table(
        "proxy_checks",
        sa.Column("id", _ID, nullable=False),
        sa.Column("proxy_id", sa.BigInteger(), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("fault", sa.String(length=32), nullable=False),
        sa.Column("latency_ms", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["proxy_id"],
            ["proxies.id"],
            name=op.f("fk_proxy_checks_proxy_id_proxies"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proxy_checks")),
    )
    op.create_index("ix_proxy_checks_proxy_id_at", "proxy_checks", ["proxy_id", "at"])
    op.create_index("ix_proxy_checks_at", "proxy_checks", ["at"])
    op.create_table(
        "purchases",
        sa.Column("id", _ID, nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.Column("provider", sa.String(length=32), nullable=False),
        sa.Column("wanted_country", sa.String(length=2), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("held_before", sa.JSON(), nullable=False),
        sa.Column("requested_at", _TIME, nullable=False),
        sa.Column("settled_at", _TIME, nullable=True),
        sa.Column("proxy_id", sa.BigInteger(), nullable=True),
        sa.Column("price_cents", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["accounts.id"],
            name=op.f("fk_purchases_account_id_accounts"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["proxy_id"],
            ["proxies.id"],
            name=op.f("fk_purchases_proxy_id_proxies"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purchases")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "uq_purchases_open",
        "purchases",
        ["account_id"],
        unique=True,
        sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    )
    op.create_index("ix_purchases_requested_at", "purchases", ["requested_at"])
