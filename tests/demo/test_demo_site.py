"""The demo's site answers wherever its own pages lead, and looks like the news sites that it stands for."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from html import unescape
from urllib.parse import urljoin
from xml.etree import ElementTree

import pytest
import requests

from newsmill.demo_site.pages import AGGREGATED, path
from newsmill.demo_site.server import TRIGGERS, DemoSite
from newsmill.demo_site.stories import STORIES

LINK = re.compile(r"(?:(?:href|src)=['\"]|<loc>|<link>|^Sitemap: )([^'\"<\s#]+)", re.MULTILINE)


@pytest.fixture(scope="module")
def site() -> Iterator[DemoSite]:
    with DemoSite() as site:
        yield site


@pytest.fixture(scope="module")
def session() -> Iterator[requests.Session]:
    with requests.Session() as session:
        yield session


def links(site: DemoSite, session: requests.Session, where: str) -> set[str]:
    urls = {urljoin(site.url, unescape(link)) for link in LINK.findall(session.get(site.url + where).text)}
    return {link for link in urls if link.startswith(site.url)}


@pytest.mark.parametrize("where", [*(where for where, _ in TRIGGERS), "/robots.txt", AGGREGATED, path(STORIES[0])])
def test_every_link_answers(site: DemoSite, session: requests.Session, where: str) -> None:
    urls = links(site, session, where)
    assert urls
    assert {link: session.get(link).status_code for link in urls} == dict.fromkeys(urls, 200)


@pytest.mark.parametrize("where", [where for where, _ in TRIGGERS])
def test_every_story_is_reached_from_every_listing(site: DemoSite, session: requests.Session, where: str) -> None:
    assert {site.url + path(story) for story in STORIES} <= links(site, session, where)


def test_there_are_three_stories_in_each_of_four_languages() -> None:
    assert sorted(story.language for story in STORIES) == sorted(["ar", "en", "es", "fr"] * 3)
    assert min(len(story.paragraphs) for story in STORIES) >= 4
    assert len({path(story) for story in STORIES}) == len(STORIES)


def test_its_news_is_fresh(site: DemoSite, session: requests.Session) -> None:
    feed = ElementTree.fromstring(session.get(f"{site.url}/feed.xml").content)
    dates = [parsedate_to_datetime(item.text or "") for item in feed.iter("pubDate")]
    assert len(dates) == len(STORIES)
    assert all(timedelta() < datetime.now(UTC) - date < timedelta(hours=1) for date in dates)
    ElementTree.fromstring(session.get(f"{site.url}/sitemap.xml").content)


def test_an_article_tells_machines_what_it_shows(site: DemoSite, session: requests.Session) -> None:
    for story in STORIES:
        text = session.get(site.url + path(story)).content.decode()
        linked = json.loads(re.findall(r"<script type=\"application/ld\+json\">(.*?)</script>", text)[0])
        assert (linked["headline"], linked["author"][0]["name"]) == (story.title, story.author)
        assert datetime.fromisoformat(linked["datePublished"]).tzinfo is not None
        assert all(paragraph in unescape(text) for paragraph in story.paragraphs)


def test_every_picture_is_another(site: DemoSite, session: requests.Session) -> None:
    pictures = [session.get(f"{site.url}/images/{number}.png").content for number in range(len(STORIES))]
    assert len(set(pictures)) == len(STORIES)
    assert all(picture.startswith(b"\x89PNG\r\n\x1a\n") for picture in pictures)


def test_hits_are_counted_and_what_is_not_there_is_not_found(session: requests.Session) -> None:
    with DemoSite() as site:
        assert session.get(f"{site.url}/nowhere?a=1").status_code == 404
        assert session.get(f"{site.url}/images/none.png").status_code == 404
        assert session.get(f"{site.url}/").status_code == 200
        assert site.hits == {"/nowhere": 1, "/images/none.png": 1, "/": 1}
