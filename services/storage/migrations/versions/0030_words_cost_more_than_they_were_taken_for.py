"""PostgreSQL's planner asks the index which articles match also where nearly all of them do (ADR 29)"""

from alembic import op

from shared.database.search import POSTGRES_FUNCTION

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(POSTGRES_FUNCTION)


def downgrade() -> None:
    """The function gives the same words as the one before it."""
