"""The title that most of a page agrees on."""

import pytest

from services.parser.article.titles import candidates
from services.parser.page.document import Document
from services.parser.rules.site_rules import GENERIC

PAGE = "https://harbourpost.example/2024/03/05/a"


def title(html: str) -> str:
    return candidates(Document(html, PAGE), GENERIC)[0].value


def test_a_title_loses_the_name_of_the_site_and_nothing_else() -> None:
    assert (
        title("<title>Ferry returns - The Harbour Post</title><meta property=og:site_name content='The Harbour Post'>")
        == "Ferry returns"
    )
    assert title("<title>Minister - and party leader - resigns</title>") == "Minister - and party leader - resigns"


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<title>Ferry returns | Local</title><meta property=og:title content='Ferry comes back'><h1>Ferry returns</h1>", "Ferry returns"),
        ("<meta property=og:title content='Ferry returns after ten …'><h1>Ferry returns after ten years</h1>", "Ferry returns after ten years"),
        ("<h1>The Harbour Post</h1><meta property=og:site_name content='The Harbour Post'><meta property=og:title content='Ferry returns to port'>", "Ferry returns to port"),
        ("<h1>Menu</h1><h1>Ferry returns to port</h1><h1>Newsletter</h1><title>Ferry returns to port - Harbour Post</title>", "Ferry returns to port"),
        ("<h1><span>Transport</span> Ferry returns to port</h1><meta property=og:title content='Ferry returns to port'>", "Ferry returns to port"),
        ("<h1>Port : the drought threatens crops</h1><title>Port : the drought threatens crops - Port</title><meta property=og:site_name content=Port>", "Port : the drought threatens crops"),
        ("<title>Port | Ferry returns to the harbour</title><meta property=og:site_name content=Port>", "Ferry returns to the harbour"),
        ("<h1><span>Transport</span><span>Ferry returns to port</span></h1><meta property=og:title content='Transport: Ferry returns to port'>", "Transport Ferry returns to port"),
        ("<h1>{{ page.title }}</h1><title>Ferry returns to port</title>", "Ferry returns to port"),
        ('<h1>Boat back</h1><script type="application/ld+json">{"@type":"NewsArticle","headline":"Ferry returns &amp; stays"}</script>', "Ferry returns & stays"),
    ],
)  # fmt: skip
def test_the_title_that_the_page_bears_out(html: str, expected: str) -> None:
    assert title(html) == expected
