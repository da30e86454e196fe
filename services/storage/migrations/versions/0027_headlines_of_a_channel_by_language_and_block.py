"""Which headlines of a channel are of a language or a part of the page is read from the index"""

from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

NAME = "ix_headline_source_id_id"


def upgrade() -> None:
    op.drop_index(NAME, "headline")
    op.create_index(NAME, "headline", ["source_id", "id", "language", "block"])


def downgrade() -> None:
    op.drop_index(NAME, "headline")
    op.create_index(NAME, "headline", ["source_id", "id"])
