"""A batch of messages becomes rows: one transaction, every write an upsert, so that a redelivery changes nothing."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from secrets import token_hex
from typing import Any, TypeVar, cast

import structlog
from prometheus_client import Counter, Histogram
from redis import Redis
from redis.exceptions import OutOfMemoryError
from sqlalchemy import Engine
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlmodel import Session

from services.storage.archive.files import Archive, downloads_of, keep
from services.storage.identity.rungs import body_hash
from services.storage.settings import StorageSettings
from services.storage.tables import articles, headlines, images, ledger, outbox, versions, visits
from shared.contracts import (
    LISTINGS,
    ArticleParsed,
    FetchRequested,
    HeadlinesParsed,
    ImageFetched,
    ImageJudged,
    ImageReported,
    Kind,
    Message,
    PageDropped,
    SourceDeclared,
    now_utc,
)
from shared.database.engine import transaction
from shared.database.models import Headline
from shared.errors import Unavailable
from shared.later import Later
from shared.pages import Pages

log = structlog.get_logger(__name__)

FRESHNESS = Histogram(
    "newsmill_article_freshness_seconds", "From published to stored, new articles.", ["origin"],
    buckets=(15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21600, 86400),
)  # fmt: skip
LATENCY = Histogram(
    "newsmill_pipeline_latency_seconds", "From triggered to stored.", ["origin"],
    buckets=(0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600),
)  # fmt: skip
DUPLICATES = Counter("newsmill_duplicates_total", "Pages whose article was known, by how: url, title, body.", ["kind"])

# Messages about no page: stored, they are done.
ENDLESS = (SourceDeclared, ImageReported, ImageJudged)
SALT = "newsmill:reporter-salt"

M = TypeVar("M", bound=Message)


class Store:
    """The storage worker's handler.

    Args:
        engine: of the database; of this process alone.
        redis: for the events' stream.
        later: custody, closed when a URL has its disposition.
        pages: raw pages, discarded with it.
        settings: of the storage worker.
    """

    def __init__(self, engine: Engine, redis: "Redis", later: Later, pages: Pages, settings: StorageSettings) -> None:
        self._engine = engine
        self._redis = redis
        self._later = later
        self._pages = pages
        self._settings = settings
        self._rules = images.Rules(settings.image_reports_to_block, settings.images, _salt(redis, settings))
        self._archive = Archive(settings.pages_url) if settings.pages_url else None

    def one(self, message: Message) -> list[FetchRequested]:
        """A message by itself, as together()."""
        return self.together([message])

    def together(self, messages: Sequence[Message]) -> list[FetchRequested]:
        """Writes a batch and returns the fetches that follow from headlines never seen.

        Raises:
            Unavailable: the database is away.
        """
        try:
            with transaction(self._engine) as session:
                follow, ends = self._write(session, messages)
            # Custody of what follows opens before that of its listing closes: a trace is never in nobody's.
            self._later.hold(follow)
            self._account([message.trace_id for message in messages if isinstance(message, ENDLESS)], ends)
            self._relay()
        except (OperationalError, InterfaceError) as error:
            # A deadlock or a lost connection: neither is the batch's fault.
            raise Unavailable(f"database: {error.orig}") from error
        return follow

    def _write(self, session: Session, messages: Sequence[Message]) -> tuple[list[FetchRequested], list[ledger.End]]:
        ledger.declare(session, list(_of(SourceDeclared, messages)))
        seen = list(_of(HeadlinesParsed, messages))
        new = headlines.store(session, seen)
        limits = versions.Limits(self._settings.live_version_seconds, self._settings.max_versions)
        stored = articles.store(session, list(_of(ArticleParsed, messages)), limits)
        pictures = list(_of(ImageFetched, messages))
        ends = [*map(_article_end, stored), *_listing_ends(seen), *map(_dropped_end, _of(PageDropped, messages))]
        ends += [ledger.End(one, one.url, "image", "store", status=200) for one in pictures]
        ledger.close(session, ends)
        visits.close(session, ends)
        follow = [fetch for message in seen for fetch in self._accept(session, message)]
        told, fetches = self._images(session, messages, pictures)
        follow += [*fetches, *self._wanted_images(stored)]
        outbox.write(session, [*told, *_stored_events(stored), *_headline_events(new), *_dropped_events(ends)])
        _observe(stored)
        return follow, ends

    def _images(
        self, session: Session, messages: Sequence[Message], pictures: Sequence[ImageFetched]
    ) -> tuple[list[outbox.Event], list[FetchRequested]]:
        events = images.fetched(session, pictures, self._rules)
        reported, fetches = images.report(session, list(_of(ImageReported, messages)), self._rules)
        return [*events, *reported, *images.judge(session, list(_of(ImageJudged, messages)))], fetches

    def _wanted_images(self, stored: Sequence[articles.Stored]) -> list[FetchRequested]:
        new = (one for one in stored if one.change == "stored")
        return [fetch for one in new for fetch in images.wanted(one.message, one.message.article, self._rules)]

    def _accept(self, session: Session, message: HeadlinesParsed) -> list[FetchRequested]:
        if not message.follow or message.kind not in LISTINGS:
            return []
        return ledger.accept(session, message, self._settings.custody_seconds)

    def _account(self, done: Iterable[str], ends: Sequence[ledger.End]) -> None:
        """After the commit: custody ends with the disposition, and nobody needs the raw page any more.

        But for one whose message lies in the dead letters, and may be tried again.
        """
        dead = {end.page.key for end in ends if end.page and getattr(end.message, "dead", False)}
        finished = [end for end in ends if end.page and end.page.key and end.page.key not in dead]
        self._keep(finished)
        self._later.release((*done, *(end.message.trace_id for end in ends)))
        self._pages.keep(*dead)
        self._pages.discard(*{end.page.key for end in finished if end.page})

    def _keep(self, ends: Sequence[ledger.End]) -> None:
        """Takes pages to the archive, if there is one. What was read from there once more is there."""
        if self._archive is None:
            return
        fresh = [(end.message, end.page) for end in ends if end.page and not getattr(end.message, "reparsed", False)]
        pages = self._pages.whole(page.key for _, page in fresh)
        keep(self._archive, self._engine, downloads_of(pages, fresh))

    def _relay(self) -> None:
        """Takes events to their stream. While Redis is full they stay in the outbox: what frees memory needs none."""
        try:
            outbox.relay(
                self._engine, self._redis, batch=self._settings.events_batch, limit=self._settings.events_limit
            )
        except OutOfMemoryError as error:
            log.warning("events wait in the outbox", error=str(error))


def _salt(redis: "Redis", settings: StorageSettings) -> bytes:
    """The key of reporters' hashes: as set, else made once and kept in Redis."""
    given = settings.reporter_salt.get_secret_value() if settings.reporter_salt else ""
    if given:
        return given.encode()
    redis.set(SALT, token_hex(32), nx=True)
    return cast("bytes", redis.get(SALT))


def _of(kind: type[M], messages: Iterable[Message]) -> Iterator[M]:
    return (message for message in messages if isinstance(message, kind))


def _article_end(stored: articles.Stored) -> ledger.End:
    message = stored.message
    return ledger.End(
        message, message.page.url, stored.change, "store", message.page, message.page.status,
        article_id=stored.article_id, version=stored.version,
    )  # fmt: skip


def _listing_ends(messages: Iterable[HeadlinesParsed]) -> Iterator[ledger.End]:
    """A listing ends here; on an article page the article is what ends it."""
    for message in messages:
        if message.kind is not Kind.ARTICLE:
            yield ledger.End(message, message.page.url, "listed", "store", message.page, message.page.status)


def _dropped_end(message: PageDropped) -> ledger.End:
    return ledger.End(
        message, message.url, message.reason.value, message.stage, message.page, message.status, message.detail or None
    )


def _stored_events(stored: Iterable[articles.Stored]) -> Iterator[outbox.Event]:
    for one in stored:
        article = one.message.article
        data = _trace(one.message) | {
            "article_id": one.article_id, "version": one.version, "title": article.title,
            "language": article.language, "published_at": article.published_at,
        } | ({"changes": one.changes} if one.changes else {})  # fmt: skip
        if one.change != "unchanged":
            # By its wording, because a live blog's version has several.
            occasion = f"{one.article_id} {one.version} {body_hash(article)[:16]}"
            yield outbox.Event(f"article.{one.change}", one.message.page.final_url, occasion, data, now_utc())


def _headline_events(new: Iterable[Headline]) -> Iterator[outbox.Event]:
    for row in new:
        data = {"headline_id": row.id, "text": row.text, "site": row.site, "language": row.language}
        yield outbox.Event("headline.seen", row.url or row.page_url, f"{row.site} {row.key}", data, now_utc())


def _dropped_events(ends: Iterable[ledger.End]) -> Iterator[outbox.Event]:
    for end in ends:
        if isinstance(end.message, PageDropped):
            data = _trace(end.message) | {"stage": end.stage, "reason": end.disposition, "detail": end.detail}
            yield outbox.Event("page.dropped", end.url, end.message.trace_id, data, now_utc())


def _trace(message: Message) -> dict[str, Any]:
    return {"trace_id": message.trace_id, "source_id": message.source_id, "origin": message.origin.value}


def _observe(stored: Iterable[articles.Stored]) -> None:
    moment = now_utc()
    for one in stored:
        origin = one.message.origin.value
        LATENCY.labels(origin).observe(_since(one.message.triggered_at, moment))
        published = one.message.article.published_at or ""
        instant = articles.instant(published) if "T" in published else None  # a day is no measure of seconds
        if one.change == "stored" and instant is not None:
            FRESHNESS.labels(origin).observe(_since(instant, moment))
        if one.rung is not None and (one.change == "unchanged" or one.rung != "url"):
            DUPLICATES.labels(one.rung).inc()


def _since(then: datetime, moment: datetime) -> float:
    """Never negative: publishers' clocks run ahead."""
    return max(0.0, (moment - then).total_seconds())
