"""What is learned of sites' health, and alerts"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_INSTANT = sa.DateTime(timezone=True)
_OPEN = sa.text("closed_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "health",
        sa.Column("subject", sa.String(100), primary_key=True),
        sa.Column("state", _JSON, nullable=False),
        sa.Column("updated_at", _INSTANT, nullable=False),
    )
    op.create_table(
        "alert",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True, autoincrement=True),
        sa.Column("subject", sa.String(100), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("site_key", sa.String(32)),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("url", sa.Text()),
        sa.Column("since", _INSTANT, nullable=False),
        sa.Column("opened_at", _INSTANT, nullable=False),
        sa.Column("closed_at", _INSTANT),
        sa.Column("evidence", _JSON, nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
    )
    op.create_index("ix_alert_site_key", "alert", ["site_key"])
    op.create_index(
        "ix_alert_open", "alert", ["subject", "kind"], unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN
    )


def downgrade() -> None:
    op.drop_table("alert")
    op.drop_table("health")
