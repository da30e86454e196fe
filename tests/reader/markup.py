"""What a page's HTML holds, as a browser would find it, and texts that attackers put into fields of pages."""

import json
from html.parser import HTMLParser

from services.reader.pages.rendering import asset

XSS = (
    "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "' onmouseover='alert(1)", "</title><script>alert(1)</script>",
    "javascript:alert(1)", "<svg/onload=alert(1)>", "{{7*7}}{% print(1) %}", "&lt;script&gt;alert(1)&lt;/script&gt;", "</p><iframe src=//evil.example>",
    "https://x.example/\"onclick=\"alert(1)", "https://x.example/</a><script>alert(1)</script>", "data:text/html,<script>alert(1)</script>",
)  # fmt: skip
# The elements that our templates have.
ALLOWED = set(
    "html head meta title link script body header nav main footer aside section article h1 h2 h3 p bdi time ul ol li dl dt dd a "
    "img small strong span abbr mark ins del div details summary table caption thead tbody tr th td figure figcaption form input "
    "button select option datalist label textarea fieldset legend dialog kbd code pre svg title polyline polygon rect line text g".split()
)
OWN_SCRIPTS = [asset("keys.js"), asset("live.js")]


class Tags(HTMLParser):
    """The elements, attributes and scripts of a page."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.names: set[str] = set()
        self.attributes: list[tuple[str, str]] = []
        self.scripts: list[str] = []
        self.data: list[str] = []
        self._in_data = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        self._in_data = dict(attrs).get("type") == "application/ld+json"
        if tag == "script" and not self._in_data:
            self.scripts.append(dict(attrs).get("src") or "in the page")

    def handle_data(self, data: str) -> None:
        if self._in_data:
            self.data.append(data)
            self._in_data = False


def check_harmless(page: str) -> None:
    """Asserts that a page has our own elements, scripts and links alone, whatever its fields hold."""
    tags = Tags(page)
    assert tags.names <= ALLOWED, tags.names - ALLOWED
    assert tags.scripts == OWN_SCRIPTS
    assert [name for name, _ in tags.attributes if name.startswith("on") or name in ("style", "srcdoc")] == []
    targets = [value for name, value in tags.attributes if name in ("href", "src", "action", "formaction")]
    assert [target for target in targets if not target.startswith(("/", "#", "http://", "https://"))] == []
    for data in tags.data:
        json.loads(data)
