"""Processes that read kept pages with the present parser."""

from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from typing import NamedTuple

from newsmill.output import echo
from newsmill.replay.kept_pages import KeptPage
from services.parser.article.body import forest
from services.parser.bounds import limit_cpu, limit_memory
from services.parser.page import language
from services.parser.parse import read
from services.parser.rules.rules_folder import load_rules
from services.parser.settings import ParserSettings
from shared.contracts import Article, Page
from shared.errors import Reject
from shared.settings import load

# As in the service (`ParserSettings`).
PAGE_SECONDS, MEGABYTES = 10, 1024


class RawPage(NamedTuple):
    """The bytes of a page and what was known of it when it was downloaded."""

    body: bytes
    page: Page


class ReaderPool:
    """A pool of processes that read pages. A page that kills its process is read again in a process of its own."""

    def __init__(self) -> None:
        # Loaded before the processes fork, so that they share it.
        load_rules(load(ParserSettings).rules_folder)
        forest.load("forest")
        language.load()
        self._pool = _pool()

    def read(self, batch: Sequence[KeptPage]) -> list[Article | str]:
        """Returns the article of each page, or in a word why it has none."""
        pages = [RawPage(kept_page.record.raw.body, kept_page.page) for kept_page in batch]
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
        echo(f"{page.page.final_url}: killed its parser; {PAGE_SECONDS} s of CPU are allowed", err=True)
        return "killed its parser"


def _pool(processes: int | None = None) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(
        processes, mp_context=get_context("fork"), initializer=limit_memory, initargs=(MEGABYTES,)
    )


def _read(raw: RawPage) -> Article | str:
    def article(page: Page) -> Article | None:
        return read(raw.body, page.final_url, None, page.charset, page.fetched_at).article

    try:
        return limit_cpu(article, PAGE_SECONDS)(raw.page) or "no article"
    except MemoryError:
        return f"takes more than {MEGABYTES} MB of memory"
    except (Reject, ValueError) as error:
        return str(error)[:80]
