"""What is learned of when items arrive on channels; a channel without an interval is polled by it"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

# What a source without an interval had before.
USUAL_SECONDS = 900


def upgrade() -> None:
    _interval(sa.Column("pause_seconds", sa.Integer()))
    op.add_column("source", sa.Column("arrivals", sa.JSON().with_variant(postgresql.JSONB(), "postgresql")))
    op.add_column("source", sa.Column("demand", sa.Float()))


def downgrade() -> None:
    op.drop_column("source", "demand")
    op.drop_column("source", "arrivals")
    _interval(sa.Column("pause_seconds", sa.Integer(), nullable=False, server_default=sa.text(str(USUAL_SECONDS))))


def _interval(column: sa.Column[int | None]) -> None:
    """Puts a column in the place of `interval_seconds`.

    Not by Alembic's batch: SQLite cannot change a column, and a new table for an old one would cut pages from their sources.
    """
    op.add_column("source", column)
    op.execute("UPDATE source SET pause_seconds = interval_seconds WHERE interval_seconds IS NOT NULL")
    op.drop_column("source", "interval_seconds")
    op.execute("ALTER TABLE source RENAME COLUMN pause_seconds TO interval_seconds")
