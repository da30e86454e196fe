"""A batch of messages becomes rows: one transaction, every write an upsert, so that a redelivery changes nothing."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import timedelta
from secrets import token_hex
from typing import NamedTuple, cast

from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import Engine
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlmodel import Session

from services.storage import canary, events, listings, looks, metrics, moderation
from services.storage.archive.files import Archive, downloads_of, keep
from services.storage.batch import Batch, sort
from services.storage.identity import ladder
from services.storage.identity.near_duplicates import Text
from services.storage.settings import StorageSettings
from services.storage.tables import (
    articles,
    channels,
    event_log,
    feed_texts,
    headlines,
    image_reports,
    images,
    inspections,
    ledger,
    placements,
    retries,
    revisits,
    sites,
    sources,
    stories,
    subscriptions,
    versions,
    visits,
)
from services.storage.tables.pacer import Pacer
from shared.contracts import FetchRequested, Message
from shared.database.engine import transaction
from shared.errors import Unavailable
from shared.later import Later
from shared.pages import Pages
from shared.queues import STORED

SALT = "newsmill:reporter-salt"


class Rules(NamedTuple):
    """What of the settings decides how a batch is written."""

    versions: versions.Limits
    images: image_reports.Rules
    custody_seconds: float
    retry_delays: Sequence[timedelta]
    pacer: Pacer
    revisits: revisits.Rules


class Outcome(NamedTuple):
    """What a batch led to: the articles as they were stored, how its pages ended, and the fetches that follow."""

    articles: Sequence[articles.StoredArticle]
    ends: Sequence[ledger.End]
    fetches: list[FetchRequested]


def write(session: Session, batch: Batch, rules: Rules, pages: Pages) -> Outcome:
    """Writes a batch, table by table; nothing is committed. `pages` holds the full texts of feeds."""
    sites.write(session, batch.sites)
    channels.write(session, batch.channels, rules.pacer)
    subscriptions.write(session, batch.subscriptions)
    new_headlines = headlines.write(session, batch.listings)
    headlines.adopt(session, batch.channel_keys())
    feed_articles = map(ladder.candidate, feed_texts.articles(session, batch.ends))
    page_articles = feed_texts.with_longer(session, batch.articles)
    stored_articles = articles.write(session, [*page_articles, *feed_articles], rules.versions)
    worded_articles = articles.newly_worded(stored_articles)
    new_articles = [article for article in stored_articles if article.change == "stored"]
    images.write(
        session,
        (row for article in worded_articles for row in images.rows(article.article_id, article.message.article)),
    )
    headlines.link(
        session, {key: article.article_id for article in stored_articles for key in article.candidate.keys.links}
    )
    stories.write(
        session, [_text(article) for article in worded_articles], [article.article_id for article in new_articles]
    )
    ends = (
        *feed_texts.linked(session, batch.ends, stored_articles),
        *(_article_end(article) for article in stored_articles if not feed_texts.stands_in(article)),
    )
    placements.confirm(session, ends)
    planned = revisits.plan(session, ends, rules.revisits)
    ledger.close(session, ends, retries.plan(session, ends, rules.retry_delays), planned.visits)
    newly_gone = revisits.mark(session, planned.gone)
    visits.write(session, ends)
    sources.reschedule(session, ends, listings.news(batch.listings, new_headlines), rules.pacer)
    inspections.reschedule(session, ends)
    feed_texts.forget(session, ends)
    fetches = ledger.accept(session, batch.links, rules.custody_seconds)
    feed_texts.keep(session, batch.feeds, pages)
    revisits.hasten(session, batch.listings)
    image_events, image_fetches = moderation.write(session, batch, rules.images)
    event_log.write(session, (
        *events.of_articles(stored_articles), *events.of_headlines(new_headlines), *events.of_drops(ends),
        *events.of_gone(newly_gone),
        *image_events,
    ))  # fmt: skip
    return Outcome(
        stored_articles, ends, [*fetches, *image_fetches, *moderation.fetches(session, new_articles, rules.images)]
    )


class Store:
    """The storage worker's handler.

    Args:
        engine: of the database; used by this process alone.
        redis: where those who wait for what is stored are woken.
        later: custody, which ends when a URL has its disposition.
        pages: raw pages, discarded when their URLs have theirs.
        settings: of the storage worker.
    """

    def __init__(self, engine: Engine, redis: "Redis", later: Later, pages: Pages, settings: StorageSettings) -> None:
        self._engine = engine
        self._redis = redis
        self._later = later
        self._pages = pages
        self._settings = settings
        self._rules = Rules(
            versions.Limits(settings.live_version_seconds, settings.max_versions),
            image_reports.Rules(settings.image_reports_to_block, settings.images, _salt(redis, settings)),
            settings.custody_seconds,
            [timedelta(minutes=minutes) for minutes in settings.retry_minutes],
            Pacer(settings.pace(), timedelta(seconds=settings.publisher_pause_seconds)),
            revisits.Rules((), timedelta(seconds=settings.revisit_live_seconds)).at(settings.revisit_hours),
        )
        self._archive = Archive(settings.pages_url) if settings.pages_url else None

    def handle(self, message: Message) -> list[FetchRequested]:
        """Writes a message by itself, as handle_batch()."""
        return self.handle_batch([message])

    def handle_batch(self, messages: Sequence[Message]) -> list[FetchRequested]:
        """Writes a batch and returns the fetches that follow from it.

        Raises:
            Unavailable: the database is away.
        """
        canaries, without_canary = canary.part(messages)
        look_ends, news = looks.part(without_canary)
        batch = sort(news)
        try:
            with transaction(self._engine) as session:
                outcome = write(session, batch, self._rules, self._pages)
                canary.write(session, canaries)
            self._announce()
            metrics.observe(outcome.articles)
            # Custody of a listing's links begins before that of the listing ends: a trace is always in custody.
            self._later.hold(outcome.fetches)
            looks.keep(self._redis, self._pages, look_ends, self._settings.pace())
            self._finish((*batch.pageless, *(message.trace_id for message in (*canaries, *look_ends))), outcome.ends)
            self._pages.discard(*canary.page_keys(canaries))
            self._pages.discard(*(feed.texts for feed in batch.feeds if feed.texts))
        except (OperationalError, InterfaceError) as error:
            # A deadlock or a lost connection: neither is the batch's fault.
            raise Unavailable(f"database: {error.orig}") from error
        return outcome.fetches

    def _finish(self, pageless: Iterable[str], ends: Sequence[ledger.End]) -> None:
        """Ends custody after the commit, and discards raw pages.

        The page of a message in the dead letters stays, because it may be tried again.
        """
        dead = {end.page.key for end in ends if end.page and getattr(end.message, "dead", False)}
        finished = [end for end in ends if end.page and end.page.key and end.page.key not in dead]
        self._keep(finished)
        self._later.release((*pageless, *(end.message.trace_id for end in ends)))
        self._pages.keep(*dead)
        self._pages.discard(*{end.page.key for end in finished if end.page})

    def _keep(self, ends: Sequence[ledger.End]) -> None:
        """Writes raw pages to the archive, if there is one. A page that was read from the archive is in it already."""
        if self._archive is None:
            return
        fresh = [(end.message, end.page) for end in ends if end.page and not getattr(end.message, "reparsed", False)]
        pages = self._pages.raw(page.key for _, page in fresh)
        keep(self._archive, self._engine, downloads_of(pages, fresh))

    def _announce(self) -> None:
        """Wakes those who wait for what is stored. They look by themselves every second, if this does not reach them."""
        with suppress(RedisError):
            self._redis.publish(STORED, b"")


def _salt(redis: "Redis", settings: StorageSettings) -> bytes:
    """Returns the key of reporters' hashes: as it is set, else made once and kept in Redis."""
    salt = settings.reporter_salt.get_secret_value() if settings.reporter_salt else ""
    if salt:
        return salt.encode()
    redis.set(SALT, token_hex(32), nx=True)
    return cast("bytes", redis.get(SALT))


def _text(article: articles.StoredArticle) -> Text:
    return Text(article.article_id, article.message.page.final_url, article.message.article.text)


def _article_end(article: articles.StoredArticle) -> ledger.End:
    message, page = article.message, article.message.page
    detail = "behind a paywall; stored from its feed's text" if message.article.text_from == "feed" else None
    return ledger.end(
        message, page.url, article.change, "store", page=page, status=page.status, article_id=article.article_id,
        version=article.version, detail=detail,
    )  # fmt: skip
