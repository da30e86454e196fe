"""Headlines of a rare language, or of a rare part of a page, are listed without reading all others"""

from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for column in ("language", "block"):
        op.create_index(f"ix_headline_{column}_id", "headline", [column, "id"])


def downgrade() -> None:
    for column in ("language", "block"):
        op.drop_index(f"ix_headline_{column}_id", "headline")
