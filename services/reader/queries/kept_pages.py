"""Raw pages as they were fetched, out of the archive's WARC files (services/storage/archive) in a folder that this process sees."""

import zlib
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import select
from sqlmodel import Session, col

from shared.database.models import Visit

# Bytes of a page that are unpacked at most; the fetcher takes no larger ones.
MOST_BYTES = 32_000_000
_CHUNK = 65_536


class KeptPage(NamedTuple):
    """A page as it was fetched, decoded from how it was sent."""

    trace_id: str
    body: bytes


def newest(session: Session, article_id: int) -> Visit | None:
    """Returns the newest visit of an article whose page is kept; None if none is."""
    query = select(Visit).where(col(Visit.article_id) == article_id, col(Visit.kept).is_not(None))
    return session.scalars(query.order_by(col(Visit.id).desc()).limit(1)).first()


def read(folder: str, visit: Visit) -> KeptPage | None:
    """Returns the page of a visit; None where its file is gone, elsewhere (in a bucket), or not what it should be.

    Args:
        folder: of the archive (NEWSMILL_PAGES_URL).
        visit: with the place of its page, `FILE#OFFSET`.
    """
    name, _, offset = (visit.kept or "").rpartition("#")
    root = Path(folder.removeprefix("file://")).resolve()
    path = (root / name).resolve()
    if "://" in folder.removeprefix("file://") or not name or not path.is_relative_to(root) or not offset.isdigit():
        return None
    try:
        record = _member(path, int(offset))
    except (OSError, zlib.error):
        return None
    # A response record: WARC's head, HTTP's head, the body, and the end of the record.
    warc_head, _, http = record.partition(b"\r\n\r\n")
    _, _, body = http.partition(b"\r\n\r\n")
    is_response = warc_head.startswith(b"WARC/") and b"\r\nWARC-Type: response\r\n" in warc_head + b"\r\n"
    return KeptPage(visit.trace_id, body.removesuffix(b"\r\n\r\n")) if is_response else None


def _member(path: Path, offset: int) -> bytes:
    """Returns what the gzip member at an offset holds, at most MOST_BYTES."""
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
    content = bytearray()
    with path.open("rb") as file:
        file.seek(offset)
        while len(content) < MOST_BYTES and not unpacker.eof and (chunk := file.read(_CHUNK)):
            content += unpacker.decompress(chunk, MOST_BYTES - len(content))
    return bytes(content)
