"""The words of a text are folded once, and not once for each place where the planner put the folding; they are the same"""

from alembic import op

from shared.database.search import POSTGRES_FUNCTION

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(POSTGRES_FUNCTION)


def downgrade() -> None:
    """The function gives the same words as the one before it."""
