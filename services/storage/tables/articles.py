"""Articles: one row each, whatever comes twice, late, edited, or under another address."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import update
from sqlmodel import Session, col

from services.storage.dates import instant
from services.storage.identity import ladder, rungs
from services.storage.identity.addresses import names_device, preferred
from services.storage.identity.ladder import Candidate, Match
from services.storage.rounds import rounds
from services.storage.tables import versions
from services.storage.tables.upsert import Upsert
from shared.contracts import Article as ParsedArticle
from shared.contracts import ArticleParsed, Origin, now_utc
from shared.database.models import Article

_COPIED = (
    "title", "subtitle", "kicker", "seo_title", "text", "site", "publisher", "origin_url", "section", "language",
    "direction", "lead_image", "paywalled", "live_blog", "word_count", "text_from",
)  # fmt: skip
# A page may have been believed to have this address; then its article is the row.
_UPSERT = Upsert(
    Article, "key", changes=lambda _new: {"key": Article.key}, returning=[col(Article.id), col(Article.key)]
)  # fmt: skip

RETURNED = "returned"


class StoredArticle(NamedTuple):
    """What became of a parsed article.

    `change` is `stored` (a new article), `updated` or `unchanged`; `version` the version that the page is and `changes`
    what it changed; `rung` is how the article was found where it was stored already; `kinds` are the kinds of its edit
    (services/storage/edit_kinds.py), and RETURNED where the article was gone.
    """

    candidate: Candidate
    article_id: int
    change: str
    version: int
    changes: dict[str, Any] | None = None
    rung: str | None = None
    kinds: tuple[str, ...] = ()

    @property
    def message(self) -> ArticleParsed:
        """The message that brought the article."""
        return self.candidate.message


def write(session: Session, candidates: Sequence[Candidate], limits: versions.Limits) -> list[StoredArticle]:
    """Writes articles with their versions and addresses, the pages that were fetched first before the others."""
    by_age = sorted(candidates, key=lambda candidate: candidate.message.page.fetched_at)
    batches = rounds(by_age, lambda candidate: candidate.keys.all())
    return [article for batch in batches for article in _write_round(session, batch, limits)]


def newly_worded(stored_articles: Sequence[StoredArticle]) -> list[StoredArticle]:
    """Returns the articles that are new or newly worded, each with its last page."""
    return list({article.article_id: article for article in stored_articles if article.change != "unchanged"}.values())


def _write_round(session: Session, candidates: Sequence[Candidate], limits: versions.Limits) -> list[StoredArticle]:
    ladder.lock(session, (candidate.keys.site for candidate in candidates))
    matches, mistaken = ladder.find(session, candidates)
    candidates = [
        ladder.without_declared(candidate) if candidate.message.trace_id in mistaken else candidate
        for candidate in candidates
    ]
    stored_articles = _insert(
        session, [candidate for candidate in candidates if candidate.message.trace_id not in matches]
    )
    for candidate in candidates:
        if match := matches.get(candidate.message.trace_id):
            stored_articles.append(_revise(session, match, candidate, limits))
    ladder.remember(session, (
        (article.candidate.keys, article.article_id, _declares(article.message, matches)) for article in stored_articles
    ))  # fmt: skip
    return stored_articles


def _insert(session: Session, candidates: Sequence[Candidate]) -> list[StoredArticle]:
    """Inserts new articles with their first versions."""
    rows = {candidate.keys.article: _row(candidate) for candidate in candidates}
    ids = {row.key: int(row.id) for row in _UPSERT.write(session, rows.values())}
    versions.write_first(session, ((ids[key], row) for key, row in rows.items()))
    return [StoredArticle(candidate, ids[candidate.keys.article], "stored", 1) for candidate in candidates]


def _revise(session: Session, match: Match, candidate: Candidate, limits: versions.Limits) -> StoredArticle:
    article, message = match.article, candidate.message
    assert article.id is not None
    if _is_lesser(message.article, article):
        return StoredArticle(candidate, article.id, "unchanged", article.version, rung=match.rung)
    row = _row(candidate)
    url = preferred(article.url, row["url"], row["canonical_url"])
    if names_device(row["canonical_url"]) and not names_device(article.canonical_url):
        row["canonical_url"] = article.canonical_url
    if url != article.url:
        addresses = {"url": url, "canonical_url": row["canonical_url"]}
        session.execute(update(Article).where(col(Article.id) == article.id).values(**addresses))
    revision = versions.revise(session, article, row, limits, message)
    kinds = (*revision.kinds, *_returned(session, article, message))
    return StoredArticle(candidate, article.id, revision.change, revision.version, revision.changes, match.rung, kinds)


def _is_lesser(parsed: ParsedArticle, stored: Article) -> bool:
    """Whether a text is none that replaces the stored one. Of a page behind a paywall and its feed the longer one counts;
    elsewhere a feed's text replaces none."""
    if parsed.text_from == "feed":
        return stored.text_from == "feed" or not stored.paywalled or len(parsed.text) <= len(stored.text)
    return stored.text_from == "feed" and bool(parsed.paywalled) and len(parsed.text) < len(stored.text)


def _returned(session: Session, article: Article, message: ArticleParsed) -> tuple[str, ...]:
    """Marks an article that was gone as there again when a live visit brings it."""
    if article.gone_at is None or message.origin is not Origin.LIVE or message.reparsed:
        return ()
    session.execute(update(Article).where(col(Article.id) == article.id).values(gone_at=None))
    return (RETURNED,)


def _declares(message: ArticleParsed, matches: dict[str, Match]) -> bool:
    match = matches.get(message.trace_id)
    return match is None or ladder.believable(message, match.article)


def _row(candidate: Candidate) -> dict[str, Any]:
    message, keys = candidate
    article, page = message.article, message.page
    return {name: getattr(article, name) for name in _COPIED} | {
        "key": keys.article,
        "url": page.final_url,
        "canonical_url": keys.url,
        "source_id": message.source_id,
        "trace_id": message.trace_id,
        "authors": list(article.authors),
        "tags": list(article.tags),
        "alternates": list(article.alternates),
        "published": article.published_at,
        "published_at": instant(article.published_at),
        "modified": article.modified_at,
        "modified_at": instant(article.modified_at),
        "evidence": article.model_dump(mode="json", include={"evidence"})["evidence"],
        "body_hash": keys.body,
        "title_key": keys.title,
        "origin_key": rungs.origin_key(article),
        "version": 1,
        "fetched_at": page.fetched_at,
        "stored_at": now_utc(),
        "updated_at": now_utc(),
    }
