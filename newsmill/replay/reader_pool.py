"""Processes that read kept pages with the present parser."""

from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from typing import Any, NamedTuple, cast

from newsmill.replay.kept_pages import KeptPage
from services.parser.article.body import forest
from services.parser.bounds import bounded
from services.parser.page import language
from services.parser.parse import read
from services.parser.rules import site_rules
from shared.contracts import Article, Page
from shared.errors import Reject

PAGE_SECONDS = 10


class RawPage(NamedTuple):
    """The bytes of a page and what was known of it when it was downloaded."""

    body: bytes
    page: Page


class ReaderPool:
    """A pool of processes that read pages. A page that kills its process is read again in a process of its own."""

    def __init__(self) -> None:
        # Loaded before the processes fork, so that they share it.
        site_rules.load()
        forest.load("forest")
        language.load()
        self._pool = _pool()

    def read(self, batch: Sequence[KeptPage]) -> list[Article | str]:
        """Returns the article of each page, or in a word why it has none."""
        pages = [RawPage(kept.record.raw.body, kept.page) for kept in batch]
        try:
            return list(self._pool.map(_read, pages, chunksize=5))
        except BrokenProcessPool:
            self._pool = _pool()
            return [_read_in_own_process(page) for page in pages]

    def close(self) -> None:
        """Ends the processes."""
        self._pool.shutdown()


def _read_in_own_process(page: RawPage) -> Article | str:
    try:
        with _pool(1) as pool:
            return pool.submit(_read, page).result()
    except BrokenProcessPool:
        return "killed its parser"


def _pool(processes: int | None = None) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(processes, mp_context=get_context("fork"))


def _read(raw: RawPage) -> Article | str:
    def handle(_: None) -> Any:
        return (read(raw.body, raw.page.final_url, None, raw.page.charset, raw.page.fetched_at).article,)

    try:
        [article] = bounded(handle, PAGE_SECONDS)(None)
    except (Reject, ValueError, MemoryError) as error:
        return str(error)[:80]
    return cast("Article | None", article) or "no article"
