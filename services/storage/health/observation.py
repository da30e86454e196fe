"""What the rows say of the health of sites: the channels, the stories of each hour, and how articles were read.

Nothing here was written for this purpose: headlines, articles, visits and sources hold it already.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from sqlalchemy import func, or_, select
from sqlmodel import Session, col

from services.storage.health import changes
from services.storage.health.state import Reading
from services.storage.health.verdicts import Channel
from services.storage.tables.ledger import LIVE
from shared.database.models import Article, Headline, Match, Site, Source, Visit
from shared.database.models import Watch as SavedQuery

# Sections and makes are kept for so many characters.
MOST_NAME = 60
# Visits that are read in one look.
MOST_VISITS = 5000
# An article of fewer words has lost its body.
FEWEST_WORDS = 25
_READ = frozenset({"stored", "unchanged", "updated"})
_BODYLESS = frozenset({"no-content", "unreadable"})
# By where these were read a page's make is known.
_MADE_OF = ("title", "published_at", "site")
# Visits of stories for the first time, or again after a failure.
_FIRST = ("headline", "retry", "sitemap")

# What is looked at of a visit and its article; not the text.
_READING: tuple[Any, ...] = (
    col(Visit.id), col(Visit.disposition), col(Visit.article_id), col(Visit.triggered_at), col(Article.title),
    col(Article.word_count), col(Article.published), col(Article.published_at), col(Article.authors), col(Article.evidence), col(Article.url),
)  # fmt: skip

Stories = Mapping[str, Mapping[int, int]]


class Subject(NamedTuple):
    """What may be silent: its key in the table `health`, its name and address for people, and its channels."""

    key: str
    name: str
    url: str | None = None
    site_key: str | None = None
    channels: tuple[Channel, ...] = ()


def sites(session: Session) -> dict[str, Subject]:
    """Returns the active sites, and the active channels that stand by themselves, by the keys of their subjects."""
    query = select(Source, Site).outerjoin(Site, col(Site.key) == col(Source.site_key))
    query = query.where(col(Source.state) == "active", func.coalesce(col(Site.state), "active") == "active")
    subjects: dict[str, Subject] = {}
    for source, site in session.execute(query):
        channel = Channel(
            source.url, source.failures, source.last_disposition, source.last_success_at, source.created_at,
            source.key, changes.load(source.changes),
        )  # fmt: skip
        key = site.key if site else source.key
        subject = Subject(
            f"site:{key}", site.name if site else source.name, site.home_page if site else source.url, key
        )
        earlier = subjects.get(subject.key, subject)
        subjects[subject.key] = earlier._replace(channels=(*earlier.channels, channel))
    return subjects


def channels(sites: Iterable[Subject]) -> dict[str, tuple[Subject, Subject]]:
    """Returns each channel of the sites that have several, as a subject beside its site, by its key."""
    return {
        f"channel:{channel.key}": (
            site._replace(key=f"channel:{channel.key}", url=channel.url, channels=(channel,)), site
        )
        for site in sites if len(site.channels) > 1
        for channel in site.channels
    }  # fmt: skip


def changed(sites: Iterable[Subject]) -> Stories:
    """Returns the hours in which the listings of channels have changed of late, by the channels' subjects."""
    return {
        f"channel:{channel.key}": dict.fromkeys(channel.changes.hours, 1) for site in sites for channel in site.channels
    }


def listed(session: Session, start: datetime, end: datetime) -> Stories:
    """Returns the stories that sites listed first in a time, by subject and hour since the epoch."""
    stories: dict[str, Counter[int]] = defaultdict(Counter)
    is_listed = or_(col(Headline.in_feed), col(Headline.in_front), col(Headline.in_sitemap))
    query = select(func.coalesce(col(Source.site_key), col(Source.key)), col(Headline.first_seen_at))
    query = query.select_from(Headline).join(Source, col(Source.id) == col(Headline.source_id))
    window = (col(Headline.first_seen_at) >= start, col(Headline.first_seen_at) < end)
    for key, moment in session.execute(query.where(is_listed, *window)):
        stories[f"site:{key}"][hour_of(moment)] += 1
    return stories


def stored(session: Session, start: datetime, end: datetime) -> Stories:
    """Returns the articles that were stored in a time, by language and by tag of their sites, and by hour since the epoch."""
    stories: dict[str, Counter[int]] = defaultdict(Counter)
    query = select(col(Article.language), col(Site.tags), col(Article.stored_at)).select_from(Article)
    query = query.join(Source, col(Source.id) == col(Article.source_id))
    query = query.outerjoin(Site, col(Site.key) == col(Source.site_key))
    for language, tags, moment in session.execute(
        query.where(col(Article.stored_at) >= start, col(Article.stored_at) < end)
    ):
        for subject in (f"language:{language}" if language else None, *(f"tag:{tag}" for tag in tags or ())):
            if subject:
                stories[subject][hour_of(moment)] += 1
    return stories


def watches(session: Session) -> dict[str, Subject]:
    """Returns the active watches of articles. One that a person changes is a new subject: what it brought before says nothing."""
    query = select(SavedQuery).where(col(SavedQuery.state) == "active", col(SavedQuery.about) == "articles")
    keys = ((f"watch:{watch.id}:{watch.revision}", watch.name) for watch in session.scalars(query))
    return {key: Subject(key, name) for key, name in keys}


def matched(session: Session, start: datetime, end: datetime) -> Stories:
    """Returns what watches matched in a time, by subject and hour since the epoch."""
    stories: dict[str, Counter[int]] = defaultdict(Counter)
    query = select(col(SavedQuery.id), col(SavedQuery.revision), col(Match.matched_at)).select_from(Match)
    query = query.join(SavedQuery, col(SavedQuery.id) == col(Match.watch_id))
    for watch_id, revision, moment in session.execute(
        query.where(col(Match.matched_at) >= start, col(Match.matched_at) < end)
    ):
        stories[f"watch:{watch_id}:{revision}"][hour_of(moment)] += 1
    return stories


def last_visit(session: Session) -> int:
    """Returns the id of the newest visit, 0 if there is none."""
    return session.scalar(select(func.max(Visit.id))) or 0


def readings(session: Session, after: int) -> tuple[dict[str, list[Reading]], int]:
    """Returns how the stories of sites were read in the visits after an id, by subject, and the id of the last visit."""
    readings_by_key: dict[str, list[Reading]] = defaultdict(list)
    query = (
        select(*_READING, func.coalesce(col(Source.site_key), col(Source.key)).label("key"))
        .join(Source, col(Source.id) == col(Visit.source_id))
        .outerjoin(Article, col(Article.id) == col(Visit.article_id))
        .where(col(Visit.id) > after, col(Visit.via).in_(_FIRST), col(Visit.origin) == LIVE)
        .order_by(col(Visit.id))
        .limit(MOST_VISITS)
    )
    last = after
    for row in session.execute(query):
        last = row.id
        readings_by_key[f"site:{row.key}"].append(_reading(row))
    return readings_by_key, last


def hour_of(moment: datetime) -> int:
    """Returns the hour of an instant, since the epoch."""
    return int(moment.timestamp() // 3600)


def instant_of(hour: int) -> datetime:
    """Returns the instant at which an hour since the epoch begins."""
    return datetime.fromtimestamp(hour * 3600, UTC)


def _reading(row: Any) -> Reading:
    disposition = row.disposition or ""
    if disposition in _BODYLESS:
        return Reading(frozenset({"body"}), None, disposition)
    if row.article_id is None or disposition not in _READ:
        # A link to another listing is read as one.
        return Reading(frozenset() if disposition == "listed" else frozenset({"page"}), None, disposition)
    return Reading(frozenset(_missing(row)), _lag(row), disposition, section(row.url), _make(row.evidence))


def _missing(row: Any) -> Iterator[str]:
    values: dict[str, Any] = {
        "title": row.title, "body": row.word_count >= FEWEST_WORDS, "date": row.published, "authors": row.authors,
    }  # fmt: skip
    return (name for name, value in values.items() if not value)


def _lag(row: Any) -> float | None:
    """Returns the seconds from publication to the request of the page; None where the page states a day at most."""
    if row.published_at is None or "T" not in (row.published or ""):
        return None
    return float((row.triggered_at - row.published_at).total_seconds())


def section(url: str) -> str:
    """Returns the first folder of an address: on most sites it is the section."""
    folder, slash, _ = urlsplit(url).path.lstrip("/").partition("/")
    return folder[:MOST_NAME] if slash else ""


def _make(evidence: Mapping[str, Sequence[Mapping[str, Any]]]) -> str:
    """Returns from where the first value of each field was read; nothing where an article keeps no evidence."""
    sources = [str(values[0]["source"]) if (values := evidence.get(field)) else "" for field in _MADE_OF]
    return "|".join(sources)[:MOST_NAME] if any(sources) else ""
