"""Full texts of feeds, and whether an article's text comes from its page or from a feed"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("article", sa.Column("text_from", sa.String(8), nullable=False, server_default="page"))
    op.add_column("article_version", sa.Column("text_from", sa.String(8), nullable=False, server_default="page"))
    op.create_table(
        "feed_text",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True, autoincrement=True),
        sa.Column("key", sa.String(32), nullable=False, unique=True),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("feed_url", sa.Text(), nullable=False),
        sa.Column("article", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_feed_text_fetched_at", "feed_text", ["fetched_at"])


def downgrade() -> None:
    op.drop_table("feed_text")
    op.drop_column("article_version", "text_from")
    op.drop_column("article", "text_from")
