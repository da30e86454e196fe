"""Fetches of the sitemaps that a source's robots.txt lists."""

from urllib.parse import urljoin
from uuid import NAMESPACE_URL, uuid5

from services.fetcher.politeness.robots import Verdict
from shared.contracts import FetchRequested, Kind, PageFetched
from shared.urls import join_listed

MAX_SITEMAPS = 10
# As many as the message carries.
_MOST_LINES = 100


def sitemap_requests(request: FetchRequested, verdict: Verdict | None, url: str) -> list[FetchRequested]:
    """Returns fetches of the sitemaps that the robots.txt of a URL lists; none unless the source of a request asks for them.

    Only the parser sees which of them hold news; those called so are fetched first. Sitemaps without a scheme or a host
    are of the scheme and host of `url`.
    """
    if verdict is None or not wants_sitemaps(request):
        return []
    base = urljoin(url, "/robots.txt")
    locations = (join_listed(base, line) for line in verdict.sitemaps)
    news_first = sorted(dict.fromkeys(filter(None, locations)), key=lambda location: "news" not in location.lower())
    return [_sitemap_request(request, location) for location in news_first[:MAX_SITEMAPS]]


def with_sitemaps(page: PageFetched, verdict: Verdict | None) -> PageFetched:
    """Returns the home page of a site with what its robots.txt lists, for the parser to choose from."""
    return page.model_copy(update={"sitemaps": verdict.sitemaps[:_MOST_LINES] if verdict else ()})


def wants_sitemaps(request: FetchRequested) -> bool:
    """Returns whether a request is a source's own, and the source wants the sitemaps beside it."""
    return request.access is not None and request.access.sitemaps and not request.cause


def _sitemap_request(request: FetchRequested, url: str) -> FetchRequested:
    """The fetch of a sitemap. Its trace is the same each time that the page of its source is delivered."""
    access = request.access.model_copy(update={"sitemaps": False}) if request.access else None
    envelope = request.envelope() | {
        "trace_id": uuid5(NAMESPACE_URL, f"{request.trace_id} {url}").hex, "cause": request.trace_id,
        "access": access, "via": "sitemap",
    }  # fmt: skip
    return FetchRequested(**envelope, url=url, kind=Kind.SITEMAP, follow=request.follow)
