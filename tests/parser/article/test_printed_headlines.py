"""The headline that a page prints below or within other headings: under a path of links, beside a subtitle, in quotes."""

import pytest

from services.parser.article.titles import likeness
from services.parser.article.titles.site_names import is_site_name, without_site
from services.parser.article.titles.titles import Titles, read
from services.parser.page.document import Document
from services.parser.rules.site_rules import GENERIC

PAGE = "https://harbourpost.example/2024/03/05/a"
SEARCH, HEADLINE = "Elwick ferry 2026: timetable, prices, tickets", "The ferry is back, and nobody waits for it"
HEAD = f"<title>{SEARCH} | Harbour Post</title><meta property=og:title content='{HEADLINE}'>"
LONG = f"<p>{'The ferry sails from the old port again, as it did. ' * 5}</p>"


def titles(html: str) -> Titles:
    return read(Document(html, PAGE), GENERIC)


def title(html: str) -> str:
    return titles(html).title[0].value


@pytest.mark.parametrize(
    "path",
    [
        f"<h1 class=breadcrumb_last>{SEARCH}</h1>",
        f"<ol class=breadcrumb><li><a href=/local>Local</a><li><h1>{SEARCH}</h1></ol>",
        f"<ol><li itemprop=itemListElement><a href=/local>Local</a><li itemprop=itemListElement><h1 itemprop=name>{SEARCH}</h1></ol>",
        f"<div class=c-breadcrumbs><div class=slide><a href=/local>Local</a></div><div class=slide><h1>{SEARCH}</h1></div></div>",
        f"<div class=brotkrumen><ul><li><a href=/local>Lokal</a></ul><h1>{SEARCH}</h1></div>",
        f"<nav id=fil-ariane><a href=/local>Région</a><h1>{SEARCH}</h1></nav>",
        f"<ul class=migas><li><a href=/local>Local</a><li><h1>{SEARCH}</h1></ul>",
        f"<ul><li><a href=/local>Local</a><li><h1 data-breadcrumb-headline>{SEARCH}</h1></ul>",
    ],
    ids=["own class", "list", "microdata", "slides", "German", "French", "Spanish", "attribute"],
)
def test_a_heading_that_ends_a_path_of_links_is_for_search_engines(path: str) -> None:
    page_titles = titles(f"{HEAD}{path}<h2>{HEADLINE}</h2>{LONG}")
    assert (page_titles.title[0].value, page_titles.seo_title[0].value) == (HEADLINE, SEARCH)


@pytest.mark.parametrize(
    "body",
    [
        f"<div class=breadcrumb-area><h1>{SEARCH}</h1><ul class=breadcrumb><li><a href=/>Home</a></ul></div><h2>{HEADLINE}</h2>",
        f"<ol class=breadcrumb><li><a href=/local>Local</a><li><h1>{SEARCH}</h1></ol><h2>What the captain says now</h2>",
        f"<ol class=breadcrumb><li><a href=/local>Local</a><li><h1>{SEARCH}</h1></ol>{LONG}<h2>{HEADLINE}</h2>",
        f"<ol class=breadcrumb><li><a href=/local>Local</a><li><h1>{SEARCH}</h1></ol><h2><a href=/b>{HEADLINE}</a></h2>",
        f"<ol class=breadcrumb><li><a href=/local>Local</a><li><h1>{SEARCH}</h1></ol><aside><h2>{HEADLINE}</h2></aside>",
    ],
    ids=["a banner with a path in it", "a subheading", "below the text", "a link to a story", "beside the article"],
)
def test_the_end_of_a_path_is_the_headline_where_no_other_heading_prints_it(body: str) -> None:
    assert title(f"{HEAD}{body}{LONG}") == SEARCH


def test_a_headline_below_a_path_has_its_kicker() -> None:
    head = f"<title>{SEARCH}</title><meta property=og:title content='Old port: {HEADLINE}'>"
    heading = f"<h2><span class=topline>Old port</span><span class=headline>{HEADLINE}</span></h2>"
    page_titles = titles(f"{head}<ol class=breadcrumb><li><a href=/local>Local</a><li><h1>{SEARCH}</h1></ol>{heading}")
    assert (page_titles.title[0].value, page_titles.kicker[0].value) == (HEADLINE, "Old port")


@pytest.mark.parametrize(
    "heading",
    [
        f"<h2 itemprop=headline>{HEADLINE}</h2>",
        f"<h2 class=x><span itemprop=headline>{HEADLINE}</span></h2>",
    ],
    ids=["heading", "span"],
)
def test_the_heading_that_the_markup_calls_the_headline_is_before_an_alternative_h1(heading: str) -> None:
    assert title(f"{HEAD.replace(' | Harbour Post', '')}<h1>{SEARCH}</h1>{heading}") == HEADLINE


@pytest.mark.parametrize(
    ("head", "body", "expected"),
    [
        ("<title>Ferry back: why it matters</title><meta property=sailthru.title content='Ferry returns to port'>", "<h1>Post</h1><h2>Ferry returns to port</h2>", "Ferry returns to port"),
        ("<title>Die Fähre kehrt zurück (2021/5): Hafenpost</title>", "<h2>Die Fähre kehrt zurück</h2>", "Die Fähre kehrt zurück"),
        ("<title>Hafen Heute | hafenheute.example - Die Fähre kehrt nach Elwick zurück</title>", "<h1>Aktuell!</h1><h2>Die Fähre kehrt nach Elwick zurück</h2>", "Die Fähre kehrt nach Elwick zurück"),
        ("<title>Harbour Notes » Blog Archive » Ferry returns to port</title>", "<h1><a href=/>Harbour Notes</a></h1><h3>Ferry returns</h3>", "Ferry returns to port"),
        ("<title>Ferry returns to port after ten years</title>", "<h2>Ferry returns</h2>", "Ferry returns to port after ten years"),
    ],
    ids=["another metadata title", "number of the issue", "address before it", "archive of a blog", "a subheading"],
)  # fmt: skip
def test_a_headline_below_the_name_of_the_site_is_the_title_as_it_is_printed(
    head: str, body: str, expected: str
) -> None:
    assert title(f"{head}{body}{LONG}") == expected


@pytest.mark.parametrize(
    ("heading", "kicker", "headline", "subtitle"),
    [
        ("<span>Ferry returns</span> <span class=entry-subtitle>Nobody waits for it</span>", "", "Ferry returns", "Nobody waits for it"),
        ("Die Fähre ist zurück <small>Niemand wartet auf sie</small>", "", "Die Fähre ist zurück", "Niemand wartet auf sie"),
        ("Le ferry revient<br><span class=sous-titre>Personne ne l'attend</span>", "", "Le ferry revient", "Personne ne l'attend"),
        ("El ferry vuelve <span class=subtitulo>Nadie lo espera</span>", "", "El ferry vuelve", "Nadie lo espera"),
        ("<span>Die Fähre ist zurück</span><span class=aural>: </span><small class=c-topline>Hafen</small>", "Hafen", "Die Fähre ist zurück", ""),
        ("<span class=h1small>Hafen Elwick</span> Die Fähre ist zurück", "Hafen Elwick", "Die Fähre ist zurück", ""),
        ("<span class=kicker>Port</span> Ferry returns <span class=dek>Nobody waits</span>", "Port", "Ferry returns", "Nobody waits"),
        ("<span class=overline>Naher Hafen</span> «Die Fähre kommt nie wieder»", "Naher Hafen", "«Die Fähre kommt nie wieder»", ""),
        ("<span class=overline>Naher Hafen</span> »Die Fähre kommt nie wieder«", "Naher Hafen", "»Die Fähre kommt nie wieder«", ""),
        ("<span class=catchline>Old port</span> Ferry returns Jr.", "Old port", "Ferry returns Jr.", ""),
    ],
    ids=["WordPress", "small", "French", "Spanish", "kicker behind", "small by class", "all three", "guillemets", "German quotes", "point"],
)  # fmt: skip
def test_a_heading_is_told_apart_into_kicker_headline_and_subtitle(
    heading: str, kicker: str, headline: str, subtitle: str
) -> None:
    page_titles = titles(f"<h1>{heading}</h1>")
    parts = [field[0].value if field else "" for field in (page_titles.kicker, page_titles.title, page_titles.subtitle)]
    assert parts == [kicker, headline, subtitle]


def test_what_the_declared_title_holds_is_no_subtitle() -> None:
    heading = "<h1>Ferry returns <small>after ten years</small></h1>"
    assert title(f"<title>Ferry returns after ten years - Post</title>{heading}") == "Ferry returns after ten years"


@pytest.mark.parametrize(
    "label", ["Title:", "Titel: ", "Titre : ", "Título: ", "Заголовок: ", "标题：", "タイトル：", "عنوان: "]
)
def test_the_label_of_a_title_is_no_part_of_it(label: str) -> None:
    assert title(f"<title>[26.1] Ferry returns</title><meta property=og:title content='Ferry returns'><h1><span>{label}</span>Ferry returns</h1>") == "Ferry returns"  # fmt: skip


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("« Le ferry profite aux armateurs, au détriment des usagers » - Harbour Post", "« Le ferry profite aux armateurs, au détriment des usagers »"),
        ("Le port dit « non » à la ministre", "Le port dit « non » à la ministre"),
        ("Hafen: »Wir sind zurück« | Harbour Post", "Hafen: »Wir sind zurück«"),
        ("Harbour Post » Ferry returns to port", "Ferry returns to port"),
        ("Ferry returns to port « Harbour Post", "Ferry returns to port"),
        ("Harbour Post » Blog Archive » Ferry returns", "Ferry returns"),
        ("Harbour Post | Ferry returns to port | Harbour Post", "Ferry returns to port"),
    ],
)  # fmt: skip
def test_quotation_marks_around_words_are_no_separators(text: str, expected: str) -> None:
    assert without_site(text, {"harbourpost"}, set(), set(), set()) == expected


def test_a_printed_heading_is_not_cut_to_another() -> None:
    head = "<title>Natural soap - any better? | Post</title>"
    body = "<h1>Natural soap - any better?</h1><h1>Natural soap –</h1><h1>the better choice?</h1>"
    assert title(f"{head}{body}") == "Natural soap - any better?"


@pytest.mark.parametrize(
    ("name", "host"),
    [("Löwenseiten", "loewenseiten"), ("Løvenes", "loevenes"), ("Prés", "pres"), ("Älven", "alven"), ("Łódź", "lodz"), ("Ålesund", "aalesund")],
)  # fmt: skip
def test_a_name_is_the_sites_as_its_host_writes_it(name: str, host: str) -> None:
    assert is_site_name(name.casefold(), {host})
    assert not is_site_name(name.casefold(), {f"{host}x"})


@pytest.mark.parametrize(
    ("heading", "declared"),
    [
        ("Finanzierung Ihres Autos", "Autofinanzierung – Autokredit oder doch Leasing?"),
        ("Lainan kilpailutus", "Lainankilpailutus: näin säästät"),
    ],
)
def test_an_only_heading_with_a_word_of_the_title_in_another_form_is_the_headline(heading: str, declared: str) -> None:
    assert likeness.has_common_stem(heading, declared)
    assert title(f"<title>{declared}</title><h1>{heading}</h1>{LONG}") == heading


def test_a_summary_that_is_marked_as_a_heading_is_no_headline() -> None:
    summary = "Learn which ferries are the best. " * 8
    assert (
        title(f"<title>The 10 best ferries of the year</title><h1>{summary}</h1>") == "The 10 best ferries of the year"
    )


@pytest.mark.parametrize("box", ["aside", "footer", "div role=complementary"])
def test_a_heading_beside_the_article_is_no_headline(box: str) -> None:
    beside = f"<{box}><h1>Partners of the port</h1></{box.split(maxsplit=1)[0]}>"
    assert title(f"<title>Ferry returns to the port</title><h1>Menu</h1>{LONG}{beside}") == "Ferry returns to the port"
