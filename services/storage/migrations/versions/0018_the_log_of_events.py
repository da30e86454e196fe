"""The outbox becomes a log of events, with those who read it and the places of articles' newest changes"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _create("event", sqlite_autoincrement=True)
    op.execute(
        "INSERT INTO event (event_id, type, subject, time, data) "
        "SELECT event_id, type, subject, time, data FROM outbox ORDER BY id"
    )
    op.drop_table("outbox")
    op.create_table(
        "consumer",
        sa.Column("name", sa.String(100), primary_key=True),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", _INSTANT, nullable=False),
    )
    op.create_table(
        "article_change",
        sa.Column(
            "article_id", sa.BigInteger(), sa.ForeignKey("article.id", ondelete="CASCADE"), primary_key=True,
            autoincrement=False,
        ),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.UniqueConstraint("position"),
    )  # fmt: skip
    # Up to 0, before every event, in the order in which they were stored.
    op.execute(
        "INSERT INTO article_change (article_id, position) SELECT id, id - (SELECT max(id) FROM article) FROM article"
    )


def downgrade() -> None:
    op.drop_table("article_change")
    _create("outbox")
    # What the stream has got would go there again.
    op.execute(
        "INSERT INTO outbox (event_id, type, subject, time, data) SELECT event_id, type, subject, time, data FROM event "
        "WHERE id > (SELECT coalesce(max(position), 0) FROM consumer WHERE name = 'redis-stream') ORDER BY id"
    )
    op.drop_table("consumer")
    op.drop_table("event")


def _create(name: str, **options: bool) -> None:
    op.create_table(
        name,
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("event_id", sa.String(64), nullable=False),
        sa.Column("type", sa.String(64), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("time", _INSTANT, nullable=False),
        sa.Column("data", _JSON, nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("event_id"),
        **options,
    )
