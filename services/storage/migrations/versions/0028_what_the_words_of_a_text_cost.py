"""PostgreSQL's planner knows what the words of a text cost, and does not cut those of every row where an index has them"""

from alembic import op

from shared.database.search import POSTGRES_FUNCTION

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(POSTGRES_FUNCTION)


def downgrade() -> None:
    """The function gives the same words as the one before it."""
