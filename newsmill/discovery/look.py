"""A look at a page: fetched in its host's turn and read within bounds, or the wall in front of it."""

from dataclasses import dataclass

from newsmill.discovery.page_reader import Download, PageReader, Reading
from services.fetcher.visitor import Visitor
from shared.contracts import Kind, Page
from shared.discovery.report import Wall
from shared.errors import BadUrl

# No host is asked more often for a look at a site, robots.txt and redirects included.
MOST_REQUESTS = 10


@dataclass(frozen=True)
class Look:
    """A page and what was read from it."""

    page: Page
    reading: Reading


@dataclass(frozen=True)
class Looker:
    """Looks at pages. `visitor` asks for them, with MOST_REQUESTS as its limit, and `reader` reads them."""

    visitor: Visitor
    reader: PageReader

    def look(self, url: str, kind: Kind, *, is_home_page: bool = False) -> Look | Wall:
        """Returns a page of the kind that is expected, or what kept it from being read."""
        try:
            visit = self.visitor.visit(url)
        except BadUrl as error:
            return Wall(url, "bad-url", str(error))
        if visit.page is None or visit.raw is None:
            return Wall(url, visit.end, visit.detail)
        sitemaps = tuple(self.visitor.sitemaps(visit.page.final_url)) if is_home_page else None
        reading = self.reader.read(Download(visit.page, visit.raw, kind, sitemaps))
        return Wall(url, "unreadable", reading) if isinstance(reading, str) else Look(visit.page, reading)

    def requests(self, url: str) -> int:
        """Returns how many requests the host of a URL has had."""
        return self.visitor.web.requests(url)
