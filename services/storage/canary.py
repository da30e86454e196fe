"""The canary: written as a row of its own in the transaction of a batch, and never as an article, a page or an event."""

from collections.abc import Iterable, Sequence

from sqlmodel import Session

from services.storage.tables.upsert import Upsert, overwrite
from shared.contracts import CANARY, ArticleParsed, Message, PageDropped, now_utc
from shared.database.models import Health

_UPSERT = Upsert(Health, "subject", changes=overwrite("updated_at"))


def part(messages: Iterable[Message]) -> tuple[list[Message], list[Message]]:
    """Returns the messages that are about the canary, and those about news."""
    canaries: list[Message] = []
    news: list[Message] = []
    for message in messages:
        (canaries if message.via == CANARY else news).append(message)
    return canaries, news


def write(session: Session, canaries: Sequence[Message]) -> None:
    """Notes that the canary has arrived."""
    if any(isinstance(message, ArticleParsed) for message in canaries):
        _UPSERT.write(session, [{"subject": CANARY, "state": [], "updated_at": now_utc()}])


def page_keys(canaries: Iterable[Message]) -> set[str]:
    """Returns the keys of the canary's raw pages, which are kept nowhere."""
    pages = [message.page for message in canaries if isinstance(message, ArticleParsed | PageDropped)]
    return {page.key for page in pages if page and page.key}
