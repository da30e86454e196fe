"""Images: which are reported, which are blocked, and what was done."""

from collections import defaultdict
from collections.abc import Sequence, Set
from datetime import datetime
from typing import Any

from pydantic import BaseModel
from sqlalchemy import func, or_, select
from sqlmodel import Session, col

from services.reader.queries.news import blocked_subjects
from shared.database.models import Image, ImageAudit, ImageBlock, ImageReport
from shared.urls import fingerprint


class ImageState(BaseModel):
    """Whether an image is blocked, the number of its reporters, and what was done when."""

    url: str
    content_hash: str | None
    blocked: bool
    reporters: int
    audit: list[dict[str, Any]]


def image_state(session: Session, url: str) -> ImageState:
    """Returns the state of an image by its URL; an image that was never reported has no reporters and no audit."""
    key = fingerprint(url)
    content_hash = session.scalar(select(func.max(col(Image.content_hash))).where(col(Image.key) == key))
    subjects = [subject for subject in (content_hash, key) if subject]
    audit = session.scalars(
        select(ImageAudit).where(col(ImageAudit.subject).in_(subjects)).order_by(col(ImageAudit.id))
    )
    reports = or_(col(ImageReport.image_key) == key, col(ImageReport.content_hash) == (content_hash or ""))
    reporters = session.scalar(select(func.count(func.distinct(col(ImageReport.reporter)))).where(reports))
    rows = [row.model_dump(mode="json", exclude={"id", "subject"}) for row in audit]
    blocked = bool(blocked_subjects(session, subjects))
    return ImageState(url=url, content_hash=content_hash, blocked=blocked, reporters=reporters or 0, audit=rows)


# Of the newest reports, those among which images are looked for.
NEWEST_REPORTS = 1000


class ReportedImage(BaseModel):
    """An image that was reported since it was last shown again. `articles` have it, the newest of them is `article_id`."""

    url: str
    reporters: int
    reasons: list[str]
    reported_at: datetime
    articles: int = 0
    article_id: int | None = None


class BlockedImage(BaseModel):
    """An image that is blocked on every copy, since when, and by how many reports; none if a person did it."""

    url: str
    reports: int
    changed_at: datetime
    articles: int = 0
    article_id: int | None = None


def reported(session: Session, limit: int) -> list[ReportedImage]:
    """Returns the images that are reported and not blocked, those with most reporters first."""
    newest = session.scalars(select(ImageReport).order_by(col(ImageReport.id).desc()).limit(NEWEST_REPORTS)).all()
    keys = {row.image_key for row in newest} | {row.content_hash for row in newest if row.content_hash}
    judged = {row.subject: row for row in session.scalars(select(ImageBlock).where(col(ImageBlock.subject).in_(keys)))}
    groups: dict[str, list[ImageReport]] = defaultdict(list)
    for row in newest:
        subjects = [judged[key] for key in (row.content_hash, row.image_key) if key and key in judged]
        if all(not block.blocked and block.changed_at < row.reported_at for block in subjects):
            groups[row.content_hash or row.image_key].append(row)
    places = _articles(session, col(Image.key), {row.image_key for rows in groups.values() for row in rows})
    images = [_reported(rows, places) for rows in groups.values()]
    return sorted(images, key=lambda image: (-image.reporters, image.reported_at))[:limit]


def blocked(session: Session, limit: int) -> list[BlockedImage]:
    """Returns the images that are blocked, the newest block first."""
    query = select(ImageBlock).where(col(ImageBlock.blocked)).order_by(col(ImageBlock.changed_at).desc()).limit(limit)
    rows = session.scalars(query).all()
    subjects = {row.subject for row in rows}
    places = _articles(session, col(Image.key), subjects) | _articles(session, col(Image.content_hash), subjects)
    return [
        BlockedImage(url=row.url, reports=row.reports, changed_at=row.changed_at, **places.get(row.subject, {}))
        for row in rows
    ]


def decisions(session: Session, limit: int) -> Sequence[ImageAudit]:
    """Returns what was reported, blocked and shown again, the newest first."""
    return session.scalars(select(ImageAudit).order_by(col(ImageAudit.id).desc()).limit(limit)).all()


def _reported(rows: Sequence[ImageReport], places: dict[str, dict[str, int]]) -> ReportedImage:
    return ReportedImage(
        url=rows[0].url,
        reporters=len({row.reporter for row in rows}),
        reasons=sorted({row.reason for row in rows if row.reason}),
        reported_at=rows[0].reported_at,
        **places.get(rows[0].image_key, {}),
    )


def _articles(session: Session, column: Any, values: Set[str]) -> dict[str, dict[str, int]]:
    """Returns how many articles have images, by a column that names these, and the newest of the articles."""
    query = (
        select(column, func.count(func.distinct(col(Image.article_id))), func.max(col(Image.article_id)))
        .where(column.in_(values))
        .group_by(column)
    )
    return {key: {"articles": number, "article_id": newest} for key, number, newest in session.execute(query)}
