"""Kept pages: WARC 1.1 that others can read, without secrets, whole or not at all, and readable again as they were."""

import gzip
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from sqlalchemy import select
from sqlmodel import Session
from warcio.archiveiterator import ArchiveIterator

from services.storage.archive.files import Archive, Download, warc
from services.storage.settings import StorageSettings
from services.storage.store import Store
from shared.contracts import Article, ArticleParsed, Page, PageDropped, Reason
from shared.database.engine import make_engine
from shared.database.models import Article as Row
from shared.database.models import Visit
from shared.errors import Unavailable
from shared.later import Later
from shared.pages import Http, MemoryPages, Raw, RedisPages

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HTTP = Http.of(
    {"User-Agent": "Newsmill", "Cookie": "session=secret", "X-Api-Key": "secret", "Authorization": "Basic secret"},
    200, "OK", {"Content-Type": "text/html; charset=utf-8", "Content-Encoding": "gzip", "Set-Cookie": "id=secret", "Server": "x"},
)  # fmt: skip


def page(number: int = 1, **fields: Any) -> Page:
    url = f"https://news.example/{number}?q=1"
    return Page(
        **{"url": url, "final_url": url, "key": "", "media_type": "text/html", "fetched_at": NOON, "etag": '"1"'}
        | fields
    )


def download(number: int = 1, body: bytes = b"<p>Die K\xc3\xbcste</p>") -> Download:
    return Download(f"trace{number}", NOON, page(number), Raw(body, HTTP))


@pytest.mark.parametrize("url", ["folder", "memory://kept"])
def test_pages_are_read_again_as_they_were(tmp_path: Path, url: str) -> None:
    archive = Archive(str(tmp_path) if url == "folder" else url)
    places = archive.keep([download(number, b"x" * number * 1000) for number in (1, 2, 3)])
    for number in (3, 1, 2):
        archived = archive.read(places[f"trace{number}"])
        assert archived is not None
        assert (archived.page, archived.raw.body) == (page(number), b"x" * number * 1000)


def test_the_file_is_warc_1_1_and_its_digests_are_true(tmp_path: Path) -> None:
    archive = Archive(str(tmp_path))
    archive.keep([download(1), download(2)])
    [file] = tmp_path.rglob("*.warc.gz")
    assert file.relative_to(tmp_path).parts[:3] == ("2026", "03", "01")
    with file.open("rb") as stream:
        records = [
            (record.rec_type, record.rec_headers, record.http_headers, record.content_stream().read())
            for record in ArchiveIterator(stream)
        ]
    assert [kind for kind, *_ in records] == ["warcinfo", "response", "request", "response", "request"]
    _, head, http, body = records[1]
    assert head.protocol == "WARC/1.1"
    assert head.get_header("WARC-Payload-Digest") == f"sha256:{sha256(body).hexdigest()}"
    assert records[2][1].get_header("WARC-Concurrent-To") == head.get_header("WARC-Record-ID")
    assert (http.get_header("X-Crawl-Content-Encoding"), http.get_header("Content-Encoding")) == ("gzip", None)
    assert http.get_header("Content-Length") == str(len(body))
    assert records[2][2].protocol == "GET"


def test_a_header_in_any_script_is_read_as_it_was(tmp_path: Path) -> None:
    http = HTTP._replace(
        answer=(("Content-Type", "text/html"), ("X-Orte", "Küste; 海"), ("X-Ü", ""), ("X-Half", "\ud800"))
    )
    archive = Archive(str(tmp_path))
    [place] = archive.keep([download()._replace(raw=Raw(b"<p>", http))]).values()
    archived = archive.read(place)
    assert archived is not None
    assert archived.raw.http is not None
    headers = dict(archived.raw.http.answer)
    assert (headers["X-Orte"], headers["X-Ü"], headers["X-Half"]) == ("Küste; 海", "", "?")


def test_no_secret_is_kept(tmp_path: Path) -> None:
    Archive(str(tmp_path)).keep([download()])
    [file] = tmp_path.rglob("*.warc.gz")
    text = gzip.decompress(file.read_bytes())
    assert b"secret" not in text
    assert b"User-Agent: Newsmill" in text


def test_the_same_batch_gives_the_same_file(tmp_path: Path) -> None:
    archive = Archive(str(tmp_path))
    first = archive.keep([download(1), download(2)])
    [file] = tmp_path.rglob("*.warc.gz")
    content = file.read_bytes()
    assert archive.keep([download(1), download(2)]) == first
    assert [path.read_bytes() for path in tmp_path.rglob("*.warc.gz")] == [content]


def test_a_torn_file_gives_what_is_whole_and_says_so() -> None:
    content = (
        warc.info("x.warc.gz", NOON)
        + warc.record("t1", page(1), Raw(b"one" * 500, HTTP))
        + warc.record("t2", page(2), Raw(b"two" * 500, HTTP))
    )
    records = list(warc.records(BytesIO(content[:-400])))
    assert [record.url for record in records if isinstance(record, warc.Record)][:1] == [page(1).final_url]
    assert [record.reason for record in warc.records(BytesIO(b"no warc at all"))] == ["torn"]


def test_a_bucket_that_is_away_is_told_like_a_full_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    class EndpointConnectionError(Exception):
        """As botocore's: no OSError."""

    def away(*_: object, **__: object) -> None:
        raise EndpointConnectionError("https://bucket.example")

    archive = Archive("memory://away")
    [place] = archive.keep([download()]).values()
    for operation in ("pipe_file", "open", "walk", "rm"):
        monkeypatch.setattr(archive._files, operation, away)
    with pytest.raises(OSError, match="EndpointConnectionError"):
        archive.keep([download(2)])
    with pytest.raises(OSError, match="EndpointConnectionError"):
        archive.files_before(NOON, 10)
    with pytest.raises(OSError, match="EndpointConnectionError"):
        archive.remove([place.partition("#")[0]])
    assert archive.read(place) is None


def test_what_is_gone_is_none(tmp_path: Path) -> None:
    assert Archive(str(tmp_path)).read("2026/03/01/120000-gone.warc.gz#77") is None


class Bench:
    def __init__(self, address: str, redis: "Redis", folder: Path) -> None:
        self.engine = make_engine(address)
        self.later = Later(redis)
        self.pages = RedisPages(redis, 600)
        self.store = Store(self.engine, redis, self.later, self.pages, StorageSettings(pages_url=str(folder)))

    def article(self, number: int = 1, **fields: Any) -> ArticleParsed:
        key = self.pages.put(b"<p>raw</p>", f"t{number}", HTTP)
        article = Article(title="A title", text="Text.")
        return ArticleParsed(trace_id=f"t{number}", page=page(number, key=key), article=article, **fields)

    def visits(self) -> list[Visit]:
        with Session(self.engine) as session:
            return list(session.scalars(select(Visit)))

    def articles(self) -> int:
        with Session(self.engine) as session:
            return len(session.scalars(select(Row)).all())


@pytest.fixture
def bench(database_url: str, redis: "Redis", tmp_path: Path) -> Iterator[Bench]:
    bench = Bench(database_url, redis, tmp_path / "pages")
    yield bench
    bench.engine.dispose()


def test_a_page_leaves_redis_for_the_archive_with_its_disposition(bench: Bench) -> None:
    bench.store.handle(bench.article())
    [visit] = bench.visits()
    archived = bench.store._archive.read(visit.kept)
    assert archived.raw.body == b"<p>raw</p>"
    assert bench.pages.get("t1") is None


def test_while_nothing_can_be_kept_articles_are_stored_and_pages_wait(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "pages").write_text("as good as a full disk")
    message = bench.article()
    bench.later.hold(
        [
            message.model_copy(),
        ]
    )
    with pytest.raises(Unavailable, match="page store"):
        bench.store.handle(message)
    assert bench.articles() == 1
    assert bench.pages.get("t1") == b"<p>raw</p>"
    (tmp_path / "pages").unlink()
    bench.store.handle(message)
    [visit] = bench.visits()
    assert visit.kept is not None
    assert bench.pages.get("t1") is None


def test_the_page_of_a_dead_letter_stays_in_redis(bench: Bench) -> None:
    message = bench.article()
    bench.store.handle(
        PageDropped(
            trace_id="t1", url=message.page.url, stage="parse", reason=Reason.CRASHED, page=message.page, dead=True
        )
    )
    assert bench.pages.get("t1") == b"<p>raw</p>"


def test_a_page_in_flight_from_a_version_that_kept_bodies_only_can_be_read() -> None:
    pages = MemoryPages()
    pages.bodies["old"] = b"<p>plain</p>"
    assert pages.get("old") == b"<p>plain</p>"
