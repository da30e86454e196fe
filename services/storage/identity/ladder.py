"""The rungs of identity as queries: which articles of the database a batch of pages is (keys.py has the rules)."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import func, select
from sqlmodel import Session, col

from services.storage.identity import rungs
from services.storage.tables.upsert import in_key_order, insert, is_postgres, lots
from shared.contracts import ArticleParsed
from shared.database.models import Article, ArticleAlias
from shared.urls import fingerprint

# Of PostgreSQL's advisory locks: the pages of a site are stored by one worker at a time.
LOCK = 4_157_000


class Keys(NamedTuple):
    """By what a page's article may be known: its own addresses, the declared one, title with site and day, wording."""

    article: str
    site: str
    own: tuple[str, ...]
    declared: tuple[str, ...]
    title: str | None
    body: str

    def all(self) -> set[str]:
        """Every key; two pages that share one may be the same article."""
        return {*self.own, *self.declared, self.body, *([self.title] if self.title else [])}


class Known(NamedTuple):
    """An article that a page is, and by which rung that is known: `url`, `title` or `body`."""

    article: Article
    rung: str


def keys_of(message: ArticleParsed) -> Keys:
    """The keys of a page.

    Raises:
        BadUrl: its own URL cannot be read.
    """
    page, article = message.page, message.article
    return Keys(
        article=fingerprint(rungs.article_url(page, article)),
        site=rungs.site_of(page.final_url),
        own=tuple(rungs.own_keys(page)),
        declared=tuple(rungs.declared_keys(page, article)),
        title=rungs.title_key(page, article),
        body=rungs.body_hash(article),
    )


def rounds(messages: Iterable[ArticleParsed]) -> Iterator[list[tuple[ArticleParsed, Keys]]]:
    """Messages in order, in as few rounds as there are pages of one article among them; usually one."""
    remaining = [(message, keys_of(message)) for message in messages]
    while remaining:
        seen: set[str] = set()
        later: list[tuple[ArticleParsed, Keys]] = []
        now: list[tuple[ArticleParsed, Keys]] = []
        for one in remaining:
            keys = one[1].all()
            (now if seen.isdisjoint(keys) else later).append(one)
            seen |= keys
        yield now
        remaining = later


def lock(session: Session, sites: Iterable[str]) -> None:
    """Keeps other workers from storing pages of these sites until the transaction ends; SQLite has one writer."""
    if is_postgres(session):
        for site in sorted(set(sites)):
            session.execute(select(func.pg_advisory_xact_lock(LOCK, func.hashtext(site))))


def find(session: Session, pages: Sequence[tuple[ArticleParsed, Keys]]) -> tuple[dict[str, Known], set[str]]:
    """The articles that are known already, by the pages' traces, locked for change; and the traces of pages whose
    declared address is that of quite another article."""
    by_alias = _aliases(session, pages)
    rest = {keys.title for _, keys in pages if keys.title} | {keys.body for _, keys in pages}
    articles = _load(session, set(by_alias.values()), rest)
    by_id = {article.id: article for article in articles}
    by_title, by_body = _grouped(articles)
    found: dict[str, Known] = {}
    mistaken: set[str] = set()
    for message, keys in pages:
        urls = (by_id.get(by_alias.get(key)) for key in keys.own)
        known = (
            _first((one for one in urls if one), "url")
            or _first((one for one in _declared(message, keys, by_alias, by_id)), "url")
            or _first(
                (one for one in by_title[keys.title or ""] if rungs.alike(one.text, message.article.text)), "title"
            )
            or _first((one for one in by_body[keys.body] if _same_words(one, message, keys)), "body")
        )
        if known:
            found[message.trace_id] = known
        elif any(key in by_alias for key in (*keys.declared, keys.article)):
            mistaken.add(message.trace_id)
    return found, mistaken


def without_declared(message: ArticleParsed, keys: Keys) -> Keys:
    """The keys of a page whose declared address is a mistake: its own address is its article's."""
    return keys._replace(article=fingerprint(message.page.final_url), declared=())


def remember(session: Session, known: Iterable[tuple[Keys, int, bool]]) -> None:
    """Writes by which addresses articles are known; `True` where the declared one can be believed."""
    rows = [
        {"key": key, "article_id": article_id}
        for keys, article_id, declared in known
        for key in (*keys.own, *((*keys.declared, keys.article) if declared else ()))
    ]
    for lot in lots(in_key_order(rows, "key")):
        session.execute(insert(session, ArticleAlias).values(lot).on_conflict_do_nothing(index_elements=["key"]))


def believable(message: ArticleParsed, article: Article) -> bool:
    """Whether the article known by a page's declared address may be the page's: not if it tells something else."""
    same_title = message.article.title.casefold() == article.title.casefold()
    return same_title or not rungs.unlike(article.text, message.article.text)


def _aliases(session: Session, pages: Sequence[tuple[ArticleParsed, Keys]]) -> dict[str, int]:
    wanted = sorted({key for _, keys in pages for key in (*keys.own, *keys.declared, keys.article)})
    query = select(col(ArticleAlias.key), col(ArticleAlias.article_id)).where(col(ArticleAlias.key).in_(wanted))
    return {key: int(article_id) for key, article_id in session.execute(query)}


def _load(session: Session, ids: set[int], others: set[str]) -> Sequence[Article]:
    """Articles by id, title or wording, in the order in which every worker locks them: no deadlock."""
    wanted = ids | set(
        session.scalars(select(col(Article.id)).where(col(Article.title_key).in_(others)))
    ) | set(session.scalars(select(col(Article.id)).where(col(Article.body_hash).in_(others))))  # fmt: skip
    query = select(Article).where(col(Article.id).in_(wanted)).order_by(col(Article.id))
    # What this transaction has read before may have been written since, by itself.
    return session.scalars(query.with_for_update().execution_options(populate_existing=True)).all()


def _grouped(articles: Sequence[Article]) -> tuple[Mapping[str, list[Article]], Mapping[str, list[Article]]]:
    by_title, by_body = defaultdict(list), defaultdict(list)
    for article in articles:
        by_body[article.body_hash].append(article)
        if article.title_key:
            by_title[article.title_key].append(article)
    return by_title, by_body


def _declared(
    message: ArticleParsed, keys: Keys, by_alias: Mapping[str, int], by_id: Mapping[int | None, Article]
) -> Iterator[Article]:
    for key in keys.declared:
        article = by_id.get(by_alias.get(key))
        if article is not None and believable(message, article):
            yield article


def _same_words(article: Article, message: ArticleParsed, keys: Keys) -> bool:
    return rungs.telling(message.article.text) and rungs.site_of(article.url) == keys.site


def _first(articles: Iterator[Article], rung: str) -> Known | None:
    article = next(articles, None)
    return Known(article, rung) if article is not None else None
