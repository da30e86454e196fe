"""Which links of a page lead to stories."""

import pytest

from services.parser.listing import story_links


@pytest.mark.parametrize(
    ("text", "path", "expected"),
    [
        ("Council lifts the old weir on the Lind", "/2024/06/13/council-lifts-the-old-weir", True),
        ("البلدية تبدأ ترميم السوق القديم بعد عامين من الحريق", "/news/81190", True),
        ("旧税関を市民図書館に 北浜市が発表し来春に着工へ", "/shakai/20240510-1.html", True),
        ("Council lifts the old weir on the Lind", "/?p=5120", True),
        ("Rat beschließt neues Wehr an der Lind", "/index.php?option=com_content&id=881", True),
        ("Council lifts the old weir on the Lind", "/4411", True),
        ("Council lifts the old weir on the Lind", "/a.9981.html", True),
        ("All articles of the year", "/2026", False),
        ("Privacy", "/?page_id=12", False),
        ("Terms and conditions of use of this site", "/terms", False),
        ("Sport", "/sport", False),
        ("Ida Marsh", "/author/ida-marsh", False),
        ("Subscribe to our newsletter for free today", "/newsletter/subscribe", False),
        ("Share on Facebook", "/share?u=1", False),
        ("Rivers", "/topic/rivers", False),
    ],
)
def test_what_leads_to_a_story(text: str, path: str, expected: bool) -> None:
    assert (
        story_links.is_story(text, f"https://veldhavencourier.example{path}", "https://veldhavencourier.example/")
        is expected
    )
