"""Searches of headlines cost what they find, however many headlines there are (ADR 13)"""

from alembic import op

from shared.database.search import FUNCTION

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

VECTOR = f"to_tsvector('simple', {FUNCTION}(text))"


def upgrade() -> None:
    """PostgreSQL keeps the words of a headline, so that none are cut anew to see whether it matches; SQLite indexes the
    beginnings of words."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP INDEX ix_headline_search")
        op.execute(f"ALTER TABLE headline ADD COLUMN search_words tsvector GENERATED ALWAYS AS ({VECTOR}) STORED")
        op.execute("CREATE INDEX ix_headline_search ON headline USING gin (search_words)")
    else:
        sqlite_index(", prefix='1 2 3 4 5'")


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP INDEX ix_headline_search")
        op.execute("ALTER TABLE headline DROP COLUMN search_words")
        op.execute(f"CREATE INDEX ix_headline_search ON headline USING gin ({VECTOR})")
    else:
        sqlite_index("")


def sqlite_index(option: str) -> None:
    """Makes the index anew; the triggers that keep it stay."""
    op.execute("DROP TABLE headline_search")
    op.execute(
        "CREATE VIRTUAL TABLE headline_search USING fts5(words, content='', "
        f"tokenize=\"unicode61 remove_diacritics 0 categories 'L* N* M* Co'\"{option})"
    )
    op.execute(f"INSERT INTO headline_search(rowid, words) SELECT id, {FUNCTION}(headline.text) FROM headline")
