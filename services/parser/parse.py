"""A downloaded page -> its article and headlines. Pure: no network, no clock; only the page store is read."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple
from urllib.parse import urlsplit
from uuid import NAMESPACE_URL, uuid5

from prometheus_client import Counter
from selectolax.lexbor import SelectolaxError

from services.parser import kinds
from services.parser.article import extract, plain_text
from services.parser.listing import feed, front, sitemap
from services.parser.page import encoding
from services.parser.page.document import Document
from services.parser.page.elements import nesting_depth
from services.parser.rules import site_rules
from shared.contracts import (
    Article,
    ArticleParsed,
    Attempt,
    FetchRequested,
    Headline,
    HeadlinesParsed,
    Kind,
    Message,
    PageFetched,
    Reason,
)  # fmt: skip
from shared.errors import Drop
from shared.pages import Pages

MISSING = Counter("newsmill_extraction_fields_missing_total", "Articles read without this field.", ["field"])
WANTED = ("published_at", "authors", "publisher", "language", "lead_image", "canonical_url", "section")
MAX_BYTES = 10_000_000
# Browsers stop at 512; no page has been seen with a tenth of this.
MOST_NESTED = 5_000
CHILD_SITEMAPS = 3


class Parsed(NamedTuple):
    """What a page holds. `sitemaps` are those that a sitemap index names, the newest first."""

    kind: Kind
    article: Article | None = None
    headlines: tuple[Headline, ...] = ()
    sitemaps: tuple[str, ...] = ()


def parse(
    message: PageFetched, pages: Pages, max_bytes: int = MAX_BYTES, child_sitemaps: int = CHILD_SITEMAPS
) -> Iterable[Message]:
    """PageFetched -> ArticleParsed, HeadlinesParsed, and FetchRequested for the sitemaps of an index.

    A page that is gone from the store is fetched once more.

    Raises:
        Drop: the page is gone again, or cannot be fetched; is no text, or holds nothing.
    """
    page = message.page
    body = pages.get(page.key)
    if body is None:
        return [_once_more(message)]
    found = read(body, page.final_url, message.kind, page.charset, page.fetched_at, max_bytes=max_bytes)
    if not (found.article or found.headlines or found.sitemaps):
        raise Drop(Reason.NO_CONTENT, f"{found.kind.value}: neither an article nor headlines")
    return _messages(message, found, child_sitemaps)


def read(
    body: bytes, url: str, kind: Kind | None, charset: str | None, fetched_at: datetime, *, max_bytes: int = MAX_BYTES
) -> Parsed:
    """What a page holds; perhaps nothing.

    Args:
        body: as downloaded, decoded from its transfer encoding.
        url: where it stands.
        kind: what it is thought to be. It settles ARTICLE or FRONT, and TEXT; other formats show in the bytes.
        charset: of the Content-Type header.
        fetched_at: no date found is later.
        max_bytes: what is larger is not read.

    Raises:
        Drop: it is no text, too large, or nothing can be made of it.
    """
    if len(body) > max_bytes:
        raise Drop(Reason.TOO_LARGE, f"{len(body)} bytes; at most {max_bytes} are read")
    url = _readable(url)
    content = encoding.decode(encoding.unpack(body, max_bytes), charset)
    form = kinds.of_text(content, kind)
    if form is None:
        return _html(content, url, kind, fetched_at)
    if form is Kind.TEXT:
        found, ticker = plain_text.read(content, fetched_at)
        return Parsed(Kind.ARTICLE if found else Kind.TEXT, found, ticker)
    if form is Kind.SITEMAP:
        listed = sitemap.read(_as_utf8(content), url, fetched_at)
        return Parsed(form, headlines=listed.headlines, sitemaps=listed.children)
    reader = feed.read_json if kinds.is_json_feed(content) else feed.read
    return Parsed(form, headlines=reader(content, url, fetched_at))


def _once_more(message: PageFetched) -> FetchRequested:
    tried = any(attempt.reason is Reason.PAGE_EXPIRED for attempt in message.tries)
    if tried or message.reparsed or message.via == "import":
        raise Drop(Reason.PAGE_EXPIRED, f"no page {message.page.key} in the store")
    missed = Attempt(at=message.page.fetched_at, stage="parse", reason=Reason.PAGE_EXPIRED, detail=message.page.key)
    envelope = message.envelope() | {"tries": (*message.tries, missed)}
    return FetchRequested(**envelope, url=message.page.url, kind=message.kind, follow=message.follow)


def _readable(url: str) -> str:
    """The URL, or none, for a page is read all the same that stands at what is no URL."""
    try:
        urlsplit(url)
    except ValueError:
        return ""
    return url


def _html(content: str, url: str, kind: Kind | None, now: datetime) -> Parsed:
    if (deep := nesting_depth(content)) > MOST_NESTED:
        raise Drop(Reason.UNREADABLE, f"elements stand {deep} deep in one another; at most {MOST_NESTED} are read")
    try:
        document = Document(content, url)
        ruled = site_rules.find(url)
        if ruled is site_rules.GENERIC:
            ruled = site_rules.find_layout(document.tree)
        if (kind if kind in (Kind.ARTICLE, Kind.FRONT) else kinds.of_html(document, ruled)) is Kind.FRONT:
            return Parsed(Kind.FRONT, headlines=front.front_headlines(document, ruled, now))
        return Parsed(Kind.ARTICLE, extract.read(document, ruled, now), front.side_headlines(document, ruled, now))
    except SelectolaxError as error:
        raise Drop(Reason.UNREADABLE, str(error)) from None


def _as_utf8(content: str) -> bytes:
    """XML whose declaration, if any, no longer speaks of another encoding."""
    start = content.find("?>") + 2 if content.lstrip().startswith("<?xml") else 0
    return content[start:].encode("utf-8", errors="replace")


def _messages(message: PageFetched, found: Parsed, child_sitemaps: int) -> Iterator[Message]:
    if found.article:
        _count_missing(found.article)
        yield ArticleParsed(**message.envelope(), page=message.page, article=found.article, reparsed=message.reparsed)
    if found.headlines or not found.article:
        yield HeadlinesParsed(
            **message.envelope(), page=message.page, kind=found.kind, follow=message.follow, headlines=found.headlines
        )
    if message.follow:
        for url in found.sitemaps[:child_sitemaps]:
            yield _child(message, url)


def _child(message: PageFetched, url: str) -> FetchRequested:
    """The fetch of a sitemap that an index names. The same page read twice asks for the same trace."""
    trace = uuid5(NAMESPACE_URL, f"{message.trace_id} {url}").hex
    envelope = message.envelope() | {"trace_id": trace, "cause": message.trace_id}
    return FetchRequested(**envelope, url=url, kind=Kind.SITEMAP, follow=message.follow)


def _count_missing(found: Article) -> None:
    for field in WANTED:
        if not getattr(found, field):
            MISSING.labels(field).inc()
