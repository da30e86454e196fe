"""The text of headings whose parts are set apart by style alone."""

import pytest
from selectolax.lexbor import LexborHTMLParser

from services.parser.page.heading_text import heading_text


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<span>Elwick</span><span>Ferry returns</span>", "Elwick Ferry returns"),
        ("<span>地域</span><span>エルウィック港の再建</span>", "地域 エルウィック港の再建"),
        ("<small>Elwick</small>ferry returns", "Elwick ferry returns"),
        ("<em class=article-kicker>地域</em>エルウィック港の再建", "地域 エルウィック港の再建"),
        ("<a href=/elwick>Elwick</a><strong>Ferry returns</strong>", "Elwick Ferry returns"),
        ("<mark>خاص</mark>عودة العبارة", "خاص عودة العبارة"),
        ("Elwick<span>Ferry returns</span>", "Elwick Ferry returns"),
        ("Elwick<br>Ferry returns", "Elwick Ferry returns"),
        ("<div>Elwick</div><div>Ferry returns</div>", "Elwick Ferry returns"),
        ("<span class=sr-only>Article:</span><span>Ferry returns</span>", "Ferry returns"),
        ("<span>Elwick</span><span class=sr-only>: </span><span>Ferry returns</span>", "Elwick: Ferry returns"),
        ("<span>Elwick:</span><span>Ferry returns</span>", "Elwick: Ferry returns"),
        ("Ferry returns<time>9 October</time>", "Ferry returns 9 October"),
        ("Ferry 9:<b>30</b> returns", "Ferry 9:30 returns"),
        ("<span>F</span><span>erry returns</span>", "Ferry returns"),
        ("<b>Ferry</b>man returns", "Ferryman returns"),
        ("<i>Ferry</i>, a film, returns", "Ferry, a film, returns"),
        ("“<span>Ferry</span>” returns", "“Ferry” returns"),
        ("<span hidden>Ferry returns</span>", "Ferry returns"),
        ("Ferry &amp;#x26; tram &amp;quot;return&amp;quot;", 'Ferry & tram "return"'),
        ("Ferry R&amp;D; returns", "Ferry R&D; returns"),
    ],
)
def test_parts_of_a_heading_that_are_set_apart_are_apart(html: str, expected: str) -> None:
    node = LexborHTMLParser(f"<h1>{html}</h1>").css_first("h1")
    assert node is not None
    assert heading_text(node) == expected
