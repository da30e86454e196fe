import pytest

from services.reader.worker import main
from shared.contracts import FetchRequested
from shared.database.engine import make_engine
from shared.database.models import Page
from shared.later import Later
from shared.queues import SOURCES_ERROR, queue_keys
from tests.reader.conftest import NOWHERE, article, headline


def test_healthy(client):
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"database": "ok", "redis": "ok"})


def test_redis_away(serve):
    client = serve(redis=NOWHERE)
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (503, {"database": "ok", "redis": "does not answer"})
    refused = client.post("/v1/triggers", json={"url": "https://x.example/"})
    assert (refused.status_code, "Redis" in refused.json()["detail"]) == (503, True)


@pytest.mark.parametrize("address", ["postgresql+psycopg://u@127.0.0.1:1/x", "sqlite:////nowhere/at/all.db"])
def test_database_away(serve, address):
    engine = make_engine(address)
    client = serve(engine=engine)
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (503, {"database": "does not answer", "redis": "ok"})
    assert client.get("/v1/articles").status_code == 503
    engine.dispose()


def test_status(client, add, redis):
    add(article(1))
    add(headline(1))
    add(Page(key="1", url="u", trace_id="1", disposition="stored"))
    add(Page(key="2", url="u", trace_id="2"))
    redis.lpush(queue_keys("fetch")[4], "x", "y")
    Later(redis).hold([FetchRequested(trace_id="3", url="https://x/")])
    status = client.get("/v1/status").json()
    assert status["queues"] == {"fetch": 2, "parse": 0, "store": 0, "schedule": 0}
    assert status["later"] == {"custody": 1, "parked": 0}
    assert status["stored"] == {"articles": 1, "headlines": 1}
    assert status["pages"] == {"stored": 1, "under-way": 1}
    assert status["sources_error"] is None
    redis.set(SOURCES_ERROR, "sources.yaml: 0.url: Field required")
    assert client.get("/v1/status").json()["sources_error"] == "sources.yaml: 0.url: Field required"


def test_requests_are_counted_by_route_and_never_by_path(client):
    for path in ("/v1/articles/7", "/v1/articles/8", "/made/up", "/static/style.css"):
        client.get(path)
    client.request("INVENTED", "/v1/articles")
    text = client.get("/metrics").text
    assert 'newsmill_reader_requests_total{method="GET",route="/v1/articles/{id}",status="404"} 2.0' in text
    assert "made/up" not in text
    assert "INVENTED" not in text
    assert 'newsmill_reader_request_seconds_count{route="/v1/articles/{id}"} 2.0' in text


def test_a_wrong_setting_stops_the_start(monkeypatch, capsys):
    monkeypatch.setenv("NEWSMILL_READER_SESSION_KEY", "too short")
    assert main() == 2
    assert "NEWSMILL_READER_SESSION_KEY" in capsys.readouterr().err
    monkeypatch.delenv("NEWSMILL_READER_SESSION_KEY")
    monkeypatch.setenv("NEWSMILL_DATABASE_URL", "nonsense")
    assert main() == 2
    assert "NEWSMILL_DATABASE_URL" in capsys.readouterr().err
