"""Which images are blocked, and the audit of who blocked or unblocked each.

An image is blocked by the hash of its bytes where they were fetched, so that every copy of it is, and by its URL's key
where not.
"""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import func, select, update
from sqlmodel import Session, col

from services.storage.tables.event_log import Event
from services.storage.tables.images import Subject, subject_at
from services.storage.tables.ledger import key_of
from services.storage.tables.upsert import is_postgres
from shared.contracts import ImageJudged, now_utc
from shared.database.models import ImageAudit, ImageBlock

# PostgreSQL's advisory lock under which one worker at a time counts the reports of an image.
LOCK = 4_157_002
# Hexadecimal digits of a SHA-256; a URL's key has fewer.
HASH_LENGTH = 64


def judge(session: Session, messages: Iterable[ImageJudged]) -> list[Event]:
    """Blocks and unblocks images as persons decided; returns the events.

    Reports from before an unblock no longer count.
    """
    events: list[Event] = []
    for message in messages:
        key = key_of(message.url)
        subject = subject_at(session, message.url) or Subject(key, message.url, None, (key,))
        lock(session, subject)
        events += set_blocked(session, subject, blocked=message.blocked, actor=message.actor, detail=message.detail)
    return events


def lock(session: Session, subject: Subject) -> None:
    """Keeps other workers from judging an image until the transaction ends; SQLite has one writer."""
    if is_postgres(session):
        session.execute(select(func.pg_advisory_xact_lock(LOCK, func.hashtext(subject.name))))


def set_blocked(
    session: Session, subject: Subject, *, blocked: bool, actor: str, detail: str | None, reports: int = 0
) -> list[Event]:
    """Blocks or unblocks an image and writes it into the audit; returns its event, none if nothing changes.

    Args:
        session: of the transaction.
        subject: the image.
        blocked: whether it is blocked from now on.
        actor: who decided it.
        detail: why.
        reports: how many reporters it had.
    """
    block = session.get(ImageBlock, subject.name, with_for_update=True, populate_existing=True)
    if not _changes(session, subject, block, blocked=blocked):
        return []
    if block is None:
        session.add(ImageBlock(subject=subject.name, url=subject.url, blocked=blocked, reports=reports))
    else:
        block.blocked, block.reports, block.changed_at = blocked, reports, now_utc()
    if not blocked:
        # Blocks by URL from before the hash was known go with it.
        session.execute(update(ImageBlock).where(col(ImageBlock.subject).in_(subject.keys)).values(blocked=False))
    action = "blocked" if blocked else "unblocked"
    moment = audit(session, subject, action, actor, detail)
    data = {"content_hash": subject.content_hash, "by": actor, "reports": reports, "detail": detail}
    return [Event(f"image.{action}", subject.url, f"{subject.name} {moment.isoformat()}", data, moment)]


def hashes(session: Session) -> set[str]:
    """Returns the content hashes of the images that are blocked."""
    query = select(col(ImageBlock.subject)).where(
        col(ImageBlock.blocked), func.length(ImageBlock.subject) == HASH_LENGTH
    )
    return set(session.scalars(query))


def inherit(session: Session, subject: Subject, key: str) -> None:
    """Turns a block by a URL's key into a block by hash, now that the hash is known."""
    block = session.get(ImageBlock, key)
    if block is not None and block.blocked and subject.name != key:
        set_blocked(session, subject, blocked=True, actor="its address", detail="blocked before its hash was known")


def unblocked_at(session: Session, subject: Subject) -> datetime | None:
    """Returns when an image, or a copy of it, was last unblocked; None if it never was."""
    names = (subject.name, *subject.keys)
    query = select(func.max(col(ImageAudit.at)))
    return session.scalar(query.where(col(ImageAudit.subject).in_(names), col(ImageAudit.action) == "unblocked"))


def audit(session: Session, subject: Subject, action: str, actor: str, detail: str | None) -> datetime:
    """Writes into the audit what was done about an image; returns when."""
    moment = now_utc()
    session.add(ImageAudit(subject=subject.name, url=subject.url, action=action, actor=actor, detail=detail, at=moment))
    session.flush()
    return moment


def _changes(session: Session, subject: Subject, block: ImageBlock | None, *, blocked: bool) -> bool:
    names = (subject.name, *subject.keys)
    query = select(func.count()).where(col(ImageBlock.subject).in_(names), col(ImageBlock.blocked))
    any_blocked = bool(session.scalar(query))
    if blocked:
        return not any_blocked or block is None or not block.blocked
    return any_blocked
