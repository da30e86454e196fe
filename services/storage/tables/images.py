"""Images of articles, the reports that ask for one not to be shown, and what is blocked.

An image is known by its bytes' hash where they were fetched, and by its URL where not. It is blocked when enough
different people have reported it, or by a person who may; then every copy of it is, whichever article it stands in.
Who reported is kept as a keyed hash only.
"""

import hmac
from collections.abc import Iterable, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any, NamedTuple
from uuid import NAMESPACE_URL, uuid5

from prometheus_client import Counter
from sqlalchemy import func, or_, select, update
from sqlmodel import Session, col

from services.storage.tables.ledger import key_of
from services.storage.tables.outbox import Event
from services.storage.tables.upsert import in_key_order, insert, is_postgres, lots
from shared.contracts import (
    Article,
    FetchRequested,
    Image,
    ImageFetched,
    ImageJudged,
    ImageReported,
    Kind,
    Message,
    now_utc,
)
from shared.database.models import Image as Row
from shared.database.models import ImageAudit, ImageBlock, ImageReport

REPORTS = Counter("newsmill_image_reports_total", "Reports of images, by what came of each.", ["outcome"])
# Of PostgreSQL's advisory locks: one worker at a time counts the reports of an image.
LOCK = 4_157_002
# Nobody waits for the hash of an image.
PRIORITY = 1


class Rules(NamedTuple):
    """From how many reporters an image is blocked; which images are fetched for their hash (`none`, `reported`, `lead`,
    `all`); and the key of the reporters' hashes."""

    threshold: int
    fetched: str
    salt: bytes


class Subject(NamedTuple):
    """An image whatever its copies: its hash or, where that is not known, its URL's key; and the keys of its copies."""

    name: str
    url: str
    content_hash: str | None
    keys: tuple[str, ...]


def write(session: Session, articles: Iterable[tuple[int, Article]]) -> None:
    """Records the images of articles, in their order; what is known of an image elsewhere is known of it here."""
    rows = [
        image.model_dump() | {"article_id": article_id, "key": key_of(image.url), "position": position}
        for article_id, article in articles
        for position, image in enumerate(_all(article))
    ]
    known = _known(session, {row["key"] for row in rows})
    for lot in lots(in_key_order(({**row, **known.get(row["key"], _NOTHING)} for row in rows), "article_id", "key")):
        session.execute(insert(session, Row).values(lot).on_conflict_do_nothing(index_elements=["article_id", "key"]))


def wanted(message: Message, article: Article, rules: Rules) -> list[FetchRequested]:
    """The images of a new article that are fetched for their hash."""
    images = {"all": _all(article), "lead": _lead(article)}.get(rules.fetched, ())
    return [_fetch(message, image.url) for image in images]


def fetched(session: Session, messages: Sequence[ImageFetched], rules: Rules) -> list[Event]:
    """Enters what is known of images now. A report of one of them may count for others from now on."""
    events: list[Event] = []
    for message in messages:
        key = key_of(message.url)
        found = {"content_hash": message.content_hash, "size": message.size, "media_type": message.media_type}
        pixels = {"width": message.width, "height": message.height} if message.width else {}
        session.execute(update(Row).where(col(Row.key) == key).values(**found, **pixels))
        session.execute(
            update(ImageReport).where(col(ImageReport.image_key) == key).values(content_hash=message.content_hash)
        )
        subject = _subject(session, message.url)
        if subject is not None:
            _inherit(session, subject, key)
            events += _judge_by_reports(session, subject, rules)
    return events


def report(
    session: Session, messages: Sequence[ImageReported], rules: Rules
) -> tuple[list[Event], list[FetchRequested]]:
    """Counts reports; returns what follows: events, and the fetch of an image whose hash is not known yet."""
    events: list[Event] = []
    fetches: list[FetchRequested] = []
    for message in messages:
        subject = _subject(session, message.url)
        if subject is None:
            REPORTS.labels("unknown-image").inc()
            continue
        _lock(session, subject)
        if not _enter(session, subject, message, rules):
            REPORTS.labels("repeated").inc()
            continue
        REPORTS.labels("counted").inc()
        events += _judge_by_reports(session, subject, rules)
        if subject.content_hash is None and rules.fetched != "none":
            fetches.append(_fetch(message, subject.url))
    return events, fetches


def judge(session: Session, messages: Sequence[ImageJudged]) -> list[Event]:
    """Blocks and unblocks as persons say. After an unblock, reports from before it count no more."""
    events: list[Event] = []
    for message in messages:
        subject = _subject(session, message.url) or Subject(
            key_of(message.url), message.url, None, (key_of(message.url),)
        )
        _lock(session, subject)
        events += _set(session, subject, blocked=message.blocked, actor=message.actor, detail=message.detail)
    return events


def _all(article: Article) -> tuple[Image, ...]:
    """The images of an article, and its lead image where that is none of them."""
    return (*article.images, *(one for one in _lead(article) if one.url not in {image.url for image in article.images}))


def _lead(article: Article) -> tuple[Image, ...]:
    return (Image(url=article.lead_image),) if article.lead_image else article.images[:1]


_NOTHING = {"content_hash": None, "size": None, "media_type": None}


def _known(session: Session, keys: Iterable[str]) -> dict[str, dict[str, Any]]:
    query = select(col(Row.key), col(Row.content_hash), col(Row.size), col(Row.media_type)).where(
        col(Row.key).in_(list(keys)), col(Row.content_hash).is_not(None)
    )
    names = tuple(_NOTHING)
    return {key: dict(zip(names, found, strict=True)) for key, *found in session.execute(query)}


def _subject(session: Session, url: str) -> Subject | None:
    """The image at a URL; None if no article has it."""
    key = key_of(url)
    rows = session.execute(select(col(Row.url), col(Row.content_hash)).where(col(Row.key) == key)).all()
    if not rows:
        return None
    content_hash = next((found for _, found in rows if found), None)
    keys = {key}
    if content_hash:
        keys |= set(session.scalars(select(col(Row.key)).where(col(Row.content_hash) == content_hash)))
    return Subject(content_hash or key, rows[0][0], content_hash, tuple(sorted(keys)))


def _lock(session: Session, subject: Subject) -> None:
    if is_postgres(session):
        session.execute(select(func.pg_advisory_xact_lock(LOCK, func.hashtext(subject.name))))


def _enter(session: Session, subject: Subject, message: ImageReported, rules: Rules) -> bool:
    """Writes a report; False if this reporter has reported the image already, since it was last unblocked."""
    reporter = hmac.new(rules.salt, message.reporter.encode(), sha256).hexdigest()
    since = _unblocked_at(session, subject)
    earlier = select(func.count()).where(_about(subject), col(ImageReport.reporter) == reporter)
    if since is not None:
        earlier = earlier.where(col(ImageReport.reported_at) > since)
    if session.scalar(earlier):
        return False
    row = {
        "image_key": key_of(message.url), "content_hash": subject.content_hash, "url": message.url, "reporter": reporter,
        "reason": message.reason, "reported_at": now_utc(),
    }  # fmt: skip
    statement = insert(session, ImageReport).values([row])
    again = {name: statement.excluded[name] for name in ("reason", "reported_at", "content_hash")}
    session.execute(statement.on_conflict_do_update(index_elements=["image_key", "reporter"], set_=again))
    _audit(session, subject, "reported", f"reporter {reporter[:12]}", message.reason)
    return True


def _judge_by_reports(session: Session, subject: Subject, rules: Rules) -> list[Event]:
    count = _reporters(session, subject)
    if count < rules.threshold:
        return []
    return _set(session, subject, blocked=True, actor="reports", detail=f"{count} reporters", reports=count)


def _reporters(session: Session, subject: Subject) -> int:
    query = select(func.count(func.distinct(col(ImageReport.reporter)))).where(_about(subject))
    if (since := _unblocked_at(session, subject)) is not None:
        query = query.where(col(ImageReport.reported_at) > since)
    return session.scalar(query) or 0


def _about(subject: Subject) -> Any:
    by_key = col(ImageReport.image_key).in_(subject.keys)
    return or_(by_key, col(ImageReport.content_hash) == subject.content_hash) if subject.content_hash else by_key


def _unblocked_at(session: Session, subject: Subject) -> datetime | None:
    query = select(func.max(col(ImageAudit.at))).where(
        col(ImageAudit.subject).in_((subject.name, *subject.keys)), col(ImageAudit.action) == "unblocked"
    )
    return session.scalar(query)


def _set(
    session: Session, subject: Subject, *, blocked: bool, actor: str, detail: str | None, reports: int = 0
) -> list[Event]:
    """Blocks or unblocks, writes it down, and tells once; nothing if it is so already."""
    there = session.get(ImageBlock, subject.name, with_for_update=True, populate_existing=True)
    names = (subject.name, *subject.keys)
    any_blocked = select(func.count()).where(col(ImageBlock.subject).in_(names), col(ImageBlock.blocked))
    if bool(session.scalar(any_blocked)) == blocked and (not blocked or (there and there.blocked)):
        return []
    if there is None:
        session.add(ImageBlock(subject=subject.name, url=subject.url, blocked=blocked, reports=reports))
    else:
        there.blocked, there.reports, there.changed_at = blocked, reports, now_utc()
    if not blocked:
        # Blocks by URL from before the hash was known go with it.
        session.execute(update(ImageBlock).where(col(ImageBlock.subject).in_(subject.keys)).values(blocked=False))
    action = "blocked" if blocked else "unblocked"
    moment = _audit(session, subject, action, actor, detail)
    data = {"content_hash": subject.content_hash, "by": actor, "reports": reports, "detail": detail}
    return [Event(f"image.{action}", subject.url, f"{subject.name} {moment.isoformat()}", data, moment)]


def _inherit(session: Session, subject: Subject, key: str) -> None:
    """A block by URL becomes one by hash, now that that is known."""
    there = session.get(ImageBlock, key)
    if there is not None and there.blocked and subject.name != key:
        _set(session, subject, blocked=True, actor="its address", detail="blocked before its hash was known")


def _audit(session: Session, subject: Subject, action: str, actor: str, detail: str | None) -> datetime:
    moment = now_utc()
    session.add(ImageAudit(subject=subject.name, url=subject.url, action=action, actor=actor, detail=detail, at=moment))
    session.flush()
    return moment


def _fetch(message: Message, url: str) -> FetchRequested:
    trace_id = uuid5(NAMESPACE_URL, f"image {key_of(url)}").hex
    return FetchRequested(
        trace_id=trace_id, cause=message.trace_id, origin=message.origin, priority=PRIORITY, url=url, kind=Kind.IMAGE,
        follow=False, via="image",
    )  # fmt: skip
