"""What the parser reads from a page: articles, headlines, pictures, and at what pace a listing is to be polled."""

from typing import Annotated, Any, Literal

from pydantic import Field

from shared.contracts.model import Model


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
    evidence: dict[str, tuple[Candidate, ...]] = {}  # noqa: RUF012 - pydantic copies it for each article

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


class Pace(Model):
    """How often a feed wishes to be requested: `seconds` is the shortest time between two requests; it should not be
    requested in `skip_hours` (0 to 23, UTC) or on `skip_days` (0 is Monday)."""

    seconds: int = Field(default=0, ge=0)
    skip_hours: tuple[Annotated[int, Field(ge=0, le=23)], ...] = Field(default=(), max_length=24)
    skip_days: tuple[Annotated[int, Field(ge=0, le=6)], ...] = Field(default=(), max_length=7)
