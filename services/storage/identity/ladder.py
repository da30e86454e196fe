"""Which articles of the database a batch of pages is: the rungs of identity as queries (rungs.py has the rules)."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import String, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Session, col

from services.storage.identity import rungs
from services.storage.identity.addresses import site_of
from services.storage.tables.ledger import key_of
from services.storage.tables.membership import Lookup, among
from services.storage.tables.upsert import Upsert, is_postgres
from shared.contracts import ArticleParsed
from shared.database.models import Article, ArticleAlias
from shared.urls import canonical, fingerprint

# PostgreSQL's advisory lock under which the pages of a site are stored by one worker at a time.
LOCK = 4_157_000
_ALIASES = Upsert(ArticleAlias, "key")
_BY_ALIAS = Lookup(select(col(ArticleAlias.key), col(ArticleAlias.article_id)), ArticleAlias.key)
_BY_WORDING = [Lookup(select(col(Article.id)), key) for key in (Article.title_key, Article.body_hash)]
# In the order of the array.
_SITES = func.unnest(bindparam("sites", type_=ARRAY(String))).column_valued("site")
_LOCKED = select(func.pg_advisory_xact_lock(LOCK, func.hashtext(_SITES)))


class Keys(NamedTuple):
    """The keys by which a page's article may be stored already.

    `url` is the article's canonical URL and `article` its key; `own` are the keys of the page's own addresses,
    `declared` of the address that it declares as canonical, `links` of the addresses by which headlines lead to it;
    `title` is made of title, site and day, `body` of the wording.
    """

    url: str
    article: str
    site: str
    own: tuple[str, ...]
    declared: tuple[str, ...]
    links: tuple[str, ...]
    title: str | None
    body: str

    def all(self) -> set[str]:
        """Returns every key; two pages that share one may be the same article."""
        return {*self.own, *self.declared, self.body, *([self.title] if self.title else [])}


class Candidate(NamedTuple):
    """A parsed article with the keys by which it may be stored already."""

    message: ArticleParsed
    keys: Keys


class Match(NamedTuple):
    """The stored article that a page is, and the rung that says so: `url`, `title` or `body`."""

    article: Article
    rung: str


def candidate(message: ArticleParsed) -> Candidate:
    """Returns a parsed article with its keys.

    Raises:
        BadUrl: the page's own URL cannot be read.
    """
    page, article = message.page, message.article
    url = rungs.article_url(page, article)
    key = fingerprint(url)
    return Candidate(message, Keys(
        url=url,
        article=key,
        site=site_of(page.final_url),
        own=tuple(rungs.own_keys(page)),
        declared=tuple(rungs.declared_keys(page, url)),
        links=(key_of(page.url), key_of(page.final_url), key),
        title=rungs.title_key(page, article),
        body=rungs.body_hash(article),
    ))  # fmt: skip


def lock(session: Session, sites: Iterable[str]) -> None:
    """Keeps other workers from storing pages of these sites until the transaction ends; SQLite has one writer."""
    if is_postgres(session):
        session.execute(_LOCKED, {"sites": sorted(set(sites))})


def find(session: Session, candidates: Sequence[Candidate]) -> tuple[dict[str, Match], set[str]]:
    """Finds the stored articles that pages are, locked for change.

    Returns the matches by the pages' traces, and the traces of pages whose declared address is another article's.
    """
    aliases = _aliases(session, candidates)
    wordings = {key for _, keys in candidates for key in (keys.title, keys.body) if key}
    shelf = _Shelf(_load(session, set(aliases.values()), wordings), aliases)
    matches: dict[str, Match] = {}
    mistaken: set[str] = set()
    for candidate in candidates:
        message, keys = candidate
        if match := shelf.match(candidate):
            matches[message.trace_id] = match
        elif any(key in aliases for key in (*keys.declared, keys.article)):
            mistaken.add(message.trace_id)
    return matches, mistaken


def without_declared(candidate: Candidate) -> Candidate:
    """Returns a candidate whose declared address is a mistake: its article's address is its own."""
    message, keys = candidate
    url = canonical(message.page.final_url)
    return Candidate(message, keys._replace(url=url, article=fingerprint(url), declared=()))


def remember(session: Session, articles: Iterable[tuple[Keys, int, bool]]) -> None:
    """Writes the addresses by which articles are known: keys, article id, whether the declared address is believed."""
    _ALIASES.write(session, (
        {"key": key, "article_id": article_id}
        for keys, article_id, declared in articles
        for key in (*keys.own, *((*keys.declared, keys.article) if declared else ()))
    ))  # fmt: skip


def believable(message: ArticleParsed, article: Article) -> bool:
    """Whether a page may be the article at the address that it declares: not if that one tells something else."""
    same_title = message.article.title.casefold() == article.title.casefold()
    return same_title or not rungs.unlike(article.text, message.article.text)


class _Shelf:
    """The articles that may be a batch's pages, by what they are found by."""

    def __init__(self, articles: Sequence[Article], aliases: Mapping[str, int]) -> None:
        by_id = {article.id: article for article in articles}
        self._by_alias = {key: by_id[article_id] for key, article_id in aliases.items() if article_id in by_id}
        self._by_title: dict[str, list[Article]] = defaultdict(list)
        self._by_body: dict[str, list[Article]] = defaultdict(list)
        for article in articles:
            self._by_body[article.body_hash].append(article)
            if article.title_key:
                self._by_title[article.title_key].append(article)

    def match(self, candidate: Candidate) -> Match | None:
        """Returns the first article on the ladder that a page is."""
        for rung, articles in (("url", self._at_url), ("title", self._of_title), ("body", self._of_body)):
            if (article := next(articles(candidate), None)) is not None:
                return Match(article, rung)
        return None

    def _at_url(self, candidate: Candidate) -> Iterator[Article]:
        message, keys = candidate
        yield from (self._by_alias[key] for key in keys.own if key in self._by_alias)
        for article in (self._by_alias[key] for key in keys.declared if key in self._by_alias):
            if believable(message, article):
                yield article

    def _of_title(self, candidate: Candidate) -> Iterator[Article]:
        text = candidate.message.article.text
        return (article for article in self._by_title[candidate.keys.title or ""] if rungs.alike(article.text, text))

    def _of_body(self, candidate: Candidate) -> Iterator[Article]:
        message, keys = candidate
        if rungs.telling(message.article.text):
            yield from (article for article in self._by_body[keys.body] if site_of(article.url) == keys.site)


def _aliases(session: Session, candidates: Sequence[Candidate]) -> dict[str, int]:
    keys = {key for _, keys in candidates for key in (*keys.own, *keys.declared, keys.article)}
    return {key: int(article_id) for key, article_id in _BY_ALIAS.rows(session, keys)}


def _load(session: Session, ids: set[int], wordings: set[str]) -> Sequence[Article]:
    """Loads articles by id, title or wording, in the order in which every worker locks them: no deadlock."""
    worded_ids = {row.id for lookup in _BY_WORDING for row in lookup.rows(session, wordings)}
    if not ids and not worded_ids:
        return ()
    query = select(Article).where(among(session, Article.id, ids | worded_ids)).order_by(col(Article.id))
    # Read anew: this transaction may have written since it read them first.
    return session.scalars(query.with_for_update().execution_options(populate_existing=True)).all()
