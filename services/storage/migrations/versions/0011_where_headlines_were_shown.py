"""Which kinds of listings have shown a headline"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_KINDS = ("feed", "front", "sitemap")


def upgrade() -> None:
    for kind in _KINDS:
        op.add_column("headline", sa.Column(f"in_{kind}", sa.Boolean(), nullable=False, server_default=sa.false()))
        # Of earlier listings only the present ones are known.
        op.execute(
            f"UPDATE headline SET in_{kind} = true WHERE EXISTS (SELECT 1 FROM placement "
            f"WHERE placement.headline_id = headline.id AND placement.kind = '{kind}')"
        )


def downgrade() -> None:
    for kind in _KINDS:
        op.drop_column("headline", f"in_{kind}")
