"""Filters of headlines: any of them together list what meets all, newest first, page after page."""

from datetime import timedelta
from itertools import product
from urllib.parse import urlencode

import pytest
from sqlmodel import Session

from services.reader.pages import headlines
from services.reader.queries import search
from shared.contracts import now_utc
from shared.database.models import Headline, Site
from tests.reader.conftest import headline, source
from tests.reader.pages.test_pages import numbers

COUNTRIES, LANGUAGES, BLOCKS, AGES = ("FR", "FR", "GB"), ("fr", "en"), ("lead", "section", "ticker"), (1, 30)
CHOICES = {
    "q": (None, "quay"),
    "country": (None, "FR"),
    "language": (None, "en"),
    "block": (None, "lead"),
    "hours": (None, 24),
}
ROWS = [
    {"country": country, "channel": channel, "language": language, "block": block, "hours": hours, "q": word}
    for (channel, country), language, block, hours, word in product(
        enumerate(COUNTRIES, 1), LANGUAGES, BLOCKS, AGES, ("quay", "ferry")
    )
] * 2


@pytest.fixture
def news(engine, add):
    for number, country in enumerate(COUNTRIES, 1):
        add(Site(key=f"k{number}", name=f"Site {number}", home_page=f"https://{number}.example/", country=country))
        add(source(number, id=number, site_key=f"k{number}"))
    with Session(engine) as session:
        session.add_all(
            headline(number, id=number, source_id=row["channel"], language=row["language"], block=row["block"], text=row["q"],
                     first_seen_at=now_utc() - timedelta(hours=row["hours"]))
            for number, row in enumerate(ROWS, 1)
        )  # fmt: skip
        session.commit()


def meets(row, choice):
    return all(row[name] <= value if name == "hours" else row[name] == value for name, value in choice.items())


def test_any_filters_together_list_what_meets_all_of_them(client, news, monkeypatch):
    monkeypatch.setattr(headlines, "PAGE_SIZE", 10)
    monkeypatch.setitem(search.WINDOWS, Headline, (30,))
    for values in product(*CHOICES.values()):
        choice = {name: value for name, value in zip(CHOICES, values, strict=True) if value}
        expected = [number for number, row in enumerate(ROWS, 1) if meets(row, choice)][::-1]
        listed: list[int] = []
        while page := numbers(client.get(f"/?{urlencode(choice | ({'before': listed[-1]} if listed else {}))}").text):
            listed += page
        assert listed == expected, choice
