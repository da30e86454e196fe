"""Each step of folding is taken only where a text needs it, since a text's words cost more than all else; they are the same"""

from alembic import op

from shared.database.search import POSTGRES_FUNCTION

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(POSTGRES_FUNCTION)


def downgrade() -> None:
    """The function gives the same words as the one before it."""
