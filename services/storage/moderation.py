"""Messages about images: hashes, reports and verdicts; and which images are fetched so that their hashes are known.

A block holds for the same bytes under every address. Where images are fetched only when they are reported, those of new
articles and the newest stored ones are fetched as well while an image is blocked, to be compared with it.
"""

from collections.abc import Sequence

from sqlmodel import Session

from services.storage.batch import Batch
from services.storage.tables import image_blocks, image_reports, images
from services.storage.tables.articles import StoredArticle
from services.storage.tables.event_log import Event
from services.storage.tables.image_reports import Rules
from shared.contracts import FetchRequested, Message


def write(session: Session, batch: Batch, rules: Rules) -> tuple[list[Event], list[FetchRequested]]:
    """Writes what a batch says of images; returns the events and the fetches that follow."""
    messages: Sequence[Message] = (*batch.fetched_images, *batch.reports, *batch.verdicts)
    if not messages:
        return [], []
    blocked = image_blocks.hashes(session)
    images.identify(session, batch.fetched_images)
    recounted = image_reports.recount(session, batch.fetched_images, rules)
    reported, fetches = image_reports.count(session, batch.reports, rules)
    judged = image_blocks.judge(session, batch.verdicts)
    if rules.selection == "reported" and not image_blocks.hashes(session) <= blocked:
        fetches += [images.fetch(messages[0], url) for url in images.unidentified(session)]
    return [*recounted, *reported, *judged], fetches


def fetches(session: Session, articles: Sequence[StoredArticle], rules: Rules) -> list[FetchRequested]:
    """Returns the fetches of new articles' images for their hashes."""
    selection = rules.selection
    if selection == "reported" and articles and image_blocks.hashes(session):
        selection = "all"
    return [
        fetch for article in articles for fetch in images.fetches(article.message, article.message.article, selection)
    ]
