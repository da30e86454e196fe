"""A query that takes too long is ended on both databases, and its request is answered 503."""

import time
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, text

from services.reader.dependencies import Sessions
from shared.database.engine import make_engine

pytestmark = pytest.mark.hostile

ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
SECONDS = 0.3


@pytest.fixture
def engine(engine: Engine, database_url: str) -> Iterator[Engine]:
    """The same database, with a limit."""
    limited = make_engine(database_url, connections=1, statement_seconds=SECONDS)
    yield limited
    limited.dispose()


def test_a_query_that_takes_too_long_is_answered_503_and_its_connection_serves_the_next(serve) -> None:
    client = serve()

    def endless(sessions: Sessions) -> int:
        with sessions() as session:
            return session.execute(text(ENDLESS)).scalar_one()

    client.app.add_api_route("/endless", endless)
    started = time.monotonic()
    answer = client.get("/endless")
    assert time.monotonic() - started < 20 * SECONDS
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert "NEWSMILL_READER_QUERY_SECONDS" in answer.json()["detail"]
    assert client.get("/v1/articles").status_code == 200
