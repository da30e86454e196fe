"""When pages are asked for again, and where listings show headlines now"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

HAS_RETRY = sa.text("retry_at IS NOT NULL")


def upgrade() -> None:
    op.add_column("page", sa.Column("retry_at", sa.DateTime(timezone=True)))
    op.add_column("page", sa.Column("retries", sa.Integer(), nullable=False, server_default="0"))
    op.create_index("ix_page_retry_at", "page", ["retry_at"], sqlite_where=HAS_RETRY, postgresql_where=HAS_RETRY)
    op.create_table(
        "placement",
        sa.Column("page_key", sa.String(32), primary_key=True),
        sa.Column("headline_id", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("page_url", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("block", sa.String(32)),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["headline_id"], ["headline.id"], ondelete="CASCADE"),
    )
    op.create_index("ix_placement_headline_id", "placement", ["headline_id"])


def downgrade() -> None:
    op.drop_table("placement")
    op.drop_index("ix_page_retry_at", "page")
    op.drop_column("page", "retries")
    op.drop_column("page", "retry_at")
