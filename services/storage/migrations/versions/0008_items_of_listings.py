"""Authors and categories of headlines; http and https are one item, places on one page are several"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from services.storage.identity import items

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_HEADLINE = sa.table("headline", *map(sa.column, ("id", "site", "key", "link_key", "url")))
_ROWS = 1_000


def upgrade() -> None:
    for name in ("authors", "tags"):
        op.add_column("headline", sa.Column(name, _JSON, nullable=False, server_default="[]"))
    op.add_column("headline", sa.Column("link_key", sa.String(32)))
    op.execute("UPDATE headline SET link_key = key WHERE url IS NOT NULL")
    op.drop_index("ix_headline_key", "headline")
    op.create_index("ix_headline_link_key", "headline", ["link_key"])
    last_id = 0
    while rows := _http_rows(last_id):
        last_id = rows[-1].id
        _join_schemes(rows)


def downgrade() -> None:
    op.drop_index("ix_headline_link_key", "headline")
    op.create_index("ix_headline_key", "headline", ["key"])
    op.drop_column("headline", "link_key")
    op.drop_column("headline", "tags")
    op.drop_column("headline", "authors")


def _http_rows(last_id: int) -> list[Any]:
    query = sa.select(_HEADLINE).where(_HEADLINE.c.url.like("http:%"), _HEADLINE.c.id > last_id)
    return list(op.get_bind().execute(query.order_by(_HEADLINE.c.id).limit(_ROWS)))


def _join_schemes(rows: list[Any]) -> None:
    """Gives headlines with http addresses the key of the https address, unless the site has that headline already."""
    keys = {row.id: items.key(row.url) for row in rows}
    query = sa.select(_HEADLINE.c.site, _HEADLINE.c.key).where(_HEADLINE.c.key.in_(set(keys.values())))
    existing_keys = {(row.site, row.key) for row in op.get_bind().execute(query)}
    for row in rows:
        if (row.site, keys[row.id]) not in existing_keys:
            existing_keys.add((row.site, keys[row.id]))
            change = sa.update(_HEADLINE).where(_HEADLINE.c.id == row.id).values(key=keys[row.id])
            op.get_bind().execute(change)
