"""Looks at sites that persons may add: begun with a request, and read back from what its pages have shown so far.

The rules are those of `newsmill add` (shared/discovery/). Only, the services fetch and read, and what they saw lies in Redis.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple, cast

from pydantic import AwareDatetime, BaseModel, TypeAdapter
from redis import Redis

from shared.contracts import (
    LOOK,
    FetchRequested,
    Inspection,
    Kind,
    PageDropped,
    PageSeen,
    Reason,
    SeenCandidate,
    SeenChannel,
    decode,
    now_utc,
)
from shared.discovery.channels import Candidate, Channel, Hub, Item, address_key
from shared.discovery.choice import choose
from shared.discovery.looks import KEPT_SECONDS, LIMITS, PREFIX, WISH
from shared.discovery.report import ArticleSample, SiteReport, Wall
from shared.pace import Limits
from shared.stage import Sender
from shared.urls import fetchable, fingerprint, host_of

ARTICLES = 5
# Before everything else: a person waits.
_PRIORITY = 9
# After so long a person decides with what there is.
PATIENCE = timedelta(seconds=90)
# A candidate that is not there, which says nothing of the site.
_ABSENT = frozenset({Reason.HTTP_404, Reason.HTTP_410})


# Before the home page is read they are not known.
_LIMITS, _NO_LIMITS = TypeAdapter(Limits), json.dumps([0.0] * len(Limits._fields)).encode()


class LookWish(BaseModel):
    """What a person looks at: the address of a home page, or of a feed; and since when."""

    url: str
    started_at: AwareDatetime


class Look(NamedTuple):
    """A look at a site, as far as it is: `report` is None until the first page has ended; `awaited` are the pages that have not.

    `is_over` says that all have ended, or that it makes no sense to wait for the others.
    """

    id: str
    wish: LookWish
    report: SiteReport | None
    awaited: Sequence[str]
    is_over: bool


def begin(redis: "Redis", send: Sender, url: str) -> str:
    """Requests the home page of a site that a person may add; returns the id of the look.

    Raises:
        BadUrl: the address is none that can be fetched.
    """
    home_page = fetchable(url)
    request = FetchRequested(
        url=home_page, kind=Kind.FRONT, follow=False, full=True, via=LOOK, priority=_PRIORITY,
        inspection=Inspection(site_key=fingerprint(home_page), samples=ARTICLES),
    )  # fmt: skip
    wish = LookWish(url=home_page, started_at=now_utc())
    redis.hset(PREFIX + request.trace_id, WISH, wish.model_dump_json())
    redis.expire(PREFIX + request.trace_id, KEPT_SECONDS)
    send([request])
    return request.trace_id


def load(redis: "Redis", look_id: str, moment: datetime) -> Look | None:
    """Returns a look as far as it is; None if there is none of this id, or no more."""
    fields = cast("dict[bytes, bytes]", redis.hgetall(PREFIX + look_id))
    if WISH.encode() not in fields:
        return None
    try:
        wish = LookWish.model_validate_json(fields.pop(WISH.encode()))
        limits = _LIMITS.validate_json(fields.pop(LIMITS.encode(), _NO_LIMITS))
        ends = [decode(json.loads(packed)) for packed in fields.values()]
    except (ValueError, RecursionError):
        # Somebody else has written into Redis.
        return None
    pages = _in_order(wish.url, [end for end in ends if isinstance(end, PageSeen)])
    drops = [end for end in ends if isinstance(end, PageDropped)]
    ended = {page.page.url for page in pages} | {drop.url for drop in drops}
    awaited = [url for url in (wish.url, *(url for page in pages for url in page.awaits)) if url not in ended]
    report = _report(wish, pages, drops, limits) if ends else None
    return Look(look_id, wish, report, awaited, not awaited or moment - wish.started_at > PATIENCE)


def _in_order(first: str, pages: Iterable[PageSeen]) -> list[PageSeen]:
    """Returns pages in the order in which they were requested, the likeliest channel first; Redis keeps them in none."""
    by_url = {page.page.url: page for page in pages}
    urls, ordered = [first], []
    for url in urls:
        if (page := by_url.pop(url, None)) is not None:
            ordered.append(page)
            urls.extend(page.awaits)
    return [*ordered, *by_url.values()]


def chosen(report: SiteReport, urls: Iterable[str] | None, *, name: str | None, tags: Iterable[str]) -> SiteReport:
    """Returns a report with the channels that a person chose (None: as they are), and the name and tags that a person gave."""
    chosen_urls = {channel.candidate.url for channel in report.channels} if urls is None else set(urls)
    choices = tuple(choice._replace(is_polled=choice.channel.candidate.url in chosen_urls) for choice in report.choices)
    return replace(report, choices=choices, name=name or report.name, tags=tuple(tags))


def _report(wish: LookWish, pages: Sequence[PageSeen], drops: Sequence[PageDropped], limits: Limits) -> SiteReport:
    home = next((page for page in pages if page.is_home_page), None)
    home_page = (home.page.moved_to or home.page.url) if home else wish.url
    looked_at = max((page.page.fetched_at for page in pages), default=wish.started_at)
    # A feed that the person named may be named by the home page, too.
    channels = {address_key(page.channel.candidate.url): _channel(page.channel) for page in pages if page.channel}
    choices = choose(list(channels.values()), looked_at)
    walls = tuple(
        Wall(drop.url, drop.reason.value, drop.detail)
        for drop in drops
        if drop.url == wish.url or drop.reason not in _ABSENT
    )
    report = SiteReport(
        url=wish.url, home_page=home_page, name=(home.site_name if home else None) or host_of(home_page),
        language=home.language if home else None, tags=(), looked_at=looked_at, limits=limits, choices=choices,
        refusals=tuple(_refusals(pages)), reserve=tuple(_candidate(item) for item in (home.reserve if home else ())),
        articles=tuple(
            ArticleSample(page.page.url, page.article.title, page.article.fields, page.article.words, page.article.paywalled)
            for page in pages if page.article
        ),
        walls=walls, requests=len(pages) + len(drops),
    )  # fmt: skip
    return report if any(choice.is_polled for choice in choices) else replace(report, error=_failure(walls))


def _refusals(pages: Iterable[PageSeen]) -> Iterator[tuple[Candidate, str]]:
    return ((_candidate(page.candidate), page.refusal) for page in pages if page.candidate and page.refusal)


def _failure(walls: Sequence[Wall]) -> str:
    """Returns in words why a site cannot be added."""
    if walls:
        return f"{walls[0].end}: {walls[0].detail or walls[0].url}"
    return "no feed, no sitemap and no page with headlines of this week was found"


def _channel(channel: SeenChannel) -> Channel:
    hub = Hub(channel.hub_url, channel.topic_url) if channel.hub_url and channel.topic_url else None
    items = tuple(Item(item.url, item.at) for item in channel.items)
    return Channel(_candidate(channel.candidate), items, channel.newest, channel.items_a_day, hub)


def _candidate(candidate: SeenCandidate) -> Candidate:
    return Candidate(candidate.url, candidate.role, candidate.found_by, candidate.name)
