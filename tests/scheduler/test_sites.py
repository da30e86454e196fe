"""Sites in the YAML file, and when their home pages are looked at."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import Session

from newsmill.sites.file_report import sources_lines, sources_report
from services.scheduler import inspections
from services.scheduler.due import _missing_sites
from services.scheduler.sources import read_sources
from shared.contracts import Access, Kind, now_utc
from shared.database.engine import make_engine, transaction
from shared.database.models import Site
from shared.urls import fingerprint

HOME = "https://gazette.example/"


def test_a_home_page_alone_is_a_site() -> None:
    sites, sources = read_sources(f"sites: [{HOME}]")
    assert [(site.home_page, site.name, site.discover, site.declared_by) for site in sites] == [
        (HOME, None, True, "file")
    ]
    assert sources == []


def test_a_site_has_what_is_said_of_it_and_a_source_may_be_its_channel() -> None:
    text = f"""
sites:
  - {{home_page: '{HOME}', name: Gazette, country: FR, languages: [fr, ar], tags: [daily], least_seconds: 600,
      most_seconds: 86400, login: gazette, paused: true}}
sources:
  - {{name: Gazette, url: '{HOME}feed', kind: feed, site: '{HOME}'}}
"""
    [site], [source] = read_sources(text)
    assert (site.name, site.country, site.languages, site.tags) == ("Gazette", "FR", ("fr", "ar"), ("daily",))
    assert (site.least_seconds, site.most_seconds, site.state) == (600, 86_400, "paused")
    assert site.access == Access(login="gazette")
    assert source.site_key == fingerprint(HOME)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("sites: [ftp://gazette.example/]", "http and https are fetched"),
        ("sites: [{home_page: 'https://gazette.example/', county: FR}]", "sites.0.county"),
        ("sites: [{home_page: 'https://gazette.example/', country: France}]", "sites.0.country"),
        ("sites: [7]", "sites.0"),
        ("sources: [{name: A, url: 'https://a.example/', site: 'a'}]", "scheme"),
    ],
)
def test_a_wrong_site_is_named_with_its_place(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        read_sources(text)


def test_a_file_of_sites_is_checked(tmp_path: Path) -> None:
    (tmp_path / "sources.yaml").write_text(f"sites: [{HOME}]")
    assert list(sources_lines(sources_report(tmp_path / "sources.yaml"))) == [
        f"{HOME}  site", f"{tmp_path}/sources.yaml: 1 sites, 0 sources, nothing is wrong",
    ]  # fmt: skip


def test_the_home_pages_of_active_sites_are_looked_at_when_they_are_due(database_url: str) -> None:
    engine, moment = make_engine(database_url), now_utc()
    with transaction(engine) as session:
        for number, (state, seconds) in enumerate((("active", -5), ("active", 5), ("paused", -5))):
            home_page = f"https://paper-{number}.example/"
            session.add(
                Site(
                    key=fingerprint(home_page), name="Paper", home_page=home_page, state=state,
                    discover_at=moment + timedelta(seconds=seconds), access={"login": "paper"},
                )
            )  # fmt: skip
    with Session(engine) as session:
        [(claim, request)] = inspections.due(session, moment, 10)
    engine.dispose()
    assert claim.startswith("newsmill:inspecting:")
    assert (request.url, request.kind, request.via) == ("https://paper-0.example/", Kind.FRONT, "discovery")
    assert request.inspection is not None
    assert (request.inspection.site_key, request.inspection.role) == (fingerprint("https://paper-0.example/"), None)
    assert request.access == Access(login="paper")


def test_a_site_that_is_no_longer_in_the_file_is_paused_and_keeps_what_is_said_of_it(database_url: str) -> None:
    engine = make_engine(database_url)
    with transaction(engine) as session:
        session.add(Site(key="a", name="Gazette", home_page=HOME, country="FR", tags=["daily"]))
        session.add(Site(key="b", name="By hand", home_page="https://hand.example/", declared_by="cli"))
    with Session(engine) as session:
        [missing] = _missing_sites(session, [])
    engine.dispose()
    assert (missing.home_page, missing.state, missing.country, missing.tags) == (HOME, "paused", "FR", ("daily",))
