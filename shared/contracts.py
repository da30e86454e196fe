"""The messages between services: frozen, JSON, versioned.

A URL on its way through the pipeline is a *trace*: every message about it carries the same `trace_id`,
from the trigger to its one disposition. The JSON Schemas in docs/messages/ are generated from here.
"""

import re
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any, Literal, Self
from uuid import uuid4

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter, field_validator


class Kind(StrEnum):
    """The kind of a page. The parser decides it from the bytes when the request does not name it."""

    ARTICLE = "article"
    FRONT = "front"
    FEED = "feed"
    SITEMAP = "sitemap"
    TEXT = "text"
    IMAGE = "image"


# `via` of our own page that goes through all stages every minute, and that is no news.
CANARY = "canary"
# How many failed attempts a message carries.
MAX_TRIES = 20
LISTINGS = frozenset({Kind.FRONT, Kind.FEED, Kind.SITEMAP})


class Role(StrEnum):
    """What a channel is to its site."""

    FEED = "feed"
    SITEMAP = "sitemap"
    FRONT = "front"
    SECTION = "section"


class Clue(StrEnum):
    """Where the address of a channel was read: a `link rel=alternate`, a link in the text of the home page, a list of usual
    addresses, robots.txt, the menu of a home page, an index of sitemaps; or the home page is the channel itself, or a person named it."""

    ALTERNATE = "alternate"
    LINK = "link"
    USUAL_ADDRESS = "usual-address"
    ROBOTS = "robots"
    MENU = "menu"
    SITEMAP_INDEX = "sitemap-index"
    HOME_PAGE = "home-page"
    PERSON = "person"


class Origin(StrEnum):
    """Whether a page is live news, which counts towards freshness, or a backfill of old pages, which does not."""

    LIVE = "live"
    BACKFILL = "backfill"


class Reason(StrEnum):
    """Why a page ended without being stored. A closed set, since it labels metrics."""

    BAD_URL = "bad-url"
    ADDRESS_REFUSED = "address-refused"
    ROBOTS = "robots"
    ROBOTS_UNREACHABLE = "robots-unreachable"
    HTTP_401 = "http-401"
    HTTP_403 = "http-403"
    HTTP_404 = "http-404"
    HTTP_410 = "http-410"
    HTTP_429 = "http-429"
    HTTP_451 = "http-451"
    HTTP_4XX = "http-4xx"
    HTTP_5XX = "http-5xx"
    HTTP_OTHER = "http-other"
    NOT_MODIFIED = "not-modified"
    REDIRECTS = "redirects"
    CYCLE = "cycle"
    DNS = "dns"
    TLS = "tls"
    CONNECTION = "connection"
    TIMEOUT = "timeout"
    TOO_LARGE = "too-large"
    BAD_ANSWER = "bad-answer"
    BAD_ENCODING = "bad-encoding"
    NOT_TEXT = "not-text"
    NOT_IMAGE = "not-image"
    BLOCKED_CHALLENGE = "blocked-challenge"
    CONSENT_WALL = "consent-wall"
    ACCESS_UNKNOWN = "access-unknown"
    RENDERING = "rendering"
    HOST_BUSY = "host-busy"
    HOST_DOWN = "host-down"
    PAGE_EXPIRED = "page-expired"
    NO_CONTENT = "no-content"
    UNREADABLE = "unreadable"
    MALFORMED = "malformed"
    POISON = "poison"
    CRASHED = "crashed"


_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", value) if _UNSTORABLE.search(value) else value
    if isinstance(value, tuple):
        return tuple(_clean(item) for item in value)
    if isinstance(value, dict):
        return {_clean(key): _clean(item) for key, item in value.items()}
    return value


class Model(BaseModel):
    """The base of all messages: frozen, and unknown fields are ignored, so that messages of a newer sender can be read."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    @field_validator("*")
    @classmethod
    def _storable(cls, value: Any) -> Any:
        """Replaces NUL and halves of surrogate pairs, which databases and JSON readers refuse."""
        return _clean(value)


class Candidate(Model):
    """A candidate for the value of a field, and its source. `confidence` is 0 to 1; the first of a list was chosen."""

    value: str
    source: str
    confidence: float = 1.0


class Image(Model):
    """An image of an article. `width` and `height` in pixels where the page gives them."""

    url: str
    caption: str | None = None
    credit: str | None = None
    width: int | None = None
    height: int | None = None


class Article(Model):
    """An article as read from a page.

    `title` is the headline as printed on the page; `kicker` is the topic, place or club printed before it, and
    `seo_title` the title that search engines are given, where it differs.
    `text` is the body, one paragraph a line; no paragraph holds a newline. `published_at` and `modified_at`
    are ISO 8601 as precise as the page is: a day, or an instant with the offset that the page gives.
    `publisher` is the newspaper and `site` the site of the page: on an aggregator they differ. `text_from` is `feed` if
    the page itself could not be fetched and everything comes from its item in a feed.
    """

    title: str
    text: str
    subtitle: str | None = None
    kicker: str | None = None
    seo_title: str | None = None
    authors: tuple[str, ...] = ()
    published_at: str | None = None
    modified_at: str | None = None
    site: str | None = None
    publisher: str | None = None
    origin_url: str | None = None
    section: str | None = None
    tags: tuple[str, ...] = ()
    language: str | None = None
    direction: Literal["ltr", "rtl"] = "ltr"
    lead_image: str | None = None
    images: tuple[Image, ...] = ()
    canonical_url: str | None = None
    alternates: tuple[str, ...] = ()
    paywalled: bool | None = None
    live_blog: bool = False
    word_count: int = 0
    text_from: Literal["page", "feed"] = "page"
    evidence: dict[str, tuple[Candidate, ...]] = {}

    @property
    def paragraphs(self) -> tuple[str, ...]:
        """Returns the paragraphs of the body in order."""
        return tuple(self.text.split("\n")) if self.text else ()

    def record(self) -> dict[str, Any]:
        """Returns the article as the JSON document that users see, paragraphs included."""
        return self.model_dump(mode="json") | {"paragraphs": list(self.paragraphs)}


class Headline(Model):
    """A headline of a listing or ticker. `position` counts from 0 in reading order; `authors` and `tags` are a feed's.

    `modified_at` is when a feed or a sitemap says that its page was changed last, ISO 8601.
    """

    text: str
    url: str | None = None
    position: int = 0
    block: str | None = None
    language: str | None = None
    direction: Literal["ltr", "rtl"] = "ltr"
    image: str | None = None
    summary: str | None = None
    published_at: str | None = None
    modified_at: str | None = None
    authors: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()


class ItemTexts(Model):
    """The full texts that a feed gives with its items, as articles by the items' URLs. They wait in the page store."""

    articles: dict[str, Article]


class Access(Model):
    """How to reach a source that needs more than a plain request.

    `login` and `proxy` name entries of the fetcher's access file, which holds the secrets: no message carries a secret.
    `render` fetches the page with a browser. `sitemaps` also fetches the sitemaps that its robots.txt lists,
    of which recent news is taken.
    """

    login: str | None = Field(default=None, max_length=64)
    proxy: str | None = Field(default=None, max_length=64)
    render: bool = False
    sitemaps: bool = False


class Page(Model):
    """A downloaded page: its addresses and the key of its bytes in the page store, without the bytes.

    `url` is the requested URL, `final_url` the URL after redirects and `moved_to` the target of permanent redirects.
    `key` is the key in the page store, `body_hash` the SHA-256 of the decoded body in hexadecimal and `size` its length
    in bytes. `etag` and `last_modified` are empty when the server's cannot be trusted. `robots` is what robots.txt says, in words.
    `fresh_seconds` is how long the response says that it stays fresh.
    """

    url: str
    final_url: str
    key: str
    status: int = 200
    media_type: str | None = None
    charset: str | None = None
    body_hash: str = ""
    size: int = 0
    etag: str | None = None
    last_modified: str | None = None
    redirects: tuple[str, ...] = ()
    moved_to: str | None = None
    robots: str | None = Field(default=None, max_length=200)
    fresh_seconds: int | None = Field(default=None, ge=0)
    fetched_at: AwareDatetime


class Pace(Model):
    """How often a feed wishes to be requested: `seconds` is the shortest time between two requests; it should not be
    requested in `skip_hours` (0 to 23, UTC) or on `skip_days` (0 is Monday)."""

    seconds: int = Field(default=0, ge=0)
    skip_hours: tuple[Annotated[int, Field(ge=0, le=23)], ...] = Field(default=(), max_length=24)
    skip_days: tuple[Annotated[int, Field(ge=0, le=6)], ...] = Field(default=(), max_length=7)


class Attempt(Model):
    """A failed attempt: its time, its stage and the reason."""

    at: AwareDatetime
    stage: str
    reason: Reason
    detail: str = Field(default="", max_length=300)


def now_utc() -> datetime:
    """Returns the present instant, UTC."""
    return datetime.now(UTC)


class Message(Model):
    """The fields of every message.

    `cause` is the trace of the page that links to this URL. `attempt` counts from 1. `priority` is 0 (lowest) to 9
    (highest). `triggered_at` is when the trigger was accepted. `access` is that of the source, and is passed on to the
    pages that it links to. `via` is where the request came from: `stream`, `api`, `cli`, `celery`, `source`, `headline`,
    `sitemap`, `import`, `retry`, `revisit` or `websub`. `tries` are the failed attempts so far.
    """

    version: Literal[1] = 1
    trace_id: str = Field(default_factory=lambda: uuid4().hex, min_length=1, max_length=64)
    cause: str | None = None
    source_id: int | None = None
    origin: Origin = Origin.LIVE
    triggered_at: AwareDatetime = Field(default_factory=now_utc)
    attempt: int = Field(default=1, ge=1)
    priority: int = Field(default=5, ge=0, le=9)
    access: Access | None = None
    via: str | None = Field(default=None, max_length=32)
    tries: tuple[Attempt, ...] = ()

    def envelope(self) -> dict[str, Any]:
        """Returns the fields that the next message of the same trace keeps. A new stage starts at attempt 1."""
        names = ("trace_id", "cause", "source_id", "origin", "triggered_at", "priority", "access", "via", "tries")
        return {name: getattr(self, name) for name in names}

    def next_attempt(self, failed: Attempt | None = None) -> Self:
        """Returns the message with its attempt counted up; `failed` is the attempt that failed."""
        tries = (*self.tries, failed)[-MAX_TRIES:] if failed else self.tries
        return self.model_copy(update={"attempt": self.attempt + 1, "tries": tries})


# A fingerprint (shared/urls.py) of a home page or a channel.
Key = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
Languages = Annotated[tuple[Annotated[str, Field(pattern=r"^[a-z]{2,3}$")], ...], Field(max_length=20)]
Tags = Annotated[tuple[Annotated[str, Field(min_length=1, max_length=64)], ...], Field(max_length=50)]
# Between two polls.
Seconds = Annotated[int, Field(ge=10, le=31_536_000)]
# Ages of an article, in hours.
RevisitHours = Annotated[tuple[Annotated[float, Field(gt=0, le=8760)], ...], Field(max_length=20)]


class Inspection(Model):
    """That a page is requested to find the channels of a site: its home page, or a page that may be a channel.

    `role` is what the page may be to the site, null for its home page; `found_by` and `name` are where its address was
    read, and its name there.
    """

    site_key: Key
    role: Role | None = None
    found_by: Clue | None = None
    name: str = Field(default="", max_length=200)


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


class SourceDeclared(Message):
    """A source to poll, which is a channel of a site or stands by itself. The storage worker upserts it by URL.

    `declared_by` is `file`, `discovery`, or the door that a person used: `cli` or `api`. `site_key` is the key of its site,
    `role` what it is to it and `found_by` where its address was read. Without `interval_seconds` it is polled as its items
    come. `hub_url` is the WebSub hub that a feed names and
    `topic_url` the address by which the hub knows the feed.
    """

    type: Literal["SourceDeclared"] = "SourceDeclared"
    name: str = Field(min_length=1, max_length=200)
    url: str = Field(min_length=1, max_length=8192)
    kind: Kind | None = None
    follow: bool = True
    interval_seconds: int | None = Field(default=None, ge=10)
    state: Literal["active", "paused"] = "active"
    declared_by: str = Field(default="file", max_length=32)
    site_key: Key | None = None
    role: Role | None = None
    found_by: Clue | None = None
    hub_url: str | None = Field(default=None, max_length=8192)
    topic_url: str | None = Field(default=None, max_length=8192)


class SiteDeclared(Message):
    """A site to follow, as a file or a person declares it. The storage worker upserts it by the URL of its home page.

    `declared_by` is `file`, or the door that a person used: `cli` or `api`. `country` is an ISO 3166 code, `languages` are
    ISO 639 codes. `least_seconds` and `most_seconds` bound the time between two polls of a channel; null leaves that to
    the schedule. `revisit_hours` are the ages at which its articles are looked at again; null leaves that to the setting,
    and none is never. With `discover`, its channels are looked for on the home page. `access` is how its pages are reached.
    """

    type: Literal["SiteDeclared"] = "SiteDeclared"
    home_page: str = Field(min_length=1, max_length=8192)
    name: str | None = Field(default=None, min_length=1, max_length=200)
    country: Country | None = None
    languages: Languages = ()
    tags: Tags = ()
    state: Literal["active", "paused"] = "active"
    least_seconds: Seconds | None = None
    most_seconds: Seconds | None = None
    revisit_hours: RevisitHours | None = None
    declared_by: str = Field(default="file", max_length=32)
    discover: bool = True


class SiteInspected(Message):
    """The home page of a site was read to find its channels. `urls` are the addresses of channels that the site names,
    its home page among them; `name` is as it calls itself, `language` as the page declares, an ISO 639 code."""

    type: Literal["SiteInspected"] = "SiteInspected"
    key: Key
    name: str | None = Field(default=None, max_length=200)
    language: str | None = Field(default=None, pattern=r"^[a-z]{2,3}$")
    urls: tuple[str, ...] = Field(default=(), max_length=500)


class SiteChanged(Message):
    """A person's change of a site; null leaves a field as it is. The file of sources does not undo it.

    `actor` is the door that the person used. `poll` makes all channels of the site due at once.
    """

    type: Literal["SiteChanged"] = "SiteChanged"
    key: Key
    actor: str = Field(min_length=1, max_length=32)
    name: str | None = Field(default=None, min_length=1, max_length=200)
    country: Country | None = None
    languages: Languages | None = None
    tags: Tags | None = None
    state: Literal["active", "paused", "removed"] | None = None
    least_seconds: Seconds | None = None
    most_seconds: Seconds | None = None
    revisit_hours: RevisitHours | None = None
    poll: bool = False


class ChannelChanged(Message):
    """A person's change of a channel; null leaves a field as it is. The file of sources does not undo it.

    `actor` is the door that the person used. `poll` makes the channel due at once.
    """

    type: Literal["ChannelChanged"] = "ChannelChanged"
    key: Key
    actor: str = Field(min_length=1, max_length=32)
    name: str | None = Field(default=None, min_length=1, max_length=200)
    state: Literal["active", "paused", "removed"] | None = None
    follow: bool | None = None
    interval_seconds: Seconds | None = None
    poll: bool = False


class SubscriptionRequested(Message):
    """A WebSub hub is to send what is new of a channel, or to stop. `channel_key` is the key of the channel.

    The fetcher sends it to the hub, with a secret that it derives itself. `lease_seconds` is how long it should last.
    """

    type: Literal["SubscriptionRequested"] = "SubscriptionRequested"
    mode: Literal["subscribe", "unsubscribe"] = "subscribe"
    channel_key: Key
    hub_url: str = Field(min_length=1, max_length=8192)
    topic_url: str = Field(min_length=1, max_length=8192)
    callback_url: str = Field(min_length=1, max_length=8192)
    lease_seconds: int = Field(default=864_000, ge=1)


class SubscriptionAnswered(Message):
    """How far a subscription to a WebSub hub is.

    `state` is `requested` or `ending` where the hub took the request, `failed` where it did not; `active` for the
    `lease_seconds` that it states, `denied` or `ended` as it says at the callback URL. `detail` is its reason, in words.
    """

    type: Literal["SubscriptionAnswered"] = "SubscriptionAnswered"
    channel_key: Key
    hub_url: str = Field(min_length=1, max_length=8192)
    topic_url: str = Field(min_length=1, max_length=8192)
    state: Literal["requested", "failed", "active", "denied", "ending", "ended"]
    lease_seconds: int | None = Field(default=None, ge=1, le=31_536_000)
    detail: str = Field(default="", max_length=500)


class ImageReported(Message):
    """A reader reports an image. `reporter` identifies the reader, and is stored as a salted hash only."""

    type: Literal["ImageReported"] = "ImageReported"
    url: str = Field(min_length=1, max_length=8192)
    reporter: str = Field(min_length=1, max_length=200)
    reason: str | None = Field(default=None, max_length=200)


class ImageFetched(Message):
    """An image was downloaded. `content_hash` is the SHA-256 of its bytes in hexadecimal, `size` their number.

    `width` and `height` are in pixels.
    """

    type: Literal["ImageFetched"] = "ImageFetched"
    url: str
    final_url: str
    content_hash: str = Field(max_length=64)
    size: int
    media_type: str = Field(max_length=64)
    width: int | None = None
    height: int | None = None


class ImageJudged(Message):
    """A moderator blocks or unblocks an image. `actor` names the moderator in the audit."""

    type: Literal["ImageJudged"] = "ImageJudged"
    url: str = Field(min_length=1, max_length=8192)
    blocked: bool
    actor: str = Field(min_length=1, max_length=64)
    detail: str | None = Field(default=None, max_length=200)


AnyMessage = (
    FetchRequested
    | PageFetched
    | ArticleParsed
    | HeadlinesParsed
    | PageDropped
    | SourceDeclared
    | SiteDeclared
    | SiteInspected
    | SiteChanged
    | ChannelChanged
    | SubscriptionRequested
    | SubscriptionAnswered
    | ImageReported
    | ImageFetched
    | ImageJudged
)

_WIRE: TypeAdapter[AnyMessage] = TypeAdapter(Annotated[AnyMessage, Field(discriminator="type")])


def decode(item: Any) -> AnyMessage:
    """Returns the message of a JSON object.

    Raises:
        pydantic.ValidationError: the object is not a valid message; the error names the field and the value.
    """
    return _WIRE.validate_python(item)


def encode(message: Message) -> dict[str, Any]:
    """Returns a message as a JSON object. Fields with their default value are left out, except type and version."""
    fields = message.model_dump(mode="json", exclude_defaults=True)
    return fields | {"type": type(message).__name__, "version": message.version}
