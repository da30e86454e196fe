"""When pages of articles are looked at again, and since when they are gone"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

HAS_REVISIT = sa.text("revisit_at IS NOT NULL")
_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("page", sa.Column("revisit_at", _INSTANT))
    op.add_column("page", sa.Column("missing_since", _INSTANT))
    op.create_index(
        "ix_page_revisit_at", "page", ["revisit_at"], sqlite_where=HAS_REVISIT, postgresql_where=HAS_REVISIT
    )
    op.add_column("article", sa.Column("gone_at", _INSTANT))
    op.add_column("site", sa.Column("revisit_hours", sa.JSON().with_variant(postgresql.JSONB(), "postgresql")))


def downgrade() -> None:
    op.drop_column("site", "revisit_hours")
    op.drop_column("article", "gone_at")
    op.drop_index("ix_page_revisit_at", "page")
    op.drop_column("page", "missing_since")
    op.drop_column("page", "revisit_at")
