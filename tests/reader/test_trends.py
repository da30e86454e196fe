import csv
from datetime import timedelta
from io import StringIO

import pytest

from shared.contracts import now_utc
from tests.reader.conftest import article

NOW = now_utc()
DAY = NOW.replace(hour=0, minute=0, second=0, microsecond=0)


@pytest.fixture
def news(add):
    """Two papers on the ferry on three days, and other news."""
    rows = (
        (1, 0, "Harrow Gazette", "Ferry late again", ["harbour"]),
        (2, 1, "Harrow Gazette", "Ferry company sold", ["harbour", "business"]),
        (3, 1, "Varenne Mail", "Ferry company answers", []),
        (4, 2, "Harrow Gazette", "Library opens", ["harbour"]),
        (5, 400, "Harrow Gazette", "Ferry of long ago", []),
    )
    for number, days, publisher, title, tags in rows:
        at = DAY - timedelta(days=days)
        add(
            article(number, title=title, publisher=publisher, tags=tags, text="-", language="en", published_at=at, stored_at=at + timedelta(seconds=9))
        )  # fmt: skip


def series(client, **query) -> dict[str, list[int]]:
    answer = client.get("/v1/trends", params={"q": "ferry", "days": 3, **query}).json()
    return {row["name"]: row["total"] for row in answer["series"]}


def test_counts_over_time(client, news):
    answer = client.get("/v1/trends", params={"q": "ferry", "days": 7}).json()
    assert (answer["step"], answer["total"], answer["counts"]) == ("day", 3, [0, 0, 0, 0, 0, 2, 1])
    assert answer["steps"][-1] == DAY.isoformat()


def test_of_a_few_days_the_hours_are_counted(client, news):
    answer = client.get("/v1/trends", params={"q": "ferry", "days": 2}).json()
    counts = dict(zip(answer["steps"], answer["counts"], strict=True))
    assert (answer["step"], len(counts), counts[DAY.isoformat()]) == ("hour", 48, 1)
    last = DAY + timedelta(hours=NOW.hour)
    assert list(counts)[-1] in (last.isoformat(), (last + timedelta(hours=1)).isoformat())


@pytest.mark.parametrize(
    ("by", "totals"),
    [
        ("site", {"Harrow Gazette": 2, "Varenne Mail": 1}),
        ("language", {"en": 3}),
        ("tag", {"harbour": 2, "business": 1}),
    ],
)
def test_counts_by_what_articles_have(client, news, by, totals):
    answer = client.get("/v1/trends", params={"q": "ferry", "days": 7, "by": by}).json()
    assert {row["name"]: row["total"] for row in answer["series"]} == totals
    assert answer["total"] == 3


def test_words_that_go_with_it_are_those_more_frequent_there_than_elsewhere(client, news, add):
    for number in range(10, 30):
        add(article(number, title="Again the library", text="-", language="en", published_at=DAY, stored_at=DAY))
    words = client.get("/v1/trends", params={"q": "ferry", "days": 7}).json()["words"]
    assert [(word["word"], word["matches"]) for word in words] == [("company", 2)]


def test_a_trend_as_a_table_runs_nothing_in_a_spreadsheet(client, news, add):
    add(article(9, title="Ferry", publisher="=cmd()", text="-", published_at=DAY, stored_at=DAY))
    answer = client.get("/v1/trends", params={"q": "ferry", "days": 7, "by": "site", "format": "csv"})
    head, *rows = csv.reader(StringIO(answer.text))
    assert head == ["begin", "articles", "Harrow Gazette", "'=cmd()", "Varenne Mail"]
    assert (answer.headers["Content-Type"], rows[-1][1:]) == ("text/csv; charset=utf-8", ["2", "1", "1", "0"])


def test_a_search_for_nothing_has_no_articles(client, news):
    assert client.get("/v1/trends", params={"q": "-", "days": 7}).json()["total"] == 0
    assert client.get("/v1/trends", params={"days": 7}).status_code == 422
