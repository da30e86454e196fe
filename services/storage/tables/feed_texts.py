"""Full texts of feeds, for articles whose own pages refuse to be fetched or show only their beginnings.

A text waits here from when its feed first shows it until its page has been read. It is stored as an article, marked as
such, when its page ends in a refusal or holds nothing, and in place of a shorter text behind a paywall. A page forbidden by robots.txt counts as one: robots.txt governs what is requested,
and the feed, which may be requested, is where the publisher gives this text away.
"""

from collections.abc import Iterable, Sequence
from math import inf

from sqlalchemy import and_, func, or_, select, update
from sqlmodel import Session, col

from services.storage.identity import ladder
from services.storage.identity.ladder import Candidate
from services.storage.tables.articles import StoredArticle
from services.storage.tables.ledger import End, key_of
from services.storage.tables.membership import Deletion, among
from services.storage.tables.upsert import Row, Upsert
from shared.contracts import Article, ArticleParsed, HeadlinesParsed, ItemTexts, Reason, now_utc
from shared.contracts import Page as RawPage
from shared.database.models import Article as ArticleRow
from shared.database.models import FeedText, Page
from shared.pages import Pages

REFUSALS = frozenset(
    {
        Reason.HTTP_401, Reason.HTTP_403, Reason.HTTP_451, Reason.HTTP_4XX, Reason.BLOCKED_CHALLENGE,
        Reason.CONSENT_WALL, Reason.ROBOTS, Reason.NO_CONTENT,
    }
)  # fmt: skip
_UPSERT = Upsert(FeedText, "key")
_READ = Deletion(FeedText, FeedText.key)


def keep(session: Session, feeds: Iterable[HeadlinesParsed], pages: Pages) -> None:
    """Keeps the texts of items whose pages have no article yet, or a shorter one behind a paywall.

    The texts of a feed are taken out of the page store only if there is a page that needs one. A page that has refused
    already, or shown too little, is due for one more request, after which its text is stored.
    """
    for feed in feeds:
        keys = {key_of(headline.url) for headline in feed.headlines if headline.url}
        needed = _needed(session, keys) if feed.texts else {}
        body = pages.get(feed.texts) if feed.texts and needed else None
        if body is not None:
            texts = ItemTexts.model_validate_json(body).articles
            longer = {url: text for url, text in texts.items() if len(text.text) > needed.get(key_of(url), inf)}
            _write(session, [_row(feed, url, text) for url, text in longer.items()])


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


def with_longer(session: Session, candidates: Sequence[Candidate]) -> list[Candidate]:
    """Returns parsed articles; those behind a paywall have the texts that wait here for them where these are longer."""
    keys = {key_of(candidate.message.page.url) for candidate in candidates if candidate.message.article.paywalled}
    if not keys:
        return list(candidates)
    texts = {
        text.key: Article.model_validate(text.article)
        for text in session.scalars(select(FeedText).where(among(session, FeedText.key, keys)))
    }
    return [_longer(candidate, texts.get(key_of(candidate.message.page.url))) for candidate in candidates]


def linked(session: Session, ends: Sequence[End], stored_articles: Iterable[StoredArticle]) -> list[End]:
    """Returns the ends of refused pages with the articles that their feeds' texts became."""
    by_trace = {article.message.trace_id: article for article in stored_articles if stands_in(article)}
    if not by_trace:
        return list(ends)
    ids = {article.article_id for article in by_trace.values()}
    from_feed = set(
        session.scalars(select(col(ArticleRow.id)).where(col(ArticleRow.id).in_(ids), col(ArticleRow.text_from) == "feed"))
    )  # fmt: skip
    return [_linked(end, by_trace.get(end.message.trace_id), from_feed) for end in ends]


def forget(session: Session, ends: Iterable[End]) -> None:
    """Removes the texts of pages that have been read themselves."""
    _READ.execute(session, {end.key for end in ends if end.article_id and end.disposition not in REFUSALS})


def stands_in(article: StoredArticle) -> bool:
    """Whether an article stands in for a page that refused, of which nothing was downloaded."""
    return article.message.article.text_from == "feed" and not article.message.page.key


def _longer(candidate: Candidate, text: Article | None) -> Candidate:
    parsed = candidate.message.article
    is_download = bool(parsed.paywalled and candidate.message.page.key)
    if text is None or not is_download or len(text.text) <= len(parsed.text):
        return candidate
    fields = {name: getattr(text, name) for name in ("text", "word_count", "text_from")}
    return ladder.candidate(candidate.message.model_copy(update={"article": parsed.model_copy(update=fields)}))


def _needed(session: Session, keys: Iterable[str]) -> dict[str, int]:
    """Returns the keys of pages that need a text, with the characters that they have without it."""
    values = list(keys)
    pages_with_text = select(col(FeedText.key)).where(among(session, FeedText.key, values))
    is_cut_off = and_(col(ArticleRow.paywalled).is_(True), col(ArticleRow.text_from) == "page")
    query = (
        select(col(Page.key), func.coalesce(func.length(col(ArticleRow.text)), 0))
        .outerjoin(ArticleRow, col(ArticleRow.id) == col(Page.article_id))
        .where(
            among(session, Page.key, values),
            col(Page.key).not_in(pages_with_text),
            or_(col(Page.article_id).is_(None), is_cut_off),
        )
    )
    return {key: chars for key, chars in session.execute(query)}  # noqa: C416 - rows are no pairs to mypy


def _row(feed: HeadlinesParsed, url: str, article: Article) -> Row:
    return {
        "key": key_of(url), "url": url, "feed_url": feed.page.final_url,
        "article": article.model_dump(mode="json", exclude_defaults=True), "fetched_at": feed.page.fetched_at,
    }  # fmt: skip


def _write(session: Session, rows: Sequence[Row]) -> None:
    _UPSERT.write(session, rows)
    keys = [row["key"] for row in rows]
    was_asked_for = or_(col(Page.disposition).in_(REFUSALS), col(Page.article_id).is_not(None))
    session.execute(update(Page).where(among(session, Page.key, keys), was_asked_for).values(retry_at=now_utc()))


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
