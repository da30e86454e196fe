"""Looks at many sites: side by side where their hosts differ."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed

from newsmill.discovery.inspection import inspect
from newsmill.discovery.look import Looker
from shared.discovery.entries import Entry
from shared.discovery.report import SiteReport
from shared.pace import Limits

# A site's look waits for the turns of its host most of the time.
SITES_AT_A_TIME = 64


def inspect_all(entries: Iterable[Entry], looker: Looker, limits: Limits) -> Iterator[SiteReport]:
    """Yields the report of each entry's site as soon as it is there."""
    with ThreadPoolExecutor(SITES_AT_A_TIME, thread_name_prefix="site") as pool:
        for look in as_completed([pool.submit(inspect, entry, looker, limits) for entry in entries]):
            yield look.result()
