"""Stored rows as users see them: the contract's field names, and what storing added.

`published_at` is what the page said, as precise as it said it; `published_instant` the same as a point in time.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, computed_field

from services.reader.queries import NO_PICTURES, Pictures
from shared import contracts
from shared.database import models


class StoredImage(contracts.Image):
    """An image, with the hash and size of its bytes where they were fetched."""

    content_hash: str | None = None
    size: int | None = None
    media_type: str | None = None


class StoredArticle(contracts.Article):
    """An article with its place in the database. `version` counts its wordings. Blocked images are left out."""

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


class StoredHeadline(contracts.Headline):
    """A headline where it was seen, and the article that it led to. `wordings` are its earlier texts."""

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
    """One wording that an article has had."""

    number: int
    title: str
    subtitle: str | None
    text: str
    modified_at: str | None
    body_hash: str
    changes: dict[str, Any] | None
    fetched_at: datetime


class WholeArticle(StoredArticle):
    """An article with all that belongs to it."""

    versions: tuple[Version, ...]
    headlines: tuple[StoredHeadline, ...]

    @computed_field  # type: ignore[prop-decorator] # mypy knows no decorated properties
    @property
    def paragraphs(self) -> tuple[str, ...]:
        """The body's paragraphs in order."""
        return tuple(self.text.split("\n")) if self.text else ()


Item = TypeVar("Item", StoredArticle, StoredHeadline, models.Source)


class Listing(BaseModel, Generic[Item]):
    """One page of a list. `next` is the cursor of the page that follows, null at the end."""

    items: list[Item]
    next: str | None = None


def article(row: models.Article, pictures: Pictures = NO_PICTURES) -> StoredArticle:
    """An article's row as users see it."""
    shown = tuple(StoredImage(**image.model_dump()) for image in pictures.shown)
    lead = None if row.lead_image in pictures.hidden else row.lead_image
    more = {"images": shown, "lead_image": lead, "images_blocked": len(pictures.hidden)}
    return StoredArticle.model_validate({**row.model_dump(), **_dates(row), **more})


def headline(row: models.Headline) -> StoredHeadline:
    """A headline's row as users see it."""
    return StoredHeadline.model_validate({**row.model_dump(), **_dates(row)})


def whole(
    row: models.Article,
    pictures: Pictures,
    versions: Sequence[models.ArticleVersion],
    headlines: Sequence[models.Headline],
) -> WholeArticle:
    """An article with everything that belongs to it."""
    return WholeArticle(
        **dict(article(row, pictures)),
        versions=tuple(Version(**one.model_dump(), modified_at=one.modified) for one in versions),
        headlines=tuple(headline(one) for one in headlines),
    )


def _dates(row: models.Article | models.Headline) -> dict[str, str | datetime | None]:
    dates: dict[str, str | datetime | None] = {"published_at": row.published, "published_instant": row.published_at}
    if isinstance(row, models.Article):
        dates |= {"modified_at": row.modified, "modified_instant": row.modified_at}
    return dates
