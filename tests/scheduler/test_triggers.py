"""The trigger stream: what makes sense becomes a fetch, what does not is set aside, and neither is read twice."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from redis import Redis

from services.scheduler.due import SourcesFile, Ticker, read_sources
from services.scheduler.triggers import TriggerReader
from services.storage.migrate import migrate
from shared.contracts import FetchRequested, Kind, Message, SourceDeclared
from shared.later import Later
from shared.models import Source, make_engine, now, transaction
from shared.queues import TRIGGERS


class Sent(list[Message]):
    """A courier that keeps what it is given."""

    def __call__(self, messages: Iterable[Message]) -> None:
        self.extend(messages)


@pytest.fixture
def sent() -> Sent:
    return Sent()


@pytest.fixture
def reader(redis: "Redis", sent: Sent) -> TriggerReader:
    reader = TriggerReader(redis, sent, Later(redis), "test", 100)
    reader._join()
    return reader


def test_a_bare_url_is_enough(redis: "Redis", reader: TriggerReader, sent: Sent) -> None:
    redis.xadd(TRIGGERS, {"url": "https://news.example/a#top"})
    assert reader.take(10) == 1
    [request] = sent
    assert isinstance(request, FetchRequested)
    assert (request.url, request.priority, request.follow) == ("https://news.example/a", 5, True)
    assert redis.xlen(TRIGGERS) == 0


def test_every_field_is_taken(redis: "Redis", reader: TriggerReader, sent: Sent) -> None:
    redis.xadd(
        TRIGGERS,
        {"url": "https://news.example/a", "kind": "article", "priority": "9", "origin": "backfill", "id": "abc"},
    )
    reader.take(10)
    [request] = sent
    assert isinstance(request, FetchRequested)
    assert (request.kind, request.priority, request.origin, request.trace_id, request.follow) == (
        Kind.ARTICLE,
        9,
        "backfill",
        "abc",
        False,
    )


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"link": "https://news.example/"}, "url"),
        ({"url": "file:///etc/passwd"}, "scheme"),
        ({"url": "https://news.example/", "priority": "12"}, "priority"),
        ({"url": "https://news.example/", "prioirty": "1"}, "prioirty"),
        ({"url": "https://news.example/", "kind": "blog"}, "kind"),
        ({"url": b"\xff\xfe"}, "url"),
    ],
)
def test_a_malformed_trigger_is_set_aside_with_its_reason_and_the_next_is_read(
    redis: "Redis", reader: TriggerReader, sent: Sent, fields: dict[str, str], named: str
) -> None:
    redis.xadd(TRIGGERS, fields)
    redis.xadd(TRIGGERS, {"url": "https://news.example/good"})
    reader.take(10)
    assert [message.url for message in sent if isinstance(message, FetchRequested)] == ["https://news.example/good"]
    [(_, letter)] = Later(redis).dead()
    assert letter.cause == "malformed"
    assert named in letter.detail.lower()


def test_a_trigger_that_a_dead_scheduler_read_is_taken_over(
    redis: "Redis", reader: TriggerReader, sent: Sent, monkeypatch: pytest.MonkeyPatch
) -> None:
    redis.xadd(TRIGGERS, {"url": "https://news.example/a"})
    redis.xreadgroup("scheduler", "dead", {TRIGGERS: ">"})
    assert reader.take(10) == 0
    monkeypatch.setattr("services.scheduler.triggers.CLAIM_MS", 0)
    reader.take(10)
    assert len(sent) == 1


def test_sources_file_is_read_when_it_changes_and_a_wrong_one_is_survived(tmp_path: Path) -> None:
    path = tmp_path / "sources.yaml"
    file = SourcesFile(path)
    assert file.changed() == []
    path.write_text("sources:\n  - {name: News, url: 'https://news.example/', interval_seconds: 60}\n")
    assert [source.name for source in file.changed()] == ["News"]
    assert file.changed() == []


@pytest.mark.parametrize(
    "text",
    ["sources: [{name: x}]", "sources: [{name: x, url: 'ftp://a/'}]", "- {name: x, url: 'https://a/', every: 5}"],
)
def test_a_wrong_source_is_named(text: str) -> None:
    with pytest.raises(ValueError, match=r"url|URL|every"):
        read_sources(text)


@pytest.fixture
def ticker(database_url: str, redis: "Redis", sent: Sent, tmp_path: Path) -> Iterator[Ticker]:
    migrate(database_url)
    engine = make_engine(database_url)
    with transaction(engine) as session:
        session.add(Source(key="k", name="News", url="https://news.example/", next_poll_at=now()))
        session.add(Source(key="p", name="Paused", url="https://paused.example/", state="paused", next_poll_at=now()))
    yield Ticker(engine, redis, Later(redis), sent, SourcesFile(tmp_path / "none"), batch=10, custody_seconds=60)
    engine.dispose()


def test_a_due_source_is_polled_once_until_its_page_has_ended(ticker: Ticker, sent: Sent) -> None:
    ticker.tick()
    ticker.tick()
    assert [message.url for message in sent if isinstance(message, FetchRequested)] == ["https://news.example/"]


def test_parked_and_overdue_messages_come_back(
    ticker: Ticker, redis: "Redis", sent: Sent, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = Later(redis)
    parked, lost = FetchRequested(url="https://a.example/"), FetchRequested(url="https://b.example/")
    later.park(parked, -1)
    with monkeypatch.context() as earlier:
        earlier.setattr("shared.later.time", lambda: 1.0)
        later.hold([lost])
    ticker.tick()
    assert {message.trace_id for message in sent} >= {parked.trace_id, lost.trace_id}
    assert later.counts()["parked"] == 0


def test_a_waiting_message_that_cannot_be_read_is_set_aside_and_stops_no_tick(
    ticker: Ticker, redis: "Redis", sent: Sent
) -> None:
    later = Later(redis)
    later.park(FetchRequested(trace_id="odd", url="https://a.example/"), -1)
    redis.hset("newsmill:waiting", "odd", '{"type": "Nonsense", "trace_id": "odd"}')
    later.park(FetchRequested(trace_id="fine", url="https://b.example/"), -1)
    ticker.tick()
    assert "fine" in {message.trace_id for message in sent}
    assert [letter.trace_id for _, letter in later.dead()] == ["odd"]
    assert later.counts()["custody"] == 1


def test_declared_sources_go_to_storage(ticker: Ticker, sent: Sent, tmp_path: Path) -> None:
    (tmp_path / "none").write_text("sources: [{name: New, url: 'https://new.example/'}]")
    ticker.tick()
    assert [message.name for message in sent if isinstance(message, SourceDeclared)] == ["New"]
