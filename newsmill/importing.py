"""`newsmill import`: saved pages and lists of URLs, straight into the pipeline as a backfill, at the pace it can take.

A page's trace is made of its file and place, so that what is imported twice, or again after a kill, is one in effect.
How far a file has been read is noted in Redis after each batch, once the batch is on its queue.
"""

import re
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple, cast
from uuid import NAMESPACE_URL, uuid5

from redis import Redis

from services.storage.archive import warc
from shared.contracts import FetchRequested, Message, Origin, Page, PageFetched
from shared.errors import BadUrl, SettingsError
from shared.later import CUSTODY
from shared.pages import Http, Pages, Raw
from shared.stage import Sender
from shared.urls import fetchable
from shared.worker.pressure import Pressure

STATES = "newsmill:imports"
BATCH = 50
LOOK_SECONDS = 0.2
# Of a page that a browser saved; of what it says of itself.
SAVED = re.compile(rb"<!-- saved from url=\(\d+\)(\S+) -->")
NAMED = re.compile(
    rb"""<link[^>]+rel=["']canonical["'][^>]+href=["']([^"']+)|<meta[^>]+property=["']og:url["'][^>]+content=["']([^"']+)""",
    re.IGNORECASE,
)
PAGES = (".html", ".htm", ".xhtml", ".xml", ".txt")
TEXT = re.compile(r"text/|html|xml|json", re.IGNORECASE)
HEAD = 65_536


class Item(NamedTuple):
    """Something to import: where the file stands after it, and the page or URL; or why it is none."""

    after: int
    url: str = ""
    raw: Raw | None = None
    date: datetime | None = None
    page: Page | None = None
    skipped: str | None = None


@dataclass
class Tally:
    """What an import has done."""

    sent: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    traces: list[str] = field(default_factory=list)


class Importer:
    """Sends what it is given on its way.

    Args:
        redis: where notes are kept of how far each file has been read.
        pages: the page store.
        courier: takes pages to the parser and URLs to the fetcher.
        pressure: says when to wait.
        moved: is told the place in the file, and what is waited for.
    """

    def __init__(
        self,
        redis: "Redis",
        pages: Pages,
        courier: Sender,
        pressure: Pressure,
        moved: Callable[[int, str], None] = lambda _at, _why: None,
    ) -> None:
        self._redis = redis
        self._pages = pages
        self._courier = courier
        self._pressure = pressure
        self._moved = moved

    def run(self, path: Path) -> Tally:
        """Imports a WARC file, a folder of saved pages or a list of URLs, from where it was left."""
        name, tally = _name(path), Tally()
        start = int(cast("Any", self._redis.hget(STATES, name)) or 0)
        items = read(path, start)
        while batch := list(islice(items, BATCH)):
            place = batch[-1].after
            self._pressure.wait("import", lambda why, place=place: self._moved(place, why))  # type: ignore[misc]
            self._send(name, batch, tally)
            # After it is sent: killed in between, the batch is sent again, with the same traces.
            self._redis.hset(STATES, name, batch[-1].after)
            self._moved(batch[-1].after, "")
        return tally

    def forget(self, path: Path) -> None:
        """Begins a file anew the next time."""
        self._redis.hdel(STATES, _name(path))

    def wait_for(self, traces: Iterable[str]) -> None:
        """Returns once all of these have their disposition."""
        left = list(traces)
        while left:
            held = [self._redis.zmscore(CUSTODY, left[at : at + 1000]) for at in range(0, len(left), 1000)]
            scores = [score for part in held for score in part]
            left = [trace for trace, score in zip(left, scores, strict=True) if score is not None]
            self._moved(-len(left), "")
            time.sleep(LOOK_SECONDS)

    def _send(self, name: str, batch: Iterable[Item], tally: Tally) -> None:
        messages: list[Message] = []
        for item in batch:
            try:
                message = self._message(name, item)
            except BadUrl:
                message = "bad-url"
            if isinstance(message, str):
                tally.skipped[message] += 1
            else:
                messages.append(message)
        self._courier(messages)
        tally.sent += len(messages)
        tally.traces += [message.trace_id for message in messages]

    def _message(self, name: str, item: Item) -> Message | str:
        """What to send for an item; the reason, if nothing."""
        if item.skipped is not None:
            return item.skipped
        trace_id = uuid5(NAMESPACE_URL, f"import {name} {item.after} {item.url}").hex
        url = fetchable(item.url)
        if item.raw is None:
            return FetchRequested(trace_id=trace_id, url=url, origin=Origin.BACKFILL, via="import", priority=0)
        media_type, charset = _content_type(item.raw.http)
        if not item.raw.body:
            return "empty"
        if media_type and not TEXT.search(media_type):
            return "not-text"
        page = item.page or Page(
            url=url, final_url=url, key="", media_type=media_type, charset=charset, size=len(item.raw.body),
            body_hash=sha256(item.raw.body).hexdigest(), fetched_at=item.date or datetime.now(UTC),
        )  # fmt: skip
        key = self._pages.put(item.raw.body, trace_id, item.raw.http)
        return PageFetched(
            trace_id=trace_id, page=page.model_copy(update={"key": key}), follow=False, origin=Origin.BACKFILL,
            via="import", priority=0,
        )  # fmt: skip


def read(path: Path, start: int = 0) -> Iterator[Item]:
    """What a file or folder holds, from a place in it on.

    Raises:
        SettingsError: it is nothing that can be imported.
    """
    if path.is_dir():
        return _folder(path, start)
    if path.suffix in (".warc", ".arc") or path.name.endswith((".warc.gz", ".arc.gz")):
        return _warc(path, start)
    if path.suffix == ".txt":
        return _urls(path, start)
    raise SettingsError(f"{path}: a .warc, .warc.gz, a folder of saved pages, or a .txt with a URL a line")


def size(path: Path) -> int:
    """How far there is to go: bytes of a file, pages of a folder."""
    return len(_saved(path)) if path.is_dir() else path.stat().st_size


def _warc(path: Path, start: int) -> Iterator[Item]:
    with path.open("rb") as stream:
        stream.seek(start)
        for found in warc.records(stream):
            after = path.stat().st_size if found.end is None else found.end
            if isinstance(found, warc.Skipped):
                if found.reason not in ("warcinfo", "request", "metadata"):
                    yield Item(after, skipped=found.reason)
            else:
                yield Item(after, found.url, found.raw, found.date, found.page)


def _folder(path: Path, start: int) -> Iterator[Item]:
    for place, file in enumerate(_saved(path)[start:], start + 1):
        body = file.read_bytes()
        url = _address(body)
        date = datetime.fromtimestamp(file.stat().st_mtime, UTC)
        yield Item(place, url, Raw(body), date) if url else Item(place, skipped="no-url")


def _urls(path: Path, start: int) -> Iterator[Item]:
    with path.open("rb") as stream:
        stream.seek(start)
        while line := stream.readline():
            url = line.decode(errors="replace").strip()
            if url and not url.startswith("#"):
                yield Item(stream.tell(), url)


def _saved(path: Path) -> list[Path]:
    return sorted(file for file in path.rglob("*") if file.suffix.lower() in PAGES and file.is_file())


def _address(body: bytes) -> str | None:
    """Where a saved page was: as the browser noted, or as the page says."""
    head = body[:HEAD]
    found = SAVED.search(head) or NAMED.search(head)
    return next(group for group in found.groups() if group).decode(errors="replace") if found else None


def _content_type(http: Http | None) -> tuple[str | None, str | None]:
    value = next((value for name, value in http.answered if name.lower() == "content-type"), "") if http else ""
    media_type, _, rest = value.partition(";")
    charset = re.search(r"charset\s*=\s*[\"']?([\w.:-]+)", rest, re.IGNORECASE)
    return media_type.strip().lower() or None, charset[1] if charset else None


def _name(path: Path) -> str:
    """A file as notes know it: by name and size, wherever it lies now."""
    return f"{path.name}:{path.stat().st_size if path.is_file() else 'folder'}"
