from datetime import timedelta
from html.parser import HTMLParser
from urllib.parse import urlencode

import pytest

from services.reader.pages.rendering import age, asset, web
from shared.contracts import now_utc
from shared.database.models import Image
from tests.reader.conftest import article, headline


def test_headlines_in_their_language_and_direction(client, add):
    one_id = add(article(1))
    add(headline(1, text="الحكومة", language="ar", direction="rtl", article_id=one_id))
    add(headline(2, text="<script>alert(1)</script>", url="javascript:alert(1)", language='"><b>'))
    add(headline(3, url="https://example.org/?a=1&b=2"))
    page = client.get("/").text
    assert f'<p class="text" lang="ar" dir="rtl"><a href="/articles/{one_id}">الحكومة</a>' in page
    assert "<script>alert" not in page
    assert "javascript:" not in page
    assert '"><b>' not in page
    assert 'href="https://example.org/?a=1&amp;b=2" rel="noopener noreferrer nofollow"' in page


def test_older_headlines_are_a_link_away(client, add):
    for number in range(101):
        add(headline(number, text=f"Headline number{number}"))
    page = client.get("/").text
    assert "number0<" not in page
    older = page.split('rel="next" href="')[1].partition('"')[0].replace("&amp;", "&")
    assert "number0<" in client.get(older).text


def test_search_on_the_page(client, add):
    add(headline(1, text="Le sénat"))
    add(headline(2, text="Le sport"))
    page = client.get("/", params={"q": "sénat"}).text
    assert ("Le sénat" in page, "Le sport" in page) == (True, False)
    assert '"><i>' not in client.get("/", params={"q": '"><i>'}).text


def test_an_article(client, add):
    one_id = add(article(1, title="A & B", language="ar", direction="rtl", text="<b>One</b>\nTwo", url="javascript:x"))
    add(Image(article_id=one_id, key="1", url="data:text/html,x", caption="hostile"))
    page = client.get(f"/articles/{one_id}").text
    assert '<article lang="ar" dir="rtl">' in page
    assert "<p>&lt;b&gt;One&lt;/b&gt;</p>" in page
    assert "A &amp; B" in page
    assert "javascript:" not in page
    assert "hostile" not in page
    assert client.get(f"/articles/{one_id + 1}").status_code == 404


@pytest.mark.parametrize("path", ["/", "/articles/1", "/static/style.css", "/v1/articles", "/nowhere"])
def test_a_strict_policy_on_every_answer(client, path):
    headers = client.get(path).headers
    assert headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'self'")
    assert "script-src 'self'; connect-src 'self'; img-src 'self';" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_the_style_follows_the_readers_light(client):
    assert "prefers-color-scheme: dark" in client.get("/static/style.css").text


@pytest.mark.parametrize(
    "url", [None, "", "javascript:alert(1)", " javascript:x", "data:x", "//x", "https://[", "JAVASCRIPT:x"]
)
def test_only_web_addresses_are_linked(url):
    assert web(url) is None


@pytest.mark.parametrize(("seconds", "text"), [(5, "now"), (-9, "now"), (61, "1 min"), (7300, "2 h"), (172_801, "2 d")])
def test_age(seconds, text):
    assert age(now_utc() - timedelta(seconds=seconds)) == text


XSS = (
    "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "' onmouseover='alert(1)", "</title><script>alert(1)</script>",
    "javascript:alert(1)", "<svg/onload=alert(1)>", "{{7*7}}{% print(1) %}", "&lt;script&gt;alert(1)&lt;/script&gt;", "</p><iframe src=//evil.example>",
    "https://x.example/\"onclick=\"alert(1)", "https://x.example/</a><script>alert(1)</script>", "data:text/html,<script>alert(1)</script>",
)  # fmt: skip
ALLOWED = {
    "html", "head", "meta", "title", "link", "body", "header", "form", "input", "button", "main", "article", "h1", "p", "bdi", "time", "ul", "li",
    "a", "small", "ol", "footer", "span", "script", "nav", "div", "dialog", "h2", "dl", "dt", "dd", "kbd", "abbr",
}  # fmt: skip
OWN_SCRIPTS = [asset("keys.js"), asset("live.js")]


class Tags(HTMLParser):
    """The elements and attributes of a page, as a browser would find them."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.names: set[str] = set()
        self.attributes: list[tuple[str, str]] = []
        self.scripts: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        if tag == "script":
            self.scripts.append(dict(attrs).get("src") or "in the page")
        self.attributes += [(name, value or "") for name, value in attrs]


@pytest.mark.hostile
@pytest.mark.parametrize("attack", XSS)
def test_an_attack_in_every_field_that_a_page_shows_stays_text(client, add, attack):
    texts = dict.fromkeys(("title", "subtitle", "site", "publisher", "section"), attack)
    article_id = add(
        article(1, **texts, text=f"{attack}\n{attack}", authors=[attack], tags=[attack], url=attack, canonical_url=attack,
                published=attack[:40], language=attack[:16], direction=attack[:3], lead_image=attack, version=2)
    )  # fmt: skip
    add(Image(article_id=article_id, key="1", url=f"https://x.example/{attack}", caption=attack, credit=attack))
    add(
        headline(1, text=attack, url=attack, site=attack, language=attack[:16], direction=attack[:3], block=attack[:16])
    )
    add(headline(2, text=attack, url=attack, article_id=article_id))
    for path in (f"/articles/{article_id}", "/", "/?" + urlencode({"q": attack})):
        tags = Tags(client.get(path).text)
        assert tags.names <= ALLOWED, path
        assert tags.scripts == OWN_SCRIPTS, path
        assert [name for name, _ in tags.attributes if name.startswith("on") or name in ("style", "srcdoc")] == []
        targets = [value for name, value in tags.attributes if name in ("href", "src", "action")]
        assert [target for target in targets if not target.startswith(("/", "#", "http://", "https://"))] == []
