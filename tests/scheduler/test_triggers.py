"""The trigger stream: what makes sense becomes a fetch, what does not is set aside, and neither is read twice."""

import os
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from redis import Redis
from sqlalchemy import Engine, update
from sqlmodel import col

from services.scheduler.due import Ticker
from services.scheduler.ledger_lookup import Ledger, knowledge
from services.scheduler.recovery import Recovery
from services.scheduler.revisits import Budget
from services.scheduler.settings import SchedulerSettings
from services.scheduler.sources import SourcesFile, read_sources
from services.scheduler.triggers import TriggerReader
from shared.contracts import Access, FetchRequested, Kind, Message, PageDropped, SourceDeclared, now_utc
from shared.database.engine import make_engine, transaction
from shared.database.models import Page, Source
from shared.dead import DeadLetters
from shared.errors import Unavailable
from shared.later import Later
from shared.queues import SOURCES_ERROR, TRIGGER_LANES, TRIGGERS
from shared.settings import Settings
from shared.urls import fingerprint
from shared.worker.pressure import Pressure


class Sent(list[Message]):
    """A sender that keeps what it is given; `away` so many times before."""

    away = 0

    def __call__(self, messages: Iterable[Message]) -> None:
        listed = list(messages)
        if listed and self.away:
            self.away -= 1
            raise Unavailable("queue fetch: Redis is away")
        self.extend(listed)


def wait_until(so: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not so():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.fixture
def sent() -> Sent:
    return Sent()


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = make_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def settings() -> Settings:
    return Settings(fetch_queue_limit=3, custody_limit=100)


@pytest.fixture
def reader(redis: "Redis", sent: Sent, engine: Engine, settings: Settings) -> TriggerReader:
    reader = TriggerReader(
        redis, sent, DeadLetters(redis), Ledger(engine), Pressure(redis, settings), name="test", batch=100,
        full_after=timedelta(days=1),
    )  # fmt: skip
    reader.join()
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
    [letter] = DeadLetters(redis).newest()
    assert letter.last.cause == "malformed"
    assert named in letter.last.detail.lower()


def test_a_trigger_that_a_dead_scheduler_read_is_taken_over(
    redis: "Redis", reader: TriggerReader, sent: Sent, monkeypatch: pytest.MonkeyPatch
) -> None:
    redis.xadd(TRIGGERS, {"url": "https://news.example/a"})
    redis.xreadgroup("scheduler", "dead", {TRIGGERS: ">"})
    assert reader.take(10) == 0
    monkeypatch.setattr("services.scheduler.stream.CLAIM_MS", 0)
    reader.take(10)
    assert len(sent) == 1


def test_reading_goes_on_when_the_queues_are_there_again(redis: "Redis", reader: TriggerReader, sent: Sent) -> None:
    sent.away = 1
    redis.xadd(TRIGGERS, {"url": "https://news.example/"})
    stopped = Event()
    thread = Thread(target=reader.run, args=(stopped,))
    thread.start()
    wait_until(lambda: not sent.away)
    # What was read and not sent is still the reader's; another takes it over when its time has come.
    redis.xadd(TRIGGERS, {"url": "https://news.example/2"})
    wait_until(
        lambda: [message.url for message in sent if isinstance(message, FetchRequested)] == ["https://news.example/2"]
    )
    stopped.set()
    thread.join(10)
    assert redis.xlen(TRIGGERS) == 1


def test_sources_file_is_read_when_it_changes_and_a_wrong_one_is_survived(tmp_path: Path) -> None:
    path = tmp_path / "sources.yaml"
    file = SourcesFile(path)
    assert file.changed() is None
    path.write_text("sources:\n  - {name: News, url: 'https://news.example/', interval_seconds: 60}\n")
    for _ in range(2):
        declared = file.changed()
        assert declared is not None
        assert [source.name for source in declared.sources] == ["News"], "until it is confirmed"
    file.confirm()
    assert file.changed() is None
    path.write_text("sources: 7")
    os.utime(path, (1, 1))
    assert file.changed() is None


def test_the_error_of_a_sources_file_is_kept_until_it_is_right_again(redis: "Redis", tmp_path: Path) -> None:
    path = tmp_path / "sources.yaml"
    path.write_text("sources: [{name: x}]")
    file = SourcesFile(path)
    for _ in range(2):
        assert file.changed() is None
        file.publish_error(redis)
        assert "0.url: Field required" in str(redis.get(SOURCES_ERROR))
    path.write_text("sources: [{name: x, url: 'https://news.example/'}]")
    os.utime(path, (1, 1))
    assert file.changed()
    file.publish_error(redis)
    assert not redis.exists(SOURCES_ERROR)


def test_an_error_that_an_earlier_scheduler_left_is_removed_when_the_file_is_right(
    redis: "Redis", tmp_path: Path
) -> None:
    redis.set(SOURCES_ERROR, "from before")
    file = SourcesFile(tmp_path / "none")
    file.changed()
    file.publish_error(redis)
    assert not redis.exists(SOURCES_ERROR)


@pytest.mark.parametrize(
    "text",
    ["sources: [{name: x}]", "sources: [{name: x, url: 'ftp://a/'}]", "- {name: x, url: 'https://a/', every: 5}"],
)
def test_a_wrong_source_is_named(text: str) -> None:
    with pytest.raises(ValueError, match=r"url|URL|every"):
        read_sources(text)


@pytest.mark.parametrize("text", ["!!int ''", "!!bool x", "!!timestamp x", "[" * 2000, "- " * 2000])
def test_yaml_that_its_reader_trips_over_is_a_wrong_file(text: str) -> None:
    with pytest.raises(ValueError, match="YAML"):
        read_sources(text)


@pytest.fixture
def ticker(engine: Engine, redis: "Redis", sent: Sent, tmp_path: Path) -> Ticker:
    with transaction(engine) as session:
        session.add(Source(key="k", name="News", url="https://news.example/", next_poll_at=now_utc()))
        session.add(
            Source(key="p", name="Paused", url="https://paused.example/", state="paused", next_poll_at=now_utc())
        )
    later, dead = Later(redis), DeadLetters(redis)
    return Ticker(
        engine=engine, redis=redis, later=later, dead=dead, recovery=Recovery(redis, later, dead, sent, 60), send=sent,
        sources_file=SourcesFile(tmp_path / "none"), batch=10, claim_seconds=60, full_after=timedelta(days=1),
        revisit_budget=Budget(redis, Pressure(redis, SchedulerSettings()), 48),
    )  # fmt: skip


def test_a_due_source_is_polled_once_until_its_page_has_ended(ticker: Ticker, sent: Sent) -> None:
    ticker.tick()
    ticker.tick()
    assert [message.url for message in sent if isinstance(message, FetchRequested)] == ["https://news.example/"]


def test_a_page_that_is_due_again_is_sent_once_as_its_source_is_reached_until_it_has_ended(
    ticker: Ticker, sent: Sent, engine: Engine
) -> None:
    moment = now_utc()
    with transaction(engine) as session:
        source = Source(
            key="s", name="News", url="https://news.example/", state="paused", priority=7,
            access={"login": "news", "sitemaps": True},
        )  # fmt: skip
        session.add(source)
        session.flush()
        for name, minutes in (("due", -1), ("later", 5)):
            session.add(Page(
                key=name, url=f"https://news.example/{name}", trace_id=name, cause="front", source_id=source.id,
                disposition="http-404", retries=1, retry_at=moment + timedelta(minutes=minutes),
            ))  # fmt: skip
    ticker.tick()
    ticker.tick()
    [request] = [message for message in sent if message.via == "retry"]
    assert (request.url, request.via, request.follow, request.cause) == (
        "https://news.example/due",
        "retry",
        False,
        "front",
    )
    assert (request.priority, request.access) == (7, Access(login="news"))
    with transaction(engine) as session:
        session.execute(update(Page).where(col(Page.key) == "due").values(trace_id=request.trace_id, retries=2))
    ticker.tick()
    assert len({message.trace_id for message in sent if message.via == "retry"}) == 2, (
        "each retry is a visit of its own"
    )


def test_articles_that_are_due_are_looked_at_again_behind_what_is_new_with_conditions_and_within_the_budget(
    ticker: Ticker, sent: Sent, engine: Engine, redis: "Redis"
) -> None:
    moment = now_utc()
    with transaction(engine) as session:
        paused = Source(key="s", name="News", url="https://news.example/s", state="paused", priority=7)
        session.add(paused)
        session.flush()
        for number, (minutes, source_id) in enumerate([(-1, None), (-5, None), (-3, None), (5, None), (-9, paused.id)]):
            session.add(Page(
                key=f"k{number}", url=f"https://news.example/{number}", trace_id=f"t{number}", disposition="stored",
                etag='"1"', fetched_at=moment, revisit_at=moment + timedelta(minutes=minutes), source_id=source_id,
            ))  # fmt: skip
    ticker.tick()
    ticker.tick()
    requests = [message for message in sent if isinstance(message, FetchRequested) and message.via == "revisit"]
    assert [request.url for request in requests] == ["https://news.example/1", "https://news.example/2"], "48 a day"
    assert {(request.priority, request.follow, request.etag) for request in requests} == {(1, False, '"1"')}
    redis.delete(*redis.scan_iter("newsmill:revisits:*"))
    ticker.tick()
    assert sent[-1].url == "https://news.example/0"


def test_a_poll_that_could_not_be_sent_is_tried_again(ticker: Ticker, redis: "Redis", sent: Sent) -> None:
    sent.away = 1
    with pytest.raises(Unavailable):
        ticker.tick()
    [claim] = redis.scan_iter("newsmill:polling:*")
    assert 0 < redis.ttl(claim) <= 30, "for a moment only"
    redis.delete(claim)
    ticker.tick()
    assert [message.url for message in sent if isinstance(message, FetchRequested)] == ["https://news.example/"]
    assert redis.ttl(claim) > 30


def test_declared_sources_that_could_not_be_sent_are_sent_later(ticker: Ticker, sent: Sent, tmp_path: Path) -> None:
    (tmp_path / "none").write_text("sources: [{name: New, url: 'https://new.example/'}]")
    sent.away = 1
    with pytest.raises(Unavailable):
        ticker.tick()
    ticker.tick()
    ticker.tick()
    assert sum(isinstance(message, SourceDeclared) and message.name == "New" for message in sent) == 1


def test_while_the_database_is_away_what_waits_comes_back_all_the_same(
    redis: "Redis", sent: Sent, tmp_path: Path
) -> None:
    later, dead = Later(redis), DeadLetters(redis)
    nowhere = make_engine("postgresql+psycopg://nobody@127.0.0.1:1/none")
    (tmp_path / "sources.yaml").write_text("sources: []")
    ticker = Ticker(
        engine=nowhere, redis=redis, later=later, dead=dead, recovery=Recovery(redis, later, dead, sent, 60),
        send=sent, sources_file=SourcesFile(tmp_path / "sources.yaml"), batch=10, claim_seconds=60,
        full_after=timedelta(days=1), revisit_budget=Budget(redis, Pressure(redis, SchedulerSettings()), 48),
    )  # fmt: skip
    parked = FetchRequested(url="https://a.example/")
    later.park(parked, -1)
    ticker.tick()
    assert [message.trace_id for message in sent] == [parked.trace_id]


def test_parked_and_overdue_messages_come_back(
    ticker: Ticker, redis: "Redis", sent: Sent, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = Later(redis)
    parked, lost = FetchRequested(url="https://a.example/"), FetchRequested(url="https://b.example/")
    later.park(parked, -1)
    with monkeypatch.context() as earlier:
        earlier.setattr("shared.later.now", lambda: 1.0)
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
    assert [letter.trace_id for letter in DeadLetters(redis).newest()] == ["odd"]
    assert later.counts()["custody"] == 1


def test_a_source_that_is_no_longer_in_the_file_is_paused(
    ticker: Ticker, sent: Sent, engine: Engine, tmp_path: Path
) -> None:
    (tmp_path / "none").write_text("sources: []")
    with transaction(engine) as session:
        session.add(Source(key="q", name="By hand", url="https://hand.example/", declared_by="api"))
    ticker.tick()
    assert [(message.name, message.state) for message in sent if isinstance(message, SourceDeclared)] == [
        ("News", "paused")
    ]


def test_declared_sources_go_to_storage(ticker: Ticker, sent: Sent, tmp_path: Path) -> None:
    (tmp_path / "none").write_text("sources: [{name: New, url: 'https://new.example/'}]")
    ticker.tick()
    assert [message.name for message in sent if isinstance(message, SourceDeclared) and message.state == "active"] == [
        "New"
    ]


# -- what the ledger knows


def add_page(engine: Engine, url: str = "https://news.example/a", **fields: Any) -> None:
    row = {"disposition": "stored", "etag": '"1"', "body_hash": "ab", "fetched_at": now_utc(), "ended_at": now_utc()}
    with transaction(engine) as session:
        session.add(Page(key=fingerprint(url), url=url, trace_id="before", **row | fields))


def take(redis: "Redis", reader: TriggerReader, sent: Sent, **fields: str) -> Message:
    redis.xadd(TRIGGERS, {"url": "https://news.example/a", **fields})
    sent.clear()
    reader.take(10)
    [message] = sent
    return message


def test_a_page_that_is_known_is_asked_only_for_what_is_new(redis, reader, sent, engine) -> None:
    add_page(engine, moved_to="https://news.example/b", last_modified="")
    request = take(redis, reader, sent)
    assert (request.etag, request.last_modified, request.body_hash) == ('"1"', None, "ab")
    assert (request.moved_to, request.full) == ("https://news.example/b", False)
    fresh = take(redis, reader, sent, fresh="1")
    assert (fresh.etag, fresh.body_hash, fresh.moved_to) == (None, None, None)


@pytest.mark.parametrize("disposition", ["crashed", "page-expired", "no-content", "http-5xx", "dns", "host-down", None])
def test_a_page_that_was_not_read_is_asked_for_whole_and_at_its_old_address(
    redis, reader, sent, engine, disposition
) -> None:
    add_page(engine, disposition=disposition, moved_to="https://news.example/b")
    request = take(redis, reader, sent)
    assert (request.etag, request.moved_to) == (None, None)


@pytest.mark.parametrize(
    ("hours_ago", "moved_to"),
    [(1, "https://news.example/b"), (11, "https://news.example/b"), (13, None), (23, None), (25, None)],
)
def test_the_old_address_of_a_page_is_asked_first_once_a_day_however_often_the_new_one_changes(
    hours_ago: int, moved_to: str | None
) -> None:
    noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
    page = Page(
        key="a",
        url="https://news.example/a",
        trace_id="t",
        disposition="listed",
        moved_to="https://news.example/b",
        fetched_at=noon - timedelta(hours=hours_ago),
    )
    assert knowledge(page, noon, timedelta(days=1))["moved_to"] == moved_to


def test_now_and_then_a_page_is_asked_for_without_conditions(redis, reader, sent, engine) -> None:
    add_page(engine, fetched_at=now_utc() - timedelta(days=2))
    request = take(redis, reader, sent)
    assert (request.full, request.body_hash) == (True, "ab")


@pytest.mark.parametrize(("reason", "hours"), [("http-404", 1), ("http-410", 24), ("robots", 1), ("consent-wall", 1)])
def test_a_lasting_end_is_remembered_for_a_while(redis, reader, sent, engine, reason: str, hours: int) -> None:
    add_page(engine, disposition=reason, ended_at=now_utc() - timedelta(hours=hours, minutes=-5))
    end = take(redis, reader, sent, id="again")
    assert isinstance(end, PageDropped)
    assert (end.reason, end.stage, end.trace_id) == (reason, "trigger", "again")
    assert "fresh=1" in end.detail
    assert isinstance(take(redis, reader, sent, fresh="1"), FetchRequested)


def test_a_lasting_end_is_not_remembered_for_ever(redis, reader, sent, engine) -> None:
    add_page(engine, disposition="http-404", ended_at=now_utc() - timedelta(hours=1, minutes=1))
    assert isinstance(take(redis, reader, sent), FetchRequested)


def test_while_the_database_is_away_triggers_are_taken(redis, sent, tmp_path, reader: TriggerReader) -> None:
    away = make_engine(f"sqlite:///{tmp_path}/no/such/folder/news.db")
    reader._ledger = Ledger(away)
    assert isinstance(take(redis, reader, sent), FetchRequested)
    away.dispose()


def test_a_poll_knows_the_ledger_and_how_the_source_is_reached(ticker: Ticker, sent: Sent, engine: Engine) -> None:
    with transaction(engine) as session:
        access = {"login": "paper", "proxy": None, "render": False, "sitemaps": True}
        session.add(
            Source(key=fingerprint("https://due.example/"), name="D", url="https://due.example/", access=access)
        )
    add_page(engine, "https://due.example/", disposition="not-modified")
    ticker.tick()
    [request] = [
        message for message in sent if isinstance(message, FetchRequested) and message.url == "https://due.example/"
    ]
    assert (request.etag, request.access) == ('"1"', Access(login="paper", sitemaps=True))


def test_sources_say_how_they_are_reached() -> None:
    _, [plain, special] = read_sources(
        "- {name: A, url: 'https://a.example/'}\n"
        "- {name: B, url: 'https://b.example/', login: b, proxy: eu, render: true, sitemaps: true}"
    )
    assert (plain.access, special.access) == (None, Access(login="b", proxy="eu", render=True, sitemaps=True))


def test_nothing_is_known_of_a_page_that_is_not_there() -> None:
    assert knowledge(None, now_utc(), timedelta(days=1)) == {}


def test_while_the_pipeline_is_full_triggers_wait_in_lanes_and_the_urgent_go_first(
    redis: "Redis", reader: TriggerReader, sent: Sent
) -> None:
    redis.lpush("fetch", *["waiting"] * 3)
    for number in range(20):
        redis.xadd(TRIGGERS, {"url": f"https://news.example/{number}", "priority": "5"})
    redis.xadd(TRIGGERS, {"url": "https://news.example/urgent", "priority": "9", "id": "mine"})
    redis.xadd(TRIGGERS, {"url": "https://news.example/odd", "priority": "often"})
    reader.take(10)
    reader.take(10)
    assert [message.trace_id for message in sent] == ["mine"], "the urgent have room that others cannot take"
    assert (redis.xlen(TRIGGERS), redis.xlen(TRIGGER_LANES[5])) == (0, 21)
    redis.delete("fetch")
    while reader.take(1):
        pass
    urls = [message.url for message in sent if isinstance(message, FetchRequested)]
    assert urls == ["https://news.example/urgent", *(f"https://news.example/{number}" for number in range(20))]
    assert all(message.trace_id.startswith("trigger-") for message in sent[1:])
    assert DeadLetters(redis).counts() == {("trigger", "malformed"): 1}


def test_urls_under_way_have_a_limit(redis: "Redis", reader: TriggerReader, sent: Sent) -> None:
    Later(redis).hold(FetchRequested(url=f"https://a.example/{number}") for number in range(100))
    redis.xadd(TRIGGERS, {"url": "https://news.example/a"})
    assert reader.take(10) == 0
    redis.delete("newsmill:custody")
    assert reader.take(10) == 1


def test_what_a_dead_scheduler_read_at_a_crowded_door_goes_to_its_lane_and_an_odd_entry_stops_nothing(
    redis: "Redis", reader: TriggerReader, sent: Sent
) -> None:
    redis.lpush("fetch", *["waiting"] * 3)
    first = redis.xadd(TRIGGERS, {"url": "https://news.example/left", "priority": "2"})
    deleted = redis.xadd(TRIGGERS, {"url": "https://news.example/deleted"})
    redis.xreadgroup("scheduler", "dead", {TRIGGERS: ">"})
    redis.xclaim(TRIGGERS, "scheduler", "dead", 0, [first, deleted], idle=60_000)
    redis.xdel(TRIGGERS, deleted)
    redis.xadd(TRIGGERS, {f"field {number}": "x" for number in range(9000)})
    reader.take(10)
    reader.take(10)
    assert [redis.xlen(lane) for lane in TRIGGER_LANES] == [0, 0, 1, 0, 0, 1, 0, 0, 0, 0]
    assert redis.xlen(TRIGGERS) == 0
    redis.delete("fetch")
    while reader.take(1):
        pass
    assert [message.trace_id for message in sent] == [f"trigger-{first.decode()}"]
    assert DeadLetters(redis).counts() == {("trigger", "malformed"): 1}


@pytest.mark.parametrize("settings", [Settings(redis_memory_mb=1)])
def test_triggers_that_fill_redis_come_in_a_few_at_a_time_and_empty_it(
    redis: "Redis", reader: TriggerReader, sent: Sent, settings: Settings
) -> None:
    for number in range(120):
        redis.xadd(TRIGGERS, {"url": f"https://news.example/{number}"})
    redis.set("ballast", b"x" * 2**20)
    taken = []
    while redis.xlen(TRIGGERS) + redis.xlen(TRIGGER_LANES[5]):
        # What came in before has ended.
        taken.append(reader.take(10))
    assert (sum(taken), len(sent)) == (120, 120)
    assert max(taken) == 50


@pytest.mark.parametrize("held", [0, 100])
def test_an_urgent_trigger_behind_thousands_comes_in_with_the_next_that_do(
    redis: "Redis", reader: TriggerReader, sent: Sent, held: int
) -> None:
    with redis.pipeline() as pipe:
        for number in range(5000):
            pipe.xadd(TRIGGERS, {"url": f"https://news.example/{number}", "priority": "1"})
        pipe.execute()
    redis.xadd(TRIGGERS, {"url": "https://news.example/urgent", "priority": "9"})
    Later(redis).hold(FetchRequested(url=f"https://a.example/{number}") for number in range(held))
    reader.take(10)
    reader.take(10)
    assert redis.xlen(TRIGGERS) == 0
    assert [message.url for message in sent if isinstance(message, FetchRequested)][-1] == "https://news.example/urgent"
    assert redis.xlen(TRIGGER_LANES[1]) >= 4900
