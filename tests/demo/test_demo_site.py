"""The demo's site answers wherever its own listings lead."""

import re
from urllib.parse import urljoin

import requests

from newsmill.demo_site.server import TRIGGERS, DemoSite
from newsmill.demo_site.stories import STORIES


def test_every_story_is_reached_from_every_listing() -> None:
    with DemoSite() as site, requests.Session() as session:
        for path, _ in TRIGGERS:
            listing = session.get(site.url + path)
            links = re.findall(r"(?:href='|href=\"|<loc>|<link>)(/?[^'\"<]+)", listing.text)
            stories = {urljoin(site.url, link) for link in links if re.search(r"/(fr|en|es|ar)/", link)}
            assert len(stories) >= len(STORIES)
            assert {session.get(link).status_code for link in stories} == {200}


def test_what_is_not_there_is_not_found() -> None:
    with DemoSite() as site:
        assert requests.get(f"{site.url}/nowhere").status_code == 404
