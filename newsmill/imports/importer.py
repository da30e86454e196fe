"""Imports as a backfill: items go straight into the pipeline at the pace it can take.

The trace id of a page is made from its file and place, so that a page that is imported twice, or again after a kill, is
stored once. How far a file has been read is noted in Redis after each batch, once the batch is on its queue.
"""

import re
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Any, cast
from uuid import NAMESPACE_URL, uuid5

import structlog
from redis import Redis

from newsmill.imports.items import Item, read_items
from shared.contracts import FetchRequested, Message, Origin, Page, PageFetched
from shared.errors import BadUrl
from shared.later import CUSTODY
from shared.pages import Http, Pages
from shared.stage import Sender
from shared.urls import fetchable
from shared.worker.pressure import Pressure

log = structlog.get_logger(__name__)

STATES = "newsmill:imports"
BATCH = 50
LOOK_SECONDS = 0.2
CUSTODY_BATCH = 1000
# Reasons that concern the file and not its pages: the summary says where.
DAMAGED = frozenset({"torn", "truncated", "too-large", "head-too-large", "unreadable", "link-out-of-folder"})
DAMAGED_SHOWN = 20
TEXT = re.compile(r"text/|html|xml|json", re.IGNORECASE)

# Called with the place in the file and the reason for a wait ("" when it does not wait).
Progress = Callable[[int, str], None]


@dataclass
class Tally:
    """What an import has done: traces sent, items skipped by reason, and the first places where the file is damaged."""

    skipped: Counter[str] = field(default_factory=Counter)
    damaged: list[dict[str, Any]] = field(default_factory=list)
    traces: list[str] = field(default_factory=list)

    def skip(self, item: Item, reason: str) -> None:
        """Counts an item that is not imported, and notes its place where it is damaged."""
        self.skipped[reason] += 1
        if reason in DAMAGED and len(self.damaged) < DAMAGED_SHOWN:
            self.damaged.append({"at": item.start, "reason": reason})


class Importer:
    """Sends the items of files on their way.

    Args:
        redis: where it notes how far each file has been read.
        pages: the page store.
        sender: takes pages to the parser and URLs to the fetcher.
        pressure: says when to wait.
        progress: called as it goes on.
    """

    def __init__(
        self, redis: "Redis", pages: Pages, sender: Sender, pressure: Pressure, progress: Progress = lambda *_: None
    ) -> None:
        self._redis = redis
        self._pages = pages
        self._sender = sender
        self._pressure = pressure
        self._progress = progress

    def run(self, path: Path) -> Tally:
        """Imports a WARC file, a folder of saved pages or a list of URLs, from the place that was noted last.

        Raises:
            SettingsError: the path is nothing that can be imported.
        """
        name, tally = _name(path), Tally()
        items = read_items(path, self._place(name))
        while batch := list(islice(items, BATCH)):
            end = batch[-1].end
            self._pressure.wait("import", lambda reason, end=end: self._progress(end, reason))  # type: ignore[misc]
            self._send(name, batch, tally)
            # After it is sent: killed in between, the batch is sent again, with the same traces.
            self._redis.hset(STATES, name, end)
            self._progress(end, "")
        return tally

    def _place(self, name: str) -> int:
        """Returns how far a file has been read; 0 if that is not known. Pages that are read twice are stored once."""
        note = cast("bytes | None", self._redis.hget(STATES, name)) or b"0"
        if not note.isdigit():
            log.warning("how far a file has been read is unreadable: it is read anew", file=name, note=note[:50])
            return 0
        return int(note)

    def forget(self, path: Path) -> None:
        """Removes the note, so that the file is read from its beginning the next time."""
        self._redis.hdel(STATES, _name(path))

    def wait_for(self, traces: Iterable[str]) -> None:
        """Returns once every trace has its disposition. Reports the traces under way as negative places."""
        open_traces = list(traces)
        while open_traces:
            batches = [open_traces[at : at + CUSTODY_BATCH] for at in range(0, len(open_traces), CUSTODY_BATCH)]
            scores = [score for batch in batches for score in self._redis.zmscore(CUSTODY, batch)]
            open_traces = [trace for trace, score in zip(open_traces, scores, strict=True) if score is not None]
            self._progress(-len(open_traces), "")
            time.sleep(LOOK_SECONDS)

    def _send(self, name: str, batch: Iterable[Item], tally: Tally) -> None:
        messages: list[Message] = []
        for item in batch:
            try:
                message = self._message(name, item)
            except BadUrl:
                message = "bad-url"
            if isinstance(message, str):
                tally.skip(item, message)
            else:
                messages.append(message)
        self._sender(messages)
        tally.traces += [message.trace_id for message in messages]

    def _message(self, name: str, item: Item) -> Message | str:
        """Returns the message to send for an item, or the reason why there is none."""
        if item.skipped is not None:
            return item.skipped
        trace_id = uuid5(NAMESPACE_URL, f"import {name} {item.end} {item.url}").hex
        url = fetchable(item.url)
        if item.raw is None:
            return FetchRequested(trace_id=trace_id, url=url, origin=Origin.BACKFILL, via="import", priority=0)
        media_type, charset = _content_type(item.raw.http)
        if not item.raw.body:
            return "empty"
        if media_type and not TEXT.search(media_type):
            return "not-text"
        page = Page(
            url=url, final_url=url, key="", media_type=media_type, charset=charset, size=len(item.raw.body),
            body_hash=sha256(item.raw.body).hexdigest(), fetched_at=item.date or datetime.now(UTC),
        )  # fmt: skip
        key = self._pages.put(item.raw.body, trace_id, item.raw.http)
        return PageFetched(
            trace_id=trace_id, page=page.model_copy(update={"key": key}), follow=False, origin=Origin.BACKFILL,
            via="import", priority=0,
        )  # fmt: skip


def _content_type(http: Http | None) -> tuple[str | None, str | None]:
    """Returns media type and charset of the Content-Type header, each None where it is not given."""
    value = next((value for name, value in http.answer if name.lower() == "content-type"), "") if http else ""
    media_type, _, parameters = value.partition(";")
    charset = re.search(r"charset\s*=\s*[\"']?([\w.:-]+)", parameters, re.IGNORECASE)
    return media_type.strip().lower() or None, charset[1] if charset else None


def _name(path: Path) -> str:
    """Returns the name of a file in the notes: its file name and size, wherever it is now."""
    return f"{path.name}:{path.stat().st_size if path.is_file() else 'folder'}"
