"""The page that Newsmill was modelled on, as text and in the HTML layout it came from."""

import re
from collections import Counter
from datetime import UTC, datetime
from html import escape
from pathlib import Path

import pytest

from services.parser.parse import read
from shared.contracts import Kind

SAMPLE = Path(__file__).parents[3] / "shared" / "seed" / "page.txt"
NOW = datetime(2026, 1, 1, tzinfo=UTC)

pytestmark = pytest.mark.skipif(not SAMPLE.exists(), reason="the sample page lies beside the project, not in it")


def check(content):
    assert content.kind is Kind.ARTICLE
    article = content.article
    assert article.title == "L'Entraide nationale souffle sa 58ème bougie au service de l'assistance sociale"
    assert (article.publisher, article.published_at, article.language) == ("L'opinion", "2015-04-27", "fr")
    assert article.evidence["published_at"][0].source == "Publié dans L'opinion le 27 - 04 - 2015"
    assert len(article.paragraphs) == 18
    assert article.paragraphs[0].startswith("Principal acteur de l'action sociale")
    assert article.paragraphs[-1].endswith("promotion des droits de l'Homme.")
    assert not {"signalé", "Cliquez ici"} & set(article.text.split())
    tickers = [headline for headline in content.headlines if headline.block == "ticker"]
    assert [headline.position for headline in tickers] == list(range(48))
    assert Counter(headline.language for headline in tickers) == {"fr": 44, "es": 3, "en": 1}


@pytest.mark.parametrize("kind", [None, Kind.TEXT])
def test_the_text(kind):
    content = read(SAMPLE.read_bytes(), "http://unknown.invalid/page", kind, None, NOW)
    check(content)
    assert content.article.site is None


def test_the_same_page_as_html():
    content = read(
        as_html(SAMPLE.read_text(encoding="utf-8")).encode(),
        "https://www.maghress.com/fr/lopinion/45678",
        None,
        "utf-8",
        NOW,
    )
    check(content)
    assert content.article.site == "Maghress"
    assert content.article.origin_url == "http://lopinion.example/45678"
    assert all(headline.url for headline in content.headlines)


def as_html(text):
    """The sample in the layout of the site it was taken from."""
    lines = [line for line in text.splitlines() if line.strip()]
    ticker, thanks, blocked, title, published, *body, source = (escape(line, quote=False) for line in lines)
    links = "&nbsp;&nbsp;&nbsp;&nbsp;".join(
        f'<a href="/fr/lakome/{60_000 + i}">{part}</a><a href="/fr/lakome/{60_000 + i}"></a>'
        for i, part in enumerate(filter(None, re.split(r"\s{4,}", ticker)))
    )
    printed = published.replace("L'opinion", '<a href="/fr/lopinion">L\'opinion</a>')
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">
<html xmlns="http://www.w3.org/1999/xhtml"><head><title>{title}</title><meta property="og:title" content="{title.replace('"', "&quot;")}"/>
<meta property="og:site_name" content="Maghress"/></head><body><ul><li><a href="/politics">Toute la politique du royaume</a></li></ul>
<marquee><span>{links}</span></marquee><div>{thanks}</div><span class="articletitle">{title}</span>
<span class="articlenewspaper">{printed}</span><span class="articlecontent"><div>{thanks}<br/>{blocked}</div>
{"<br/>".join(body)}<br/><br/><a href="http://lopinion.example/45678">{source}</a></span></body></html>"""
