"""The stories of the last hours are found without reading articles"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_HAS_STORY = sa.text("story_id IS NOT NULL")


def upgrade() -> None:
    op.create_index(
        "ix_article_told", "article", ["stored_at", "story_id", "language"], sqlite_where=_HAS_STORY,
        postgresql_where=_HAS_STORY,
    )  # fmt: skip


def downgrade() -> None:
    op.drop_index("ix_article_told", "article")
