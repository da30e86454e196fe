"""What each reader has read and starred, and users who are kept out"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("account", sa.Column("disabled_at", _INSTANT))
    op.create_table(
        "read_state",
        sa.Column("owner", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column(
            "article_id",
            sa.BigInteger(),
            sa.ForeignKey("article.id", ondelete="CASCADE"),
            primary_key=True,
            autoincrement=False,
        ),
        sa.Column("is_read", sa.Boolean()),
        sa.Column("starred_at", _INSTANT),
    )
    op.create_index("ix_read_state_article_id", "read_state", ["article_id"])
    op.create_table(
        "read_place",
        sa.Column("owner", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("headline_id", sa.BigInteger(), nullable=False),
        sa.Column("moved_at", _INSTANT, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("read_place")
    op.drop_table("read_state")
    op.drop_column("account", "disabled_at")
