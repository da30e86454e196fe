"""Images of articles: where each stands, and the hash of its bytes once they were fetched."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple
from uuid import NAMESPACE_URL, uuid5

from sqlalchemy import select, update
from sqlmodel import Session, col

from services.storage.tables.ledger import key_of
from services.storage.tables.membership import NewestLookup
from services.storage.tables.upsert import Row, Upsert
from shared.contracts import Article, FetchRequested, Image, ImageFetched, Kind, Message
from shared.database.models import Image as ImageRow

# Nobody waits for the hash of an image.
PRIORITY = 1
# Of the stored images whose hashes are not known, so many of the newest are compared with one that is blocked.
MAX_COMPARED = 1000
_CONTENT = ("content_hash", "size", "media_type")
_UPSERT = Upsert(ImageRow, "article_id", "key")
_KNOWN = NewestLookup(
    select(col(ImageRow.key), col(ImageRow.content_hash), col(ImageRow.size), col(ImageRow.media_type))
    .where(col(ImageRow.content_hash).is_not(None)),
    ImageRow.key,
)  # fmt: skip


class Subject(NamedTuple):
    """An image with all its copies. `name` is its content hash or, where that is not known, its URL's key; `keys` are
    the keys of its copies' URLs."""

    name: str
    url: str
    content_hash: str | None
    keys: tuple[str, ...]


def rows(article_id: int, article: Article) -> Iterator[Row]:
    """Yields the rows of an article's images, in their order."""
    for position, image in enumerate(_all(article)):
        yield image.model_dump() | {"article_id": article_id, "key": key_of(image.url), "position": position}


def write(session: Session, rows: Iterable[Row]) -> None:
    """Writes images of articles. The content of an image that another article has too is copied from there."""
    images = list(rows)
    contents = _contents(session, {row["key"] for row in images}) if images else {}
    no_content: Row = dict.fromkeys(_CONTENT)
    _UPSERT.write(session, ({**row, **contents.get(row["key"], no_content)} for row in images))


def identify(session: Session, messages: Iterable[ImageFetched]) -> None:
    """Writes the hash, size and pixels of fetched images wherever their URLs stand."""
    for message in messages:
        content = {"content_hash": message.content_hash, "size": message.size, "media_type": message.media_type}
        pixels = {"width": message.width, "height": message.height} if message.width else {}
        key = key_of(message.url)
        session.execute(update(ImageRow).where(col(ImageRow.key) == key).values(**content, **pixels))


def subject_at(session: Session, url: str) -> Subject | None:
    """Returns the image at a URL, or None if no article has it."""
    key = key_of(url)
    images = session.execute(
        select(col(ImageRow.url), col(ImageRow.content_hash)).where(col(ImageRow.key) == key)
    ).all()
    if not images:
        return None
    content_hash = next((image.content_hash for image in images if image.content_hash), None)
    keys = {key}
    if content_hash:
        keys |= set(session.scalars(select(col(ImageRow.key)).where(col(ImageRow.content_hash) == content_hash)))
    return Subject(content_hash or key, images[0].url, content_hash, tuple(sorted(keys)))


def unidentified(session: Session) -> list[str]:
    """Returns the URLs of the newest images whose hashes are not known."""
    query = select(col(ImageRow.url)).where(col(ImageRow.content_hash).is_(None)).order_by(col(ImageRow.id).desc())
    return list(dict.fromkeys(session.scalars(query.limit(MAX_COMPARED))))


def fetches(message: Message, article: Article, selection: str) -> list[FetchRequested]:
    """Returns the fetches of a new article's images for their hashes; `selection` is `none`, `reported`, `lead` or
    `all`."""
    images: Sequence[Image] = {"all": _all(article), "lead": _lead(article)}.get(selection, ())
    return [fetch(message, image.url) for image in images]


def fetch(message: Message, url: str) -> FetchRequested:
    """Returns the fetch of an image that a message asks for. An image has one trace, whoever asks for it."""
    trace_id = uuid5(NAMESPACE_URL, f"image {key_of(url)}").hex
    return FetchRequested(
        trace_id=trace_id, cause=message.trace_id, origin=message.origin, priority=PRIORITY, url=url, kind=Kind.IMAGE,
        follow=False, via="image",
    )  # fmt: skip


def _all(article: Article) -> tuple[Image, ...]:
    """Returns the images of an article, and its lead image last where that is none of them."""
    urls = {image.url for image in article.images}
    return (*article.images, *(image for image in _lead(article) if image.url not in urls))


def _lead(article: Article) -> tuple[Image, ...]:
    return (Image(url=article.lead_image),) if article.lead_image else article.images[:1]


def _contents(session: Session, keys: Iterable[str]) -> dict[str, dict[str, Any]]:
    return {key: dict(zip(_CONTENT, values, strict=True)) for key, *values in _KNOWN.rows(session, keys)}
