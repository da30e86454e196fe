"""Images whose content is known have indexes of their own; indexes that another one includes are gone"""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

HAS_CONTENT = sa.text("content_hash IS NOT NULL")


def upgrade() -> None:
    # The unique indexes of both tables begin with the article.
    op.drop_index("ix_image_article_id", "image")
    op.drop_index("ix_article_version_article_id", "article_version")
    op.drop_index("ix_image_content_hash", "image")
    for name, columns in (("ix_image_content_hash", ["content_hash"]), ("ix_image_known", ["key", "id"])):
        op.create_index(name, "image", columns, sqlite_where=HAS_CONTENT, postgresql_where=HAS_CONTENT)


def downgrade() -> None:
    op.drop_index("ix_image_known", "image")
    op.drop_index("ix_image_content_hash", "image")
    op.create_index("ix_image_content_hash", "image", ["content_hash"])
    op.create_index("ix_article_version_article_id", "article_version", ["article_id"])
    op.create_index("ix_image_article_id", "image", ["article_id"])
