"""Fetches of the news sitemaps that a source's robots.txt lists."""

from uuid import NAMESPACE_URL, uuid5

from services.fetcher.politeness.robots import Verdict
from shared.contracts import FetchRequested, Kind

MAX_SITEMAPS = 10


def sitemap_requests(request: FetchRequested, verdict: Verdict | None) -> list[FetchRequested]:
    """Returns fetches of the news sitemaps that robots.txt lists; none unless the source of a request asks for them.

    Other sitemaps list a newspaper's whole past.
    """
    if verdict is None or not wants_sitemaps(request):
        return []
    return [_sitemap_request(request, url) for url in verdict.sitemaps if "news" in url.lower()][:MAX_SITEMAPS]


def wants_sitemaps(request: FetchRequested) -> bool:
    """Whether a request is a source's own, and the source wants the sitemaps beside it."""
    return request.access is not None and request.access.sitemaps and not request.cause


def _sitemap_request(request: FetchRequested, url: str) -> FetchRequested:
    """The fetch of a sitemap. Its trace is the same each time that the page of its source is delivered."""
    access = request.access.model_copy(update={"sitemaps": False}) if request.access else None
    trace = {"trace_id": uuid5(NAMESPACE_URL, f"{request.trace_id} {url}").hex, "cause": request.trace_id}
    return FetchRequested(**request.envelope() | trace | {"access": access}, url=url, kind=Kind.SITEMAP)
