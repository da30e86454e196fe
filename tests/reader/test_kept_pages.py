import gzip

import pytest

from services.storage.archive.files import Archive, Download
from shared.contracts import Page
from shared.database.models import Visit
from shared.pages import Raw
from tests.reader.conftest import START, article

BODY = b"<html>\r\n\r\ncaf\xe9</html>"
HEAD = (
    b"WARC/1.1\r\nWARC-Type: response\r\nContent-Length: 99\r\n\r\nHTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"
)
OTHER = gzip.compress(b"WARC/1.1\r\nWARC-Type: warcinfo\r\n\r\n")


@pytest.fixture
def kept(add, tmp_path):
    """Stores an article whose page is at a place of the archive."""
    (tmp_path / "pages" / "2026").mkdir(parents=True)
    (tmp_path / "pages" / "2026" / "a.warc.gz").write_bytes(OTHER + gzip.compress(HEAD + BODY + b"\r\n\r\n") + OTHER)
    (tmp_path / "secret").write_bytes(gzip.compress(HEAD + b"secret"))

    def store(place: str) -> int:
        article_id = add(article(1))
        add(
            Visit(
                trace_id="t",
                page_key="p",
                url="https://x.example/",
                article_id=article_id,
                triggered_at=START,
                kept=place,
            )
        )
        return article_id

    return store


def test_the_page_that_an_article_was_read_from_is_a_file_to_keep(serve, kept, tmp_path):
    article_id = kept(f"2026/a.warc.gz#{len(OTHER)}")
    client = serve(pages_url=str(tmp_path / "pages"))
    answer = client.get(f"/articles/{article_id}/raw")
    assert answer.content == BODY
    assert answer.headers["Content-Disposition"] == f'attachment; filename="article-{article_id}.txt"'
    assert answer.headers["Content-Security-Policy"].startswith("sandbox;")
    assert f'href="/articles/{article_id}/raw"' in client.get(f"/articles/{article_id}").text


@pytest.mark.parametrize(
    "place",
    ["2026/a.warc.gz#0", "2026/a.warc.gz#3", "2026/gone.warc.gz#0", "../secret#0", "#", "2026#0", "2026/a.warc.gz#x"],
    ids=["no response", "no member", "gone", "outside", "empty", "a folder", "no offset"],
)
def test_what_is_no_kept_page_is_not_there(serve, kept, tmp_path, place):
    article_id = kept(place)
    assert serve(pages_url=str(tmp_path / "pages")).get(f"/articles/{article_id}/raw").status_code == 404


@pytest.mark.parametrize("url", ["", "s3://bucket/pages"], ids=["none", "a bucket"])
def test_pages_elsewhere_are_not_shown(serve, kept, url):
    article_id = kept(f"2026/a.warc.gz#{len(OTHER)}")
    assert serve(pages_url=url).get(f"/articles/{article_id}/raw").status_code == 404


def test_what_the_storage_keeps_is_read(serve, kept, tmp_path):
    page = Page(
        key="k", url="https://x.example/", final_url="https://x.example/", status=200, size=len(BODY), fetched_at=START
    )
    folder = str(tmp_path / "archive")
    places = Archive(folder).keep(
        [Download(name, START, page, Raw(body)) for name, body in (("t", BODY), ("u", b"other"))]
    )
    article_id = kept(places["t"])
    assert serve(pages_url=folder).get(f"/articles/{article_id}/raw").content == BODY
