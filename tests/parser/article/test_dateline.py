"""Which of a page's dates is that of the publication. All news here is invented."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.parser.article import extract
from services.parser.article.publication import dateline
from services.parser.page.document import Document
from services.parser.page.elements import comparison_key
from services.parser.rules.site_rules import GENERIC
from shared.contracts import Article

PAGE = "https://harbourpost.example/a/ferry-returns"
NOW = datetime(2026, 3, 5, 12, 30, tzinfo=UTC)
TITLE = "Ferry returns to the harbour"
TWO_TIMES = (
    '<time class="updated" datetime="2026-02-11T19:20:00Z">Updated 11 Feb</time> '
    '<time class="published" datetime="2026-02-09T01:57:00Z">9 Feb</time>'
)
DAYS = ("Monday", "Tuesday", "Thursday")
BODY = "<p>" + "The ferry returned to the harbour on Monday, and the people of the town came to see it. " * 4 + "</p>"


def article(*, head: str = "", line: str = "", after: str = "", language: str = "en") -> Article:
    html = f'<html lang="{language}"><head>{head}</head><body><article><h1>{TITLE}</h1>{line}{BODY * 3}</article>{after}</body>'
    read = extract.read(Document(html, PAGE), GENERIC, NOW)
    assert read is not None
    return read


def published(**parts: str) -> str | None:
    return article(**parts).published_at


def data(**fields: object) -> str:
    return f'<script type="application/ld+json">{json.dumps({"@type": "NewsArticle", "headline": TITLE} | fields)}</script>'


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("<p>09/02/2026 01:57 | Actualizado a 11/02/2026 19:20</p>", "2026-02-09T01:57:00"),
        ('<time itemprop="dateModified" datetime="2026-02-09T19:20:45+02:00">09/02/2026 01:57 | Actualizado a 09/02/2026 19:20</time>',
         "2026-02-09T01:57:00"),
        (TWO_TIMES, "2026-02-09T01:57:00+00:00"),
        ('<div><span class="date-updated">11 February 2026 19:20</span><span class="date-published">9 February 2026 01:57</span></div>',
         "2026-02-09T01:57:00"),
        ('<p><time itemprop="dateModified" datetime="2026-02-11T19:20:00Z">Edited on 11 Feb 2026</time></p><p>9 February 2026, 01:57</p>',
         "2026-02-09T01:57:00"),
        ("<p>آخر تحديث: 11 فبراير 2026 19:20 - نُشر: 9 فبراير 2026 01:57</p>", "2026-02-09T01:57:00"),
        ("<p>Updated 2 hours ago, published yesterday</p>", "2026-03-04"),
        ("<p>Published yesterday</p>", "2026-03-04"),
        ("<p>First posted: yesterday</p>", "2026-03-04"),
        ("<p>Publié hier</p>", "2026-03-04"),
        ("<p>Aggiornato il 11/02/2026 alle 19:20 - Pubblicato il 09/02/2026 alle 01:57</p>", "2026-02-09T01:57:00"),
        ('<time class="updated" datetime="2026-02-11T19:20:00Z">11 Feb</time>', "2026-02-11T19:20:00+00:00"),
        ('<span>at <abbr class="published" title="2026-02-09T00:23:00-04:00">12:23 AM</abbr></span>', "2026-02-09T00:23:00-04:00"),
        ('<span class="timestamp" data-timestamp="1770632580">an hour</span>', "2026-02-09T10:23:00+00:00"),
        ("<p>עודכן: 11 בפברואר 2026</p><p>פורסם: 9 בפברואר 2026, 14:26</p>", "2026-02-09T14:26:00"),
        ("<p>Aktualisiert am 11.02.2026, 19:20 Uhr | 09.02.2026, 14:26 Uhr</p>", "2026-02-09T14:26:00"),
        (('<div class="modified">Changed <time datetime="2026-02-11T19:20:00Z">11 Feb</time></div>'
         '<div class="published">First told <time datetime="2026-02-09T14:26:00Z">9 Feb</time></div>'), "2026-02-09T14:26:00+00:00"),
        (('<a href="/a"><time class="published" datetime="2026-02-09T14:26:00Z">February 9</time>'
         '<time class="updated" datetime="2026-02-11T10:00:00Z">February 11</time></a>'), "2026-02-09T14:26:00+00:00"),
        ('<time title="9 February 2026 14:26">9 Feb</time>', "2026-02-09T14:26:00"),
        ('<time datetime="2026-02-09 14:26">9 de febrero de 2026</time>', "2026-02-09T14:26:00"),
        ('<div data-date="2026-02-09T14:26:00+02:00">Monday</div>', "2026-02-09T14:26:00+02:00"),
        ('<relative-time datetime="2026-02-09T14:26:00Z">Feb 9</relative-time>', "2026-02-09T14:26:00+00:00"),
        (('<time class="entry-date updated" datetime="2026-02-11T08:00:00Z">February 11, 2026</time>'
         '<time class="entry-date published" datetime="2026-02-09T14:26:00Z">February 9, 2026</time>'), "2026-02-09T14:26:00+00:00"),
        ("<time>9 feb 2026, 14:26 • Laatste update: 11 feb 2026, 08:00</time>", "2026-02-09T14:26:00"),
        ("<p>Stand: 11.02.2026, 08:00 Uhr | Erstellt: 09.02.2026, 14:26 Uhr</p>", "2026-02-09T14:26:00"),
        ('<span class="time-ago" data-time="1770647160000">…</span>', "2026-02-09T14:26:00+00:00"),
        ("<p>Ultimo aggiornamento: 11-02-2026 19:20. Pubblicato: 09-02-2026 14:26</p>", "2026-02-09T14:26:00"),
        ("<p>11 February 2026 19:20 (first published 9 February 2026 14:26)</p>", "2026-02-09T14:26:00"),
        ("<p>آخر تحديث 11-02-2026 | 19:20 — نشر 09-02-2026 | 14:26</p>", "2026-02-09T14:26:00"),
        ("<p>Anna Berg · anteontem</p>", "2026-03-03"),
        ("<p>5 min read · 2 days ago</p>", "2026-03-03"),
        ("<p>Modificato il 11/02/2026 19:20 – Creato il 09/02/2026 14:26</p>", "2026-02-09T14:26:00"),
        ("<p>11 feb 2026, 19:20 (bijgewerkt) · 9 feb 2026, 14:26 (gepubliceerd)</p>", "2026-02-09T14:26:00"),
        ("<p>Обновление: 11.02.2026 19:20. Создано: 09.02.2026 14:26</p>", "2026-02-09T14:26:00"),
        ("<p>最終更新：2026年2月11日 19:20（投稿：2026年2月9日 14:26）</p>", "2026-02-09T14:26:00"),
        ("<p>Τελευταία ενημέρωση: 11/02/2026 19:20 | 09/02/2026 14:26</p>", "2026-02-09T14:26:00"),
        ('<span class="date" aria-label="Published February 9, 2026 2:26 PM">Feb 9</span>', "2026-02-09T14:26:00"),
    ],
)  # fmt: skip
def test_the_date_of_a_change_is_not_that_of_the_publication(line: str, expected: str) -> None:
    assert published(line=line, language="es") == expected


def test_a_time_counted_from_now_is_believed_at_the_title_only() -> None:
    aside = "<aside><h3>Bell stolen</h3><span>54 minutes ago</span></aside>"
    assert published(line="<p>3 hours ago</p>", after=aside) == "2026-03-05T09:30:00+00:00"
    assert published(after=aside) is None
    assert published(line="<p>9 Foo 2026 in the year of the ferry</p>", after=aside) is None


def test_a_time_counted_from_now_is_believed_above_short_paragraphs_and_a_year_below_them() -> None:
    short = "".join(f"<p>The ferry came home to the old harbour on {day}, and people saw it.</p>" for day in DAYS)
    assert published(line=f"<p>3 hours ago</p>{short}<p>© 2026 Harbour Post</p>") == "2026-03-05T09:30:00+00:00"


def test_numbers_are_read_in_the_order_in_which_the_page_has_the_same_day_in_words() -> None:
    head = '<meta name="article:published_time" content="03-02-2026">'
    assert published(head=head, line="<p>Published March 2, 2026</p>") == "2026-03-02"
    assert published(head=head) == "2026-02-03"


@pytest.mark.parametrize(
    "name", ["published", "publish_date", "article:published_date", "first_published", "post-date"]
)
def test_a_meta_element_may_call_the_date_by_many_names(name: str) -> None:
    assert published(head=f'<meta name="{name}" content="March 2, 2026">') == "2026-03-02"


def test_of_several_dates_of_articles_none_is_surer_than_the_one_at_the_title() -> None:
    aside = '<aside><time itemprop="datePublished" datetime="2026-02-01">1</time></aside>'
    line = "<p>9 February 2026</p>"
    assert published(line=aside + line + '<span itemprop="datePublished" content="2026-02-09">9</span>') == "2026-02-09"


def test_an_instant_is_given_in_the_zone_in_which_its_day_is_the_one_that_is_shown() -> None:
    head = '<meta property="article:published_time" content="2026-02-10T02:41:41Z">'
    line = '<p>9 February 2026</p><time datetime="2026-02-09T21:46:01-05:00">21:46</time>'
    assert published(head=head, line=line) == "2026-02-09T21:41:41-05:00"


def test_a_live_blog_begins_with_its_coverage_and_not_with_an_update() -> None:
    update = {"@type": "BlogPosting", "headline": "Power back", "datePublished": "2026-02-09T21:10:00+02:00"}
    blog = {
        "@type": "LiveBlogPosting",
        "coverageStartTime": "2026-02-09T06:00:00+02:00",
        "liveBlogUpdate": [update] * 3,
    }
    read = article(head=data(**blog))
    assert (read.live_blog, read.published_at) == (True, "2026-02-09T06:00:00+02:00")


@pytest.mark.parametrize(
    ("fields", "paywalled"),
    [
        ({"isAccessibleForFree": "http://schema.org/False"}, True),
        ({"hasPart": {"@type": "WebPageElement", "isAccessibleForFree": False}}, True),
        ({"isAccessibleForFree": {"@id": "https://schema.org/False"}}, True),
        ({"isAccessibleForFree": "schema:False"}, True),
        ({"isAccessibleForFree": True}, False),
        ({}, None),
    ],
)
def test_a_paywall_may_be_declared_of_a_part(fields: dict[str, object], paywalled: bool | None) -> None:
    assert article(head=data(**fields)).paywalled is paywalled


def test_the_time_of_a_comment_is_less_sure_than_the_date_at_the_title() -> None:
    comments = '<div class="comments"><p><time datetime="2026-02-20T18:19:06Z">20 Feb</time></p></div>'
    assert (
        published(
            line="<p>9 February 2026, " + "a day on which the ferry came home to the old harbour " * 3 + "</p>",
            after=comments,
        )
        == "2026-02-09"
    )


@pytest.mark.parametrize(
    "after",
    [
        "<p>The port was last rebuilt after the flood of 1953, in eleven nights.</p>",
        "<footer>© 2025 Harbour Post</footer>",
    ],
)
def test_a_year_below_the_article_hides_no_age(after: str) -> None:
    assert published(line="<p>3 hours ago</p>", after=after) == "2026-03-05T09:30:00+00:00"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('<p class="date">Written: 2026-02-09 15:03:30 / Updated: 2026-02-11 15:30:46</p>', "2026-02-09T15:03:30"),
        ("<p>Letzte Änderung: 11.02.2026 - 14:49:39<br>Erschienen am: 09.02.2026</p>", "2026-02-09"),
        (f"<p>Elwick, (9 February 2026). {BODY[3:]}", "2026-02-09"),
        (f"<p>Pressemitteilung vom 9. Februar 2026 | Elwick – {BODY[3:]}", "2026-02-09"),
    ],
    ids=["written and updated", "change before publication", "in brackets", "before a bar"],
)
def test_dates_beside_a_change_and_at_the_opening(line: str, expected: str) -> None:
    assert published(line=line, language="de" if "vom" in line or "am:" in line else "en") == expected


@pytest.mark.parametrize(
    ("head", "line", "expected"),
    [
        (data(datePublished="2026-02-20"), "<p>Published Feb 9, 2026</p>", "2026-02-09"),
        (data(datePublished="2026-02-20"), "<p>Feb 9, 2026</p>", "2026-02-20"),
        (data(datePublished="2026-02-09T23:00:00Z"), "<p>Published Feb 8, 2026</p>", "2026-02-09T23:00:00+00:00"),
        ('<meta name="date" content="2026-02-20">', "<p>Feb 9, 2026</p>", "2026-02-09"),
        ('<meta name="date" content="2026-02-09">', "<p>Feb 20, 2026</p>", "2026-02-09"),
    ],
)
def test_an_earlier_date_that_is_printed_as_the_publications_is_surer(head: str, line: str, expected: str) -> None:
    assert published(head=head, line=line) == expected


def test_a_year_in_a_short_paragraph_of_korean_hides_no_age() -> None:
    prose = (
        "<p>항구는 1953년 홍수 뒤에 다시 지어졌고 그때 주민들은 열하루 밤 동안 모래주머니를 날랐다. 도서관에서는 다음 주에 그 겨울을 다룬 작은 전시회가 열린다고 한다. 모두가 기다린다.</p>"
        * 2
    )
    html = f'<html lang="ko"><body><article><h1>{TITLE}</h1><p>3시간 전</p>{prose}</article></body>'
    read = extract.read(Document(html, PAGE), GENERIC, NOW)
    assert read is not None
    assert read.published_at == "2026-03-05T09:30:00+00:00"


def test_microdata_say_that_an_article_is_not_free_or_a_live_blog() -> None:
    assert article(head='<meta itemprop="isAccessibleForFree" content="false">').paywalled is True
    assert article(after='<div itemscope itemtype="https://schema.org/LiveBlogPosting"></div>').live_blog


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("<div><span>9 February 2026, 14:26</span><span>3 min read</span></div>", "2026-02-09T14:26:00"),
        ('<p class="byline">Mina Okafor <abbr class="timeago" title="2026-02-09T14:26:00+02:00">3 days ago</abbr></p>', "2026-02-09T14:26:00+02:00"),
        ('<abbr title="Monday, 9 February 2026 at 14:26" data-utime="1770639960">9 February</abbr>', "2026-02-09T14:26:00+02:00"),
        ('<local-time datetime="2026-02-09T14:26:00Z">Feb 9</local-time>', "2026-02-09T14:26:00+00:00"),
        ('<div data-js-date="2026-02-09T14:26:00+02:00">just now</div>', "2026-02-09T14:26:00+02:00"),
        ('<span aria-label="9 February 2026, 2:26 PM">2h</span>', "2026-02-09T14:26:00"),
        ("<div><span>Local</span><span>Feb 9, 2026, 2:26 p. m.</span><span>Comments: 4</span></div>", "2026-02-09T14:26:00"),
        ('<time content="2026-02-09T14:26:00Z">9 Feb</time>', "2026-02-09T14:26:00+00:00"),
        ("""<div data-props='{"publishedAt":"2026-02-09T14:26:00Z"}'>…</div>""", "2026-02-09T14:26:00+00:00"),
        ('<span data-ts="1770647160">…</span>', "2026-02-09T14:26:00+00:00"),
        ('<span data-timestamp-ms="1770647160000">…</span>', "2026-02-09T14:26:00+00:00"),
        ('<span data-tooltip="9 February 2026, 14:26">4d</span>', "2026-02-09T14:26:00"),
        ('<span property="schema:datePublished" content="2026-02-09T14:26:00Z">9.2.</span>', "2026-02-09T14:26:00+00:00"),
        (('<i data-updated-at="2026-02-11T08:00:00Z"></i><i data-story-at="2026-02-09T14:26:00Z"></i>'), "2026-02-09T14:26:00+00:00"),
    ],
    ids=["beside the time to read", "beside an age", "an instant and its clock", "a custom element", "data of a script", "read aloud", "between other parts", "content of a time", "state of a component", "seconds", "milliseconds", "at a touch", "RDFa", "beside a change"],
)  # fmt: skip
def test_a_date_is_as_exact_as_its_element_has_it(line: str, expected: str) -> None:
    assert published(line=line) == expected


def test_an_instant_of_a_story_far_below_is_not_that_of_the_article() -> None:
    assert published(after=BODY * 10 + '<div data-story-at="2026-02-09T14:26:00Z">Another</div>') is None


@given(st.text(min_size=1))
def test_a_text_may_begin_as_its_own_key_does(text: str) -> None:
    key = comparison_key(text)
    assert not key or dateline._may_begin(text, key)


def test_an_age_in_a_small_heading_is_believed_though_the_footer_has_a_year() -> None:
    html = f"<article><h1>{TITLE}</h1><h6>3 hours ago</h6><p>The ferry sails.</p>{BODY}</article><footer>© 2026 Post</footer>"
    read = extract.read(Document(f"<html lang=en><body>{html}</body>", PAGE), GENERIC, NOW)
    assert read is not None
    assert read.published_at == "2026-03-05T09:30:00+00:00"
