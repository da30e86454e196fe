"""Visits of URLs, articles under several URLs, stories, kept pages, reports of images"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)

NEW = ("visit", "article_alias", "story", "band", "signature", "image_report", "image_block", "image_audit")
INDEXED = {"article": ("story_id", "original_id", "origin_key", "title_key"), "image": ("content_hash",)}


def added() -> dict[str, list[sa.Column[Any]]]:
    return {
        "article": [
            sa.Column("story_id", sa.BigInteger()),
            sa.Column("original_id", sa.BigInteger()),
            sa.Column("origin_key", sa.String(32)),
            sa.Column("title_key", sa.String(32)),
        ],
        "article_version": [sa.Column("changes", JSON)],
        "headline": [
            sa.Column("top_position", sa.Integer()),
            sa.Column("places", JSON, nullable=False, server_default="[]"),
        ],
        "image": [
            sa.Column("content_hash", sa.String(64)),
            sa.Column("size", sa.Integer()),
            sa.Column("media_type", sa.String(64)),
        ],
    }


def upgrade() -> None:
    # Plain columns, no foreign keys: SQLite would have to write the tables anew, and their search triggers with them.
    for table, columns in added().items():
        for column in columns:
            op.add_column(table, column)
        for name in INDEXED.get(table, ()):
            where = sa.text("origin_key IS NOT NULL") if name == "origin_key" else None
            op.create_index(f"ix_{table}_{name}", table, [name], sqlite_where=where, postgresql_where=where)
    visits()
    stories()
    reports()
    op.execute("INSERT INTO article_alias (key, article_id) SELECT key, id FROM article")
    op.execute(
        "INSERT INTO article_alias (key, article_id) SELECT key, article_id FROM page WHERE article_id IS NOT NULL "
        "ON CONFLICT DO NOTHING"
    )
    op.execute(
        "INSERT INTO visit (trace_id, page_key, url, cause, source_id, article_id, origin, triggered_at, fetched_at, "
        "ended_at, disposition, stage, status, detail, steps) SELECT trace_id, MIN(key), MIN(url), MIN(cause), "
        "MIN(source_id), MIN(article_id), MIN(origin), MIN(triggered_at), MIN(fetched_at), MIN(ended_at), "
        "MIN(disposition), MIN(stage), MIN(status), MIN(detail), '[]' FROM page WHERE disposition IS NOT NULL "
        "GROUP BY trace_id"
    )


def visits() -> None:
    op.create_table(
        "visit",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("trace_id", sa.String(64), nullable=False),
        sa.Column("page_key", sa.String(32), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("cause", sa.String(64)),
        sa.Column("via", sa.String(32)),
        sa.Column("source_id", sa.BigInteger()),
        sa.Column("article_id", sa.BigInteger()),
        sa.Column("origin", sa.String(16), nullable=False),
        sa.Column("triggered_at", INSTANT, nullable=False),
        sa.Column("fetched_at", INSTANT),
        sa.Column("ended_at", INSTANT),
        sa.Column("disposition", sa.String(32)),
        sa.Column("stage", sa.String(16)),
        sa.Column("status", sa.Integer()),
        sa.Column("detail", sa.Text()),
        sa.Column("version", sa.Integer()),
        sa.Column("steps", JSON, nullable=False),
        sa.Column("kept", sa.Text()),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("trace_id"),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["article_id"], ["article.id"], ondelete="SET NULL"),
    )
    for name in ("page_key", "article_id", "ended_at", "kept"):
        op.create_index(f"ix_visit_{name}", "visit", [name])


def stories() -> None:
    op.create_table(
        "article_alias",
        sa.Column("key", sa.String(32), primary_key=True),
        sa.Column("article_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["article.id"], ondelete="CASCADE"),
    )
    op.create_index("ix_article_alias_article_id", "article_alias", ["article_id"])
    op.create_table(
        "story",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "signature",
        sa.Column("article_id", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("shingles", sa.Integer(), nullable=False),
        sa.Column("minhash", sa.LargeBinary(), nullable=False),
        sa.Column("seen_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["article.id"], ondelete="CASCADE"),
    )
    op.create_index("ix_signature_seen_at", "signature", ["seen_at"])
    op.create_table(
        "band",
        sa.Column("band", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("article_id", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.ForeignKeyConstraint(["article_id"], ["signature.article_id"], ondelete="CASCADE"),
    )
    op.create_index("ix_band_article_id", "band", ["article_id"])


def reports() -> None:
    op.create_table(
        "image_report",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("image_key", sa.String(32), nullable=False),
        sa.Column("content_hash", sa.String(64)),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("reporter", sa.String(64), nullable=False),
        sa.Column("reason", sa.String(200)),
        sa.Column("reported_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("image_key", "reporter"),
    )
    op.create_index("ix_image_report_content_hash", "image_report", ["content_hash"])
    op.create_table(
        "image_block",
        sa.Column("subject", sa.String(64), primary_key=True),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("blocked", sa.Boolean(), nullable=False),
        sa.Column("reports", sa.Integer(), nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False),
    )
    op.create_table(
        "image_audit",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("subject", sa.String(64), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("action", sa.String(16), nullable=False),
        sa.Column("actor", sa.String(64), nullable=False),
        sa.Column("detail", sa.Text()),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_image_audit_subject", "image_audit", ["subject"])


def downgrade() -> None:
    for table in NEW:
        op.drop_table(table)
    for table, columns in added().items():
        for name in INDEXED.get(table, ()):
            op.drop_index(f"ix_{table}_{name}", table)
        for column in columns:
            op.drop_column(table, column.name)
