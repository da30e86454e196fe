"""Which date is the publication's where a page declares or shows several. All news here is invented."""

import json
from datetime import UTC, datetime

import pytest

from services.parser.article import dates, extract
from services.parser.page.document import Document
from services.parser.rules.site_rules import GENERIC

PAGE = "https://harbourpost.example/a/ferry-returns"
NOW = datetime(2026, 3, 5, 12, 30, tzinfo=UTC)
TITLE = "Ferry returns to the harbour"
LONG = "The ferry returned to the harbour on Monday, and the people of the town came to see it. " * 4
BODY = f"<p>{LONG}</p>" * 3


def published(
    *, head: str = "", top: str = "", line: str = "", body: str = BODY, url: str = PAGE, language: str = "en"
) -> str | None:
    html = f'<html lang="{language}"><head>{head}</head><body>{top}<article><h1>{TITLE}</h1>{line}{body}</article></body></html>'
    read = extract.read(Document(html, url), GENERIC, NOW)
    assert read is not None
    return read.published_at


def data(**fields: object) -> str:
    return f'<script type="application/ld+json">{json.dumps({"@type": "NewsArticle", "headline": TITLE} | fields)}</script>'


def meta(name: str, content: str) -> str:
    return f'<meta property="{name}" content="{content}">'


@pytest.mark.parametrize(
    "line",
    [
        "<figure><img src=a.jpg><figcaption>The ferry at the old quay of Elwick, 3 February 2026</figcaption></figure>",
        '<div><img src=a.jpg alt="The ferry at the quay, 3 February 2026"><p>The ferry at the quay, 3 February 2026</p></div>',
        '<p class="wp-caption-text">Das Schiff am alten Kai von Elwick, 3. Februar 2026</p>',
        '<div class="teaser__info">3 February 2026</div>',
        "<dl><dd>Registriert: 03.02.2026, 05:56</dd></dl>",
        "<p>Joined: 3 February 2026</p>",
        "<p>Membre depuis : 3 février 2026</p>",
        "<p>Release date: 3 February 2026</p>",
        "<div>Erscheinungsdatum: 03.02.2026</div>",
        "<div>Erscheinungsdatum:</div><div>03.02.2026</div>",
        "<p>Fecha de nacimiento: 3 de febrero de 2026</p>",
        "<p>发售日：2026年2月3日</p>",
        "<p>生年月日 2026年2月3日</p>",
        "<p>Дата рождения: 3 февраля 2026</p>",
        "<p>تاريخ الميلاد: 3 فبراير 2026</p>",
        "<p>Deadline: 3 February 2026, 12:00</p>",
    ],
)  # fmt: skip
def test_the_date_of_something_else_is_not_that_of_the_article(line: str) -> None:
    after = BODY + "<p>9 February 2026</p>"
    assert published(line=line, body=after) == "2026-02-09"


def test_the_date_of_the_article_may_stand_in_a_caption() -> None:
    line = '<figure><img src=a.jpg><figcaption>Anna Berg <time datetime="2026-02-09T07:53:32Z">09.02.2026, 08:53</time></figcaption></figure>'
    assert published(line=line, language="de") == "2026-02-09T08:53:32+01:00"


def test_the_date_of_an_event_in_a_section_is_not_surer_than_the_one_at_the_title() -> None:
    line = "<p>9 February 2026</p><p>What comes next.</p>"
    section = "<h2>The fair</h2><p>Date: 2-3 January 2026 Place: Elwick</p>"
    assert published(line=line + section) == "2026-02-09"


@pytest.mark.parametrize("name", ["dc.date", "dcterms.date", "dcterms.created", "dc.date.created", "datecreated"])
def test_a_day_of_entry_gives_way_to_the_date_that_is_shown(name: str) -> None:
    head = meta(name, "2026-02-04T09:43:00+01:00")
    assert published(head=head, line="<p>9 February 2026</p>") == "2026-02-09"
    assert published(head=head, line="<p>4 February 2026</p><p>9 February 2026</p>") == "2026-02-04T09:43:00+01:00"
    assert published(head=head) == "2026-02-04T09:43:00+01:00"


@pytest.mark.parametrize(
    ("head", "line", "expected"),
    [
        (data(datePublished="2026-02-20", dateModified="2026-02-20"), "<p>9 February 2026</p>", "2026-02-09"),
        (data(datePublished="2026-02-20", dateModified="2026-02-19"), "<p>9 February 2026</p>", "2026-02-09"),
        (data(datePublished="2026-02-20", dateModified="2026-02-25"), "<p>9 February 2026</p>", "2026-02-20"),
        (data(datePublished="2026-02-20", dateModified="2026-02-20"), "<p>9 February 2026</p><p>20 February 2026</p>", "2026-02-20"),
        (meta("article:published_time", "2026-02-20T10:00:00Z"), "<p>9 February 2026</p>", "2026-02-09"),
        (meta("article:published_time", "2026-02-09T10:00:00Z"), "<p>20 February 2026</p>", "2026-02-09T10:00:00+00:00"),
        (data(datePublished="2026-02-04", dateModified="2026-02-20") + meta("article:published_time", "2026-02-09T08:29:34"),
         "<p>9 February 2026</p>", "2026-02-09T08:29:34"),
        (data(datePublished="2026-02-04", dateModified="2026-02-09") + meta("article:published_time", "2026-02-09T08:29:34"),
         "<p>9 February 2026</p>", "2026-02-04"),
    ],
    ids=["rebuilt", "after its change", "changed since", "shown", "moved", "shown is a change", "another declared", "changed"],
)  # fmt: skip
def test_a_declared_date_that_the_page_shows_nowhere_may_be_of_something_else(
    head: str, line: str, expected: str
) -> None:
    assert published(head=head, line=line) == expected


def test_the_day_in_the_address_is_before_a_later_declared_one() -> None:
    head = data(datePublished="2026-02-20T10:00:00Z")
    assert published(head=head, url="https://harbourpost.example/2026/2/9/ferry-returns") == "2026-02-09"
    assert (
        published(head=head, url="https://harbourpost.example/2026/2/31/ferry-returns") == "2026-02-20T10:00:00+00:00"
    )


@pytest.mark.parametrize(
    "state",
    [
        '"first-publication":"2026-02-09 14:26"',
        '"publishedFirst":"09.02.2026 14:26"',
        '"cmsPublishingDate":"2026-02-09T14:26"',
        '"article_publication_date": "Mon, 09 Feb 2026 14:26:00 +0000"',
        '"deployDt":"2026.02.09 14:26"',
        '"pagePostDate":"9 February 2026"',
        '"datePublished":"20260209"',
        '"publishTime":1770647160',
        r'"ver\u00f6ffentlichungsdatum":"Mon, 09 Feb 2026 14:26:00 +0000"',
        '"fecha_publicacion":"2026-02-09"',
        '"data_pubblicazione":"2026-02-09"',
        r"\"publish_date\":\"2026-02-09T14:26\"",
    ],
)
def test_scripts_name_the_publication_date_in_many_ways(state: str) -> None:
    assert (published(body=f"{BODY}<script>var page = {{{state}}};</script>") or "")[:10] == "2026-02-09"


@pytest.mark.parametrize(
    "state", ['"lastPublishedAt":"2026-02-09"', '"republishDate":"2026-02-09"', '"unpublish_date":"2026-02-09"']
)
def test_scripts_name_other_dates_too(state: str) -> None:
    assert published(body=f"{BODY}<script>var page = {{{state}}};</script>") is None


def test_a_date_in_a_script_after_the_declared_change_is_another_articles() -> None:
    script = '<script>var page = {"created_at":"2026-02-20T10:00:00Z"};</script>'
    head, line = data(dateModified="2026-02-09"), "<p>Updated on February 9, 2026</p>"
    assert published(head=head, line=line, body=BODY + script) == "2026-02-09"


@pytest.mark.parametrize(
    ("opening", "expected"),
    [
        ("9.2.2026 - ", "2026-02-09"),
        ("09.02.2026 · ", "2026-02-09"),
        ("9. Februar 2026. ", "2026-02-09"),
        ("9 février 2026 : ", None),
        ("ELWICK, 9 February 2026 - ", "2026-02-09"),
        ("It began on 9 February 2026. ", None),
        ("On 9 February 2026 the ferry came. ", None),
    ],
)
def test_a_date_may_open_the_text(opening: str, expected: str | None) -> None:
    assert published(body=f"<p>{opening}{LONG}</p>{BODY}", language="de") == expected


def test_the_clock_of_a_menu_is_not_the_date_of_the_article() -> None:
    clock = '<div class="navtop"><time datetime="2026-03-05T13:56:20+01:00">Thursday, 5 March 2026</time></div>'
    top = clock + "<p>Harbour Post</p>" * 80
    assert published(top=top, body=f"<p>9.2.2026 - {LONG}</p>{BODY}") == "2026-02-09"


def test_a_change_at_the_title_is_surer_than_the_date_or_the_age_of_another_story() -> None:
    others = '<ul><li><span class="date">3 weeks ago</span></li></ul><div><p>5 March 2026</p><h3>Bell stolen</h3></div>'
    assert published(line="<p>Last modified: 9 February 2026</p>", body=BODY * 5 + others) == "2026-02-09"


@pytest.mark.parametrize(
    ("url", "language", "zone"),
    [
        ("https://post.example/a", "de-DE", "Europe/Berlin"),
        ("https://post.example/a", "de_CH", "Europe/Zurich"),
        ("https://www.post.example.it/a", "en-US", "Europe/Rome"),
        ("https://post.example/a", "ja", "Asia/Tokyo"),
        ("https://post.example/a", "en", None),
        ("https://post.example/a", "pt-BR", None),
        ("https://post.example.br/a", "de", None),
        ("https://post.example.io/a", "pl", "Europe/Warsaw"),
        ("https://post.example.us/a", None, None),
    ],
)
def test_a_country_of_one_zone_tells_the_zone(url: str, language: str | None, zone: str | None) -> None:
    assert str(dates.home_zone(url, language)) == str(zone)


@pytest.mark.parametrize(
    ("line", "language", "expected"),
    [
        ("<p>10. Februar 2026</p>", "de", "2026-02-10T00:11:59+01:00"),
        ("<p>9. Februar 2026</p>", "de", "2026-02-09T23:11:59+00:00"),
        ("<p>10 February 2026</p>", "en", "2026-02-09T23:11:59+00:00"),
        ("<p>2026年2月10日</p>", "ja", "2026-02-10T08:11:59+09:00"),
        ("", "de", "2026-02-09T23:11:59+00:00"),
    ],
)
def test_an_instant_in_utc_is_given_in_the_zone_of_the_country_where_the_page_shows_that_day(
    line: str, language: str, expected: str
) -> None:
    head = meta("article:published_time", "2026-02-09T23:11:59Z")
    assert published(head=head, line=line, language=language) == expected


@pytest.mark.parametrize(
    ("line", "change", "language", "expected"),
    [
        ("<p>发布时间：10-08 12:00</p>", "2019-10-08 12:00:57", "zh", "2019-10-08T12:00:00"),
        ("<p>发布时间：10-08 12:00</p>", "2019-10-09 12:00:57", "zh", None),
        ("<p>[03月04日 11時30分]</p>", "", "ja", "2026-03-04T11:30:00"),
        ("<p>3월 4일 14:26</p>", "", "ko", "2026-03-04T14:26:00"),
        ("<p>[12月04日 11時30分]</p>", "", "ja", None),
        ("<p>03-04 11:30</p>", "", "zh", "2026-03-04T11:30:00"),
        ("<p>Score 03-04</p>", "", "en", None),
        ("<p>2-30 11:30</p>", "", "zh", None),
    ],
)
def test_a_date_without_its_year_is_new_or_the_day_of_the_change(
    line: str, change: str, language: str, expected: str | None
) -> None:
    head = f'<meta itemprop="dateUpdate" content="{change}">' if change else ""
    value = published(head=head, line=line, language=language)
    assert value == expected


@pytest.mark.parametrize(
    ("description", "expected"),
    [
        ("The ferry is back (news of 9 February 2026)", "2026-02-09"),
        ("The ferry is back (built in 2026)", None),
        ("The ferry is back (deadline: 9 February 2026)", None),
    ],
)
def test_a_description_may_close_with_the_date(description: str, expected: str | None) -> None:
    assert published(head=meta("og:description", description)) == expected
