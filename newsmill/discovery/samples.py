"""Samples of a site's articles: what the parser reads from the newest of its channels."""

from collections.abc import Iterator, Sequence
from itertools import zip_longest

from newsmill.discovery.look import MOST_REQUESTS, Looker
from services.parser.discovery.candidates import same_site
from shared.contracts import Article, Kind, now_utc
from shared.discovery.channels import recent_items
from shared.discovery.choice import Choice
from shared.discovery.report import FIELDS, ArticleSample, Wall

ARTICLES = 5


def samples(looker: Looker, choices: Sequence[Choice], home_page: str) -> Iterator[ArticleSample | Wall]:
    """Yields the newest articles of the channels that are polled, one channel after the other, or the walls before them.

    Args:
        looker: asks for them while their host may be asked.
        choices: the channels.
        home_page: of the site; articles of other sites are left out.
    """
    for url in list(_urls(choices, home_page))[:ARTICLES]:
        if looker.requests(url) >= MOST_REQUESTS:
            return
        look = looker.look(url, Kind.ARTICLE)
        if isinstance(look, Wall):
            yield look
        elif look.reading.content.article is not None:
            yield _sample(url, look.reading.content.article)


def _urls(choices: Sequence[Choice], home_page: str) -> Iterator[str]:
    now = now_utc()
    lists = [
        [item.url for item in recent_items(choice.channel.items, now) if same_site(item.url, home_page)]
        for choice in choices
        if choice.is_polled
    ]
    yield from dict.fromkeys(url for row in zip_longest(*lists) for url in row if url)


def _sample(url: str, article: Article) -> ArticleSample:
    fields = {name: bool(getattr(article, name)) for name in FIELDS}
    return ArticleSample(url, article.title, fields, article.word_count, bool(article.paywalled))
