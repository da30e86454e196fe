"""Reports that ask for an image not to be shown. Enough different reporters block it, with every copy of it.

Who reported is kept as a keyed hash only.
"""

import hmac
from collections.abc import Iterable
from hashlib import sha256
from typing import NamedTuple

from prometheus_client import Counter
from sqlalchemy import ColumnElement, func, or_, select, update
from sqlmodel import Session, col

from services.storage.tables import image_blocks, images
from services.storage.tables.event_log import Event
from services.storage.tables.images import Subject, subject_at
from services.storage.tables.ledger import key_of
from services.storage.tables.upsert import Upsert, overwrite
from shared.contracts import FetchRequested, ImageFetched, ImageReported, now_utc
from shared.database.models import ImageReport

REPORTS = Counter("newsmill_image_reports_total", "Reports of images, by what came of each.", ["outcome"])
_UPSERT = Upsert(
    ImageReport, "image_key", "reporter", changes=overwrite("reason", "reported_at", "content_hash")
)  # fmt: skip


class Rules(NamedTuple):
    """How reports are handled.

    `threshold` is from how many reporters on an image is blocked; `selection` which images are fetched for their hash
    (`none`, `reported`, `lead`, `all`); `salt` the key of the reporters' hashes.
    """

    threshold: int
    selection: str
    salt: bytes


def count(
    session: Session, messages: Iterable[ImageReported], rules: Rules
) -> tuple[list[Event], list[FetchRequested]]:
    """Counts reports; returns the events, and the fetches of images whose hash is not known yet."""
    events: list[Event] = []
    fetches: list[FetchRequested] = []
    for message in messages:
        subject = subject_at(session, message.url)
        outcome = _enter(session, subject, message, rules)
        REPORTS.labels(outcome).inc()
        if subject is None or outcome != "counted":
            continue
        events += _block_if_reported_enough(session, subject, rules)
        if subject.content_hash is None and rules.selection != "none":
            fetches.append(images.fetch(message, subject.url))
    return events, fetches


def recount(session: Session, messages: Iterable[ImageFetched], rules: Rules) -> list[Event]:
    """Counts the reports of all copies of images whose hashes are known now; returns the events."""
    events: list[Event] = []
    for message in messages:
        key = key_of(message.url)
        reports = update(ImageReport).where(col(ImageReport.image_key) == key)
        session.execute(reports.values(content_hash=message.content_hash))
        if subject := subject_at(session, message.url):
            image_blocks.inherit(session, subject, key)
            events += _block_if_reported_enough(session, subject, rules)
    return events


def _enter(session: Session, subject: Subject | None, message: ImageReported, rules: Rules) -> str:
    """Writes a report; returns `counted`, `repeated` or `unknown-image`.

    A report is repeated if its reporter has reported the image already since it was last unblocked.
    """
    if subject is None:
        return "unknown-image"
    image_blocks.lock(session, subject)
    reporter = hmac.new(rules.salt, message.reporter.encode(), sha256).hexdigest()
    earlier = select(func.count()).where(_about(session, subject), col(ImageReport.reporter) == reporter)
    if session.scalar(earlier):
        return "repeated"
    row = {
        "image_key": key_of(message.url), "content_hash": subject.content_hash, "url": message.url, "reporter": reporter,
        "reason": message.reason, "reported_at": now_utc(),
    }  # fmt: skip
    _UPSERT.write(session, [row])
    image_blocks.audit(session, subject, "reported", f"reporter {reporter[:12]}", message.reason)
    return "counted"


def _block_if_reported_enough(session: Session, subject: Subject, rules: Rules) -> list[Event]:
    query = select(func.count(func.distinct(col(ImageReport.reporter)))).where(_about(session, subject))
    reporters = session.scalar(query) or 0
    if reporters < rules.threshold:
        return []
    return image_blocks.set_blocked(
        session, subject, blocked=True, actor="reports", detail=f"{reporters} reporters", reports=reporters
    )


def _about(session: Session, subject: Subject) -> ColumnElement[bool]:
    """Returns the condition that a report is of this image, and from after it was last unblocked."""
    about: ColumnElement[bool] = col(ImageReport.image_key).in_(subject.keys)
    if subject.content_hash:
        about = or_(about, col(ImageReport.content_hash) == subject.content_hash)
    unblocked_at = image_blocks.unblocked_at(session, subject)
    return about if unblocked_at is None else about & (col(ImageReport.reported_at) > unblocked_at)
