"""Full texts of feeds, for articles whose own pages refuse to be fetched.

A text waits here from when its feed first shows it until its page has been read. It is stored as an article, marked as
such, when its page ends in a refusal. A page forbidden by robots.txt counts as one: robots.txt governs what is requested,
and the feed, which may be requested, is where the publisher gives this text away.
"""

from collections.abc import Iterable, Sequence

from sqlalchemy import delete, select, update
from sqlmodel import Session, col

from services.storage.tables.articles import StoredArticle
from services.storage.tables.ledger import End, key_of
from services.storage.tables.membership import among
from services.storage.tables.upsert import Row, Upsert
from shared.contracts import Article, ArticleParsed, HeadlinesParsed, ItemTexts, Reason, now_utc
from shared.contracts import Page as RawPage
from shared.database.models import Article as ArticleRow
from shared.database.models import FeedText, Page
from shared.pages import Pages

REFUSALS = frozenset(
    {
        Reason.HTTP_401, Reason.HTTP_403, Reason.HTTP_451, Reason.HTTP_4XX, Reason.BLOCKED_CHALLENGE,
        Reason.CONSENT_WALL, Reason.ROBOTS,
    }
)  # fmt: skip
_UPSERT = Upsert(FeedText, "key")


def keep(session: Session, feeds: Iterable[HeadlinesParsed], pages: Pages) -> None:
    """Keeps the texts of items whose pages have no article yet.

    The texts of a feed are taken out of the page store only if there is a page that needs one. A page that has refused
    already is due for one more request, after which its text is stored.
    """
    for feed in feeds:
        keys = {key_of(headline.url) for headline in feed.headlines if headline.url}
        needed = _needed(session, keys) if feed.texts else set()
        body = pages.get(feed.texts) if feed.texts and needed else None
        if body is not None:
            texts = ItemTexts.model_validate_json(body)
            _write(session, [row for row in _rows(feed, texts) if row["key"] in needed])


def articles(session: Session, ends: Sequence[End]) -> list[ArticleParsed]:
    """Returns the articles of pages that ended in a refusal and whose texts wait here."""
    refused = {end.key: end for end in ends if end.disposition in REFUSALS}
    if not refused:
        return []
    return [
        ArticleParsed(
            **refused[text.key].message.envelope(),
            page=_page(refused[text.key], text),
            article=Article.model_validate(text.article),
        )
        for text in session.scalars(select(FeedText).where(among(session, FeedText.key, refused)))
    ]


def linked(session: Session, ends: Sequence[End], stored_articles: Iterable[StoredArticle]) -> list[End]:
    """Returns the ends of refused pages with the articles that their feeds' texts became."""
    by_trace = {article.message.trace_id: article for article in stored_articles if is_from_feed(article)}
    if not by_trace:
        return list(ends)
    ids = {article.article_id for article in by_trace.values()}
    from_feed = set(
        session.scalars(select(col(ArticleRow.id)).where(col(ArticleRow.id).in_(ids), col(ArticleRow.text_from) == "feed"))
    )  # fmt: skip
    return [_linked(end, by_trace.get(end.message.trace_id), from_feed) for end in ends]


def forget(session: Session, ends: Iterable[End]) -> None:
    """Removes the texts of pages that have been read themselves."""
    keys = {end.key for end in ends if end.article_id and end.disposition not in REFUSALS}
    if keys:
        session.execute(delete(FeedText).where(among(session, FeedText.key, keys)))


def is_from_feed(article: StoredArticle) -> bool:
    """Whether what was stored came from a feed and not from the article's page."""
    return article.message.article.text_from == "feed"


def _needed(session: Session, keys: Iterable[str]) -> set[str]:
    values = list(keys)
    kept = select(col(FeedText.key)).where(among(session, FeedText.key, values))
    query = select(col(Page.key)).where(
        among(session, Page.key, values), col(Page.article_id).is_(None), col(Page.key).not_in(kept)
    )
    return set(session.scalars(query))


def _rows(feed: HeadlinesParsed, texts: ItemTexts) -> list[Row]:
    return [
        {
            "key": key_of(url), "url": url, "feed_url": feed.page.final_url,
            "article": article.model_dump(mode="json", exclude_defaults=True), "fetched_at": feed.page.fetched_at,
        }
        for url, article in texts.articles.items()
    ]  # fmt: skip


def _write(session: Session, rows: Sequence[Row]) -> None:
    _UPSERT.write(session, rows)
    keys = [row["key"] for row in rows]
    refused = update(Page).where(among(session, Page.key, keys), col(Page.disposition).in_(REFUSALS))
    session.execute(refused.values(retry_at=now_utc()))


def _page(end: End, text: FeedText) -> RawPage:
    return RawPage(url=end.url, final_url=text.url, key="", status=end.status or 200, fetched_at=text.fetched_at)


def _linked(end: End, article: StoredArticle | None, from_feed: set[int | None]) -> End:
    if article is None:
        return end
    detail = "; ".join(filter(None, (end.detail, "stored from its feed's text")))
    return end._replace(
        article_id=article.article_id, version=article.version,
        detail=detail if article.article_id in from_feed else end.detail,
    )  # fmt: skip
