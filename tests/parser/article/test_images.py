"""The pictures of an article."""

import pytest
from selectolax.lexbor import LexborHTMLParser

from services.parser.article.images import image_url, pictures
from services.parser.article.placeholders import is_placeholder
from services.parser.page.document import Document
from services.parser.rules.site_rules import GENERIC

URL = "https://harbourpost.example/2026/10/a"
REAL = "https://cdn.harbourpost.example/wall-2.jpg"


def test_a_picture_that_loads_late_is_found() -> None:
    def first(html: str) -> str:
        return image_url(LexborHTMLParser(html).css_first("img"))

    assert first('<img src="data:image/gif;base64,R0" data-src="/a.jpg">') == "/a.jpg"
    assert first('<img src="/spacer.gif" srcset="/s.jpg 300w, /l.jpg 900w">') == "/l.jpg"
    assert first('<img src="/spacer.gif" data-full-size="/a.jpg?w=800">') == "/a.jpg?w=800"
    assert first('<img src="/spacer.gif" data-pin-media="/pin.jpg">') == ""
    assert first('<img src="/blank.gif">') == ""


@pytest.mark.parametrize(
    "html",
    [
        f'<img src="data:image/gif;base64,R0"><noscript><img src="{REAL}"></noscript>',
        f'<img data-src="{REAL}" src="/spacer.gif"><noscript><img src="https://cdn.harbourpost.example/small.jpg"></noscript>',
        f'<img class="lazy" src="/spacer.gif"><noscript> &lt;img src="{REAL}" alt="a &amp;gt; b" width="800"&gt;</noscript>',
        f'<amp-img src="{REAL}" width="800" height="450"></amp-img>',
        f'<img data-lazy="{REAL}" src="/static/placeholder.png">',
        f'<img data-src-large="{REAL}" src="/x.gif">',
        f'<img nitro-lazy-src="{REAL}" src="data:image/svg+xml;base64,xx">',
        f'<div class="lazy" data-background-image="{REAL}"></div>',
        f'<img data-hero-photo="{REAL}" src="/static/lazy-placeholder.svg">',
        f'<picture><source data-srcset="/s.jpg 300w, {REAL} 900w"><img src="/blank.gif"></picture>',
        f"<div style=\"background-image: url('{REAL}')\"></div>",
        f'<div class="photo" data-bg="{REAL}"></div>',
    ],
)
def test_each_way_to_show_a_picture_gives_its_address_once(html: str) -> None:
    document = Document(f"<article><figure>{html}<figcaption>The wall</figcaption></figure></article>", URL)
    lead, images = pictures(document, GENERIC)
    assert lead == REAL
    assert [image.url for image in images] == [REAL]


def test_a_counter_in_noscript_is_no_picture() -> None:
    counter = '<noscript><img height="1" width="1" src="https://count.example/tr?id=7"></noscript>'
    assert pictures(Document(f"<article>{counter}</article>", URL), GENERIC) == (None, ())


@pytest.mark.parametrize(
    "name",
    ["dialogo-nacional.jpg", "psicologos.png", "avatar-3-premiere.jpg", "transparent-tv-fair.jpg", "pixel-phones.jpg",
     "logo-contest-winners.jpg", "blank-ballots.png", "spacer-lifts-off.gif", "favicon-history.jpg", "1x1-chess-final.jpg"],
)  # fmt: skip
def test_a_file_that_names_its_subject_is_a_picture(name: str) -> None:
    assert not is_placeholder(f"https://cdn.harbourpost.example/{name}")


@pytest.mark.parametrize(
    "name",
    ["logo.png", "site-logo-1200x630.jpg", "harbourpost-logo.svg", "avatar.jpg", "default_avatar.png", "1x1.gif", "favicon-32x32.png", "apple-touch-icon-180x180.png",
     "placeholder.jpg", "blank.gif", "spacer.png?v=3", "transparent.png", "pixel.gif", "image-placeholder-16x9.png"],
)  # fmt: skip
def test_a_file_whose_words_all_name_furniture_is_none(name: str) -> None:
    assert is_placeholder(f"https://cdn.harbourpost.example/{name}")


def test_a_srcset_in_place_of_an_address_gives_its_largest_picture() -> None:
    node = Document("<img src='/a-300.jpg 300w, /a-900.jpg 900w'>", "https://harbourpost.example/a").tree.css_first(
        "img"
    )
    assert image_url(node) == "/a-900.jpg"


FIGURE = f'<article><figure><img src="{REAL}"></figure></article>'


@pytest.mark.parametrize(
    "declared",
    ["undefined", "null", "{{ image }}", "https://harbourpost.example/", "/static/og-default.png", "/assets/img/social-share-default.png",
     "/themes/post/fallback.jpg", "/no-image.png", "/favicon-32x32.png", "/apple-touch-icon.png"],
)  # fmt: skip
def test_what_a_page_declares_in_place_of_a_picture_is_none(declared: str) -> None:
    assert pictures(Document(f'<meta property="og:image" content="{declared}">{FIGURE}', URL), GENERIC)[0] == REAL


@pytest.mark.parametrize(
    "name", ["/2026/default.jpg", "/vi/x7/default.jpg", "/p/share.jpg", "/static/fallback-plan.jpg"]
)
def test_a_plain_name_outside_the_template_is_a_picture(name: str) -> None:
    document = Document(f'<meta property="og:image" content="{name}">{FIGURE}', URL)
    assert pictures(document, GENERIC)[0] == f"https://harbourpost.example{name}"


@pytest.mark.parametrize(
    "html",
    [
        f'<link rel="image_src" href="{REAL}">',
        f'<meta itemprop="image" content="{REAL}">',
        f'<meta name="thumbnail" content="{REAL}">',
        f'<article><video poster="{REAL}"></video></article>',
        f'<article><img src="https://count.example/c" height="1">{FIGURE}</article>',
        f'<article><img src="https://count.example/c" style="display:none">{FIGURE}</article>',
        f'<article><img src="https://emoji.example/1f6a2.png" class="wp-smiley">{FIGURE}</article>',
    ],
    ids=["link", "itemprop", "thumbnail", "poster", "low", "hidden", "smiley"],
)
def test_the_lead_image_stands_in_rarer_places_and_behind_what_is_none(html: str) -> None:
    assert pictures(Document(html, URL), GENERIC)[0] == REAL


@pytest.mark.parametrize(
    "box", ["<div id=text>{}</div>", "<div id=__next><main><div class=css-1a>{}</div></main></div>"]
)
@pytest.mark.parametrize(
    "image",
    [f'<img src="{REAL}" width=700>', f'<img data-original="{REAL}" src="/px.gif" width=1 height=1>',
     f'<amp-img src="{REAL}" width=16 height=9 layout=responsive></amp-img>'],
    ids=["plain", "late", "proportion"],
)  # fmt: skip
def test_a_picture_between_paragraphs_is_the_articles_whatever_the_column_is_called(box: str, image: str) -> None:
    paragraph = f"<p>{'The ferry returned to the harbour on Monday. ' * 3}</p>"
    html = box.format(paragraph + image + paragraph)
    assert [picture.url for picture in pictures(Document(html, URL), GENERIC)[1]] == [REAL]
