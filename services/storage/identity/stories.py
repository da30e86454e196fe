"""Stories: articles of different newspapers that tell the same in nearly the same words, found among all that are known.

The index is the table `band`: near-duplicates share a band with a high probability, and each band holds few articles,
so that what an article costs does not grow with their number.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import delete, func, select, update
from sqlmodel import Session, col

from services.storage.identity.minhash import Signature, same_story, signature, unpack
from services.storage.tables.upsert import insert, is_postgres, lots
from shared.contracts import now_utc
from shared.database.models import Article, Band, Story
from shared.database.models import Signature as Row
from shared.urls import host_of

# A band that so many articles share is a phrase that everybody prints; it takes no more.
CROWD = 50
# Of those that share the most bands, so many are compared.
COMPARED = 20
# Of PostgreSQL's advisory locks: stories are joined by one worker at a time.
LOCK = 4_157_001

Pair = tuple[int, int]


class Told(NamedTuple):
    """An article that is new or newly worded."""

    article_id: int
    url: str
    text: str


def join(session: Session, told: Sequence[Told], linked: Iterable[Pair] = ()) -> None:
    """Gives articles their stories, within the caller's transaction.

    Args:
        session: of the transaction that wrote the articles.
        told: articles with their texts.
        linked: articles that are the same by what they say themselves: a copy and its original.
    """
    signed = {one.article_id: found for one in told if (found := signature(one.text))}
    if is_postgres(session):
        # Two copies that are stored at the same moment by two workers must see each other.
        session.execute(select(func.pg_advisory_xact_lock(LOCK)))
    candidates = index(session, signed)
    pairs = [*linked, *_same(session, {one.article_id: one.url for one in told}, signed, candidates)]
    if pairs:
        _unite(session, pairs)


def index(session: Session, signed: Mapping[int, Signature]) -> dict[int, dict[int, Signature]]:
    """Enters signatures into the index; returns the likeliest near-duplicates of each, by id."""
    if not signed:
        return {}
    ids = sorted(signed)
    session.execute(delete(Band).where(col(Band.article_id).in_(ids)))
    bands = {article_id: set(found.bands()) for article_id, found in signed.items()}
    there = _sharing(session, set().union(*bands.values()))
    rows = [
        {"article_id": one, "shingles": signed[one].shingles, "minhash": signed[one].packed(), "seen_at": now_utc()}
        for one in ids
    ]
    for lot in lots(rows):
        statement = insert(session, Row).values(lot)
        changed = {name: statement.excluded[name] for name in ("shingles", "minhash", "seen_at")}
        session.execute(statement.on_conflict_do_update(index_elements=["article_id"], set_=changed))
    shared = {one: Counter(other for band in bands[one] for other in there[band]) for one in ids}
    entered = _enter(session, ids, bands, there)
    for one, others in entered.items():
        shared[one].update(others)
    near = {one: [other for other, _ in found.most_common(COMPARED)] for one, found in shared.items()}
    known = dict(signed) | _load(session, {other for found in near.values() for other in found} - set(signed))
    return {one: {other: known[other] for other in found if other in known} for one, found in near.items()}


def forget(session: Session, before: datetime, limit: int) -> int:
    """Takes at most so many signatures, last seen before a time, out of the index; returns how many."""
    old = select(col(Row.article_id)).where(col(Row.seen_at) < before).order_by(col(Row.seen_at)).limit(limit)
    ids = list(session.scalars(old))
    if ids:
        session.execute(delete(Band).where(col(Band.article_id).in_(ids)))
        session.execute(delete(Row).where(col(Row.article_id).in_(ids)))
    return len(ids)


def _sharing(session: Session, bands: Iterable[int]) -> dict[int, list[int]]:
    """Articles by the bands that they are indexed under."""
    found: dict[int, list[int]] = defaultdict(list)
    for lot in lots({"band": band} for band in sorted(bands)):
        query = select(col(Band.band), col(Band.article_id)).where(col(Band.band).in_([row["band"] for row in lot]))
        for band, article_id in session.execute(query):
            found[band].append(article_id)
    return found


def _enter(
    session: Session, ids: Sequence[int], bands: Mapping[int, set[int]], there: Mapping[int, list[int]]
) -> dict[int, list[int]]:
    """Writes the bands that are not crowded; returns who of the batch shares how often with whom of the batch."""
    own: dict[int, list[int]] = defaultdict(list)
    for article_id in ids:
        for band in bands[article_id]:
            own[band].append(article_id)
    rows = [
        {"band": band, "article_id": article_id}
        for band in sorted(own)
        if len(there.get(band, ())) < CROWD
        for article_id in own[band]
    ]
    for lot in lots(rows):
        session.execute(insert(session, Band).values(lot).on_conflict_do_nothing())
    met: dict[int, list[int]] = defaultdict(list)
    for together in own.values():
        for one in together if len(together) > 1 else ():
            met[one] += [other for other in together if other != one]
    return met


def _load(session: Session, ids: Iterable[int]) -> dict[int, Signature]:
    rows = session.execute(select(Row.article_id, Row.shingles, Row.minhash).where(col(Row.article_id).in_(list(ids))))  # type: ignore[call-overload]
    return {article_id: unpack(shingles, minhash) for article_id, shingles, minhash in rows}


def _same(
    session: Session,
    urls: Mapping[int, str],
    signed: Mapping[int, Signature],
    candidates: Mapping[int, Mapping[int, Signature]],
) -> Iterator[Pair]:
    """Pairs that tell the same."""
    others = {other for found in candidates.values() for other in found} - set(urls)
    query = select(col(Article.id), col(Article.url)).where(col(Article.id).in_(others))
    sites = {
        one: host_of(url) for one, url in [*urls.items(), *((int(row[0]), row[1]) for row in session.execute(query))]
    }
    for one, found in candidates.items():
        for other, theirs in found.items():
            if other in sites and same_story(signed[one], theirs, one_site=sites[one] == sites[other]):
                yield one, other


def _unite(session: Session, pairs: Iterable[Pair]) -> None:
    """One story for all that are connected; the oldest story stays."""
    groups = _connected(pairs)
    query = select(col(Article.id), col(Article.story_id)).where(
        col(Article.id).in_({one for group in groups for one in group}), col(Article.story_id).is_not(None)
    )
    known = {int(one): int(story) for one, story in session.execute(query) if story is not None}
    for group in groups:
        stories = sorted({known[one] for one in group if one in known})
        story = stories[0] if stories else _new_story(session)
        if merged := stories[1:]:
            session.execute(update(Article).where(col(Article.story_id).in_(merged)).values(story_id=story))
            session.execute(delete(Story).where(col(Story.id).in_(merged)))
        session.execute(
            update(Article)
            .where(col(Article.id).in_(group), func.coalesce(col(Article.story_id), 0) != story)
            .values(story_id=story)
        )


def _new_story(session: Session) -> int:
    story = Story()
    session.add(story)
    session.flush()
    assert story.id is not None
    return story.id


def _connected(pairs: Iterable[Pair]) -> list[set[int]]:
    groups: list[set[int]] = []
    for pair in pairs:
        touched = [group for group in groups if not group.isdisjoint(pair)]
        groups = [group for group in groups if group.isdisjoint(pair)]
        groups.append(set(pair).union(*touched))
    return groups
