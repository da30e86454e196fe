"""Watches, whom they tell, what they match, and what is sent of it"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_INSTANT = sa.DateTime(timezone=True)
_WAITING = sa.text("state = 'waiting'")
_DIGEST = sa.text("digest_at IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "watch",
        sa.Column("id", _ID, primary_key=True, autoincrement=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("query", sa.String(4000), nullable=False),
        sa.Column("about", sa.String(16), nullable=False),
        sa.Column("fold", sa.Boolean(), nullable=False, server_default=sa.true()),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("owner", sa.String(100)),
        sa.Column("feed_secret", sa.String(64), nullable=False, unique=True),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("changed_at", _INSTANT, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sqlite_autoincrement=True,
    )
    _receivers()
    _matches()
    _deliveries()


def _receivers() -> None:
    op.create_table(
        "receiver",
        sa.Column("id", _ID, primary_key=True, autoincrement=True),
        sa.Column("watch_id", sa.BigInteger(), sa.ForeignKey("watch.id", ondelete="CASCADE"), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("secret", sa.String(120)),
        sa.Column("rhythm", sa.String(16), nullable=False),
        sa.Column("hour", sa.Integer()),
        sa.Column("zone", sa.String(64)),
        sa.Column("digest_at", _INSTANT),
        sa.Column("told_up_to", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("failing_since", _INSTANT),
        sa.Column("rest_until", _INSTANT),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_receiver_watch_id", "receiver", ["watch_id"])
    op.create_index("ix_receiver_digest_at", "receiver", ["digest_at"], sqlite_where=_DIGEST, postgresql_where=_DIGEST)


def _matches() -> None:
    op.create_table(
        "watch_match",
        sa.Column("id", _ID, primary_key=True, autoincrement=True),
        sa.Column("watch_id", sa.BigInteger(), sa.ForeignKey("watch.id", ondelete="CASCADE"), nullable=False),
        sa.Column("subject", sa.String(80), nullable=False),
        sa.Column("article_id", sa.BigInteger(), sa.ForeignKey("article.id", ondelete="SET NULL")),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("url", sa.Text()),
        sa.Column("record", _JSON, nullable=False),
        sa.Column("matched_at", _INSTANT, nullable=False),
        sa.UniqueConstraint("watch_id", "subject"),
    )
    op.create_index("ix_watch_match_article_id", "watch_match", ["article_id"])
    op.create_index("ix_watch_match_watch_id_id", "watch_match", ["watch_id", "id"])


def _deliveries() -> None:
    op.create_table(
        "delivery",
        sa.Column("id", _ID, primary_key=True, autoincrement=True),
        sa.Column("receiver_id", sa.BigInteger(), sa.ForeignKey("receiver.id", ondelete="CASCADE"), nullable=False),
        sa.Column("message_id", sa.String(64), nullable=False, unique=True),
        sa.Column("payload", _JSON, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("next_at", _INSTANT, nullable=False),
        sa.Column("ended_at", _INSTANT),
        sa.Column("status", sa.Integer()),
        sa.Column("error", sa.Text()),
    )
    op.create_index("ix_delivery_ended_at", "delivery", ["ended_at"])
    op.create_index("ix_delivery_waiting", "delivery", ["next_at"], sqlite_where=_WAITING, postgresql_where=_WAITING)
    op.create_index("ix_delivery_receiver_id_id", "delivery", ["receiver_id", "id"])


def downgrade() -> None:
    for table in ("delivery", "watch_match", "receiver", "watch"):
        op.drop_table(table)
