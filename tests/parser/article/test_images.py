"""The pictures of an article."""

from selectolax.lexbor import LexborHTMLParser

from services.parser.article.images import image_url


def test_a_picture_that_loads_late_is_found() -> None:
    def first(html: str) -> str:
        return image_url(LexborHTMLParser(html).css_first("img"))

    assert first('<img src="data:image/gif;base64,R0" data-src="/a.jpg">') == "/a.jpg"
    assert first('<img src="/spacer.gif" srcset="/s.jpg 300w, /l.jpg 900w">') == "/l.jpg"
    assert first('<img src="/blank.gif">') == ""
