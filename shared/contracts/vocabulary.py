"""The words that messages and rows share: kinds, roles, origins, reasons; and the forms of short values."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field


class Kind(StrEnum):
    """The kind of a page. The parser decides it from the bytes when the request does not name it."""

    ARTICLE = "article"
    FRONT = "front"
    FEED = "feed"
    SITEMAP = "sitemap"
    TEXT = "text"
    IMAGE = "image"


# `via` of messages that more than one service tells apart: of our own page that goes through all stages every minute and is
# no news, of looks for a site's channels, of looks at a site that a person may add, of articles that are looked at again, and
# of what hubs send.
CANARY = "canary"
DISCOVERY = "discovery"
LOOK = "look"
REVISIT = "revisit"
WEBSUB = "websub"
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
    PARKED_DOMAIN = "parked-domain"
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


# A fingerprint (shared/urls.py) of a home page or a channel.
Key = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
Languages = Annotated[tuple[Annotated[str, Field(pattern=r"^[a-z]{2,3}$")], ...], Field(max_length=20)]
Tags = Annotated[tuple[Annotated[str, Field(min_length=1, max_length=64)], ...], Field(max_length=50)]
# Between two polls.
Seconds = Annotated[int, Field(ge=10, le=31_536_000)]
# Ages of an article, in hours.
RevisitHours = Annotated[tuple[Annotated[float, Field(gt=0, le=8760)], ...], Field(max_length=20)]
