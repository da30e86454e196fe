"""A downloaded page -> its article and headlines. Only the page store is read: no network, no clock."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import partial
from typing import NamedTuple
from urllib.parse import urlsplit

from prometheus_client import Counter
from selectolax.lexbor import SelectolaxError

from services.parser import kinds
from services.parser.article import extract, plain_text
from services.parser.discovery import hub
from services.parser.listing import feed, front, item_texts, pace, sitemap, xml_repair
from services.parser.listing.child_sitemaps import (
    DEFAULT_LIMITS,
    SitemapLimits,
    child_fetches,
    recent_pages,
    refuse_cycle,
)
from services.parser.page import encoding, unzip
from services.parser.page.document import Document
from services.parser.rules import site_rules
from shared.contracts import (
    Article,
    ArticleParsed,
    Attempt,
    FetchRequested,
    Headline,
    HeadlinesParsed,
    ItemTexts,
    Kind,
    Message,
    Pace,
    Page,
    PageFetched,
    Reason,
)  # fmt: skip
from shared.discovery.channels import Hub
from shared.errors import Drop
from shared.pages import Pages

MISSING = Counter("newsmill_extraction_fields_missing_total", "Articles read without this field.", ["field"])
COUNTED_FIELDS = ("published_at", "authors", "publisher", "language", "lead_image", "canonical_url", "section")
MAX_BYTES = 10_000_000


class PageContent(NamedTuple):
    """What a page holds. `sitemaps` are those that a sitemap index lists, the newest first; `pace` is a feed's wish
    and `items` are its items; `modified` says of each headline of a sitemap when its page was modified, ISO 8601 or empty; `text` is a
    feed, decoded."""

    kind: Kind
    article: Article | None = None
    headlines: tuple[Headline, ...] = ()
    sitemaps: tuple[sitemap.ChildSitemap, ...] = ()
    pace: Pace | None = None
    items: tuple[feed.Item, ...] = ()
    modified: tuple[str, ...] = ()
    text: str = ""


def parse(
    message: PageFetched, pages: Pages, max_bytes: int = MAX_BYTES, child_sitemaps: SitemapLimits = DEFAULT_LIMITS
) -> Iterable[Message]:
    """PageFetched -> ArticleParsed, HeadlinesParsed, and FetchRequested for the newest sitemaps of an index.

    A page that is no longer in the store is fetched again once.

    Raises:
        Drop: it is a sitemap that leads back to its own index; the page has expired again or cannot be fetched again; it is not text, or it holds nothing.
    """
    refuse_cycle(message)
    page = message.page
    body = pages.get(page.key)
    if body is None:
        return [_refetch(message)]
    choice = partial(recent_pages, message, limits=child_sitemaps)
    content = read(
        body, page.final_url, message.kind, page.charset, page.fetched_at, max_bytes=max_bytes, sitemap_pages=choice
    )
    # A feed or news sitemap may be empty for a while.
    if not (content.article or content.headlines or content.kind in (Kind.FEED, Kind.SITEMAP)):
        raise Drop(Reason.NO_CONTENT, f"{content.kind.value}: neither an article nor headlines")
    texts = item_texts.read(content.items) if message.follow else ItemTexts(articles={})
    texts_key = f"{message.trace_id}-texts" if texts.articles else None
    if texts_key:
        # A feed's texts are many times its headlines, and only few are ever needed: they do not travel with the message.
        pages.put(texts.model_dump_json(exclude_defaults=True).encode(), texts_key)
    return _messages(message, content, child_sitemaps, texts_key, _hub(page, content, pages))


def read(
    body: bytes,
    url: str,
    kind: Kind | None,
    charset: str | None,
    fetched_at: datetime,
    *,
    max_bytes: int = MAX_BYTES,
    sitemap_pages: sitemap.Choice = tuple,
) -> PageContent:
    """Returns what a page holds, which may be nothing.

    Args:
        body: as downloaded, after transfer decoding.
        url: the page's address.
        kind: what the page is expected to be. It decides between ARTICLE and FRONT, and for TEXT; other formats are
            recognized from the bytes.
        charset: of the Content-Type header.
        fetched_at: later dates are left out.
        max_bytes: larger pages are dropped.
        sitemap_pages: chooses the pages of a sitemap that are taken.

    Raises:
        Drop: the page is not text, too large, or cannot be read.
    """
    if len(body) > max_bytes:
        raise Drop(Reason.TOO_LARGE, f"{len(body)} bytes; at most {max_bytes} are read")
    site_rules.refresh()
    url = _valid_url(url)
    text = kinds.unescaped(encoding.decode(unzip.unzipped(body, max_bytes), charset))
    text_kind = kinds.kind_of_text(text, kind)
    if text_kind is None:
        return _read_html(text, url, kind, fetched_at)
    if text_kind is Kind.TEXT:
        article, ticker = plain_text.read(text, fetched_at)
        return PageContent(Kind.ARTICLE if article else Kind.TEXT, article, ticker)
    if text_kind is Kind.SITEMAP:
        entries = sitemap.read(xml_repair.replace_impossible(text), url, fetched_at, sitemap_pages)
        return PageContent(text_kind, headlines=entries.headlines, sitemaps=entries.children, modified=entries.modified)
    if kinds.is_json_feed(text):
        items = feed.read_json(text, url, fetched_at)
    else:
        items = feed.read(xml_repair.replace_impossible(text), url, fetched_at)
    headlines = tuple(item.headline for item in items)
    return PageContent(text_kind, headlines=headlines, pace=pace.read(text), items=items, text=text)


def _hub(page: Page, content: PageContent, pages: Pages) -> Hub | None:
    """Returns the WebSub hub of a feed, as the headers of its answer or the feed itself name it."""
    if content.kind is not Kind.FEED:
        return None
    raw = pages.raw([page.key]).get(page.key)
    return hub.read(content.text, page.final_url, raw.http.answer if raw and raw.http else ())


def _refetch(message: PageFetched) -> FetchRequested:
    is_second_time = any(attempt.reason is Reason.PAGE_EXPIRED for attempt in message.tries)
    if is_second_time or message.reparsed or message.via == "import":
        raise Drop(Reason.PAGE_EXPIRED, f"no page {message.page.key} in the store")
    attempt = Attempt(at=message.page.fetched_at, stage="parse", reason=Reason.PAGE_EXPIRED, detail=message.page.key)
    envelope = message.envelope() | {"tries": (*message.tries, attempt)}
    return FetchRequested(
        **envelope, url=message.page.url, kind=message.kind, follow=message.follow, ancestors=message.ancestors,
        inspection=message.inspection,
    )  # fmt: skip


def _valid_url(url: str) -> str:
    """Returns the URL, or an empty one if it is broken: the page is read all the same."""
    try:
        urlsplit(url)
    except ValueError:
        return ""
    return url


def _read_html(html: str, url: str, kind: Kind | None, now: datetime) -> PageContent:
    try:
        document = Document(html, url)
        rules = site_rules.find(url)
        if rules is site_rules.GENERIC:
            rules = site_rules.find_layout(document.tree)
        if (kind if kind in (Kind.ARTICLE, Kind.FRONT) else kinds.kind_of_html(document, rules)) is Kind.FRONT:
            return PageContent(Kind.FRONT, headlines=front.front_headlines(document, rules, now))
        article = extract.read(document, rules, now)
        return PageContent(Kind.ARTICLE, article, front.side_headlines(document, rules, now))
    except SelectolaxError as error:
        raise Drop(Reason.UNREADABLE, str(error)) from None


def _messages(
    message: PageFetched,
    content: PageContent,
    child_sitemaps: SitemapLimits,
    texts_key: str | None,
    feed_hub: Hub | None,
) -> Iterator[Message]:
    if content.article:
        _count_missing(content.article)
        yield ArticleParsed(**message.envelope(), page=message.page, article=content.article, reparsed=message.reparsed)
    if content.headlines or not content.article:
        yield HeadlinesParsed(
            **message.envelope(),
            page=_without_validators(message.page) if content.sitemaps else message.page,
            kind=content.kind,
            follow=message.follow,
            headlines=content.headlines,
            pace=content.pace,
            texts=texts_key,
            hub_url=feed_hub.url if feed_hub else None,
            topic_url=feed_hub.topic if feed_hub else None,
        )
    if message.follow and content.sitemaps:
        yield from child_fetches(message, content.sitemaps, child_sitemaps)


def _without_validators(page: Page) -> Page:
    """Returns the page of a sitemap index, which is read each time: its sitemaps may change while it stays the same."""
    return page.model_copy(update={"etag": "", "last_modified": "", "body_hash": ""})


def _count_missing(article: Article) -> None:
    for field in COUNTED_FIELDS:
        if not getattr(article, field):
            MISSING.labels(field).inc()
