"""The archive of raw pages: WARC files in a folder or a bucket, one a batch, so that a file is written whole or not at all.

A page is written to the archive after its disposition is committed, and only then leaves Redis. While the disk is full,
articles are still stored, and the pages wait in Redis until backpressure stops the fetchers.
"""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from io import BytesIO
from pathlib import Path as FilePath
from typing import NamedTuple

import fsspec
import structlog
from fsspec.implementations.local import LocalFileSystem
from prometheus_client import Counter
from sqlalchemy import Engine, bindparam, select, text, update
from sqlmodel import Session, col

from services.storage.archive import warc
from services.storage.tables.upsert import is_postgres
from shared.contracts import Message, Page
from shared.database.engine import transaction
from shared.database.models import Visit
from shared.errors import Unavailable
from shared.pages import Raw

log = structlog.get_logger(__name__)

KEPT = Counter("newsmill_pages_kept_total", "Raw pages written to the archive.")
KEPT_BYTES = Counter("newsmill_pages_kept_bytes_total", "Bytes of the archive's files, as written.")
FAILED = Counter("newsmill_pages_keep_failures_total", "Batches of pages that could not be kept, and were given back.")
# Both records of a page are read at once, and nearly always lie within this many bytes.
READ_AHEAD = 1_000_000


_KEPT = update(Visit).where(col(Visit.trace_id) == bindparam("trace")).values(kept=bindparam("place"))
# A batch's places as two arrays: an execution costs PostgreSQL and its client about as much as ten more rows.
_KEPT_POSTGRES = text(
    "UPDATE visit SET kept = places.place FROM unnest(CAST(:traces AS text[]), CAST(:places AS text[])) AS places(trace, place) "
    "WHERE visit.trace_id = places.trace"
)


class Download(NamedTuple):
    """A downloaded page with its trace; `at` is when it was triggered, by which files are named and removed."""

    trace_id: str
    at: datetime
    page: Page
    raw: Raw


class Archive:
    """A folder or bucket of WARC files.

    Args:
        url: as fsspec has it: a path, `file:///…`, `s3://BUCKET/PREFIX`, `memory://…`.
    """

    def __init__(self, url: str) -> None:
        self._files, self._root = fsspec.core.url_to_fs(url)

    def keep(self, downloads: Sequence[Download]) -> dict[str, str]:
        """Writes pages to one new file; returns the place of each as `PATH#OFFSET`, by trace.

        The same pages give the same file, so that a redelivered batch is kept once.

        Raises:
            OSError: the disk is full or the bucket is away.
        """
        if not downloads:
            return {}
        name = _name(downloads)
        out, places = BytesIO(), {}
        out.write(warc.info(name, downloads[0].at))
        for trace_id, _, page, raw in downloads:
            places[trace_id] = f"{name}#{out.tell()}"
            out.write(warc.record(trace_id, page, raw))
        self._write(name, out.getvalue())
        KEPT.inc(len(downloads))
        KEPT_BYTES.inc(out.tell())
        return places

    def read(self, place: str) -> warc.Record | None:
        """Returns the page at a place, or None where there is none or it cannot be read any more."""
        name, _, offset = place.rpartition("#")
        try:
            with _as_os_error(), self._files.open(f"{self._root}/{name}", "rb") as file:
                file.seek(int(offset))
                record = next(warc.records(BytesIO(file.read(READ_AHEAD))), None)
                if not isinstance(record, warc.Record):
                    file.seek(int(offset))
                    record = next(warc.records(file), None)
        except OSError as error:
            log.warning("kept page is gone", place=place, error=str(error))
            return None
        return record if isinstance(record, warc.Record) else None

    def files_before(self, moment: datetime, limit: int) -> list[str]:
        """Returns the names of at most `limit` files of days that ended before a moment, the oldest first.

        Raises:
            OSError: the bucket is away.
        """
        last = (moment - timedelta(days=1)).strftime("%Y/%m/%d")
        # A bucket's client caches its listings, and would never see another day.
        self._files.invalidate_cache()
        with _as_os_error():
            days = list(self._files.walk(self._root)) if self._files.exists(self._root) else []
        files: list[str] = []
        for folder, _, names in days:
            relative = folder.removeprefix(self._root).strip("/")
            if relative.count("/") == 2 and relative <= last:
                files += [f"{relative}/{name}" for name in names if name.endswith(".warc.gz")]
        return sorted(files)[:limit]

    def remove(self, names: Iterable[str]) -> None:
        """Deletes files.

        Raises:
            OSError: the bucket is away.
        """
        with _as_os_error():
            for name in names:
                self._files.rm(f"{self._root}/{name}")

    def _write(self, name: str, content: bytes) -> None:
        path = f"{self._root}/{name}"
        with _as_os_error():
            self._files.makedirs(path.rpartition("/")[0], exist_ok=True)
            if isinstance(self._files, LocalFileSystem):
                _write_whole(FilePath(path), content)
            else:
                # A bucket has an object whole or not at all.
                self._files.pipe_file(path, content)


@contextmanager
def _as_os_error() -> Iterator[None]:
    """Raises every error of a bucket as OSError: clients have errors of their own for a network that is away, and fsspec
    does not say which."""
    try:
        yield
    except OSError:
        raise
    except Exception as error:
        raise OSError(f"{type(error).__name__}: {error}") from error


def keep(archive: Archive, engine: Engine, downloads: Sequence[Download]) -> None:
    """Writes pages to the archive, and where each is to its visit.

    Raises:
        Unavailable: the archive is away; nothing may be discarded.
    """
    try:
        places = archive.keep(downloads)
    except OSError as error:
        FAILED.inc()
        raise Unavailable(f"page store: {error}; the pages wait in Redis") from error
    if places:
        with transaction(engine) as session:
            _note(session, places)


def _note(session: Session, places: Mapping[str, str]) -> None:
    """Writes where pages lie in the archive to their visits, by trace."""
    if is_postgres(session):
        session.execute(_KEPT_POSTGRES, {"traces": list(places), "places": list(places.values())})
        return
    rows = [{"trace": trace_id, "place": place} for trace_id, place in sorted(places.items())]
    session.connection().execute(_KEPT, rows)


def forget(archive: Archive, engine: Engine, before: datetime, limit: int) -> int:
    """Deletes at most `limit` files of days before a moment, and their places from the visits; returns how many."""
    names = archive.files_before(before, limit)
    for name in names:
        with transaction(engine) as session:
            kept_in_file = select(col(Visit.id)).where(col(Visit.kept) >= f"{name}#", col(Visit.kept) < f"{name}$")
            session.execute(update(Visit).where(col(Visit.id).in_(kept_in_file)).values(kept=None))
        archive.remove([name])
    return len(names)


def _name(downloads: Sequence[Download]) -> str:
    """Returns the name of a batch's file, made of when its first page was triggered and of its traces."""
    first = min(download.at for download in downloads).astimezone(UTC)
    batch = sha256(" ".join(sorted(download.trace_id for download in downloads)).encode()).hexdigest()[:12]
    return f"{first:%Y/%m/%d/%H%M%S}-{batch}.warc.gz"


def _write_whole(path: FilePath, content: bytes) -> None:
    """Writes a file so that it is complete or absent, also after a power cut."""
    aside = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with aside.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)


def downloads_of(pages: Mapping[str, Raw], requests: Iterable[tuple[Message, Page]]) -> list[Download]:
    """Returns the downloads of pages whose bytes are still in Redis, each page once."""
    by_key = {page.key: (message, page) for message, page in requests if page.key}
    return [
        Download(message.trace_id, message.triggered_at, page, pages[key])
        for key, (message, page) in by_key.items()
        if key in pages
    ]
