"""Search in every script, without case and accents"""

from alembic import op

from shared.database.search import FUNCTION, POSTGRES_FUNCTION

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# The rule of words is shared with whoever searches. A change of it needs a migration that makes function and indexes anew.
SEARCHED = {"article": ("title", "text"), "headline": ("text",)}


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(POSTGRES_FUNCTION)
    for table, columns in SEARCHED.items():
        if op.get_bind().dialect.name == "postgresql":
            op.execute(f"DROP INDEX ix_{table}_search")
            document = " || ' ' || ".join(columns)
            op.execute(
                f"CREATE INDEX ix_{table}_search ON {table} USING gin (to_tsvector('simple', {FUNCTION}({document})))"
            )
        else:
            drop_sqlite_search(table)
            sqlite_search(table, columns)


def sqlite_search(table: str, columns: tuple[str, ...]) -> None:
    """The index alone, without a copy of the text: what it forgets of a row is computed from the row once more."""
    search = f"{table}_search"
    new, old, stored = (
        "{}({})".format(FUNCTION, " || ' ' || ".join(f"{row}.{column}" for column in columns))
        for row in ("new", "old", table)
    )
    op.execute(
        f"CREATE VIRTUAL TABLE {search} USING fts5(words, content='', "
        "tokenize=\"unicode61 remove_diacritics 0 categories 'L* N* M* Co'\")"
    )
    insert = f"INSERT INTO {search}(rowid, words) VALUES (new.id, {new});"
    delete = f"INSERT INTO {search}({search}, rowid, words) VALUES ('delete', old.id, {old});"
    op.execute(f"CREATE TRIGGER {search}_insert AFTER INSERT ON {table} BEGIN {insert} END")
    op.execute(f"CREATE TRIGGER {search}_delete AFTER DELETE ON {table} BEGIN {delete} END")
    op.execute(
        f"CREATE TRIGGER {search}_update AFTER UPDATE OF {', '.join(columns)} ON {table} BEGIN {delete} {insert} END"
    )
    op.execute(f"INSERT INTO {search}(rowid, words) SELECT id, {stored} FROM {table}")


def drop_sqlite_search(table: str) -> None:
    for event in ("insert", "delete", "update"):
        op.execute(f"DROP TRIGGER {table}_search_{event}")
    op.execute(f"DROP TABLE {table}_search")


def downgrade() -> None:
    """As 0001 had it."""
    postgres = op.get_bind().dialect.name == "postgresql"
    for table, columns in SEARCHED.items():
        document = " || ' ' || ".join(columns)
        if postgres:
            op.execute(f"DROP INDEX ix_{table}_search")
            vector = f"to_tsvector('simple', left({document}, 200000))"
            op.execute(f"CREATE INDEX ix_{table}_search ON {table} USING gin ({vector})")
        else:
            drop_sqlite_search(table)
            older_sqlite_search(table, columns)
    if postgres:
        op.execute(f"DROP FUNCTION {FUNCTION}")


def older_sqlite_search(table: str, columns: tuple[str, ...]) -> None:
    search, names = f"{table}_search", ", ".join(columns)
    new, old = (", ".join(f"{row}.{column}" for column in columns) for row in ("new", "old"))
    op.execute(
        f"CREATE VIRTUAL TABLE {search} USING fts5({names}, content='{table}', content_rowid='id', "
        "tokenize='unicode61 remove_diacritics 2')"
    )
    insert = f"INSERT INTO {search}(rowid, {names}) VALUES (new.id, {new});"
    delete = f"INSERT INTO {search}({search}, rowid, {names}) VALUES ('delete', old.id, {old});"
    op.execute(f"CREATE TRIGGER {search}_insert AFTER INSERT ON {table} BEGIN {insert} END")
    op.execute(f"CREATE TRIGGER {search}_delete AFTER DELETE ON {table} BEGIN {delete} END")
    op.execute(f"CREATE TRIGGER {search}_update AFTER UPDATE OF {names} ON {table} BEGIN {delete} {insert} END")
    op.execute(f"INSERT INTO {search}({search}) VALUES ('rebuild')")
