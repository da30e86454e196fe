"""What SQLite's planner knows of the tables: without it the stories of a day, in a million articles, take twenty times as
long (docs/adr/0027). PostgreSQL sees to that by itself (autovacuum)."""

from sqlalchemy import Engine, func, select
from sqlmodel import Session, col

from shared.database.models import Article

SECONDS = 300
# Rows of each index that are looked at: a third of a second of CPU for a million articles.
ROWS = 1000
# Fewer articles are not counted: who takes a table for small reads it whole.
LEAST_ARTICLES = 1000
# Counted anew once there are so many times as many.
GROWTH = 1.2


class Statistics:
    """Counts what the planner wants to know, as a database grows.

    Args:
        engine: of the database. Its connections, and others' that are opened from then on, know what was counted.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._articles = 0

    def step(self) -> bool:
        """Counts, if there is much more than before; returns whether that was so."""
        with Session(self._engine) as session:
            articles = session.scalar(select(func.max(col(Article.id)))) or 0
            if articles < max(LEAST_ARTICLES, GROWTH * self._articles):
                return False
            connection = session.connection()
            connection.exec_driver_sql(f"PRAGMA analysis_limit={ROWS}")
            connection.exec_driver_sql("ANALYZE")
            session.commit()
        self._articles = articles
        return True
