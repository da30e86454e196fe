"""Subscriptions to WebSub hubs"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "subscription",
        sa.Column("channel_key", sa.String(32), primary_key=True),
        sa.Column("hub_url", sa.Text(), nullable=False),
        sa.Column("topic_url", sa.Text(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("due_at", _INSTANT, nullable=False),
        sa.Column("verified_at", _INSTANT),
        sa.Column("lease_ends_at", _INSTANT),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("detail", sa.Text()),
        sa.Column("pushed_at", _INSTANT),
        sa.Column("missed_at", _INSTANT),
    )
    op.create_index("ix_subscription_due_at", "subscription", ["due_at"])


def downgrade() -> None:
    op.drop_table("subscription")
