"""A look at a site that a person may add, page by page: each says what it is, and the home page leads to the others.

No host is asked for more than nine pages: the home page, three candidates for channels, five articles.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple
from urllib.parse import urljoin
from uuid import NAMESPACE_URL, uuid5

from services.parser.discovery import hub
from services.parser.discovery.candidates import probes, same_site
from services.parser.discovery.channels import channel, refusal
from services.parser.discovery.home_page import HomePage, read_home_page
from services.parser.page import encoding, unzip
from services.parser.parse import PageContent, read
from shared.contracts import (
    LOOK,
    Article,
    Clue,
    FetchRequested,
    Inspection,
    Kind,
    Message,
    PageFetched,
    PageSeen,
    Reason,
    Role,
    SeenArticle,
    SeenCandidate,
    SeenChannel,
    SeenItem,
)
from shared.contracts.looks import LONGEST_URL, MOST_ITEMS
from shared.discovery.channels import KINDS, Candidate, Hub, recent_items
from shared.discovery.report import FIELDS
from shared.errors import Drop
from shared.pages import Pages

ARTICLES, CANDIDATES = 5, 3
_MOST_RESERVE = 200
_LISTS = {Kind.FEED: Role.FEED, Kind.SITEMAP: Role.SITEMAP}


class _Subject(NamedTuple):
    """A page of a look, read; `inspection` is None for an article."""

    message: PageFetched
    body: bytes
    content: PageContent
    inspection: Inspection | None
    max_bytes: int


def look(message: PageFetched, pages: Pages, max_bytes: int) -> Iterator[Message]:
    """PageFetched -> PageSeen, and FetchRequested for the pages of the look that follow from it.

    Raises:
        Drop: the page is gone from the store, is not text, or cannot be read.
    """
    page = message.page
    body = pages.get(page.key)
    if body is None:
        raise Drop(Reason.PAGE_EXPIRED, f"no page {page.key} in the store")
    content = read(body, page.final_url, message.kind, page.charset, page.fetched_at, max_bytes=max_bytes)
    subject = _Subject(message, body, content, message.inspection, max_bytes)
    if subject.inspection is None:
        yield _answer(message, article=_sample(content.article), refusal=None if content.article else "is no article")
    elif subject.inspection.role is None:
        yield from _home_page(subject, subject.inspection, pages)
    else:
        yield from _candidate(subject, subject.inspection, subject.inspection.role, pages)


def _home_page(subject: _Subject, inspection: Inspection, pages: Pages) -> Iterator[Message]:
    """Yields what a home page is and leads to. Where the address is a feed or a sitemap, its host's first page comes next."""
    message, page, content = subject.message, subject.message.page, subject.content
    if role := _LISTS.get(content.kind):
        candidate = Candidate(page.url, role, Clue.PERSON)
        home = _request(message, urljoin(page.final_url, "/"), Kind.FRONT, inspection.model_copy(update={"samples": 0}))
        articles = _articles(message, content, page.final_url, ARTICLES)
        yield _channel(subject, candidate, [home, *articles], _hub(subject, pages))
        yield from (home, *articles)
        return
    home_page = read_home_page(
        subject.body, page.final_url, page.charset, message.sitemaps, max_bytes=subject.max_bytes
    )
    candidate = Candidate(page.moved_to or page.url, Role.FRONT, Clue.HOME_PAGE, home_page.name or "")
    articles = _articles(message, content, page.final_url, inspection.samples)
    requests = [*_probes(message, inspection, home_page, 0 if articles else inspection.samples), *articles]
    yield _channel(
        subject, candidate, requests, is_home_page=True, site_name=home_page.name, language=home_page.language,
        reserve=_reserve(home_page, {request.url for request in requests}),
    )  # fmt: skip
    yield from requests


def _candidate(subject: _Subject, inspection: Inspection, role: Role, pages: Pages) -> Iterator[Message]:
    """Yields what a candidate is. An index of sitemaps leads to the one that is called news, else to the newest."""
    message, page, content = subject.message, subject.message.page, subject.content
    candidate = Candidate(page.url, role, inspection.found_by or Clue.HOME_PAGE, inspection.name)
    if content.sitemaps and not content.headlines and inspection.index is None:
        child = next((child for child in content.sitemaps if "news" in child.url.lower()), content.sitemaps[0])
        request = _request(
            message, child.url, Kind.SITEMAP,
            inspection.model_copy(update={"index": page.url, "found_by": Clue.SITEMAP_INDEX}),
        )  # fmt: skip
        yield _answer(message, awaits=(request.url,))
        yield request
        return
    if inspection.index and not any(headline.published_at for headline in content.headlines):
        # Only a sitemap of news is a channel itself: otherwise the index is, which leads to the newest of any day.
        candidate = candidate._replace(url=inspection.index)
    articles = _articles(message, content, page.final_url, inspection.samples)
    yield _channel(subject, candidate, articles, hub_of_feed=_hub(subject, pages))
    yield from articles


def _probes(
    message: PageFetched, inspection: Inspection, home_page: HomePage, samples: int
) -> Iterator[FetchRequested]:
    """Yields the requests for the likeliest candidates; the first one's articles are samples where the home page has none."""
    worth = set(probes(home_page.candidates))
    best = [candidate for candidate in home_page.candidates if candidate in worth][:CANDIDATES]
    for number, candidate in enumerate(best):
        yield _request(message, candidate.url, KINDS[candidate.role], Inspection(
            site_key=inspection.site_key, role=candidate.role, found_by=candidate.clue, name=candidate.name,
            samples=0 if number else samples,
        ))  # fmt: skip


def _articles(message: PageFetched, content: PageContent, home_page: str, number: int) -> list[FetchRequested]:
    """Returns the requests for the first stories of a listing that are on its site."""
    urls = dict.fromkeys(headline.url for headline in content.headlines if headline.url)
    own = [url for url in urls if same_site(url, home_page)]
    return [_request(message, url, Kind.ARTICLE, None) for url in own[:number]]


def _request(message: PageFetched, url: str, kind: Kind, inspection: Inspection | None) -> FetchRequested:
    """Returns a request of the look, without conditions; the same trace when the page before it is delivered again."""
    trace_id = uuid5(NAMESPACE_URL, f"{message.trace_id} {url}").hex
    envelope = message.envelope() | {"trace_id": trace_id, "cause": message.cause or message.trace_id, "tries": ()}
    return FetchRequested(
        **envelope | {"via": LOOK}, url=url, kind=kind, follow=False, full=True, inspection=inspection
    )


def _channel(
    subject: _Subject,
    candidate: Candidate,
    requests: Sequence[FetchRequested],
    hub_of_feed: Hub | None = None,
    **of_home_page: object,
) -> PageSeen:
    """Returns that a page is a channel, or the reason why it is none."""
    reason = refusal(candidate, subject.content)
    seen_candidate = SeenCandidate(
        url=candidate.url, role=candidate.role, found_by=candidate.clue, name=candidate.name[:200]
    )
    fetched_at = subject.message.page.fetched_at
    seen_channel = None
    if reason is None:
        data = channel(candidate, subject.content, fetched_at, hub_of_feed)
        items = (*recent_items(data.items, fetched_at), *data.items)
        seen_channel = SeenChannel(
            candidate=seen_candidate, items=tuple(SeenItem(url=item.url, at=item.at) for item in dict.fromkeys(items) if len(item.url) <= LONGEST_URL)[:MOST_ITEMS],
            newest=data.newest, items_a_day=data.items_a_day, hub_url=hub_of_feed.url if hub_of_feed else None,
            topic_url=hub_of_feed.topic if hub_of_feed else None,
        )  # fmt: skip
    awaits = tuple(request.url for request in requests)
    return _answer(
        subject.message, channel=seen_channel, candidate=seen_candidate, refusal=reason, awaits=awaits, **of_home_page
    )


def _answer(message: PageFetched, **fields: object) -> PageSeen:
    return PageSeen.model_validate({**message.envelope(), "page": message.page, **fields})


def _sample(article: Article | None) -> SeenArticle | None:
    if article is None:
        return None
    fields = {name: bool(getattr(article, name)) for name in FIELDS}
    return SeenArticle(title=article.title, fields=fields, words=article.word_count, paywalled=bool(article.paywalled))


def _hub(subject: _Subject, pages: Pages) -> Hub | None:
    page = subject.message.page
    if subject.content.kind is not Kind.FEED:
        return None
    raw = pages.raw([page.key]).get(page.key)
    text = encoding.decode(unzip.unzipped(subject.body, subject.max_bytes), page.charset)
    return hub.read(text, page.final_url, raw.http.answer if raw and raw.http else ())


def _reserve(home_page: HomePage, requested: set[str]) -> tuple[SeenCandidate, ...]:
    return tuple(
        SeenCandidate(url=candidate.url, role=candidate.role, found_by=candidate.clue, name=candidate.name[:200])
        for candidate in home_page.candidates
        if candidate.url not in requested and len(candidate.url) <= LONGEST_URL
    )[:_MOST_RESERVE]  # fmt: skip
