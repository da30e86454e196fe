"""Messages about a page: requested, fetched, parsed, dropped."""

from typing import Annotated, Any, Literal

from pydantic import Field

from shared.contracts.content import Article, Headline, Pace
from shared.contracts.message import Message, Page
from shared.contracts.model import Model
from shared.contracts.vocabulary import Clue, Key, Kind, Reason, Role


class Inspection(Model):
    """That a page is requested to find the channels of a site: its home page, or a page that may be a channel.

    `role` is what the page may be to the site, null for its home page; `found_by` and `name` are where its address was
    read, and its name there. In a look, `samples` is how many of its articles are requested, and `index` the sitemap index that
    led to it.
    """

    site_key: Key
    role: Role | None = None
    found_by: Clue | None = None
    name: str = Field(default="", max_length=200)
    samples: int = Field(default=0, ge=0, le=10)
    index: str | None = Field(default=None, max_length=8192)


class Trail(Model):
    """The redirects of a URL that were followed before it had to wait.

    `urls` are the stops, `moved` is how many of the hops are permanent, and `cookies` are those that the stops set, as
    the fetcher's jar dumps them.
    """

    urls: tuple[str, ...]
    moved: int = 0
    cookies: tuple[dict[str, Any], ...] = ()


# Fingerprints of the sitemap indexes that led to a sitemap, in order: none of them is fetched again for it.
Ancestors = Annotated[tuple[Annotated[str, Field(max_length=32)], ...], Field(max_length=64)]


class FetchRequested(Message):
    """A request to download a URL. With `follow`, the headlines of a listing become requests too.

    `etag`, `last_modified`, `body_hash` and `moved_to` are what the ledger holds of the page's last copy. `full` requests
    without conditions, to check whether the server's "not modified" can be trusted. `trail` are the redirects to go on
    from. `ancestors` are the sitemap indexes that led to this sitemap. `inspection` is present where the page is requested
    to find the channels of a site.
    """

    type: Literal["FetchRequested"] = "FetchRequested"
    url: str = Field(min_length=1, max_length=8192)
    kind: Kind | None = None
    follow: bool = True
    etag: str | None = None
    last_modified: str | None = None
    body_hash: str | None = None
    moved_to: str | None = None
    full: bool = False
    trail: Trail | None = None
    ancestors: Ancestors = ()
    inspection: Inspection | None = None


class PageFetched(Message):
    """A page is in the page store. `reparsed`: it is an archived page that is parsed again.

    `sitemaps` are the `Sitemap` lines of its robots.txt, where the page is requested to find the channels of a site.
    """

    type: Literal["PageFetched"] = "PageFetched"
    page: Page
    kind: Kind | None = None
    follow: bool = True
    reparsed: bool = False
    ancestors: Ancestors = ()
    inspection: Inspection | None = None
    sitemaps: tuple[str, ...] = Field(default=(), max_length=100)


class ArticleParsed(Message):
    """An article was read from a page: this is the page's disposition. `reparsed`: from an archived page, again."""

    type: Literal["ArticleParsed"] = "ArticleParsed"
    page: Page
    article: Article
    reparsed: bool = False


class HeadlinesParsed(Message):
    """Headlines were read from a page of `kind`. An article page sends an ArticleParsed beside it. `pace` is how
    often a feed wishes to be requested, `texts` the key of its ItemTexts in the page store. `hub_url` is the WebSub hub that
    a feed names, `topic_url` the address by which the hub knows the feed."""

    type: Literal["HeadlinesParsed"] = "HeadlinesParsed"
    page: Page
    kind: Kind
    follow: bool = True
    headlines: tuple[Headline, ...]
    pace: Pace | None = None
    texts: str | None = Field(default=None, max_length=80)
    hub_url: str | None = Field(default=None, max_length=8192)
    topic_url: str | None = Field(default=None, max_length=8192)


class PageDropped(Message):
    """A page ended at `stage` for a named reason.

    `page` is present if it was downloaded, `status` if there was an HTTP response. `dead`: the message is in the dead
    letters, and can be tried again. `fresh_seconds` is how long a response without a page (304) says that the last copy
    stays fresh.
    """

    type: Literal["PageDropped"] = "PageDropped"
    url: str
    stage: str
    reason: Reason
    detail: str = Field(default="", max_length=2000)
    status: int | None = None
    page: Page | None = None
    dead: bool = False
    fresh_seconds: int | None = Field(default=None, ge=0)
