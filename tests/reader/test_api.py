from datetime import UTC, datetime, timedelta

import pytest

from services.reader.api.cursors import decode_cursor, encode_cursor
from shared.database.models import ArticleVersion, Image
from tests.reader.conftest import START, article, headline, source


def titles(client, **query):
    answer = client.get("/v1/articles", params=query)
    assert answer.status_code == 200, answer.text
    return [item["title"] for item in answer.json()["items"]]


def texts(client, **query):
    answer = client.get("/v1/headlines", params=query)
    assert answer.status_code == 200, answer.text
    return [item["text"] for item in answer.json()["items"]]


def test_pages_hold_every_row_once_while_rows_are_added(client, add):
    first = [add(article(number)) for number in range(25)]
    ids, cursor, number = [], None, 100
    while True:
        page = client.get("/v1/articles", params={"limit": 4} | ({"cursor": cursor} if cursor else {})).json()
        ids += [item["id"] for item in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
        add(article(number := number + 1))
    assert ids == sorted(first, reverse=True)


def test_the_last_page_when_full_has_no_next(client, add):
    for number in range(4):
        add(headline(number))
    assert client.get("/v1/headlines", params={"limit": 4}).json()["next"] is None
    assert client.get("/v1/headlines", params={"limit": 3}).json()["next"] is not None


@pytest.mark.parametrize("last", [1, 42, 2**63 - 1])
def test_a_cursor_comes_back(last):
    assert decode_cursor(encode_cursor(last)) == last


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"cursor": "nonsense"}, "cursor"), ({"cursor": "é"}, "cursor"), ({"cursor": ""}, "cursor"),
        ({"cursor": encode_cursor(2**63)}, "cursor"), ({"limit": 0}, "limit"), ({"limit": 201}, "limit"),
        ({"since": "yesterday"}, "since"), ({"until": "0001-01-01T00:00:00+14:00"}, "until"),
        ({"source": 2**63}, "source"), ({"q": "a\0b"}, "q"), ({"languge": "fr"}, "languge"),
    ],
)  # fmt: skip
def test_a_wrong_parameter_is_named(client, query, field):
    for path in ("/v1/articles", "/v1/headlines"):
        answer = client.get(path, params=query)
        assert answer.status_code == 422
        assert answer.json()["detail"][0]["loc"] == ["query", field]


def test_filters_of_articles(client, add):
    source_id = add(source(1))
    add(article(1, language="fr", source_id=source_id, published_at=START - timedelta(days=9)))
    add(article(2, language="ar"))
    add(article(3))
    assert titles(client, language="fr") == ["Title 1"]
    assert titles(client, source=source_id) == ["Title 1"]
    assert titles(client, since=START.isoformat()) == ["Title 3", "Title 2"]
    assert titles(client, since="2026-11-01T15:00:00") == ["Title 3"]
    assert titles(client, until="2026-10-31") == ["Title 1"]
    assert titles(client, since="2026-11-01T14:00:00Z", until="2026-11-01T15:00:00Z") == ["Title 2"]
    assert titles(client, since="2026-11-01T16:00:00+02:00", language="ar") == ["Title 2"]


def test_filters_of_headlines(client, add):
    source_id = add(source(1))
    add(headline(1, language="fr", block="ticker", source_id=source_id))
    add(headline(2, language="ar", block="lead", published_at=START - timedelta(days=9)))
    assert (
        texts(client, block="ticker")
        == texts(client, source=source_id)
        == texts(client, language="fr")
        == ["Headline 1"]
    )
    assert texts(client, until=START.isoformat()) == ["Headline 2"]


def test_search_in_french_and_arabic(client, add):
    add(article(1, title="Le sénat débat", text="La réforme des retraites avance.\nL'économie aussi."))
    add(article(2, title="الانتخابات في لبنان", text="أعلنت الحكومة نتائج الانتخابات"))
    add(article(3, title="Le sport", text="La réforme du championnat"))
    assert (
        titles(client, q="sénat")
        == titles(client, q="RETRAITES")
        == titles(client, q="l'économie")
        == ["Le sénat débat"]
    )
    assert titles(client, q="الحكومة") == titles(client, q='"نتائج الانتخابات"') == ["الانتخابات في لبنان"]
    assert titles(client, q="réforme") == ["Le sport", "Le sénat débat"]
    assert titles(client, q="réforme -retraites") == ["Le sport"]
    assert titles(client, q='"réforme retraites"') == []
    assert titles(client, q="championnat or الحكومة") == ["Le sport", "الانتخابات في لبنان"]


def test_a_headline_shows_the_authors_and_categories_of_its_feed(client, add):
    add(headline(1, authors=["Ada Lind", "Bo Ek"], tags=["Sea"]))
    [shown] = client.get("/v1/headlines").json()["items"]
    assert (shown["authors"], shown["tags"]) == (["Ada Lind", "Bo Ek"], ["Sea"])


def test_search_in_headlines(client, add):
    add(headline(1, text="الحكومة تستقيل"))
    add(headline(2, text="Le gouvernement démissionne"))
    assert texts(client, q="الحكومة") == ["الحكومة تستقيل"]
    assert texts(client, q="démissionne") == ["Le gouvernement démissionne"]
    assert texts(client, q="-démissionne") == ["الحكومة تستقيل"]


@pytest.mark.parametrize(
    "q", ['"', "'", "*", "AND", "a AND", "NEAR(", "title:x", "or", "or or", "-", "--", "(", "a\\", "%", "^a", "!!!"]
)
def test_no_search_is_a_syntax_error(client, add, q):
    add(article(1))
    assert titles(client, q=q) == []
    assert texts(client, q=q) == []


def test_a_whole_article(client, add):
    one_id = add(article(1, published="2026-11-01", published_at=START, language="ar", direction="rtl", authors=["A", "B"],
                     evidence={"title": [{"value": "t", "source": "og"}]}))  # fmt: skip
    add(Image(article_id=one_id, key="2", url="https://i.example/2", position=1))
    add(Image(article_id=one_id, key="1", url="https://i.example/1", caption="One", position=0))
    for number in (2, 1):
        add(ArticleVersion(article_id=one_id, number=number, title=f"v{number}", text="t", body_hash="0"))
    add(headline(1, article_id=one_id))
    record = client.get(f"/v1/articles/{one_id}").json()
    assert record["published_at"] == "2026-11-01"
    assert datetime.fromisoformat(record["published_instant"]) == START
    assert record["paragraphs"] == ["First.", "Second."]
    assert [image["url"] for image in record["images"]] == ["https://i.example/1", "https://i.example/2"]
    assert [version["number"] for version in record["versions"]] == [1, 2]
    assert [shown["text"] for shown in record["headlines"]] == ["Headline 1"]
    assert record["evidence"]["title"][0]["source"] == "og"
    assert (record["authors"], record["direction"]) == (["A", "B"], "rtl")
    listed = client.get("/v1/articles").json()["items"][0]
    assert "evidence" not in listed
    assert {"id", "url", "source_id", "version", "stored_at", "updated_at", "published_instant", "images"} <= set(
        listed
    )


def test_an_articles_kicker_and_its_title_for_search_engines_are_fields(client, add):
    one_id = add(article(1, title="Ferry returns", kicker="Port Elwick", seo_title="Elwick ferry: when it sails again"))
    record = client.get(f"/v1/articles/{one_id}").json()
    assert (record["title"], record["kicker"]) == ("Ferry returns", "Port Elwick")
    assert record["seo_title"] == "Elwick ferry: when it sails again"


def test_no_such_article(client):
    assert client.get("/v1/articles/1").status_code == 404
    assert client.get(f"/v1/articles/{2**63 - 1}").status_code == 404
    assert client.get(f"/v1/articles/{2**63}").status_code == 422
    assert client.get("/v1/articles/x").status_code == 422


def test_sources(client, add):
    add(source(2, next_poll_at=datetime(2026, 1, 1, tzinfo=UTC)))
    add(source(1))
    assert [item["name"] for item in client.get("/v1/sources").json()["items"]] == ["Source 1", "Source 2"]


def test_the_schema_lists_every_path(client):
    paths = client.get("/openapi.json").json()["paths"]
    assert {"/v1/articles", "/v1/articles/{id}", "/v1/headlines", "/v1/sources", "/v1/triggers", "/v1/triggers/{id}",
            "/v1/status", "/healthz"} <= set(paths)  # fmt: skip
