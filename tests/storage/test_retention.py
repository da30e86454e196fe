"""What is old goes in small steps; what is needed stays, however old."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlmodel import Session

from services.storage import retention
from services.storage.archive.files import Archive, Download, keep
from services.storage.retention import Retention
from services.storage.settings import StorageSettings
from shared.contracts import Page, now_utc
from shared.database.engine import make_engine
from shared.database.models import Article, ArticleVersion, Delivery, Receiver, StoredEvent, Visit, Watch
from shared.pages import Raw

OLD = now_utc() - timedelta(days=100)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = make_engine(database_url)
    yield engine
    engine.dispose()


def add(engine: Engine, *rows: Any) -> None:
    with Session(engine) as session:
        session.add_all(rows)
        session.commit()


def rows(engine: Engine, table: Any) -> list[Any]:
    with Session(engine) as session:
        return list(session.scalars(select(table).order_by(table.id)))


def visit(number: int, page: str, **fields: Any) -> Visit:
    defaults = {
        "trace_id": f"t{number}",
        "page_key": page,
        "url": "https://a.example/",
        "ended_at": OLD,
        "disposition": "stored",
    }
    return Visit(**defaults | fields)


def test_old_visits_go_but_the_newest_of_each_page_stays(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "STEP", 3)
    add(engine, *(visit(number, f"page{number % 4}") for number in range(12)), visit(99, "page0", ended_at=now_utc()))
    tidy = Retention(engine, StorageSettings(keep_visits_days=90))
    removed = [tidy.step().get("visits", 0) for _ in range(6)]
    assert max(removed) <= 3, "a step is small"
    left = rows(engine, Visit)
    assert sorted(row.page_key for row in left) == ["page0", "page1", "page2", "page3"]


def test_for_ever_is_for_ever(engine: Engine) -> None:
    add(engine, visit(1, "a"), visit(2, "a"))
    assert Retention(engine, StorageSettings(keep_visits_days=0)).step() == {}


def test_old_versions_go_but_the_first_and_the_one_that_is_shown(engine: Engine) -> None:
    defaults = {
        "key": "k",
        "url": "u",
        "canonical_url": "u",
        "trace_id": "t",
        "title": "T",
        "text": "X",
        "fetched_at": OLD,
    }
    add(engine, Article(**defaults, body_hash="h3", version=3))
    [article] = rows(engine, Article)
    for number in (1, 2, 3):
        wording = {"article_id": article.id, "number": number, "title": "T", "text": "X", "fetched_at": OLD}
        add(engine, ArticleVersion(**wording, body_hash=f"h{number}"))
    assert Retention(engine, StorageSettings(keep_versions_days=30)).step() == {"versions": 1}
    assert [row.number for row in rows(engine, ArticleVersion)] == [1, 3]


def test_old_events_go(engine: Engine) -> None:
    add(
        engine,
        StoredEvent(event_id="1", type="t", subject="s", time=OLD),
        StoredEvent(event_id="2", type="t", subject="s"),
    )
    assert Retention(engine, StorageSettings()).step() == {"events": 1}


def test_deliveries_that_have_ended_go_and_those_that_wait_stay(engine: Engine) -> None:
    add(engine, Watch(id=1, name="w", query="ferry", feed_secret="s"))
    add(engine, Receiver(id=1, watch_id=1, kind="webhook", url="https://hook.example/"))
    ended = {"old": OLD, "new": now_utc(), "waiting": None}
    add(
        engine,
        *(Delivery(receiver_id=1, message_id=name, next_at=OLD, ended_at=moment) for name, moment in ended.items()),
    )
    assert Retention(engine, StorageSettings()).step() == {"deliveries": 1}
    assert {row.message_id for row in rows(engine, Delivery)} == {"new", "waiting"}


def test_kept_pages_go_by_day_and_their_visits_know(engine: Engine, tmp_path: Path) -> None:
    archive = Archive(str(tmp_path))
    for number, moment in enumerate((OLD, now_utc())):
        add(engine, visit(number, f"p{number}", ended_at=moment))
        page = Page(url="https://a.example/", final_url="https://a.example/", key="", fetched_at=moment)
        keep(archive, engine, [Download(f"t{number}", moment, page, Raw(b"<p>news</p>"))])
    settings = StorageSettings(pages_url=str(tmp_path), keep_visits_days=0)
    assert Retention(engine, settings).step() == {"page-files": 1}
    old, new = rows(engine, Visit)
    assert old.kept is None
    archived = archive.read(new.kept)
    assert archived is not None
    assert archived.raw.body == b"<p>news</p>"
