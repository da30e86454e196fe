"""Stored rows as users see them: the fields of shared/contracts/, and the columns that storage adds.

`published_at` is the date as the page states it, in the page's precision; `published_instant` is its point in time, UTC.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Generic, Literal, TypeVar

from pydantic import BaseModel, Field, computed_field

from services.reader.queries.news import NO_IMAGES, ArticleImages
from shared import contracts
from shared.database import models


class StoredImage(contracts.Image):
    """An image, with the hash and size of its bytes where they were fetched."""

    content_hash: str | None = None
    size: int | None = None
    media_type: str | None = None


class StoredArticle(contracts.Article):
    """A stored article without blocked images. `version` is the number of its newest version."""

    id: int
    images: tuple[StoredImage, ...] = ()
    images_blocked: int = 0
    story_id: int | None
    original_id: int | None
    url: str
    source_id: int | None
    trace_id: str
    version: int
    published_instant: datetime | None
    modified_instant: datetime | None
    fetched_at: datetime
    stored_at: datetime
    updated_at: datetime
    gone_at: datetime | None


class StoredHeadline(contracts.Headline):
    """A stored headline: the page that shows it, and the article that it links to. `wordings` are its earlier texts."""

    # When its page was changed decides when it is looked at again; it is not kept.
    modified_at: str | None = Field(default=None, exclude=True)
    id: int
    site: str
    page_url: str
    source_id: int | None
    article_id: int | None
    published_instant: datetime | None
    first_seen_at: datetime
    last_seen_at: datetime
    wordings: list[dict[str, str]]
    top_position: int | None
    places: list[dict[str, Any]]


class Version(contracts.Model):
    """One version of an article's text."""

    number: int
    title: str
    subtitle: str | None
    text: str
    modified_at: str | None
    text_from: Literal["page", "feed"]
    body_hash: str
    changes: dict[str, Any] | None
    fetched_at: datetime


class ArticleDetail(StoredArticle):
    """An article with its paragraphs, versions and headlines."""

    versions: tuple[Version, ...]
    headlines: tuple[StoredHeadline, ...]

    @computed_field  # type: ignore[prop-decorator] # mypy knows no decorated properties
    @property
    def paragraphs(self) -> tuple[str, ...]:
        """The text's paragraphs, in order."""
        return tuple(self.text.split("\n")) if self.text else ()


Item = TypeVar("Item", StoredArticle, StoredHeadline, models.Source, models.Alert, models.Site, models.Audit)


class Listing(BaseModel, Generic[Item]):
    """One page of a list. `next` is the cursor of the page that follows, null at the end."""

    items: list[Item]
    next: str | None = None


def article(row: models.Article, images: ArticleImages = NO_IMAGES) -> StoredArticle:
    """Returns an article's row as users see it."""
    visible = tuple(StoredImage(**image.model_dump()) for image in images.visible)
    lead = None if row.lead_image in images.blocked_urls else row.lead_image
    pictures = {"images": visible, "lead_image": lead, "images_blocked": len(images.blocked_urls)}
    return StoredArticle.model_validate({**row.model_dump(), **_dates(row), **pictures})


def headline(row: models.Headline) -> StoredHeadline:
    """Returns a headline's row as users see it."""
    return StoredHeadline.model_validate({**row.model_dump(), **_dates(row)})


def article_detail(
    row: models.Article,
    images: ArticleImages,
    versions: Sequence[models.ArticleVersion],
    headlines: Sequence[models.Headline],
) -> ArticleDetail:
    """Returns an article's row with its versions and headlines."""
    return ArticleDetail(
        **dict(article(row, images)),
        versions=tuple(Version(**version.model_dump(), modified_at=version.modified) for version in versions),
        headlines=tuple(map(headline, headlines)),
    )


def _dates(row: models.Article | models.Headline) -> dict[str, str | datetime | None]:
    dates: dict[str, str | datetime | None] = {"published_at": row.published, "published_instant": row.published_at}
    if isinstance(row, models.Article):
        dates |= {"modified_at": row.modified, "modified_instant": row.modified_at}
    return dates
