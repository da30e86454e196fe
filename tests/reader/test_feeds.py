"""Feeds read back with feedparser and by their specifications; OPML as `newsmill add --opml` reads it."""

import json
from datetime import UTC, datetime
from xml.etree import ElementTree

import feedparser
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.reader.api.feed_formats import ATOM, Feed, Item, atom, json_feed
from shared.database.models import Image, Site
from tests.reader.conftest import START, article, source

NOW = datetime(2026, 11, 1, tzinfo=UTC)


def test_a_query_is_an_atom_feed_that_others_read(client, add):
    add(article(0, title="A <quay> & more", subtitle="In short", authors=["Ada Quist", "Bo Lind"], tags=["harbour"],
                language="en", published_at=START, text="First.\nSecond."))  # fmt: skip
    add(article(1, title="مرفأ", language="ar"))
    answer = client.get("/v1/articles.atom", params={"q": "first"})
    assert answer.headers["content-type"].startswith("application/atom+xml")
    feed = feedparser.parse(answer.content)
    assert not feed.bozo
    assert feed.version == "atom10"
    assert (feed.feed.title, feed.feed.id) == ("Newsmill · first", "http://127.0.0.1/v1/articles.atom?q=first")
    newest, oldest = feed.entries
    assert newest.title == "مرفأ"
    assert (oldest.title_detail.type, oldest.title) == ("text/plain", "A <quay> & more")
    assert (oldest.link, oldest.summary) == ("https://example.org/0", "In short")
    assert [author.name for author in oldest.authors] == ["Ada Quist", "Bo Lind"]
    assert [tag.term for tag in oldest.tags] == ["harbour"]
    assert oldest.content[0].value == "First.\nSecond."
    assert oldest.published_parsed[:4] == (2026, 11, 1, 12)
    assert newest.id != oldest.id


def test_a_query_is_a_json_feed_by_its_specification(client, add):
    number = add(article(0, authors=["Ada Quist"], lead_image="https://example.org/i.jpg", language="en"))
    add(Image(article_id=number, url="https://example.org/i.jpg", key="i", position=0, relation="lead"))
    answer = client.get("/v1/articles.json", params={"language": "en"})
    assert answer.headers["content-type"].startswith("application/feed+json")
    feed = answer.json()
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["feed_url"] == "http://127.0.0.1/v1/articles.json?language=en"
    [entry] = feed["items"]
    assert (entry["url"], entry["title"], entry["content_text"]) == (
        "https://example.org/0",
        "Title 0",
        "First.\nSecond.",
    )
    assert (entry["authors"], entry["image"]) == ([{"name": "Ada Quist"}], "https://example.org/i.jpg")
    assert datetime.fromisoformat(entry["date_modified"]) == START
    assert {"id", "content_text"} <= entry.keys()
    assert "tags" not in entry


@given(
    title=st.text(),
    text=st.text(),
    authors=st.lists(st.text(), max_size=3),
    tags=st.lists(st.text(), max_size=3),
    language=st.none() | st.text(),
)
def test_any_text_makes_a_well_formed_feed(title, text, authors, tags, language):
    entry = Item("urn:x", "https://example.org/", title, text, NOW, authors=authors, tags=tags, language=language)
    feed = Feed(title, "https://example.org/f", "https://example.org/", [entry], NOW)
    root = ElementTree.fromstring(atom(feed))
    assert len(root.findall(f"{{{ATOM}}}entry")) == 1
    for name in ("id", "title", "updated"):
        assert root.find(f"{{{ATOM}}}{name}") is not None
    assert json.loads(json.dumps(json_feed(feed)))["items"][0]["content_text"] == text


def test_an_empty_query_is_an_empty_feed(client):
    feed = feedparser.parse(client.get("/v1/articles.atom", params={"q": "nothing"}).content)
    assert (feed.bozo, feed.entries) == (False, [])


@pytest.mark.parametrize("path", ["/v1/articles.atom", "/v1/articles.json"])
def test_a_wrong_parameter_is_named(client, path):
    answer = client.get(path, params={"languge": "en"})
    assert (answer.status_code, answer.json()["detail"][0]["loc"]) == (422, ["query", "languge"])


def test_the_sites_are_opml(client, add):
    add(Site(key="k", name="The Gazette & Co", home_page="https://gazette.example/"))
    add(Site(key="h", name="Herald", home_page="https://herald.example/"))
    add(source(1, site_key="k", role="feed", url="https://gazette.example/feed"))
    answer = client.get("/v1/sites.opml")
    assert answer.headers["content-type"].startswith("text/x-opml")
    outlines = [outline.attrib for outline in ElementTree.fromstring(answer.content).iter("outline")]
    assert outlines == [
        {"text": "Herald", "title": "Herald", "htmlUrl": "https://herald.example/"},
        {"text": "The Gazette & Co", "title": "The Gazette & Co", "htmlUrl": "https://gazette.example/",
         "type": "rss", "xmlUrl": "https://gazette.example/feed"},
    ]  # fmt: skip
