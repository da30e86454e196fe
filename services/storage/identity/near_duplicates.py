"""Near-duplicates: articles that tell the same in nearly the same words, found among all that are stored.

The index is the table `band`: near-duplicates share a band with a high probability, and each band holds few articles,
so that the cost of an article does not grow with their number.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import delete, select
from sqlmodel import Session, col

from services.storage.identity.minhash import Signature, same_story, signature, unpack
from services.storage.tables.membership import Deletion, Lookup, among
from services.storage.tables.upsert import Upsert, overwrite
from shared.contracts import now_utc
from shared.database.models import Article, Band
from shared.database.models import Signature as SignatureRow
from shared.urls import host_of

# A band that so many articles share is a phrase that everybody prints; it takes no more.
BAND_LIMIT = 50
# Of the articles that share bands with one, so many of those that share most are compared with it.
COMPARED = 20

Pair = tuple[int, int]
# The likeliest near-duplicates of each article, by id.
Neighbours = dict[int, dict[int, Signature]]
_BANDS = Upsert(Band, "band", "article_id")
_SIGNATURES = Upsert(SignatureRow, "article_id", changes=overwrite("shingles", "minhash", "seen_at"))

_SIGNED = Lookup(select(col(SignatureRow.article_id)), SignatureRow.article_id)
_OBSOLETE = Deletion(Band, Band.article_id)
_SHARERS = Lookup(select(col(Band.band), col(Band.article_id)), Band.band)
_STORED_SIGNATURES = Lookup(
    select(col(SignatureRow.article_id), col(SignatureRow.shingles), col(SignatureRow.minhash)), SignatureRow.article_id
)
_URLS = Lookup(select(col(Article.id), col(Article.url)), Article.id)


class Text(NamedTuple):
    """The text of an article that is new or newly worded."""

    article_id: int
    url: str
    text: str


def find(session: Session, texts: Sequence[Text]) -> list[Pair]:
    """Enters texts into the index and returns the pairs of article ids that tell the same."""
    signatures = {text.article_id: signed for text in texts if (signed := signature(text.text))}
    neighbours = index(session, signatures)
    sites = _sites(session, texts, neighbours)
    return list(_same_stories(signatures, neighbours, sites))


def index(session: Session, signatures: Mapping[int, Signature]) -> Neighbours:
    """Enters signatures into the index, by article id; returns the likeliest near-duplicates of each."""
    if not signatures:
        return {}
    ids = sorted(signatures)
    _OBSOLETE.execute(session, [row.article_id for row in _SIGNED.rows(session, ids)])
    own_bands = {article_id: set(signatures[article_id].bands()) for article_id in ids}
    batch = _by_band(own_bands)
    stored_bands = _stored(session, batch)
    _SIGNATURES.write(session, (_row(article_id, signatures[article_id]) for article_id in ids))
    _BANDS.write(session, (
        {"band": band, "article_id": article_id}
        for band, article_ids in batch.items()
        if len(stored_bands.get(band, ())) < BAND_LIMIT
        for article_id in article_ids
    ))  # fmt: skip
    likeliest = {}
    for article_id in ids:
        sharing = (sharer for band in own_bands[article_id] for sharer in (*stored_bands.get(band, ()), *batch[band]))
        counts = Counter(sharer for sharer in sharing if sharer != article_id)
        likeliest[article_id] = [neighbour for neighbour, _ in counts.most_common(COMPARED)]
    return _with_signatures(session, likeliest, signatures)


def forget(session: Session, before: datetime, limit: int) -> int:
    """Removes at most `limit` signatures that were stored before a time from the index; returns how many."""
    old = select(col(SignatureRow.article_id)).where(col(SignatureRow.seen_at) < before)
    ids = list(session.scalars(old.order_by(col(SignatureRow.seen_at)).limit(limit)))
    if ids:
        session.execute(delete(Band).where(among(session, Band.article_id, ids)))
        session.execute(delete(SignatureRow).where(among(session, SignatureRow.article_id, ids)))
    return len(ids)


def _by_band(bands: Mapping[int, set[int]]) -> dict[int, list[int]]:
    article_ids: dict[int, list[int]] = defaultdict(list)
    for article_id, own_bands in bands.items():
        for band in own_bands:
            article_ids[band].append(article_id)
    return article_ids


def _stored(session: Session, bands: Iterable[int]) -> dict[int, list[int]]:
    """Returns the articles that are indexed under bands."""
    article_ids: dict[int, list[int]] = defaultdict(list)
    for band, article_id in _SHARERS.rows(session, bands):
        article_ids[band].append(article_id)
    return article_ids


def _row(article_id: int, signed: Signature) -> dict[str, object]:
    return {
        "article_id": article_id, "shingles": signed.shingles, "minhash": signed.packed(), "seen_at": now_utc(),
    }  # fmt: skip


def _with_signatures(
    session: Session, likeliest: Mapping[int, Sequence[int]], signatures: Mapping[int, Signature]
) -> Neighbours:
    stored_ids = {neighbour for ids in likeliest.values() for neighbour in ids} - set(signatures)
    all_signatures = dict(signatures)
    for article_id, shingles, minhash in _STORED_SIGNATURES.rows(session, stored_ids):
        all_signatures[article_id] = unpack(shingles, minhash)
    return {
        article_id: {neighbour: all_signatures[neighbour] for neighbour in ids if neighbour in all_signatures}
        for article_id, ids in likeliest.items()
    }


def _sites(session: Session, texts: Sequence[Text], neighbours: Neighbours) -> dict[int, str]:
    sites = {text.article_id: host_of(text.url) for text in texts}
    stored_ids = {neighbour for signatures in neighbours.values() for neighbour in signatures} - set(sites)
    return sites | {int(article_id): host_of(url) for article_id, url in _URLS.rows(session, stored_ids)}


def _same_stories(
    signatures: Mapping[int, Signature], neighbours: Neighbours, sites: Mapping[int, str]
) -> Iterator[Pair]:
    for article_id, candidates in neighbours.items():
        for neighbour, signed in candidates.items():
            same_site = sites.get(neighbour) == sites[article_id]
            if neighbour in sites and same_story(signatures[article_id], signed, same_site=same_site):
                yield article_id, neighbour
