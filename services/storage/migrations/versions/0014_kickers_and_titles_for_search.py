"""An article's kicker, and its title for search engines"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("article", sa.Column("kicker", sa.Text()))
    op.add_column("article", sa.Column("seo_title", sa.Text()))


def downgrade() -> None:
    op.drop_column("article", "seo_title")
    op.drop_column("article", "kicker")
