"""How sources are reached, how often they have failed, and where pages have moved"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.add_column("page", sa.Column("moved_to", sa.String(), nullable=True))
    op.add_column("source", sa.Column("access", JSON, nullable=True))
    op.add_column("source", sa.Column("failures", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    with op.batch_alter_table("source") as batch_op:
        batch_op.drop_column("failures")
        batch_op.drop_column("access")
    with op.batch_alter_table("page") as batch_op:
        batch_op.drop_column("moved_to")
