import re
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from sqlmodel import Session

from services.reader.pages.rendering import age, web
from shared.contracts import now_utc
from shared.database.models import ArticleVersion, Image, Placement, Site, Visit
from tests.reader.conftest import START, article, headline, source
from tests.reader.markup import XSS, check_harmless


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
    assert ("Le <mark>sénat</mark>" in page, "sport" in page) == (True, False)
    assert '"><i>' not in client.get("/", params={"q": '"><i>'}).text


def test_an_article(client, add):
    one_id = add(article(1, title="A & B", language="ar", direction="rtl", text="<b>One</b>\nTwo", url="javascript:x"))
    add(Image(article_id=one_id, key="1", url="data:text/html,x", caption="hostile"))
    page = client.get(f"/articles/{one_id}").text
    assert '<article class="prose" lang="ar" dir="rtl">' in page
    assert "<p>&lt;b&gt;One&lt;/b&gt;</p>" in page
    assert "A &amp; B" in page
    assert 'href="javascript:' not in page
    assert "hostile" not in page
    assert client.get(f"/articles/{one_id + 1}").status_code == 404


@pytest.mark.parametrize(
    ("language", "unit"), [("zh", "characters"), ("zh-TW", "characters"), ("ja", "words"), (None, "words")]
)
def test_the_length_of_an_article_has_its_unit(client, add, language, unit):
    number = add(article(1, language=language, word_count=1234))
    assert f">1,234 {unit}<" in client.get(f"/articles/{number}").text


@pytest.mark.parametrize("path", ["/", "/articles/1", "/static/style.css", "/v1/articles", "/nowhere"])
def test_a_strict_policy_on_every_answer(client, path):
    headers = client.get(path).headers
    assert headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'self'")
    assert "script-src 'self'; connect-src 'self'; img-src 'self';" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(("hours", "seen"), [(1, 0), (3, 1), (100, 2)])
def test_headlines_of_a_time(client, add, hours, seen):
    for number, age_hours in enumerate((50, 2)):
        add(headline(number, first_seen_at=now_utc() - timedelta(hours=age_hours)))
    assert client.get(f"/?hours={hours}").text.count("data-item=") == seen


def test_every_page_that_the_navigation_names_is_there(client):
    paths = re.findall(r'<a href="([^"]+)" data-go=', client.get("/").text)
    assert len(paths) == 7
    assert [path for path in paths if client.get(path).status_code != 200] == []


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


@pytest.mark.hostile
@pytest.mark.parametrize("attack", XSS)
def test_an_attack_in_every_field_that_a_page_shows_stays_text(client, add, attack):
    names = ("title", "subtitle", "kicker", "seo_title", "site", "publisher", "section", "origin_url")
    evidence = {"title": [{"value": attack, "source": attack}], attack: [{"value": attack, "source": attack}]}
    fields = dict.fromkeys(names, attack) | {
        "text": f"{attack}\n{attack}",
        "language": attack[:16],
        "story_id": 1,
        "stored_at": now_utc(),
    }
    article_id = add(
        article(1, **fields, authors=[attack], tags=[attack], url=attack, canonical_url=attack, published=attack[:40],
                modified=attack[:40], direction=attack[:3], lead_image=attack, version=2, evidence=evidence)
    )  # fmt: skip
    add(article(2, **fields, url=f"https://x.example/{attack}", original_id=article_id))
    for number in (1, 2):
        changes = {"title": [attack, attack], "text": {"added": 1, "removed": 1, "diff": attack, "whole": True}}
        text = {"title": attack, "subtitle": attack, "text": attack * number, "body_hash": "0", "changes": changes}
        add(ArticleVersion(article_id=article_id, number=number, **text))
    add(Image(article_id=article_id, key="1", url=f"https://x.example/{attack}", caption=attack, credit=attack))
    steps = [
        {"what": attack, "at": START.isoformat(), "stage": attack, "reason": attack, "detail": attack, "url": attack}
    ]
    add(Visit(trace_id="trace1", page_key="1", url=attack, via=attack[:32], article_id=article_id, triggered_at=START,
              ended_at=START, disposition=attack[:32], detail=attack, steps=steps))  # fmt: skip
    place = {"page": attack, "position": 0, "block": attack[:32], "since": START.isoformat()}
    fields = {
        "text": attack,
        "url": attack,
        "site": attack,
        "language": attack[:16],
        "direction": attack[:3],
        "block": attack[:16],
    }
    shown = add(headline(1, **fields, page_url=attack, in_front=True, places=[place], image=attack))
    add(
        Placement(
            page_key="1", headline_id=shown, page_url=attack, kind="front", position=0, block=attack[:16], seen_at=START
        )
    )
    add(headline(2, text=attack, url=attack, article_id=article_id))
    add(headline(3, text=attack, url=attack, article_id=article_id + 1))
    add(
        Site(
            key="s",
            name=attack[:200],
            home_page="https://x.example/",
            tags=[attack],
            languages=[attack[:16]],
            country=attack[:2],
        )
    )
    filters = urlencode({"q": attack, "tag": attack, "country": attack, "language": attack, "block": attack})
    client.cookies["pictures"] = "on"
    trend = urlencode({"q": f'{attack} or publisher:"{attack}"', "by": "site", "days": 366})
    for path in (
        f"/articles/{article_id}?{filters}",
        f"/articles/{article_id}/versions/2",
        "/",
        f"/?{filters}",
        "/stories/1",
        f"/stories?{filters}",
        f"/trends?{trend}",
    ):
        answer = client.get(path)
        assert answer.status_code == 200, path
        check_harmless(answer.text)


def test_pages_of_a_countrys_headlines_follow_each_other(client, engine, add):
    for number, country in enumerate(("FR", "FR", "GB"), 1):
        add(Site(key=f"k{number}", name=f"Site {number}", home_page=f"https://{number}.example/", country=country))
        add(source(number, id=number, site_key=f"k{number}"))
    with Session(engine) as session:
        session.add_all(headline(number, id=number, source_id=number % 3 + 1) for number in range(1, 241))
        session.commit()
    wanted = [number for number in range(240, 0, -1) if number % 3 < 2]
    first = numbers(client.get("/?country=FR").text)
    assert first + numbers(client.get(f"/?country=FR&before={first[-1]}").text) == wanted


def numbers(page: str) -> list[int]:
    return [int(number) for number in re.findall(r'data-item="(\d+)"', page)]
