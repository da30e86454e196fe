"""Pages that are kept: WARC files in a folder or a bucket, one a batch, so that a file is written whole or not at all.

A page is taken to the archive after its disposition is committed, and only then leaves Redis: while the disk is full
articles go on being stored, and the pages wait in Redis until backpressure stops the fetchers.
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
from sqlalchemy import Engine, select, update
from sqlmodel import col

from services.storage.archive import warc
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


class Download(NamedTuple):
    """A page that was downloaded, by its trace; `at` is when it was asked for, by which it is kept and forgotten."""

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
        """Writes pages to one new file; returns where each is, by trace: `PATH#OFFSET`.

        The same pages give the same file, so that a batch that comes twice is kept once.

        Raises:
            OSError: the disk is full, the bucket away.
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
        """The page at a place; None where there is none, or it cannot be read any more."""
        name, _, offset = place.rpartition("#")
        try:
            with _told(), self._files.open(f"{self._root}/{name}", "rb") as file:
                file.seek(int(offset))
                found = next(warc.records(BytesIO(file.read(READ_AHEAD))), None)
                if not isinstance(found, warc.Record):
                    file.seek(int(offset))
                    found = next(warc.records(file), None)
        except OSError as error:
            log.warning("kept page is gone", place=place, error=str(error))
            return None
        return found if isinstance(found, warc.Record) else None

    def files_before(self, moment: datetime, limit: int) -> list[str]:
        """Names of at most so many files of days that ended before a moment, the oldest first.

        Raises:
            OSError: the bucket is away.
        """
        last = (moment - timedelta(days=1)).strftime("%Y/%m/%d")
        # A bucket's client remembers what it has listed, and would never see another day.
        self._files.invalidate_cache()
        with _told():
            days = list(self._files.walk(self._root)) if self._files.exists(self._root) else []
        found: list[str] = []
        for folder, _, names in days:
            relative = folder.removeprefix(self._root).strip("/")
            if relative.count("/") == 2 and relative <= last:
                found += [f"{relative}/{name}" for name in names if name.endswith(".warc.gz")]
        return sorted(found)[:limit]

    def remove(self, names: Iterable[str]) -> None:
        """Deletes files.

        Raises:
            OSError: the bucket is away.
        """
        with _told():
            for name in names:
                self._files.rm(f"{self._root}/{name}")

    def _write(self, name: str, content: bytes) -> None:
        path = f"{self._root}/{name}"
        with _told():
            self._files.makedirs(path.rpartition("/")[0], exist_ok=True)
            if isinstance(self._files, LocalFileSystem):
                _write_whole(FilePath(path), content)
            else:
                # A bucket has an object whole or not at all.
                self._files.pipe_file(path, content)


@contextmanager
def _told() -> Iterator[None]:
    """Whatever goes wrong with a bucket is an OSError: its client has errors of its own for a network that is away,
    which are none, and fsspec promises no kind of them."""
    try:
        yield
    except OSError:
        raise
    except Exception as error:
        raise OSError(f"{type(error).__name__}: {error}") from error


def keep(archive: Archive, engine: Engine, downloads: Sequence[Download]) -> None:
    """Keeps pages and notes where, by their visits.

    Raises:
        Unavailable: they cannot be kept now; nothing may be discarded.
    """
    try:
        places = archive.keep(downloads)
    except OSError as error:
        FAILED.inc()
        raise Unavailable(f"page store: {error}; the pages wait in Redis") from error
    with transaction(engine) as session:
        for trace_id, place in sorted(places.items()):
            session.execute(update(Visit).where(col(Visit.trace_id) == trace_id).values(kept=place))


def forget(archive: Archive, engine: Engine, before: datetime, limit: int) -> int:
    """Deletes at most so many files of days before a moment, and the notes of where their pages were; how many."""
    names = archive.files_before(before, limit)
    for name in names:
        with transaction(engine) as session:
            there = select(col(Visit.id)).where(col(Visit.kept) >= f"{name}#", col(Visit.kept) < f"{name}$")
            session.execute(update(Visit).where(col(Visit.id).in_(there)).values(kept=None))
        archive.remove([name])
    return len(names)


def _name(downloads: Sequence[Download]) -> str:
    """Of when the batch's first page was asked for, and of what the batch is."""
    first = min(one.at for one in downloads).astimezone(UTC)
    batch = sha256(" ".join(sorted(one.trace_id for one in downloads)).encode()).hexdigest()[:12]
    return f"{first:%Y/%m/%d/%H%M%S}-{batch}.warc.gz"


def _write_whole(path: FilePath, content: bytes) -> None:
    """Writes a file so that it is there whole or not at all, and stays there."""
    aside = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with aside.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)


def downloads_of(pages: Mapping[str, Raw], asked: Iterable[tuple[Message, Page]]) -> list[Download]:
    """What there is to keep: pages by what they were asked for with, each once, that are in flight still."""
    wanted = {page.key: (message, page) for message, page in asked if page.key}
    return [
        Download(message.trace_id, message.triggered_at, page, pages[key])
        for key, (message, page) in wanted.items()
        if key in pages
    ]
