from datetime import timedelta

import pytest

from services.reader.rendering import age, web
from shared.contracts import now_utc
from shared.database.models import Image
from tests.reader.conftest import article, headline


def test_headlines_in_their_language_and_direction(client, add):
    one_id = add(article(1))
    add(headline(1, text="الحكومة", language="ar", direction="rtl", article_id=one_id))
    add(headline(2, text="<script>alert(1)</script>", url="javascript:alert(1)", language='"><b>'))
    add(headline(3, url="https://example.org/?a=1&b=2"))
    page = client.get("/").text
    assert f'<p lang="ar" dir="rtl"><a href="/articles/{one_id}">الحكومة</a>' in page
    assert "<script" not in page
    assert "javascript:" not in page
    assert '"><b>' not in page
    assert 'href="https://example.org/?a=1&amp;b=2" rel="noopener nofollow"' in page


def test_older_headlines_are_a_link_away(client, add):
    for number in range(101):
        add(headline(number, text=f"Headline number{number}"))
    page = client.get("/").text
    assert "number0<" not in page
    older = page.split('rel="next"')[0].rpartition('href="')[2].partition('"')[0].replace("&amp;", "&")
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
    assert "script" not in headers["Content-Security-Policy"]
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
