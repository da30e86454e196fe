"""Reads the pages of sites in a child process with the bounds of the service, since pages are foreign."""

from dataclasses import dataclass
from threading import Lock
from types import TracebackType
from typing import NamedTuple, Self

from services.parser.article.body import forest
from services.parser.bounds import BoundedChild, OutOfBounds
from services.parser.discovery import hub
from services.parser.discovery.home_page import HomePage, read_home_page
from services.parser.page import encoding, language, unzip
from services.parser.parse import PageContent, read
from services.parser.rules.rules_folder import load_rules
from services.parser.settings import ParserSettings
from shared.contracts import Kind, Page
from shared.discovery.channels import Hub
from shared.errors import Reject
from shared.pages import Raw


@dataclass(frozen=True)
class Download:
    """A page to be read. `kind` is as for the parser; `sitemaps` are the lines of robots.txt, for a home page only."""

    page: Page
    raw: Raw
    kind: Kind | None = None
    sitemaps: tuple[str, ...] | None = None


class Reading(NamedTuple):
    """What was read from a page: its content, the hub of a feed, and what a home page says of its site."""

    content: PageContent
    hub: Hub | None = None
    home_page: HomePage | None = None


class PageReader:
    """Reads pages, one at a time, in a child process. Threads may share it.

    Args:
        settings: of the parser, with the bounds.
    """

    def __init__(self, settings: ParserSettings) -> None:
        # Loaded before the child forks, so that its successors share them.
        load_rules(settings.rules_folder)
        forest.load("forest")
        language.load()
        self._lock, self._max_bytes = Lock(), settings.parse_max_bytes
        self._child = BoundedChild(self._read, settings.parse_page_seconds, settings.parse_memory_mb)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._child.__exit__(kind, error, trace)

    def read(self, download: Download) -> Reading | str:
        """Returns what was read from a page, or in words why it cannot be read."""
        with self._lock:
            try:
                return self._child.call(download)
            except OutOfBounds as error:
                return str(error)

    def _read(self, download: Download) -> Reading | str:
        try:
            return self._reading(download)
        except Reject as error:
            return str(error)

    def _reading(self, download: Download) -> Reading:
        page, body = download.page, download.raw.body
        url, charset = page.final_url, page.charset
        content = read(body, url, download.kind, charset, page.fetched_at, max_bytes=self._max_bytes)
        if content.kind is Kind.FEED:
            text = encoding.decode(unzip.unzipped(body, self._max_bytes), charset)
            headers = download.raw.http.answer if download.raw.http else ()
            return Reading(content, hub.read(text, url, headers))
        if download.sitemaps is not None and content.kind is Kind.FRONT:
            home = read_home_page(body, url, charset, download.sitemaps, max_bytes=self._max_bytes)
            return Reading(content, home_page=home)
        return Reading(content)
