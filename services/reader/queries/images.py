"""The state of an image: its reporters, whether it is blocked, and what was done."""

from typing import Any

from pydantic import BaseModel
from sqlalchemy import func, or_, select
from sqlmodel import Session, col

from services.reader.queries.news import blocked_subjects
from shared.database.models import Image, ImageAudit, ImageReport
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
