"""What is expected of a site, its visits and listed stories by themselves, and what takes back a change"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.add_column("health", sa.Column("outlook", _JSON))
    op.add_column("site", sa.Column("undo", _JSON))
    op.add_column("source", sa.Column("undo", _JSON))
    op.create_index("ix_visit_source_id_id", "visit", ["source_id", "id", "status"])
    op.create_index("ix_headline_source_id_first_seen_at", "headline", ["source_id", "first_seen_at"])


def downgrade() -> None:
    op.drop_index("ix_headline_source_id_first_seen_at", "headline")
    op.drop_index("ix_visit_source_id_id", "visit")
    op.drop_column("source", "undo")
    op.drop_column("site", "undo")
    op.drop_column("health", "outlook")
