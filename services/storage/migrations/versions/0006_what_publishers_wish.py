"""For how long publishers wish their pages to be left alone"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("source", sa.Column("fresh_seconds", sa.BigInteger()))
    op.add_column("source", sa.Column("pace", sa.JSON().with_variant(postgresql.JSONB(), "postgresql")))


def downgrade() -> None:
    op.drop_column("source", "pace")
    op.drop_column("source", "fresh_seconds")
