"""Revisits: the page of an article is looked at again while it may change, and marked when it is gone.

First at fixed ages of the article, every few minutes while it is a live blog that goes on, sooner where a feed or a sitemap
says that it was changed. The scheduler sends what is due (services/scheduler/revisits.py); the ledger keeps when.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import select, update
from sqlmodel import Session, col

from services.storage.dates import instant
from services.storage.listings import Listing
from services.storage.tables.ledger import REMEMBERED, End
from services.storage.tables.membership import among
from shared.contracts import REVISIT, ArticleParsed, Origin, Reason
from shared.database.models import Article, Page, Site, Source

VANISHED = frozenset({Reason.HTTP_404, Reason.HTTP_410})
# A page that vanishes is asked for once more after this time before its article counts as gone.
CONFIRM = timedelta(hours=1)
# A live blog that has not changed for so long goes on no more, whatever it says of itself.
LIVE_SILENCE = timedelta(hours=6)
# Where a listing says that a page was changed it is looked at again after so long at the soonest ...
SOONEST = timedelta(minutes=15)
# ... and, since some listings say so of everything always, after so large a share of the article's age.
SHARE_OF_AGE = 0.5
# A change that a listing has named for longer was seen in an earlier copy of it.
RECENT = timedelta(days=1)
# Articles older than this are not looked at again, whatever a listing says.
OLDEST = timedelta(days=30)


class Rules(NamedTuple):
    """At which ages an article is looked at again, in order, and how often while it is a live blog; zero is never."""

    ages: Sequence[timedelta]
    live: timedelta

    def at(self, hours: Iterable[float]) -> "Rules":
        """Returns the rules with other ages; with none at all articles are never looked at again."""
        ages = [timedelta(hours=hour) for hour in sorted(hours)]
        return Rules(ages, self.live if ages else timedelta())


class Gone(NamedTuple):
    """An article that is gone, its page, and since when."""

    article_id: int
    url: str
    since: datetime


class Plan(NamedTuple):
    """When pages are looked at again, by their keys in the ledger, and which articles are gone."""

    visits: Mapping[str, datetime]
    gone: Sequence[Gone]


def plan(session: Session, ends: Sequence[End], rules: Rules) -> Plan:
    """Returns what follows from ends for later visits; written by the ledger and by mark().

    Args:
        session: of the transaction, before the ends are written and after articles are.
        ends: of the batch.
        rules: of revisits.
    """
    live_ends = [end for end in ends if end.message.origin is Origin.LIVE and end.stage != REMEMBERED]
    stored = [end for end in live_ends if end.disposition == "stored"]
    again = {end.key: end for end in live_ends if end.message.via == REVISIT or end.disposition in VANISHED}
    of_sites = _rules_of_sites(session, [*stored, *again.values()], rules)
    visits = {end.key: at for end in stored if (at := _first(end, of_sites.get(end.message.source_id, rules)))}
    vanished_articles = []
    for page, article in _articles(session, again):
        end = again[page.key]
        if end.disposition not in VANISHED:
            at = _next(end, article, of_sites.get(end.message.source_id, rules))
        elif page.missing_since is None or end.ended_at - page.missing_since < CONFIRM / 2:
            at = (page.missing_since or end.ended_at) + CONFIRM
        else:
            at = None
            vanished_articles.append(Gone(article.id or 0, page.url, page.missing_since))
        if at is not None:
            visits[page.key] = at
    return Plan(visits, vanished_articles)


def mark(session: Session, gone: Iterable[Gone]) -> list[Gone]:
    """Marks articles as gone; returns those that were not yet."""
    newly_gone = []
    for article in gone:
        statement = update(Article).where(col(Article.id) == article.article_id, col(Article.gone_at).is_(None))
        if session.execute(statement.values(gone_at=article.since).returning(col(Article.id))).first():
            newly_gone.append(article)
    return newly_gone


def hasten(session: Session, listings: Iterable[Listing]) -> None:
    """Moves visits forward of pages that a feed or a sitemap says were changed since they were last looked at."""
    changes = {
        key: (at, listing.look.seen_at)
        for listing in listings
        if listing.live
        for key, at in listing.modified.items()
        if at > listing.look.seen_at - RECENT
    }
    if not changes:
        return
    columns = (Page.id, Page.key, Page.ended_at, Page.revisit_at, Article.stored_at)
    query = select(*map(col, columns)).join(Article, col(Article.id) == col(Page.article_id))
    visits = []
    for page in session.execute(query.where(among(session, Page.key, changes))):
        at = _soonest(page.ended_at, page.stored_at, *changes[page.key])
        if at is not None and (page.revisit_at is None or at < page.revisit_at):
            visits.append({"id": page.id, "revisit_at": at})
    if visits:
        session.execute(update(Page), visits)


def _articles(session: Session, keys: Collection[str]) -> list[tuple[Page, Article]]:
    """Returns the pages with these keys that led to articles, with the articles as they are now."""
    if not keys:
        return []
    query = select(Page, Article).join(Article, col(Article.id) == col(Page.article_id))
    matches = session.execute(query.where(among(session, Page.key, keys)).execution_options(populate_existing=True))
    return [(page, article) for page, article in matches]


def _rules_of_sites(session: Session, ends: Iterable[End], rules: Rules) -> dict[int | None, Rules]:
    """Returns the rules of sources whose sites have ages of their own, by the sources' ids."""
    source_ids = {end.message.source_id for end in ends} - {None}
    if not source_ids:
        return {}
    query = select(col(Source.id), col(Site.revisit_hours)).join(Site, col(Site.key) == col(Source.site_key))
    rows = session.execute(query.where(among(session, Source.id, source_ids)))
    return {row.id: rules.at(row.revisit_hours) for row in rows if row.revisit_hours is not None}


def _first(end: End, rules: Rules) -> datetime | None:
    message = end.message
    assert isinstance(message, ArticleParsed)
    if message.article.live_blog and rules.live:
        return end.ended_at + rules.live
    published_at = instant(message.article.published_at)
    if not rules.ages or (published_at is not None and end.ended_at - published_at > rules.ages[-1]):
        return None
    return end.ended_at + rules.ages[0]


def _next(end: End, article: Article, rules: Rules) -> datetime | None:
    live = (isinstance(end.message, ArticleParsed) and end.message.article.live_blog) or article.live_blog
    if live and rules.live and end.ended_at - article.updated_at < LIVE_SILENCE:
        return end.ended_at + rules.live
    return next((at for age in rules.ages if (at := article.stored_at + age) > end.ended_at), None)


def _soonest(
    looked_at: datetime | None, stored_at: datetime, modified_at: datetime, seen_at: datetime
) -> datetime | None:
    """Returns when a page that is said to be modified is looked at again; None if that was done already, or too old."""
    if looked_at is None or looked_at >= modified_at or stored_at < seen_at - OLDEST:
        return None
    return max(seen_at, looked_at + max(SOONEST, SHARE_OF_AGE * (looked_at - stored_at)))
