"""Sites, whose channels are the sources, and what a person changed of either"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_INSTANT = sa.DateTime(timezone=True)
# A source that was declared with one of these kinds is that to its site.
_ROLES = ("feed", "sitemap", "front")


def upgrade() -> None:
    op.create_table(
        "site",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True, autoincrement=True),
        sa.Column("key", sa.String(32), nullable=False, unique=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("home_page", sa.Text(), nullable=False),
        sa.Column("country", sa.String(2)),
        sa.Column("languages", _JSON, nullable=False),
        sa.Column("tags", _JSON, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("least_seconds", sa.BigInteger()),
        sa.Column("most_seconds", sa.BigInteger()),
        sa.Column("access", _JSON),
        sa.Column("declared_by", sa.String(32), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("changed_by", sa.String(32)),
        sa.Column("changed_at", _INSTANT),
        sa.Column("edits", _JSON, nullable=False),
        sa.Column("discover_at", _INSTANT),
        sa.Column("discovered_at", _INSTANT),
        sa.Column("discovery_end", sa.String(32)),
        sa.Column("discovery_failures", sa.Integer(), nullable=False),
    )
    op.create_index("ix_site_discover_at", "site", ["discover_at"])
    for column in _channel_columns():
        op.add_column("source", column)
    op.create_index("ix_source_site_key", "source", ["site_key"])
    kinds = ", ".join(f"'{role}'" for role in _ROLES)
    op.execute(f"UPDATE source SET role = kind WHERE kind IN ({kinds})")


def downgrade() -> None:
    op.drop_index("ix_source_site_key", "source")
    for column in reversed(_channel_columns()):
        op.drop_column("source", column.name)
    op.drop_table("site")


def _channel_columns() -> list[sa.Column[Any]]:
    return [
        sa.Column("site_key", sa.String(32)),
        sa.Column("role", sa.String(16)),
        sa.Column("found_by", sa.String(16)),
        sa.Column("hub_url", sa.Text()),
        sa.Column("topic_url", sa.Text()),
        sa.Column("unnamed_since", _INSTANT),
        sa.Column("reason", sa.Text()),
        sa.Column("changed_by", sa.String(32)),
        sa.Column("changed_at", _INSTANT),
        sa.Column("edits", _JSON, nullable=False, server_default=sa.text("'[]'")),
    ]
